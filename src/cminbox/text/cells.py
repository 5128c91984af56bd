"""How wide a text is in a terminal's cells, the form in which it is drawn there; cutting, padding, wrapping by cells.

:func:`width` is the one count for the whole program. It holds for what :func:`drawn` returns, and that is a form about
whose width terminals agree: joined emoji are drawn as the first of them, flags as letters, selectors, skin tones and
invisible characters not at all. What stays counts the same here, in Rich and in tmux 3.3a (35,400 characters compared),
but for the spacing marks of Indic scripts, which Rich counts as nothing and terminals as a cell.

Widths come from Unicode's East Asian Width as the standard library has it. The library `wcwidth` says the same, but
takes 60 to 90 ms of CPU to import, Rich takes 30; the first screen stands after 25.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Final, Literal

from cminbox.domain.text import Safe
from cminbox.text.sanitize import PLAIN, joined, piece, rechecked, safe

TAB: Final = 4
_EMPTY: Final = safe("")
_ELLIPSIS: Final = safe("…")
_NO_ROOM: Final = safe("\ufffd")
_SPACES: Final = safe(" " * 256)
_RUN_OF_SPACES = re.compile(" *+")

_NARROW = re.compile("[ -~\xa1-\xac\xae-\u02ff\u0370-\u0482\u048a-\u058f\u05d0-\u05ea\u2010-\u2027\u2030-\u205e]*+")
_NO_BREAK_BEFORE: Final = frozenset(
    "、。，．：；！？）］｝〉》」』】〕…‥・ー々〻’”%％°ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)


def width(text: str) -> int:
    """Cells that ``text``, as :func:`drawn` returns it, takes up in a terminal; line feeds count nothing."""
    if _NARROW.fullmatch(text):
        return len(text)
    return sum(map(_cells, text))


@lru_cache(maxsize=8192)
def _cells(char: str) -> int:
    category = unicodedata.category(char)
    if category[0] == "M" or category in ("Cc", "Cf", "Zl", "Zp"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def drawn(text: Safe, *, tab: int = TAB) -> Safe:
    """The form of ``text`` for a terminal's cells; a second time changes nothing.

    Composed (NFC); joined emoji become the first of them, keycaps the digit, flags two letters; what has no width of
    its own stays only as a mark on a base or as the non-joiner of Arabic and Indic scripts; spaces are ordinary ones;
    what is unassigned, private or a loose piece of a syllable is ``\\ufffd``. Tabs go to the next multiple of ``tab``
    cells.
    """
    if PLAIN.fullmatch(text) and "\t" not in text:
        return text
    from cminbox.text.simplify import simplified  # its tables would cost the program's start 4 ms

    form = simplified(text)
    if "\t" in form:
        form = "\n".join(_untabbed(row, tab) for row in form.split("\n"))
    return rechecked(form)


def _untabbed(row: str, tab: int) -> str:
    head, *rest = row.split("\t")
    parts, at = [head], width(head)
    for part in rest:
        gap = tab - at % tab
        parts.append(" " * gap + part)
        at += gap + width(part)
    return "".join(parts)


def cut(text: Safe, cells: int, ellipsis: Safe = _ELLIPSIS) -> Safe:
    """``text`` on one row, drawn, in at most ``cells`` cells; ends in ``ellipsis`` if something had to go."""
    if cells <= 0:
        return _EMPTY
    # No row needs more than this; what is drawn from a longer text costs no more than a row either.
    window = piece(text, 0, cells * 8 + 64)
    row = drawn(window)
    if "\n" in row:
        row = rechecked(row.replace("\n", " "))
    if len(window) == len(text) and _reach(row, 0, cells) == len(row):
        return row
    room = cells - width(ellipsis)
    if room < 0:
        return piece(row, 0, _reach(row, 0, cells))
    return joined(piece(row, 0, _reach(row, 0, room)), ellipsis)


def fit(text: Safe, cells: int, ellipsis: Safe = _ELLIPSIS, align: Literal["left", "right"] = "left") -> Safe:
    """``text`` on one row, drawn, in exactly ``cells`` cells: cut as by :func:`cut`, or padded with spaces."""
    row = cut(text, cells, ellipsis)
    missing = cells - width(row)
    if missing <= 0:
        return row
    return joined(row, _blank(missing)) if align == "left" else joined(_blank(missing), row)


def _blank(cells: int) -> Safe:
    return piece(_SPACES, 0, cells) if cells <= len(_SPACES) else rechecked(" " * cells)


def wrap(text: Safe, cells: int) -> list[Safe]:
    """All lines of ``text``, drawn, broken at words into lines of at most ``cells`` cells (at least one line).

    Line ends of the text stay; empty lines are empty; a word longer than a line is broken, wide characters (Chinese,
    Japanese, Korean, emoji) may be parted anywhere but before closing signs. For long texts there is :class:`Wrapped`.
    """
    return list(_wrapped(text, max(cells, 1)))


class Wrapped:
    """The lines that :func:`wrap` gives, made as far as they are asked for: opening a long text costs one page."""

    def __init__(self, text: Safe, cells: int) -> None:
        self._lines: list[Safe] = []
        self._rest: Iterator[Safe] | None = _wrapped(text, max(cells, 1))

    @property
    def complete(self) -> bool:
        """Whether all lines are known."""
        return self._rest is None

    @property
    def known(self) -> int:
        """How many lines are known so far; all of them when ``complete``."""
        return len(self._lines)

    def lines(self, start: int, stop: int) -> list[Safe]:
        """Lines ``start`` to ``stop`` (not included), fewer at the end of the text; wraps up to ``stop`` at most."""
        self._know(stop)
        return self._lines[max(start, 0) : max(stop, 0)]

    def total(self) -> int:
        """How many lines there are; wraps all that is left."""
        self._know(None)
        return len(self._lines)

    def _know(self, stop: int | None) -> None:
        while self._rest is not None and (stop is None or len(self._lines) < stop):
            following = next(self._rest, None)
            if following is None:
                self._rest = None
            else:
                self._lines.append(following)


def _wrapped(text: Safe, cells: int) -> Iterator[Safe]:
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if end == start:
            yield _EMPTY
        else:
            yield from _rows(drawn(piece(text, start, end)), cells)
        start = end + 1


def _rows(text: Safe, cells: int) -> Iterator[Safe]:
    """The rows of one paragraph. Each step looks at no more than a row's characters, so that time is linear."""
    start, size = 0, len(text)
    while True:
        end = _reach(text, start, cells)
        if end == size:
            yield piece(text, start)
            return
        if end == start:  # a wide character and a single cell
            end = start + 1
            while end < size and _cells(text[end]) == 0:
                end += 1
            yield _NO_ROOM
            start = end
        else:
            stop = _break(text, start, end)
            yield piece(text, start, _rstripped(text, start, stop))
            start = stop
        start = _after_spaces(text, start)
        if start == size:
            return


