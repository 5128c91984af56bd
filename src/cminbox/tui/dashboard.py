"""The two bars: numbers and health, read again when the store changes, drawn where they differ."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from cminbox.tui import status
from cminbox.tui.overview import Overview, read_overview

if TYPE_CHECKING:
    from cminbox.tui.desk import Desk
    from cminbox.tui.widgets.bars import Bar
    from cminbox.tui.widgets.feed import Feed

COURIER_COMES = 15.0
"""Seconds without a courier until that is said: one that is started, or takes over, needs some."""


class Dashboard:
    """Top line and status bar of a desk."""

    def __init__(self, desk: Desk, top: Bar, bottom: Bar, feed: Feed) -> None:
        self._desk, self._top, self._bottom, self._feed = desk, top, bottom, feed
        self._overview = Overview({}, (), {}, None)
        self._configured = tuple(channel.name for channel in desk.ctx.config.channels)
        self._courier_seen = monotonic()

    async def update(self) -> None:
        """Reads the numbers again."""
        operator = self._desk.ctx.operator
        self._overview = await self._desk.ctx.store.read(lambda r: read_overview(r, operator))
        if self._overview.courier is not None:
            self._courier_seen = monotonic()
        self.draw()

    def draw(self) -> None:
        """Draws what is known; position and arrivals are the model's."""
        desk = self._desk
        if desk.view not in desk.models:
            return
        model, operator = desk.model, desk.ctx.operator
        alone = bool(self._configured) and monotonic() - self._courier_seen > COURIER_COMES
        title = "outbox" if desk.screen.outbox.display else desk.view
        count = len(desk.screen.outbox.acts) if desk.screen.outbox.display else model.count
        self._top.show(*status.top(title, count, len(model.arrived), self._overview))
        self._bottom.show(
            *status.bottom(model.position, model.count, operator, self._overview, self._configured, alone=alone)
        )
        self._feed.say_empty(status.emptiness(desk.view, self._overview, self._configured))
