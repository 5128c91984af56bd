"""Lines as runs: a piece of text and the voice it is drawn in. First paint and screen draw the same ones."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cminbox.domain.text import Safe
from cminbox.text.cells import cut, drawn, fit, width
from cminbox.text.sanitize import safe


class Run(NamedTuple):
    """``text`` is in its drawn form: what a terminal counts as we do."""

    text: Safe
    voice: str


Line = list[Run]


@lru_cache(maxsize=4096)
def own(words: str) -> Safe:
    """Words of the interface itself, through the same door as everybody's."""
    return drawn(safe(words, multiline=False))


@lru_cache(maxsize=512)
def blank(cells: int) -> Safe:
    """So many empty cells."""
    return fit(safe(""), max(0, cells))


def cells(runs: Line) -> int:
    """How wide the runs are together."""
    return sum(width(run.text) for run in runs)


def filled(runs: Line, to: int, voice: str) -> Line:
    """The runs, cut with … or filled up to exactly so many cells."""
    used, kept = 0, Line()
    for run in runs:
        size = width(run.text)
        if used + size > to:
            kept.append(Run(fit(cut(run.text, to - used), to - used), run.voice))
            return kept
        kept.append(run)
        used += size
    if used < to:
        kept.append(Run(blank(to - used), voice))
    return kept


def between(start: Line, end: Line, to: int, voice: str) -> Line:
    """One part at the left, the other at the right; the left one is cut where both do not fit."""
    room = max(0, to - cells(end))
    return [*filled(start, room, voice), *end] if room else filled(start, to, voice)
