"""A screen that can be read before Textual is imported, and that Textual then takes over without a flicker.

Typed keys are not lost: from :class:`FirstPaint` on they wait, unechoed, in the terminal's queue, where the key reader
finds them.
"""

from __future__ import annotations

import os

from cminbox.tui.terminal import pens, tty_modes
from cminbox.tui.terminal.give_back import give_back
from cminbox.tui.terminal.grid import Grid
from cminbox.tui.terminal.places import erases_to_colour, wants_no_colour
from cminbox.tui.terminal.sequences import ENTER, clean_frame
from cminbox.tui.terminal.writer import TerminalWriter

TYPE_CHECKING = False  # not from typing: it costs 4 ms before the first paint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cminbox.domain.text import Safe

    # A row: pieces of text, each with the name of a style in the palette.
    FirstRow = Iterable[tuple[Safe, str]]

STDIN, STDOUT = 0, 1


class FirstPaint:
    """The terminal, taken before there is an app. Pass it on in ``TerminalSetup.first_paint``."""

    def __init__(self) -> None:
        self.modes = tty_modes.save(STDIN)
        """The terminal's modes as they were."""
        tty_modes.set_raw(STDIN)
        self.writer = TerminalWriter(STDOUT)
        self.grid = Grid(*tty_modes.size(STDOUT), erase_keeps_background=erases_to_colour(os.environ))
        """What stands on the screen; the painter goes on with it."""
        self.grid.blank()
        self.writer.write(ENTER.encode("ascii"))

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self.grid.width, self.grid.height

    def show(self, rows: Iterable[FirstRow], palette: Mapping[str, str], fill: str) -> None:
        """Paint ``rows`` from the top. ``palette``: SGR parameters by style name; ``fill``: the style of the rest.

        Where the palette's colours are those of the theme, Textual's first frame sends only what differs.
        """
        drawn = {name: pens.from_sgr(parameters) for name, parameters in palette.items()}
        if wants_no_colour(os.environ):
            drawn = {name: pens.make(attributes, "", "") for name, (attributes, _, _) in drawn.items()}
        rest, width = drawn[fill], self.grid.width
        pending = iter(rows)
        for y in range(self.grid.height):
            x = self.grid.put(y, 0, width, [(text, drawn[style]) for text, style in next(pending, ())])
            self.grid.put(y, x, width, [(" " * (width - x), rest)])
        self.writer.write(clean_frame(self.grid.flush()).encode("utf-8", "replace"))

    def give_back(self) -> None:
        """Leave the screen again, where no app takes over."""
        was_cut = self.writer.cut()
        self.writer.close()
        give_back(STDOUT, self.modes, after_cut=was_cut)
