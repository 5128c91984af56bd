"""From Textual's compositor to the grid: only what changed on the screen goes to the terminal.

Textual hands over whole strips; stock it sends them all, each run with its full style (PERFORMANCE: 375 bytes for `j`,
2,600 for one line of scrolling). Here they are laid over the grid, which sends the difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, LayoutUpdate

from cminbox.tui.terminal import pens
from cminbox.tui.terminal.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.color import Color
    from rich.style import Style
    from textual.strip import Strip

    from cminbox.tui.terminal.pens import Pen

_SYSTEMS = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT, "truecolor": ColorSystem.TRUECOLOR}
_STYLES_KEPT = 4096


class Painter:
    """Paints compositor updates onto a grid."""

    def __init__(self, grid: Grid, color_system: str | None, *, no_colour: bool = False) -> None:
        """``color_system``: Rich's name of it, as ``Console.color_system`` gives it; ``no_colour``: send none."""
        self.grid = grid
        self._system = _SYSTEMS.get(color_system or "", ColorSystem.STANDARD)
        self._no_colour = no_colour
        self._pens: dict[Style, Pen] = {}

    def paint(self, update: LayoutUpdate | ChopsUpdate) -> str:
        """The bytes that bring the terminal to this update, as text."""
        if isinstance(update, LayoutUpdate):
            self._paint_layout(update)
        else:
            self._paint_chops(update)
        return self.grid.flush()

    def _paint_layout(self, update: LayoutUpdate) -> None:
        left, top, width, height = update.region
        if (left, top) == (0, 0) and (width, height) != (self.grid.width, self.grid.height):
            self.grid.resize(width, height)
        for y, line in enumerate(update.strips, top):
            x = left
            for strip in line:
                end = x + strip.cell_length
                self._put(y, x, end, strip)
                x = end

    def _paint_chops(self, update: ChopsUpdate) -> None:
        for y, first, last in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                # A strip that reaches into the span was rendered for it, whole; others may show what lies beneath.
                if strip is not None and x < last and end > first:
                    self._put(y, x, end, strip)

    def _put(self, y: int, x: int, end: int, strip: Strip) -> None:
        x = self.grid.put(y, x, end, self._runs(strip))
        if x < end:
            self.grid.put(y, x, end, [(" " * (end - x), pens.DEFAULT)])

    def _runs(self, strip: Iterable[tuple[str, Style | None, object]]) -> Iterator[tuple[str, Pen]]:
        known = self._pens
        for text, style, control in strip:
            if control:
                continue
            if style is None:
                yield text, pens.DEFAULT
                continue
            pen = known.get(style)
            yield text, self._pen(style) if pen is None else pen

    def _pen(self, style: Style) -> Pen:
        """What of a style is sent. Links and blinking are not."""
        flags = (style.bold, style.dim, style.italic, style.underline, style.reverse, style.strike, style.underline2)
        attributes = [code for code, on in zip(("1", "2", "3", "4", "7", "9", "21"), flags, strict=True) if on]
        if style.overline:
            attributes.append("53")
        pen = pens.make(";".join(attributes), self._colour(style.color, True), self._colour(style.bgcolor, False))
        if len(self._pens) >= _STYLES_KEPT:
            self._pens.clear()
        self._pens[style] = pen
        return pen

    def _colour(self, colour: Color | None, foreground: bool) -> str:
        if colour is None or self._no_colour or colour.is_default:
            return ""
        return ";".join(colour.downgrade(self._system).get_ansi_codes(foreground))
