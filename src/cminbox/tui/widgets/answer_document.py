"""The text that is being written: kept to the letter, and laid out in a form whose every character has one known width.

Textual's document splits lines at characters that are none of ours (U+2028, form feed), settles on one line end for all
of them, and is drawn as it is: with what steers a terminal, joins characters across cells or has no width. Here what
leaves is exactly what was written; what stands in the cells has as many characters, so that places in both agree.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from textual.document._document import Document, EditResult, Location

from cminbox.text.cells import drawn
from cminbox.text.sanitize import MAX_MARKS, PLAIN, safe

HIDDEN = "\u2060"
"""Stands where nothing is drawn: it has no width anywhere, and is taken out of the cells before they are painted."""
ODD = "\ufffd"
"""Stands for an invisible character that cannot leave, so that it can be found."""
NO_BASE = "\u25cc"
"""Stands for a mark with nothing below it."""
_MARK = "mark"


class AnswerDocument(Document):
    """``text`` is what was written. ``lines`` and all that layout asks for are what is drawn, character for character.

    Line feeds part lines, nothing else does.
    """

    def __init__(self, text: str) -> None:
        super().__init__("")
        self._written = text.split("\n")
        self._lines = [laid_out(line) for line in self._written]

    @property
    def text(self) -> str:
        return "\n".join(self._written)

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Replaces what stands between two places; the place after it, and what stood there."""
        (top, left), (bottom, right) = sorted((start, end))
        replaced = self.get_text_range((top, left), (bottom, right))
        lines = self._written
        before = lines[top][:left] if top < len(lines) else ""
        after = lines[bottom][right:] if bottom < len(lines) else ""
        fresh = text.split("\n")
        last = len(fresh[-1]) + (len(before) if len(fresh) == 1 else 0)
        fresh[0] = before + fresh[0]
        fresh[-1] += after
        self._written[top : bottom + 1] = fresh
        self._lines[top : bottom + 1] = [laid_out(line) for line in fresh]
        return EditResult((top + len(fresh) - 1, last), replaced)

    def get_text_range(self, start: Location, end: Location) -> str:
        """What was written between two places."""
        (top, left), (bottom, right) = sorted((start, end))
        lines = self._written[top : bottom + 1]
        if not lines:
            return ""
        if bottom < len(self._written):
            lines[-1] = lines[-1][:right]
        else:
            lines.append("")
        lines[0] = lines[0][left:]
        return "\n".join(lines)


def laid_out(line: str) -> str:
    """``line`` as it is drawn while one writes, with as many characters; tabs stay.

    What the door lets through but no cell may hold (joiners, selectors) is :data:`HIDDEN`; in a line that cannot leave
    as it is, such characters show as :data:`ODD`.
    """
    if PLAIN.fullmatch(line):
        return line
    invisible = HIDDEN if safe(line) == line else ODD
    out: list[str] = []
    marks = -1  # on the last base; -1: there is none
    for char in line:
        shape = _shape(char)
        if shape == _MARK:
            marks += marks >= 0
            out.append(char if 0 < marks <= MAX_MARKS else NO_BASE if marks < 0 else ODD)
        elif shape:
            out.append(shape)
            marks = -1 if shape.isspace() else 0
        else:
            out.append(invisible)
    return "".join(out)


@lru_cache(maxsize=4096)
def _shape(char: str) -> str:
    """One character for ``char``; empty where nothing is drawn, ``_MARK`` where it is drawn on the one before."""
    if char == "\t":
        return char
    if unicodedata.category(char)[0] == "M":
        return _MARK if drawn(safe(f"a{char}")) != "a" else ""
    if unicodedata.category(char) == "Cf":
        return ""
    form = drawn(safe(char)).strip("\n") or ("" if safe(char) == char else ODD)
    return form[:1]
