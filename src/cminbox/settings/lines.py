"""In which line of a TOML file each setting stands.

``tomllib`` reads values without their places. This walks over a source that ``tomllib`` has accepted already, so it
follows only what matters for places: strings, comments, brackets, tables (TOML 1.0.0).
"""

from __future__ import annotations

import re
from bisect import bisect_right

Path = tuple[str | int, ...]
"""A setting's place: ``("channels", 0, "poll")``; arrays of tables and arrays count from 0."""

_SPACE = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_GAP = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|' r"'''(?:[^']|'(?!''))*'{3,5}|" r'"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


def lines_of(source: str) -> dict[Path, int]:
    """Every key, table and array element of a valid TOML source, with its line (from 1)."""
    return _Walk(source).lines


class _Walk:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.lines: dict[Path, int] = {}
        self._starts = [0, *(found.end() for found in re.finditer("\n", source))]
        self._counts: dict[Path, int] = {}
        """How many tables each array of tables has so far."""
        self._table()

    def _table(self) -> None:
        prefix: Path = ()
        while True:
            self._skip(_SPACE)
            if self.at >= len(self.source):
                return
            if self.source[self.at] == "[":
                prefix = self._header()
            else:
                self._pair(prefix)

    def _header(self) -> Path:
        start = self.at
        many = self.source.startswith("[[", start)
        self.at += 2 if many else 1
        keys = self._keys()
        self.at += 2 if many else 1
        path: Path = ()
        for key in keys[:-1]:
            path = self._latest((*path, key))
        path = (*path, keys[-1])
        if many:
            self._note(path, start)
            self._counts[path] = self._counts.get(path, 0) + 1
        path = self._latest(path)
        self._note(path, start)
        return path

    def _latest(self, path: Path) -> Path:
        """A table's path with the number of the newest one, where it is an array of tables."""
        count = self._counts.get(path)
        return path if count is None else (*path, count - 1)

    def _pair(self, prefix: Path) -> None:
        start = self.at
        path = prefix
        for key in self._keys():
            path = (*path, key)
            self._note(path, start)
        self.at += 1  # =
        self._value(path)

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip(_GAP)
            bare = _BARE.match(self.source, self.at)
            found = bare or _STRING.match(self.source, self.at)
            if found is None:  # not TOML: cannot be, after tomllib
                raise ValueError(f"no key at {self.at}")
            self.at = found.end()
            keys.append(found[0] if bare else _unquoted(found[0]))
            self._skip(_GAP)
            if not self.source.startswith(".", self.at):
                return keys
            self.at += 1

    def _value(self, path: Path) -> None:
        self._skip(_GAP)
        opening = self.source[self.at : self.at + 1]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline(path)
        else:
            self._skip(_STRING if opening in ("'", '"') else _SCALAR)

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while True:
            self._skip(_SPACE)
            if self.source[self.at] == "]":
                self.at += 1
                return
            self._note((*path, index), self.at)
            self._value((*path, index))
            index += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        while True:
            self._skip(_SPACE)
            if self.source[self.at] == "}":
                self.at += 1
                return
            self._pair(path)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.source, self.at)
        if found is not None:
            self.at = found.end()

    def _note(self, path: Path, at: int) -> None:
        self.lines.setdefault(path, bisect_right(self._starts, at))


def _unquoted(written: str) -> str:
    body = written[1:-1]
    if written[0] == "'" or "\\" not in body:
        return body
    import tomllib

    return str(tomllib.loads(f"key = {written}")["key"])
