"""The keys of the place one is in, in columns, most used first; it leaves the item in sight."""

from __future__ import annotations

from collections.abc import Sequence

from cminbox.tui.pens import Pens
from cminbox.tui.runs import Line, Run, filled, own
from cminbox.tui.widgets.lines_view import LinesView


class HelpPanel(LinesView):
    """(key, what it does) in as many columns as fit."""

    DEFAULT_CSS = "HelpPanel { layer: overlay; dock: top; offset: 0 1; display: none; height: auto; }"

    def __init__(self, pens: Pens) -> None:
        super().__init__(pens, id="help")
        self.ground = "bar"
        self.title = ""
        self.entries: Sequence[tuple[str, str]] = ()
        self._column = 38

    def open(self, title: str, entries: Sequence[tuple[str, str]], cells: int) -> None:
        """Shows the keys in a panel so wide."""
        self.title, self.entries = title, entries
        self.styles.width = cells
        self.styles.height = self._rows(cells) + 2
        self.display = True
        self.redraw()

    def _columns(self, cells: int) -> int:
        return max(1, cells // self._column)

    def _rows(self, cells: int) -> int:
        columns = self._columns(cells)
        return (len(self.entries) + columns - 1) // columns

    def line(self, y: int) -> Line:
        cells = self.size.width
        if y == 0:
            return filled(
                [Run(own(f" {self.title} "), "bar-accent"), Run(own("· ? or Esc closes"), "bar-muted")], cells, "bar"
            )
        rows = self._rows(cells)
        if y > rows:
            return filled([Run(own("─" * cells), "bar-muted")], cells, "bar")
        runs: Line = []
        for column in range(self._columns(cells)):
            index = column * rows + y - 1
            if index < len(self.entries):
                key, what = self.entries[index]
                start: Line = [Run(own(f" {key:>13}  "), "bar-accent"), Run(own(what), "bar")]
                runs += filled(start, self._column, "bar")
        return filled(runs, cells, "bar")
