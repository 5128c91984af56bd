"""What the terminal shows, cell by cell, and the fewest bytes that turn it into what it should show.

The grid is the one place where text and escape sequences meet, so it is also where no foreign character passes:
:func:`cminbox.tui.terminal.cells.split` is the only way into a cell.
"""

from __future__ import annotations

from itertools import compress
from operator import is_not, ne, or_

from cminbox.tui.terminal.cells import is_certain, most_cells, split
from cminbox.tui.terminal.pens import DEFAULT, change, plain_on_blank, same_on_blank
from cminbox.tui.terminal.scroll import find_shift

TYPE_CHECKING = False  # not from typing: it costs 4 ms before the first paint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cminbox.tui.terminal.pens import Pen
    from cminbox.tui.terminal.scroll import Row

UNKNOWN = "\x00"  # equals no cell that can be painted
_GAP = 4  # unchanged cells that are cheaper to write again than to jump over
_ERASE = 10  # blank cells inside a row from which on erasing them is shorter than writing them


class Grid:
    """A shadow of the terminal's screen."""

    def __init__(self, width: int, height: int, *, erase_keeps_background: bool = True) -> None:
        """``erase_keeps_background``: terminfo's ``bce``; without it (GNU screen) no cell is erased to a colour."""
        self.width, self.height = width, height
        self.bce = erase_keeps_background
        self._shown: list[Row] = []
        self._wanted: dict[int, Row] = {}
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Take a new size. What the terminal shows is unknown after that."""
        self.width, self.height = width, height
        self.forget()

    def forget(self) -> None:
        """Take it that anything may stand on the screen: the next :meth:`flush` paints every row it is given whole."""
        self._shown = [([UNKNOWN] * self.width, [DEFAULT] * self.width) for _ in range(self.height)]
        self._wanted.clear()

    def blank(self) -> None:
        """Take it that the screen was just cleared with the default pen."""
        self._shown = [([" "] * self.width, [DEFAULT] * self.width) for _ in range(self.height)]
        self._wanted.clear()

    @property
    def is_unknown(self) -> bool:
        """Whether some row has not been painted since the grid was made, resized or forgotten."""
        return any(chars[0] == UNKNOWN for chars, _ in self._shown if chars)

    def put(self, y: int, x: int, end: int, runs: Iterable[tuple[str, Pen]]) -> int:
        """Want these runs of text in row ``y`` from column ``x`` on, cut at ``end``. Returns the column after them."""
        end = min(end, self.width)
        if not 0 <= y < self.height or not 0 <= x < end:
            return x
        row = self._wanted.get(y)
        if row is None:
            shown = self._shown[y]
            row = self._wanted[y] = (shown[0].copy(), shown[1].copy())
        chars, pens = row
        for text, pen in runs:
            cells = text if text.isascii() and text.isprintable() else split(text)
            after = min(x + len(cells), end)
            if x and not chars[x]:
                chars[x - 1] = " "  # half of a wide character is painted over: a terminal blanks the other half too
            if after < self.width and not chars[after]:
                chars[after] = " "
            chars[x:after] = cells[: after - x]
            if len(cells) > after - x and not cells[after - x]:
                chars[after - 1] = " "
            pens[x:after] = [pen] * (after - x)
            x = after
            if x >= end:
                break
        return x

    def flush(self) -> str:
        """The sequences that bring the terminal from what it shows to what is wanted; empty where nothing changes."""
        shown = self._shown
        for chars, _ in self._wanted.values():
            if UNKNOWN in chars:  # painted in part only: what is not known becomes blank
                chars[:] = [" " if cell == UNKNOWN else cell for cell in chars]
        wanted = {y: row for y, row in self._wanted.items() if row[0] != shown[y][0] or row[1] != shown[y][1]}
        self._wanted.clear()
        if not wanted:
            return ""
        pencil = Pencil(self.width, self.bce)
        if len(wanted) > _GAP and not self.is_unknown:
            self._shift(pencil, wanted)
        for y in sorted(wanted):
            old, new = shown[y], wanted[y]
            for start, stop in _spans(old, new):
                pencil.draw(y, start, stop, new)
            shown[y] = new
        return pencil.finish()

    def _shift(self, pencil: Pencil, wanted: dict[int, Row]) -> None:
        shift = find_shift(self._shown, wanted)
        if shift is None:
            return
        top, bottom, up = shift
        for y in range(top, bottom + 1):
            # A row that stays where it is would move along: it is painted again where it belongs.
            wanted.setdefault(y, (self._shown[y][0].copy(), self._shown[y][1].copy()))
        pencil.scroll(top, bottom, up, self.height)
        region = self._shown[top : bottom + 1]
        fresh: list[Row] = [([" "] * self.width, [DEFAULT] * self.width) for _ in range(abs(up))]
        region = region[up:] + fresh if up > 0 else fresh + region[:up]
        self._shown[top : bottom + 1] = region


def _spans(old: Row, new: Row) -> list[tuple[int, int]]:
    """The stretches of a row that have to be written: what differs, with small gaps closed."""
    chars, pens = new
    differs = map(or_, map(ne, old[0], chars), map(is_not, old[1], pens))
    spots = list(compress(range(len(chars)), differs))
    if not spots:
        return []
    if not is_certain("".join(chars)):
        return [_wide_berth(chars, spots[0], spots[-1] + 1)]
    spans: list[tuple[int, int]] = []
    start = stop = spots[0]
    for x in spots:
        if x == stop:
            stop += 1
            continue
        if x - stop > _GAP or any(pen is not pens[stop - 1] for pen in pens[stop:x]):
            spans.append((start, stop))
            start = x
        stop = x + 1
    spans.append((start, stop))
    return spans


def _wide_berth(chars: list[str], start: int, stop: int) -> tuple[int, int]:
    """One span, widened by what an uncertain cluster at its edge could draw over."""
    while start > 0:
        head = start - 1 if chars[start - 1] else start - 2
        if chars[start] and is_certain(chars[head]):
            break
        start = head
    x = start
    while x < stop and x < len(chars):
        if not is_certain(chars[x]):
            stop = max(stop, min(len(chars), x + most_cells(chars[x])))
        x += 1
    return start, stop


class Pencil:
    """Writes cells as sequences, knowing where the cursor stands and which pen the terminal has.

    It begins and ends with the default pen and relies on nothing about the cursor, so that frames are independent.
    """

    def __init__(self, width: int, bce: bool) -> None:
        self._width = width
        self._bce = bce
        self._out: list[str] = []
        self._pen: Pen = DEFAULT
        self._at: tuple[int, int] | None = None  # (row, column), None: not known
        self._row = -1  # row of the last placement; a column alone can be placed within it

    def finish(self) -> str:
        """All that was written."""
        self._use(DEFAULT)
        return "".join(self._out)

    def scroll(self, top: int, bottom: int, up: int, height: int) -> None:
        """Move rows by deleting or inserting lines inside a scroll region.

        DECSTBM with DL/IL, as the Linux console and VT102s have them; SU and SD are missing in some.
        """
        count = "" if abs(up) == 1 else str(abs(up))
        region = bottom < height - 1
        if region:  # setting a region sends the cursor home
            self._out.append(f"\x1b[{top + 1};{bottom + 1}r" if top else f"\x1b[;{bottom + 1}r")
        if top or not region:
            self._out.append(_row_start(top))
        self._out.append(f"\x1b[{count}{'M' if up > 0 else 'L'}")
        if region:
            self._out.append("\x1b[r")
        self._at, self._row = None, -1

    def draw(self, y: int, start: int, stop: int, row: Row) -> None:
        """Write the cells ``start`` to ``stop`` of a row."""
        chars, pens = row
        while start and not chars[start]:
            start -= 1
        while stop < self._width and not chars[stop]:
            stop += 1
        tail = self._blank_tail(row) if stop == self._width else stop
        stop_text = max(start, min(stop, tail))
        x = start
        while x < stop_text:
            pen, begin = pens[x], x
            while x < stop_text and pens[x] is pen:
                x += 1
            self._stretch(y, begin, chars[begin:x], pen)
        if tail < stop:
            self._erase_to_end(y, stop_text, pens[-1])

    def _blank_tail(self, row: Row) -> int:
        """The column from which the row is blank in one background, where erasing to its end is worth it."""
        chars, pens = row
        last = pens[-1]
        if not plain_on_blank(last) or not (self._bce or not last[2]):
            return self._width
        text = "".join(chars)
        blanks = len(text) - len(text.rstrip(" "))  # as many cells: only a blank cell ends with a space
        if blanks <= _GAP:
            return self._width
        x = self._width - blanks
        if pens[x:].count(last) < blanks:
            others = [at for at in range(x, self._width) if not same_on_blank(pens[at], last)]
            x = others[-1] + 1 if others else x
        return x if self._width - x > _GAP else self._width

    def _erase_to_end(self, y: int, x: int, pen: Pen) -> None:
        self._place(y, x)
        if not same_on_blank(self._pen, pen):
            self._use(pen)
        self._out.append("\x1b[K")

    def _stretch(self, y: int, x: int, cells: list[str], pen: Pen) -> None:
        """Write cells of one pen."""
        text = "".join(cells)
        self._place(y, x)
        if not text.strip(" "):
            if not same_on_blank(self._pen, pen):
                self._use(pen)
            if len(cells) >= _ERASE and plain_on_blank(pen) and (self._bce or not pen[2]):
                self._out.append(f"\x1b[{len(cells)}X")  # leaves the cursor where it is
                return
        else:
            self._use(pen)
        if is_certain(text):
            self._write(text, len(cells))
            return
        for offset, cell in enumerate(cells):
            if not cell:
                continue
            self._place(y, x + offset)
            wide = cells[offset + 1 : offset + 2] == [""]
            if is_certain(cell):
                self._write(cell, 2 if wide else 1)
                continue
            if x + offset + most_cells(cell) > self._width:
                # Drawn too wide at the edge it would push itself back over the cell before it.
                self._write("  " if wide else " ", 2 if wide else 1)
                continue
            if wide:  # a terminal that draws it narrow would leave the old second half
                self._write("  ", 2)
                self._place(y, x + offset)
            self._out.append(cell)
            self._at = None

    def _write(self, text: str, cells: int) -> None:
        self._out.append(text)
        if self._at is not None:
            row, column = self._at
            # At the right edge terminals differ in where the cursor stands.
            self._at = (row, column + cells) if column + cells < self._width else None

    def _place(self, y: int, x: int) -> None:
        if self._at == (y, x):
            return
        if self._row == y:
            self._out.append(f"\x1b[{x + 1}G" if x else "\x1b[G")
        else:
            self._out.append(f"\x1b[{y + 1};{x + 1}H" if x else _row_start(y))
        self._at, self._row = (y, x), y

    def _use(self, pen: Pen) -> None:
        if pen is not self._pen:
            self._out.append(change(self._pen, pen))
            self._pen = pen


def _row_start(y: int) -> str:
    return f"\x1b[{y + 1}H" if y else "\x1b[H"
