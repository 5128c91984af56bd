"""A strict little terminal: it draws what the painter sends and fails on anything that it does not know.

Being strict makes every test that uses it a test of the allow-list as well. ``width`` can be another terminal's idea of
how wide a character is.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Callable

from rich.cells import get_character_cell_size

Attribute = tuple[str, ...]
Cell = tuple[str, Attribute]

_TOKEN = re.compile(
    "\x1b\\[(?P<prefix>[?<>=]?)(?P<parameters>[0-9;]*)(?P<final>[ -/]*[@-~])"
    "|(?P<terminator>\x1b\\\\)"
    "|\x1b\\](?P<osc>[^\x1b\x07]*)(?:\x07|\x1b\\\\)"
    "|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    "|(?P<control>.)",
    re.DOTALL,
)
_BEGUN = re.compile("\x1b(?:\\[[?<>=]?[0-9;]*[ -/]*|\\][^\x1b\x07]*\x1b?)?\\Z")  # a sequence whose end is still to come
# Queries and switches that change nothing on the picture: what is ours of them.
_IGNORED = (
    ("?", "2026", "$p"),
    (">", "1", "u"),
    ("<", "", "u"),
    ("", "8", "h"),
    ("", "8", "l"),
    ("", "22;2", "t"),
    ("", "23;2", "t"),
)
_MODES = {"7", "25", "1000", "1002", "1003", "1004", "1006", "1015", "1049", "2004", "2026"}


class ForeignSequence(AssertionError):
    """Something came that the interface does not send."""


class Screen:
    """Rows of cells; each cell is a character with its marks and the attributes it was written with."""

    def __init__(
        self, columns: int = 80, rows: int = 24, *, width: Callable[[str], int] = get_character_cell_size
    ) -> None:
        self.columns, self.rows = columns, rows
        self._decode = getincrementaldecoder("utf-8")().decode
        self._rest = ""
        self._width = width
        self.modes: set[str] = set()
        self.clipboard: list[str] = []
        self.titles: list[str] = []
        self.bells = 0
        self._pen: Attribute = ("", "", "")
        self.x = self.y = 0
        self._top, self._bottom = 0, rows - 1
        self.cells: list[list[Cell]] = [self._blank_row() for _ in range(rows)]

    def feed(self, data: bytes | str) -> None:
        """Take output, in pieces of any size."""
        text = self._rest + (self._decode(data) if isinstance(data, bytes) else data)
        begun = _BEGUN.search(text)
        text, self._rest = (text[: begun.start()], text[begun.start() :]) if begun else (text, "")
        for token in _TOKEN.finditer(text):
            if token["text"] is not None:
                for character in token["text"]:
                    self._write(character)
            elif token["terminator"] is not None:
                continue
            elif token["osc"] is not None:
                self._osc(token["osc"])
            elif token["control"] is not None:
                self._control(token["control"])
            else:
                self._csi(token["prefix"], token["parameters"], token["final"], token[0])

    def lines(self) -> list[str]:
        """The text of every row."""
        return ["".join(character for character, _ in row).rstrip() for row in self.cells]

    def text(self) -> str:
        """All rows as one text."""
        return "\n".join(self.lines())

    def picture(self) -> list[list[Cell]]:
        """What can be seen: foregrounds, bold, faint and italics of blanks count for nothing."""
        return [[_seen(cell) for cell in row] for row in self.cells]

    def _blank_row(self) -> list[Cell]:
        return [(" ", ("", "", self._pen[2]))] * self.columns

    def _write(self, character: str) -> None:
        width = self._width(character)
        row = self.cells[self.y]
        if width == 0:
            x = self.x - 1 if self.x > 0 else 0
            if row[x][0] == "" and x:
                x -= 1
            row[x] = (row[x][0] + character, row[x][1])
            return
        x = min(self.x, self.columns - width)  # wrapping is off
        if row[x][0] == "" and x:
            row[x - 1] = (" ", row[x - 1][1])
        if x + width < self.columns and row[x + width][0] == "":
            row[x + width] = (" ", row[x + width][1])
        row[x] = (character, self._pen)
        if width == 2:
            row[x + 1] = ("", self._pen)
        self.x = min(x + width, self.columns)

    def _control(self, character: str) -> None:
        if character == "\x07":
            self.bells += 1
        elif character == "\x18":  # CAN, after output was cut off
            pass
        elif character == "\n":  # stock Textual's frames have them
            self.y = min(self.y + 1, self.rows - 1)
            self.x = 0
        else:
            raise ForeignSequence(f"control {character!r}")

    def _osc(self, body: str) -> None:
        code, _, rest = body.partition(";")
        if code == "52":
            self.clipboard.append(rest)
        elif code == "2":
            self.titles.append(rest)
        else:
            raise ForeignSequence(f"OSC {body!r}")

    def _csi(self, prefix: str, parameters: str, final: str, raw: str) -> None:
        numbers = [int(part or 0) for part in parameters.split(";")]
        count = max(1, numbers[0])
        if prefix == "?" and final in "hl" and set(parameters.split(";")) <= _MODES:
            (self.modes.update if final == "h" else self.modes.difference_update)(parameters.split(";"))
        elif (prefix, parameters, final) in _IGNORED:
            pass
        elif prefix or final not in "HGmKXLMrJ":
            raise ForeignSequence(repr(raw))
        else:
            self._move_or_erase(final, numbers, count, parameters)

    def _move_or_erase(self, final: str, numbers: list[int], count: int, parameters: str) -> None:
        row = self.cells[self.y]
        if final == "H":
            self.y = min(count, self.rows) - 1
            self.x = min(max(1, numbers[1]) if len(numbers) > 1 else 1, self.columns) - 1
        elif final == "G":
            self.x = min(count, self.columns) - 1
        elif final == "m":
            self._sgr(parameters)
        elif final in "KX":
            end = self.columns if final == "K" else min(self.columns, self.x + count)
            if row[self.x : self.x + 1] and row[self.x][0] == "" and self.x:
                row[self.x - 1] = (" ", row[self.x - 1][1])
            if end < self.columns and row[end][0] == "":
                row[end] = (" ", row[end][1])
            row[self.x : end] = self._blank_row()[self.x : end]
        elif final == "J":
            self.cells = [self._blank_row() for _ in range(self.rows)]
        elif final == "r":
            self._top = count - 1  # "" is the first row
            self._bottom = (numbers[1] if len(numbers) > 1 else self.rows) - 1
            self.x = self.y = 0
        else:
            self._shift_lines(final, count)

    def _shift_lines(self, final: str, count: int) -> None:
        if not self._top <= self.y <= self._bottom:
            return
        for _ in range(min(count, self._bottom - self.y + 1)):
            gone, come = (self.y, self._bottom) if final == "M" else (self._bottom, self.y)
            del self.cells[gone]
            self.cells.insert(come, self._blank_row())
        self.x = 0

    def _sgr(self, parameters: str) -> None:
        attributes, foreground, background = set(filter(None, self._pen[0].split(";"))), self._pen[1], self._pen[2]
        parts = iter(parameters.split(";") if parameters else ["0"])
        for part in parts:
            if part == "0":
                attributes, foreground, background = set(), "", ""
            elif part in ("38", "48"):
                kind = next(parts)
                colour = ";".join((part, kind, *(next(parts) for _ in range(3 if kind == "2" else 1))))
                foreground, background = (colour, background) if part == "38" else (foreground, colour)
            elif part in ("1", "2", "3", "4", "7", "9", "21", "53"):
                attributes.add(part)
            elif part in ("22", "23", "24", "27", "29", "55"):
                attributes -= {"22": {"1", "2"}, "24": {"4", "21"}, "55": {"53"}}.get(part, {part[1]})
            elif part == "39" or part[0] in "39":
                foreground = "" if part == "39" else part
            elif part == "49" or part[0] == "4" or part[:2] == "10":
                background = "" if part == "49" else part
            else:
                raise ForeignSequence(f"SGR {parameters!r}")
        self._pen = (";".join(sorted(attributes, key=int)), foreground, background)


def _seen(cell: Cell) -> Cell:
    character, (attributes, foreground, background) = cell
    if character != " ":
        return cell
    lines = [code for code in attributes.split(";") if code in ("4", "7", "9", "21", "53")]
    return " ", (";".join(lines), foreground if lines else "", background)
