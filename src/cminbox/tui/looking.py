"""The open item follows the cursor once it rests, and counts as seen when it stood open for a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.timer import Timer

if TYPE_CHECKING:
    from cminbox.tui.main_screen import MainScreen

REST = 0.08
"""Seconds the cursor rests before the open item follows it: a held key reads nothing."""
SEEN_AFTER = 1.5
"""Seconds an item stands open until it counts as seen."""


class Looking:
    """Which item the pane shows, and since when."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._rest: Timer | None = None
        self._seen: Timer | None = None

    def moved(self, *, at_once: bool = False) -> None:
        """The cursor is on another item."""
        screen = self._screen
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        if not screen.item_shows or screen.desk.writing is not None:
            return
        if at_once:
            screen.look()
        else:
            self._rest = screen.set_timer(REST, screen.look)

    async def read(self) -> None:
        """Reads the item under the cursor into the pane."""
        desk = self._screen.desk
        await desk.open_item(desk.target)
        if self._seen is not None:
            self._seen.stop()
        page = self._screen.item.page
        if page is not None and not page.item.seen:
            item_id = page.item.id
            self._seen = self._screen.set_timer(SEEN_AFTER, lambda: self._stood_open(item_id))

    def _stood_open(self, item_id: int) -> None:
        page, desk = self._screen.item.page, self._screen.desk
        if page is not None and page.item.id == item_id and self._screen.item_shows:
            desk.do(lambda: desk.mark_seen(item_id))
