"""Lines of an import, read into comments: what CONTRACT.md ("Import") allows, and why a line is not that."""

from __future__ import annotations

import csv
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from cminbox.channels.base import Comment
from cminbox.domain.item import Kind
from cminbox.domain.text import Raw

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes of a line; of a longer one only the number is told."""
LONGEST_ID = 1_000
LONGEST_CHANNEL = 64
_CHUNK = 1 << 16
_FIELDS = frozenset(
    {"id", "text", "created_at", "author", "parent_id", "post", "lang", "kind", "rating", "url", "channel"}
)
_NEEDED = ("id", "text")
_CSV_PARTS = ("author", "post")
_KINDS = tuple(kind.value for kind in Kind)
_MILLISECONDS = 1e11
_URL = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Imported:
    """A good line."""

    line: int
    channel: str
    comment: Comment


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is skipped. ``why`` is in our words and holds nothing of the line."""

    line: int
    why: str


class Bytes(Protocol):
    """What can be read from: a file, standard input, an unpacked archive."""

    def read(self, size: int = -1, /) -> bytes: ...


class _Bad(ValueError):
    """Why a line is bad."""


def read_jsonl(stream: Bytes, channel: str | None) -> Iterator[Imported | BadLine]:
    """JSON Lines: one object a line. Empty lines are passed over."""
    for number, line in _lines(stream):
        if isinstance(line, str):
            yield BadLine(number, line)
        elif line.strip():
            try:
                yield _imported(number, _object(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line), channel)
            except _Bad as bad:
                yield BadLine(number, str(bad))


def read_csv(stream: Bytes, channel: str | None) -> Iterator[Imported | BadLine]:
    """CSV with a header of the same names (RFC 4180; comma, semicolon or tab). Empty cells are missing ones.

    ``author.id``, ``author.handle``, ``author.name``, ``post.id``, ``post.title`` and ``post.url`` stand for the parts.
    """
    lines = _decoded(stream)
    try:
        names, delimiter = _header(next(lines, ""))
    except csv.Error as error:
        yield BadLine(1, f"no valid CSV ({error})")
        return
    for needed in _NEEDED:
        if needed not in names:
            yield BadLine(1, f"no column {needed!r} in the header")
            return
    rows = csv.reader(lines, delimiter=delimiter)
    while True:
        number = rows.line_num + 2
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadLine(number, f"no valid CSV ({error})")
            continue
        if not any(row):
            continue
        try:
            yield _imported(number, _cells(names, row), channel)
        except _Bad as bad:
            yield BadLine(number, str(bad))


def is_header(line: bytes) -> bool:
    """Whether this line is the header of a CSV file that can be imported, rather than a first comment."""
    try:
        names, _ = _header(line.decode("utf-8-sig"))
    except (UnicodeDecodeError, csv.Error):
        return False
    return all(needed in names for needed in _NEEDED)


def _header(line: str) -> tuple[list[str], str]:
    """The columns, and the delimiter."""
    csv.field_size_limit(LONGEST_LINE)
    delimiter = max(",;\t", key=line.count)
    return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])], delimiter


def _lines(stream: Bytes) -> Iterator[tuple[int, bytes | str]]:
    """Every line with its number, or why there is none; never more than :data:`LONGEST_LINE` of it in memory."""
    buffer = bytearray()
    number, too_long = 1, f"longer than {LONGEST_LINE // (1024 * 1024)} MiB"
    flooded = False
    while True:
        try:
            chunk = stream.read(_CHUNK)
        except (EOFError, OSError, zlib.error):
            yield number, "the file is damaged from here on"
            return
        if not chunk:
            break
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            buffer += chunk[start:end]
            yield number, too_long if flooded or len(buffer) > LONGEST_LINE else bytes(buffer)
            buffer.clear()
            number, flooded, start = number + 1, False, end + 1
        if not flooded:
            buffer += chunk[start:]
            if len(buffer) > LONGEST_LINE:
                buffer.clear()
                flooded = True
    if buffer or flooded:
        yield number, too_long if flooded else bytes(buffer)


def _decoded(stream: Bytes) -> Iterator[str]:
    """Lines for the CSV reader. What is no UTF-8, or no line, becomes a surrogate, so that its row can be named."""
    for number, line in _lines(stream):
        if isinstance(line, str):
            yield "\udcff\n"
            continue
        text = line.decode("utf-8", "surrogateescape")
        yield (text.removeprefix("\ufeff") if number == 1 else text) + "\n"


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise _Bad("no valid UTF-8") from None
    except RecursionError:
        raise _Bad("nested too deep") from None
    except json.JSONDecodeError as wrong:
        raise _Bad(f"no valid JSON ({wrong.msg} at character {wrong.pos + 1})") from None
    except _Bad:
        raise
    except ValueError:
        raise _Bad("holds a number with too many digits") from None
    if not isinstance(told, dict):
        raise _Bad("no JSON object")
    return told


