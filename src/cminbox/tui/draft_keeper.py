"""Drafts on disk within a second of a typing pause, and again and again where the disk does not take them."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual.timer import Timer

from cminbox.tui.actions import composing

if TYPE_CHECKING:
    from cminbox.tui.main_screen import MainScreen

SAVE_AFTER = 0.4
"""Seconds of a typing pause until the draft is written."""
AT_LATEST = 2.0
"""Seconds of typing without a pause until it is written all the same."""
AGAIN_AFTER = 3.0
"""Seconds until the next try where it could not be written."""


class DraftKeeper:
    """Says when to write what is being typed."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._timer: Timer | None = None
        self._since: float | None = None

    def typed(self) -> None:
        """The text is different now."""
        now = monotonic()
        self._since = now if self._since is None else self._since
        if self._timer is not None:
            if now - self._since > AT_LATEST:
                return
            self._timer.stop()
        self._timer = self._screen.set_timer(SAVE_AFTER, self._save)

    def _save(self) -> None:
        self._timer = self._since = None
        self._screen.desk.do(self._write)

    async def _write(self) -> None:
        desk = self._screen.desk
        if not await desk.attempt(lambda: composing.save_draft(desk)) and self._timer is None:
            self._timer = self._screen.set_timer(AGAIN_AFTER, self._save)
