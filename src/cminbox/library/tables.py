"""One file of snippets: from TOML to :class:`Snippet`, and one line for each thing in it that is not allowed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from cminbox.domain.snippet import ANY, Snippet

_LISTS: Final = ("tags", "intents", "channels", "brands", "check")
#: Every key of a snippet (CONTRACT.md, Snippets).
KEYS: Final = ("title", "tags", "intents", "channels", "brands", "review", "check", "text")
_LANG: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HEADER: Final = re.compile(r"""\s*\[\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*[.\]]""")
_KEY: Final = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*(?:\.\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*)?=""")
_AT_LINE: Final = re.compile(r"\s*\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that is not allowed: the file, the line in it (from 1), and what is allowed instead."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        """``file:line: message``, on one line whatever the file is called."""
        path = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in self.path)
        return f"{path}:{self.line}: {self.message}"


def read_tables(source: str, path: str, collection: str) -> tuple[list[Snippet], list[Problem]]:
    """The snippets of a file's content, and what is wrong with it. A bad snippet does not hide its neighbours."""
    try:
        content = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        where = _AT_LINE.search(said)
        line = int(where.group(1)) if where else source.count("\n") + 1
        return [], [Problem(path, line, f"no TOML: {_AT_LINE.sub('', said)}")]
    except RecursionError:
        return [], [Problem(path, 1, "no TOML: brackets within brackets without end")]
    snippets: list[Snippet] = []
    problems: list[Problem] = []
    for name, table in content.items():
        wrong = list(_wrong(name, table))
        if wrong:
            lines = Lines(source)
            problems.extend(Problem(path, lines.of(name, key), f"[{_shown(name)}] {said}") for key, said in wrong)
        else:
            snippets.append(_made(name, table, path, collection))
    return snippets, problems


def _made(name: str, table: Mapping[str, Any], path: str, collection: str) -> Snippet:
    return Snippet(
        id=name,
        title=table["title"],
        texts=table["text"],
        tags=tuple(table.get("tags", ())),
        intents=tuple(table.get("intents", ())),
        channels=tuple(table.get("channels", (ANY,))),
        brands=tuple(table.get("brands", (ANY,))),
        collection=collection,
        review=table.get("review"),
        check=tuple(table.get("check", ())),
        path=path,
    )


def _wrong(name: str, table: object) -> Iterator[tuple[str, str]]:
    """What is wrong with a table, as (key, sentence)."""
    if not isinstance(table, dict):
        yield name, "stands outside of any snippet; a snippet is a table: [its-id], and below it title and text"
        return
    if not 1 <= len(name) <= 200 or " " in name or not name.isprintable():
        yield "", "a snippet's id has 1 to 200 characters, no space among them and none that cannot be seen"
    for key, value in table.items():
        said = _wrong_value(key, value)
        if said:
            yield key, said
    for needed, example in (("title", 'title = "Refund has not arrived"'), ("text", 'text.en = "…"')):
        if needed not in table:
            yield "", f"{needed} is missing: {example}"


def _wrong_value(key: str, value: object) -> str:
    """What is wrong with the value of a key, or nothing."""
    if key not in KEYS:
        return f"unknown key {_shown(key)}, allowed are {', '.join(KEYS)}"
    if key == "title":
        fits = _is_text(value) and "\n" not in str(value) and len(str(value)) <= 300
        return "" if fits else "title must be a text on one line, 1 to 300 characters"
    if key == "review":
        fits = isinstance(value, date) and not isinstance(value, datetime)
        return "" if fits else "review must be a date without quotes, like 2027-03-01"
    if key in _LISTS:
        if not isinstance(value, list) or not all(map(_is_text, value)):
            return f'{key} must be a list of texts, like ["one", "two"]'
        return (
            f'{key} must name one or more, or be ["*"] for all' if not value and key in ("channels", "brands") else ""
        )
    return _wrong_texts(value)


def _wrong_texts(value: object) -> str:
    if not isinstance(value, dict) or not value:
        return 'text must have a language: text.en = "…"'
    for lang, text in value.items():
        if not _LANG.fullmatch(lang):
            return f"text.{_shown(lang)}: a language is a code like en, de or pt-BR"
        if not _is_text(text):
            return f"text.{lang} must be a text that is not empty and has no control characters"
    return ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not _CONTROL.search(value)


def _shown(name: str) -> str:
    """A name from a file, fit to stand in a message: short, and nothing in it that a terminal would obey."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name[:60])


class Lines:
    """Finds the line of a key. tomllib does not say where things stand, so headers and keys are looked for again."""

    def __init__(self, source: str) -> None:
        self._found: dict[tuple[str, str], int] = {}
        table, quote = "", ""
        for number, line in enumerate(source.splitlines(), 1):
            if not quote:
                if header := _HEADER.match(line):
                    table = header.group(1).strip("\"'")
                    self._found.setdefault((table, ""), number)
                elif key := _KEY.match(line):
                    self._take(table, key, number)
            quote = _open_quote(line, quote)

    def _take(self, table: str, key: re.Match[str], number: int) -> None:
        name = key.group(1).strip("\"'")
        self._found.setdefault((table, name), number)
        if not table:
            self._found.setdefault((name, ""), number)
        if key.group(2):
            self._found.setdefault((table, f"{name}.{key.group(2).strip(chr(34) + chr(39))}"), number)
        elif name.isalpha() and (table, "text") not in self._found:
            # Below [id.text] the languages stand alone.
            self._found.setdefault((table, f"text.{name}"), number)

    def of(self, table: str, key: str = "") -> int:
        """The line of a key in a table (``text.de`` for a language), else that of the table, else 1."""
        for wanted in ((table, key), (table, key.partition(".")[0]), (table, "")):
            if wanted in self._found:
                return self._found[wanted]
        return 1


def _open_quote(line: str, quote: str) -> str:
    """The long quotes that are still open after a line."""
    for found in re.findall(r'"""|\'\'\'', line):
        if not quote:
            quote = found
        elif found == quote:
            quote = ""
    return quote