def _no_constant(name: str) -> None:
    raise _Bad(f"{name} is no JSON")


def _cells(names: list[str], row: list[str]) -> Mapping[str, Any]:
    if any("\udc80" <= char <= "\udcff" for cell in row for char in cell if char > "\ud7ff"):
        raise _Bad("no valid UTF-8, longer than 16 MiB, or damaged")
    if len(row) > len(names):
        raise _Bad(f"{len(row)} cells, but {len(names)} columns in the header")
    told: dict[str, Any] = {}
    for name, cell in zip(names, row, strict=False):
        whole, dot, part = name.partition(".")
        if name == "text":
            told["text"] = cell
        elif not cell:
            continue
        elif dot and whole in _CSV_PARTS and part:
            parts = told.setdefault(whole, {})
            if isinstance(parts, dict):
                parts[part] = cell
        else:
            told[name] = cell
    return told


def _imported(number: int, told: Mapping[str, Any], channel: str | None) -> Imported:
    parent = told.get("parent_id")
    author, post = _person(told.get("author")), _parts("post", told.get("post"), ("id", "title", "url"))
    comment = Comment(
        remote_id=_id("id", told.get("id")),
        parent_remote_id=None if parent is None or parent == "" else _id("parent_id", parent),
        kind=_kind(told.get("kind"), parent),
        author_id=author.get("id"),
        author_handle=_raw(author.get("handle")),
        author_name=_raw(author.get("name")),
        post_id=post.get("id"),
        post_title=_raw(post.get("title")),
        post_url=_raw(post.get("url")),
        text=_text(told),
        lang=_word("lang", told.get("lang")),
        rating=_rating(told.get("rating")),
        url=_raw(_word("url", told.get("url"))),
        created_at=_moment(told.get("created_at")),
        extra={name: value for name, value in told.items() if name not in _FIELDS},
    )
    return Imported(number, _channel(channel, told.get("channel")), comment)


def _channel(given: str | None, own: Any) -> str:
    name = own if given is None else given
    if name is None:
        raise _Bad("no channel: name one with --channel")
    if not isinstance(name, str) or not valid_channel(name):
        raise _Bad(f"channel is no name (one line of at most {LONGEST_CHANNEL} letters)")
    return name


def valid_channel(name: str) -> bool:
    """Whether this can be a channel's name: it is typed after ``channel:`` and shown in every row."""
    return 0 < len(name) <= LONGEST_CHANNEL and name.isprintable() and not any(char in ' "()' for char in name)


def _id(name: str, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or value == "":
        raise _Bad(f"no {name}")
    if not isinstance(value, str):
        raise _Bad(f"{name} is neither text nor a whole number")
    if len(value) > LONGEST_ID:
        raise _Bad(f"{name} is longer than {LONGEST_ID} characters")
    if "\x00" in value or not _encodes(value):
        raise _Bad(f"{name} holds a character that no id can hold (NUL or half a character)")
    return value


def _text(told: Mapping[str, Any]) -> Raw:
    text = told.get("text")
    if text is None:
        raise _Bad("no text")
    if not isinstance(text, str):
        raise _Bad("text is no text")
    return Raw(text)


def _person(value: Any) -> Mapping[str, str]:
    return {"name": value} if isinstance(value, str) else _parts("author", value, ("id", "handle", "name"))


def _parts(name: str, value: Any, known: tuple[str, ...]) -> Mapping[str, str]:
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        return {"url": value} if _URL.fullmatch(value) else {"title": value}
    if not isinstance(value, Mapping):
        raise _Bad(f"{name} is neither text nor an object")
    parts: dict[str, str] = {}
    for part in known:
        given = value.get(part)
        if given is None:
            continue
        if part == "id":
            parts[part] = _id(f"{name}.id", given)
        elif isinstance(given, str):
            parts[part] = given
        else:
            raise _Bad(f"{name}.{part} is no text")
    return parts


def _kind(value: Any, parent: Any) -> Kind:
    if value is None:
        return Kind.COMMENT if parent is None or parent == "" else Kind.REPLY
    if isinstance(value, str) and value in _KINDS:
        return Kind(value)
    raise _Bad(f"kind is none of {', '.join(_KINDS)}")


def _rating(value: Any) -> int | None:
    if value is None:
        return None
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        number = None
    if number is None or not number.is_integer() or abs(number) > 1e6:
        raise _Bad("rating is no whole number")
    return int(number)


def _word(name: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise _Bad(f"{name} is no text")
    return value


def _moment(value: Any) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value.strip())
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if abs(value) >= _MILLISECONDS else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise _Bad("created_at is no time (such as 2026-11-20T09:30:00Z)")


def _raw(value: str | None) -> Raw | None:
    return None if value is None else Raw(value)


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
