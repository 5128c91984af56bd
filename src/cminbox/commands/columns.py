"""Rows for a terminal: columns that stand still, the last one as long as it is."""

from __future__ import annotations

from cminbox.domain.text import Safe
from cminbox.text.cells import fit
from cminbox.text.sanitize import joined, line


def columns(*parts: tuple[object, int], rest: object = "", limit: int = 300) -> Safe:
    """Each part in its own number of cells (to the right where the number is negative), then the rest, cut at
    ``limit`` characters."""
    gap = fit(line(""), 1)
    cells: list[Safe] = []
    for value, size in parts:
        text = line("" if value is None else str(value), 200)
        cells += [fit(text, abs(size), align="right" if size < 0 else "left"), gap]
    return joined(*cells, line(str(rest), limit))
