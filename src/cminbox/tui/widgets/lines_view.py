"""A widget that draws lines of runs: the base of everything that is not typed into."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from cminbox.tui.runs import Line, cells, filled

if TYPE_CHECKING:
    from cminbox.tui.pens import Pens

Route = Callable[[events.Key], bool]
CACHE = 512


class LinesView(Widget):
    """Asks :meth:`line` for each line that shows and keeps the strips; ``pens`` turns voices into styles.

    Subclasses say :meth:`redraw` with the lines that changed, so that nothing else is drawn again.
    """

    DEFAULT_CSS = "LinesView { height: 1fr; width: 1fr; overflow: hidden; }"
    ground = "text"
    """The voice of what is empty."""

    def __init__(self, pens: Pens, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pens = pens
        self.route: Route | None = None
        """Where keys go when this has the focus: whether one was taken."""
        self._strips: OrderedDict[tuple[object, ...], Strip] = OrderedDict()

    def on_key(self, event: events.Key) -> None:
        """Keys go to the screen at once and not up through the containers: a burst is handled in its order."""
        if self.route is not None and self.route(event):
            event.stop()
            event.prevent_default()

    def line(self, y: int) -> Line:
        """The runs of a line of the widget, from 0."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        runs = self.line(y)
        key = (width, *runs)
        strip = self._strips.get(key)
        if strip is None:
            if cells(runs) != width:
                runs = filled(runs, width, self.ground)
            strip = Strip([Segment(run.text, self.pens[run.voice]) for run in runs if run.text], width)
            self._strips[key] = strip
            if len(self._strips) > CACHE:
                self._strips.popitem(last=False)
        else:
            self._strips.move_to_end(key)
        return strip

    def redraw(self, first: int | None = None, count: int = 1) -> None:
        """Draws some lines again, or all."""
        if first is None:
            self.refresh()
        elif first < self.size.height:
            self.refresh(Region(0, max(0, first), self.size.width, count))
