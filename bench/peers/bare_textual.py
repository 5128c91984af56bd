"""What Textual itself costs: a list on its Line API, a cursor and a pane, and nothing else.

``python bare_textual.py ROWS_FILE``: one row a line. Keys: j k PageDown PageUp G g, Enter opens, q goes back. Stock
driver and writer, no store, no theme of its own, one highlighted row: what cminbox adds to this, or saves, is its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

PLAIN = Style()
CURSOR = Style(reverse=True)


class Rows(ScrollView, can_focus=True):
    """Rows in memory, drawn a line at a time; moving draws two lines anew."""

    BINDINGS = [
        Binding("j,down", "move(1)"),
        Binding("k,up", "move(-1)"),
        Binding("pagedown", "page(1)"),
        Binding("pageup", "page(-1)"),
        Binding("G", "move(1000000000)"),
        Binding("g", "move(-1000000000)"),
    ]

    def __init__(self, rows: list[str]) -> None:
        super().__init__()
        self.rows = rows
        self.cursor = 0
        self.show_horizontal_scrollbar = self.show_vertical_scrollbar = False

    def on_mount(self) -> None:
        self.virtual_size = Size(80, len(self.rows))

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.size.width
        if index >= len(self.rows):
            return Strip.blank(width)
        style = CURSOR if index == self.cursor else PLAIN
        return Strip([Segment(self.rows[index], style)]).adjust_cell_length(width, style)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * self.size.height)

    def action_move(self, by: int) -> None:
        before, top = self.cursor, self.scroll_offset.y
        self.cursor = min(max(self.cursor + by, 0), len(self.rows) - 1)
        height = self.size.height
        wanted = min(max(top, self.cursor - height + 1), self.cursor)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, immediate=True)
            self.refresh()
        else:
            for row in (before, self.cursor):
                self.refresh(Region(0, row - top, self.size.width, 1))


class Bare(App[None]):
    """The list, a pane that shows the row under the cursor, and a line at the bottom."""

    CSS = "Rows { scrollbar-size: 0 0; } #pane { display: none; height: 12; } #bar { height: 1; dock: bottom; }"
    BINDINGS = [Binding("enter", "open"), Binding("q", "back")]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, rows: list[str]) -> None:
        super().__init__()
        self.list = Rows(rows)
        self.pane = Static(markup=False, id="pane")

    def compose(self) -> ComposeResult:
        yield self.list
        yield self.pane
        yield Static(f"{len(self.list.rows)} rows", id="bar", markup=False)

    def action_open(self) -> None:
        self.pane.update(self.list.rows[self.list.cursor])
        self.pane.display = True

    def action_back(self) -> None:
        self.pane.display = False


if __name__ == "__main__":
    Bare(Path(sys.argv[1]).read_text("utf-8").splitlines()).run()
