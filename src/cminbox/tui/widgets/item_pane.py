"""The open item, scrolled inside its pane."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo

from textual import events

from cminbox.tui.item_lines import Section, Setting, head_line, page_lines
from cminbox.tui.item_model import ItemPage
from cminbox.tui.pens import Pens
from cminbox.tui.runs import Line, Run, between, own
from cminbox.tui.widgets.lines_view import LinesView

EDGE = 1
"""Cells left free at both sides."""


class ItemPane(LinesView, can_focus=True):
    """Shows one :class:`ItemPage`. Stays mounted; opening another item only fills it."""

    def __init__(self, pens: Pens, *, zone: tzinfo, clock: Callable[[], datetime]) -> None:
        super().__init__(pens, id="item")
        self.page: ItemPage | None = None
        self.zone, self.clock = zone, clock
        self.raw = False
        self.known: Mapping[int, str] | None = None
        self.offset_line = 0
        self._is_set = False
        self._set_lines: list[Line] = []
        self._sections: list[Section] = []

    def show(self, page: ItemPage | None, *, known: Mapping[int, str] | None = None) -> None:
        """Another item, or the same one read again: then what is scrolled stays scrolled.

        ``known`` is what the thread said before (key → text): what differs is marked, and brought into sight.
        """
        same = page is not None and self.page is not None and page.item.id == self.page.item.id
        self.page = page
        self.known = known if known is not None or not same else self.known
        if not same:
            self.raw, self.offset_line = False, 0
        self._set()
        if known is None:
            return
        furthest = self._furthest
        thread = next((section.start for section in self._sections if section.name == "thread"), None)
        if thread is not None:
            self.offset_line = min(thread, furthest)

    def toggle_raw(self) -> None:
        """The text as it came, or as it is safe to read."""
        self.raw, self.offset_line = not self.raw, 0
        self._set()

    def _set(self) -> None:
        self._is_set = False
        self.redraw()

    @property
    def _lines(self) -> list[Line]:
        """The lines of the page, set when they are first needed: a new item often comes with a new size."""
        if not self._is_set:
            self._is_set = True
            self._set_lines, self._sections = [], []
            if self.page is not None and self.size.width >= 2 * EDGE + 10:
                setting = Setting(self.size.width - 2 * EDGE, self.clock(), self.zone, self.raw, self.known)
                self._set_lines, self._sections = page_lines(self.page, setting)
            self.offset_line = min(self.offset_line, max(0, len(self._set_lines) - (self.size.height - 1)))
        return self._set_lines

    @property
    def _furthest(self) -> int:
        return max(0, len(self._lines) - (self.size.height - 1))

    def on_resize(self, event: events.Resize) -> None:
        self._set()

    def scroll_lines(self, by: int) -> None:
        """Scrolls the page."""
        target = max(0, min(self._furthest, self.offset_line + by))
        if target != self.offset_line:
            self.offset_line = target
            self.redraw()

    def next_section(self) -> None:
        """On to the next part: thread, answers, author, log; and round to the comment."""
        furthest = self._furthest
        starts = [section.start for section in self._sections]
        after = next((start for start in starts if start > self.offset_line), 0)
        self.offset_line = 0 if self.offset_line >= furthest else min(after, furthest)
        self.redraw()

    def line(self, y: int) -> Line:
        if y == 0:
            return self._head()
        lines = self._lines
        index = self.offset_line + y - 1
        if index < len(lines):
            return [Run(own(" " * EDGE), "text"), *lines[index]]
        return []

    def _head(self) -> Line:
        width = self.size.width
        if self.page is None:
            return between([], [], width, "bar")
        setting = Setting(width, self.clock(), self.zone)
        left = len(self._lines) - (self.offset_line + self.size.height - 1)
        more = f" {left} more ↓ " if left > 0 else " "
        return between(
            [Run(own(" "), "bar"), *head_line(self.page, setting)], [Run(own(more), "bar-muted")], width, "bar"
        )
