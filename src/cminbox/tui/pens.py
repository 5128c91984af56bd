"""A theme as Rich styles. The only place where a voice becomes a colour of the screen."""

from __future__ import annotations

from rich.style import Style

from cminbox.tui.theme import Theme


class Pens(dict[str, Style]):
    """voice → style."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        for voice, pen in theme.pens.items():
            self[voice] = Style(
                color=pen.ink,
                bgcolor=pen.paper,
                bold="bold" in pen.attributes or None,
                italic="italic" in pen.attributes or None,
                underline="underline" in pen.attributes or None,
            )
