"""What was written where: the tables of the files, merged, with the line of each setting."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cminbox.domain.errors import UsageError
from cminbox.settings.lines import Path, lines_of
from cminbox.settings.permissions import Source

_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class ConfigError(UsageError):
    """Mistakes in the configuration, a line each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class File:
    """A config file: its values, and in which line each stands."""

    source: Source
    values: dict[str, Any]
    lines: dict[Path, int]


def parsed(source: Source) -> File:
    """The values of a TOML file. ConfigError names the line that is no TOML."""
    try:
        values = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        position = _POSITION.search(str(error))
        number = position[1] if position and position[1] else source.text.count("\n") + 1
        said = _POSITION.sub("", str(error))
        raise ConfigError([f"{source.path}:{number}: is no TOML here: {said}"]) from None
    except (RecursionError, ValueError):
        # a number with thousands of digits is a ValueError of int()
        raise ConfigError([f"{source.path}: is nested too deep, or a number in it is too long"]) from None
    return File(source, values, lines_of(source.text))


@dataclass(slots=True)
class Written:
    """All settings as they were written: files first, the environment over them, and the mistakes found so far."""

    files: list[File]
    environment: Mapping[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    mistakes: list[tuple[str, int, str]] = field(default_factory=list)
    _from: dict[tuple[str, int], tuple[File, int]] = field(default_factory=dict)
    """(array, number in the merged one) → (file, number there)."""

    def merge(self) -> None:
        """Joins the files: arrays one after the other, tables by key, the later file over the earlier."""
        for file in self.files:
            for key, value in file.values.items():
                before = self.values.get(key)
                if isinstance(value, list):
                    joined = before if isinstance(before, list) else []
                    for number in range(len(value)):
                        self._from[key, len(joined) + number] = (file, number)
                    self.values[key] = [*joined, *value]
                elif isinstance(value, dict) and isinstance(before, dict):
                    self.values[key] = {**before, **value}
                else:
                    self.values[key] = value

    def mistake(self, path: Path, said: str) -> None:
        """Notes a mistake in that setting."""
        place, line = self.where(path)
        self.mistakes.append((place, line, f"{self.name(path)}: {said}"))

    def raise_mistakes(self) -> None:
        """ConfigError with all mistakes in the order of their places, if there are any."""
        if self.mistakes:
            told = sorted(set(self.mistakes))
            raise ConfigError([f"{place}:{line}: {said}" if line else f"{place}: {said}" for place, line, said in told])

    def effective(self, key: str) -> Any:
        """A top-level setting as it counts: the environment's, else the files'."""
        return self.environment.get(key, self.values.get(key))

    def where(self, path: Path) -> tuple[str, int]:
        """The file and line of a setting, or the environment variable (line 0)."""
        variable = self._variable(path)
        if variable:
            return variable, 0
        file, inside = self._file(path)
        if file is None:
            return "configuration", 0
        for length in range(len(inside), 0, -1):
            line = file.lines.get(inside[:length])
            if line is not None:
                return str(file.source.path), line
        return str(file.source.path), 1

    def name(self, path: Path) -> str:
        """The setting as one would say it: ``channels.blog.poll``; numbers count from 1 where there is no name."""
        said: list[str] = []
        for at, part in enumerate(path):
            if isinstance(part, int):
                own = self._at(path[: at + 1])
                called = own.get("name", own.get("id")) if isinstance(own, dict) else None
                said.append(called if isinstance(called, str) else str(part + 1))
            else:
                said.append(part)
        return ".".join(said)

    def source(self, path: Path) -> Source | None:
        """The file in which a setting stands, or None where it comes from the environment."""
        if self._variable(path):
            return None
        file, _ = self._file(path)
        return None if file is None else file.source

    def _file(self, path: Path) -> tuple[File | None, Path]:
        if len(path) > 1 and isinstance(path[0], str) and isinstance(path[1], int):
            known = self._from.get((path[0], path[1]))
            if known:
                return known[0], (path[0], known[1], *path[2:])
        for length in range(len(path), 0, -1):
            for file in reversed(self.files):
                if path[:length] in file.lines:
                    return file, path
        return (self.files[-1] if self.files else None), path

    def _variable(self, path: Path) -> str | None:
        level: Any = self.environment
        used: list[str] = []
        for part in path:
            if not isinstance(level, dict):
                break
            if part not in level:
                return None
            used.append(str(part))
            level = level[part]
        return "CMINBOX_" + "__".join(used).upper() if used else None

    def _at(self, path: Path) -> Any:
        level: Any = {**self.values, **self.environment} if path[0] in self.environment else self.values
        for part in path:
            try:
                level = level[part]
            except (KeyError, IndexError, TypeError):
                return None
        return level
