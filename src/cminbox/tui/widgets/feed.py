"""The list of a view: it holds no item, only a model that knows which rows show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from textual import events
from textual.message import Message

from cminbox.tui import feed_row
from cminbox.tui.feed_model import NEAR, FeedModel
from cminbox.tui.pens import Pens
from cminbox.tui.runs import Line, Run, own
from cminbox.tui.widgets.lines_view import LinesView

WHEEL = 3
"""Rows that a step of the wheel moves."""


class Feed(LinesView, can_focus=True):
    """The rows of a :class:`FeedModel`. Moving draws two rows again, scrolling all of them."""

    class Opened(Message):
        """The row under the cursor was clicked twice."""

    class Near(Message):
        """The cursor is near an end of what was read."""

    def __init__(self, pens: Pens, *, me: str, zone: tzinfo, clock: Callable[[], datetime]) -> None:
        super().__init__(pens, id="feed")
        self.model: FeedModel | None = None
        self.on_move: Callable[[], None] = lambda: None
        """Called at once when the cursor is on another item, so that one frame shows all that this changes."""
        self.me, self.zone, self.clock = me, zone, clock
        self.empty: list[str] = []
        self.two_lines = False
        self._now = clock()
        self._drawn: tuple[int, int, object] | None = None

    # -- drawing ---------------------------------------------------------------------------------------

    @property
    def row_height(self) -> int:
        return 2 if self.two_lines else 1

    @property
    def rows_shown(self) -> int:
        return max(1, self.size.height // self.row_height)

    def line(self, y: int) -> Line:
        model = self.model
        if model is None or not model.window:
            return self._nothing(y)
        index, part = model.top + y // self.row_height, y % self.row_height
        if index >= len(model.window) or y >= self.rows_shown * self.row_height:
            return []
        look = feed_row.Look(self.size.width, self.two_lines, self._now, self.zone, self.me, feed_row.SIGNS)
        return feed_row.row_lines(model.row(index), look, cursor=index == model.cursor)[part]

    def _nothing(self, y: int) -> Line:
        first = max(0, self.size.height // 3)
        if first <= y < first + len(self.empty):
            return [Run(own(" " * 4), "muted"), Run(own(self.empty[y - first]), "muted")]
        return []

    def say_empty(self, words: list[str]) -> None:
        """What stands there while nothing else does."""
        if words != self.empty:
            self.empty = words
            if self.model is None or not self.model.window:
                self.redraw()

    def on_resize(self, event: events.Resize) -> None:
        if self.model is not None:
            self.model.scroll_to_cursor(self.rows_shown)
        self._drawn = None
        self.redraw()

    # -- moving ----------------------------------------------------------------------------------------

    def show(self, model: FeedModel) -> None:
        """Another view."""
        self.model = model
        self.update_all()
        self.on_move()

    def tick(self) -> None:
        """A minute went by: ages change."""
        self._now = self.clock()
        self.redraw()

    def update_all(self) -> None:
        """Everything may look different."""
        self._now = self.clock()
        if self.model is not None:
            self.model.scroll_to_cursor(self.rows_shown)
        self.redraw()

    def update_rows(self, indexes: list[int]) -> None:
        """These rows look different."""
        if self.model is None:
            return
        for index in indexes:
            y = (index - self.model.top) * self.row_height
            if 0 <= y < self.size.height:
                self.redraw(y, self.row_height)

    def move(self, by: int) -> None:
        """Moves the cursor and draws what that changes."""
        model = self.model
        if model is None:
            return
        before = model.cursor
        if model.move(by):
            if model.scroll_to_cursor(self.rows_shown):
                self.redraw()
            else:
                self.update_rows([before, model.cursor])
            self.on_move()
        if (not model.at_end and len(model.window) - model.cursor < NEAR) or (
            not model.at_start and model.cursor < NEAR
        ):
            self.post_message(self.Near())

    def page(self, pages: float) -> None:
        """Moves by pages, keeping the cursor's place on the screen where it can."""
        model = self.model
        if model is None:
            return
        by = int(self.rows_shown * pages) or (1 if pages > 0 else -1)
        height = self.rows_shown
        highest = max(0, len(model.window) - height)
        model.top = min(max(0, model.top + by), highest)
        self.move(by)
        model.scroll_to_cursor(height, margin=0)
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """A click goes to the row; a second one on it opens it."""
        model = self.model
        if model is None:
            return
        index = model.top + event.y // self.row_height
        if index < len(model.window):
            if index == model.cursor and event.chain > 1:
                self.post_message(self.Opened())
            self.move(index - model.cursor)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(-WHEEL)

    def showing(self) -> list[int]:
        """Places in the window that show."""
        if self.model is None:
            return []
        return list(range(self.model.top, min(self.model.top + self.rows_shown + 1, len(self.model.window))))
