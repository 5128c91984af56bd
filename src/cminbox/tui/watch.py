"""Seeing what others do: the store's change number four times a second, and then only what shows.

Looking costs microseconds and sends nothing to the terminal. Arrivals become a number; rows that show are read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from cminbox.domain.event import Event
from cminbox.domain.item import Status
from cminbox.domain.outgoing import Outgoing
from cminbox.store.protocol import Reader
from cminbox.tui.desk import Desk

EVERY = 0.25
"""Seconds between two looks."""
AFTER_TROUBLE = 3.0
"""Seconds until the next look where the store could not be read."""
BATCH = 500


@dataclass(frozen=True, slots=True)
class Changes:
    """What was told in the log since the last look."""

    upto: int
    moves: Mapping[int, Status | None]
    """Item → the status that it had before; None: it is new."""
    news: tuple[tuple[str, Outgoing], ...]
    """(kind, act) of the operator's own answers: live, uncertain, failed."""
    more: bool


def read_changes(reader: Reader, after: int, operator: str) -> Changes:
    """Reads the log on from a line."""
    events = reader.events(after=after, limit=BATCH)
    moves: dict[int, Status | None] = {}
    for event in events:
        if event.item is not None and event.item not in moves:
            moves[event.item] = _status_before(event)
    news = [(event.kind, act) for event in events if (act := _own_act(reader, event, operator)) is not None]
    return Changes(events[-1].n if events else after, moves, tuple(news), len(events) == BATCH)


def _status_before(event: Event) -> Status | None:
    if event.kind == "received":
        return None
    before = event.values().get("from")
    return Status(before["status"]) if isinstance(before, dict) else Status.NEW


def _own_act(reader: Reader, event: Event, operator: str) -> Outgoing | None:
    if event.kind not in ("live", "uncertain", "failed"):
        return None
    number = event.values().get("act")
    act = reader.outgoing(int(number)) if number is not None else None
    return act if act is not None and act.operator == operator else None


class Watch:
    """Follows the store from a line of the log on, until it is cancelled."""

    def __init__(self, desk: Desk, seen: int) -> None:
        self._desk = desk
        self._seen = seen
        self._version = -1

    async def run(self) -> None:
        """Looks again and again; where the store cannot be read just now, that is said, and looked again later."""
        while True:
            well = await self._desk.attempt(self._look)
            await asyncio.sleep(EVERY if well else AFTER_TROUBLE)

    async def _look(self) -> None:
        store = self._desk.ctx.store
        more = True
        while more:
            version = await store.version()
            if version == self._version:
                return
            changes = await store.read(partial(read_changes, after=self._seen, operator=self._desk.ctx.operator))
            await follow(self._desk, changes)
            self._seen, more = changes.upto, changes.more
            self._version = -1 if more else version


async def follow(desk: Desk, changes: Changes) -> None:
    """Rows that show, numbers, arrivals, the open item, and news of our own answers."""
    screen = desk.screen
    if desk.view not in desk.models:
        return
    await desk.model.notice(changes.moves)
    await desk.model.count_again()
    if not desk.model.window and desk.model.arrived:
        await desk.show_arrivals()
        screen.moved()
    await desk.refresh_rows()
    page = screen.item.page
    if page is not None and page.item.id in changes.moves:
        await desk.refresh_page()
    if screen.outbox.display:
        await desk.refresh_outbox()
    await screen.dashboard.update()
    for kind, act in changes.news:
        screen.teller.news(kind, act)
