"""Finding rows that moved up or down together, so that the terminal can move them itself (a scroll region)."""

from __future__ import annotations

from collections import Counter
from operator import ne

TYPE_CHECKING = False  # not from typing: it costs 4 ms before the first paint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cminbox.tui.terminal.pens import Pen

    # A row as the grid keeps it: its clusters and its pens, cell by cell.
    Row = tuple[list[str], list[Pen]]

_FEWEST_ROWS = 3  # fewer are painted about as fast as they are moved
_GAIN = 48  # bytes that a scroll has to save, at a byte a cell
_PLACING = 6  # bytes to place the cursor on a row


def find_shift(shown: Sequence[Row], wanted: Mapping[int, Row]) -> tuple[int, int, int] | None:
    """The shift of ``shown`` that leaves clearly less to paint to reach ``wanted``, or None.

    It is (top, bottom, up): the rows from top to bottom, inclusive, move up by so many rows, down where it is negative.
    Rows that are not in ``wanted`` stay as they are shown. Rows are matched by their text, so that a row whose
    highlight came or went still counts as moved.
    """
    places: dict[str, list[int]] = {}
    for y, (chars, _) in enumerate(shown):
        text = "".join(chars)
        if not text.isspace():
            places.setdefault(text, []).append(y)
    votes: Counter[int] = Counter()
    for y, (chars, _) in wanted.items():
        for old in places.get("".join(chars), ())[:4]:
            if old != y:
                votes[old - y] += 1
    if not votes:
        return None
    up, count = votes.most_common(1)[0]
    if count < _FEWEST_ROWS:
        return None
    moved = [y for y, (chars, _) in wanted.items() if 0 <= y + up < len(shown) and chars == shown[y + up][0]]
    top, bottom = min(*moved, min(moved) + up), max(*moved, max(moved) + up)
    without = gained = 0
    for y in range(top, bottom + 1):
        row = wanted.get(y, shown[y])
        without += _differing(row, shown[y])
        gained += _differing(row, shown[y + up]) if top <= y + up <= bottom else len(row[0])
    return (top, bottom, up) if gained + _GAIN < without else None


def _differing(one: Row, other: Row) -> int:
    """About how many bytes it takes to turn one row into the other."""
    if one[0] == other[0] and one[1] == other[1]:
        return 0
    chars, pens = list(map(ne, one[0], other[0])), list(map(ne, one[1], other[1]))
    return _PLACING + max(chars.count(True), pens.count(True))
