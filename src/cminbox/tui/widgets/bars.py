"""The top line, the status bar and the line of messages. Each is told in words what to show."""

from __future__ import annotations

from cminbox.tui.pens import Pens
from cminbox.tui.runs import Line, Run, between, own
from cminbox.tui.widgets.lines_view import LinesView


class Bar(LinesView):
    """One line with a left and a right part."""

    DEFAULT_CSS = "Bar { height: 1; width: 100%; }"

    def __init__(self, pens: Pens, *, id: str, ground: str = "bar") -> None:
        super().__init__(pens, id=id)
        self.ground = ground
        self._start: Line = []
        self._end: Line = []

    def show(self, start: Line, end: Line) -> None:
        """Draws again only where something is different."""
        if (start, end) != (self._start, self._end):
            self._start, self._end = start, end
            self.redraw()

    def line(self, y: int) -> Line:
        edge = [Run(own(" "), self.ground)]
        return between([*edge, *self._start], [*self._end, *edge], self.size.width, self.ground)


class Rule(LinesView):
    """One thin line between two panes."""

    DEFAULT_CSS = "Rule { width: 1; height: 1fr; }"

    def line(self, y: int) -> Line:
        return [Run(own("│"), "rule")]