def _reach(text: str, start: int, cells: int) -> int:
    """The end of the longest part of ``text`` from ``start`` on that takes no more than ``cells``, marks included."""
    size = len(text)
    narrow = _NARROW.match(text, start, start + cells)
    if narrow and (narrow.end() == size or (narrow.end() == start + cells and _cells(text[narrow.end()]))):
        return narrow.end()
    used, place = 0, start
    while place < size:
        sums = list(accumulate(map(_cells, text[place : place + cells + 1])))
        within = bisect_right(sums, cells - used)
        place += within
        if within < len(sums):
            break
        used += sums[-1]
    return place


def _break(text: str, start: int, end: int) -> int:
    """Where to break the row ``start`` to ``end`` of a longer text: after its last word, else at ``end``."""
    if text[end] == " ":
        return end
    space = text.rfind(" ", start, end)
    if not _NARROW.fullmatch(text, start, end + 1):
        for place in range(end, max(space, start), -1):
            wide = _cells(text[place]) == 2 or _cells(text[place - 1]) == 2
            if wide and _cells(text[place]) and text[place] not in _NO_BREAK_BEFORE:
                return place
    return end if space < 0 or _rstripped(text, start, space) == start else space


def _after_spaces(text: str, start: int) -> int:
    found = _RUN_OF_SPACES.match(text, start)
    return found.end() if found else start


def _rstripped(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] == " ":
        end -= 1
    return end
