"""A theme as Rich styles. The only place where a voice becomes a colour of the screen."""

from __future__ import annotations

from rich.color import Color
from rich.style import Style

from cminbox.tui.theme import Colour, Depth, Theme


class Pens(dict[str, Style]):
    """voice → style, for a terminal of so many colours."""

    def __init__(self, theme: Theme, depth: Depth) -> None:
        super().__init__()
        for voice, pen in theme.pens.items():
            self[voice] = Style(
                color=_rich(pen.ink, depth),
                bgcolor=_rich(pen.paper, depth),
                bold="bold" in pen.attributes or None,
                italic="italic" in pen.attributes or None,
                underline="underline" in pen.attributes or None,
            )


def _rich(colour: Colour, depth: Depth) -> Color:
    if depth == "truecolor":
        return Color.parse(colour.rgb)
    if depth == "256":
        return Color.from_ansi(colour.of_256)
    return Color.default() if colour.of_16 < 0 else Color.from_ansi(colour.of_16)
