"""What a server answered, and how JSON is read from someone who may lie."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from cminbox.domain.text import Raw
from cminbox.http.errors import Ambiguous, BadAnswer

THREAD_ABOVE = 64 * 1024
"""Bodies above this many bytes are parsed in a thread."""
DEEPEST = 100
"""Levels of nesting that are kept of a JSON answer."""
_LONGEST_NUMBER = 100
_MOST_BRACKETS = 500_000
_EXCERPT_FROM = 4096

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_NOT_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_MARKUP = re.compile(r"<(script|style|head)\b[^<]*(?:<(?!/\1)[^<]*)*</\1[^>]*>|<[^<>]*>", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_CHARSETS = {
    "iso-8859-1": "cp1252",  # WHATWG Encoding: the label means windows-1252
    "latin-1": "cp1252",
    **{name: name for name in ("iso-8859-2", "iso-8859-15", "windows-1250", "windows-1251", "windows-1252", "koi8-r")},
    **{name: name for name in ("shift_jis", "euc-jp", "euc-kr", "gb18030", "big5")},
}
_COOKIE = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([\x21-\x3a\x3c-\x7e]*)\s*(?:;|$)")


@dataclass(frozen=True, slots=True)
class Unusable:
    """Stands in a parsed answer where a value was that nobody can use: NaN, a number of a million digits, a depth
    beyond :data:`DEEPEST`. It is no str, number, list or dict, so an item that needs the value fails alone."""

    reason: str


class Headers(Mapping[str, str]):
    """Headers of an answer by name in any case; several of one name are joined by a comma, ``all`` gives them apart."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name.lower(), []).append(value)

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._values[name.lower()])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of that name, in the order in which they came."""
        return tuple(self._values.get(name.lower(), ()))


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. ``url_path`` is the path that was asked last, without its query; ``changes`` whether the request
    could change something, so that an unreadable success is :class:`Ambiguous` and not merely bad."""

    host: str
    status: int
    headers: Headers
    body: bytes = field(repr=False)
    url_path: str
    changes: bool = False

    async def json(self) -> Any:
        """The body as JSON. A value that cannot be used becomes :class:`Unusable`; invalid UTF-8 becomes U+FFFD.

        Raises BadAnswer (Ambiguous for a request that changes something): empty, a web page, no JSON.
        """
        try:
            if len(self.body) > THREAD_ABOVE:
                return await asyncio.to_thread(parse_json, self.body)
            return parse_json(self.body)
        except ValueError as wrong:
            what = f"status {self.status}, {wrong}"
        if self.changes:
            raise Ambiguous(self.host, f"{what}; it may have been done", self.status)
        raise BadAnswer(self.host, what)

    def text(self) -> str:
        """The body as text, in the charset it names (an allow-list, else UTF-8); what does not fit becomes U+FFFD."""
        named = _CHARSET.search(self.headers.get("content-type", "")[:200])
        charset = _CHARSETS.get(named.group(1).lower(), "utf-8") if named else "utf-8"
        return self.body.decode(charset, errors="replace")

    def cookie(self, name: str) -> str | None:
        """The value of a cookie that this answer sets, as it came, or None. It is sent back only if you do so."""
        for header in self.headers.all("set-cookie"):
            found = _COOKIE.match(header)
            if found and found.group(1) == name:
                return found.group(2)
        return None

    def excerpt(self) -> Raw:
        """The start of an error's body in words: its message if it is JSON, its text without tags if it is HTML."""
        head = Reply(self.host, self.status, self.headers, self.body[:_EXCERPT_FROM], "").text()
        if head.lstrip("\ufeff \t\r\n").startswith("<"):
            return Raw(" ".join(unescape(_MARKUP.sub(" ", head)).split()))
        try:
            told = parse_json(self.body[:_EXCERPT_FROM])
        except ValueError:
            return Raw(head)
        if isinstance(told, dict):
            for key in ("error_description", "message", "detail", "error"):
                if isinstance(told.get(key), str):
                    return Raw(told[key])
        return Raw(head)


def parse_json(body: bytes) -> Any:
    """JSON from a server that may lie. Raises ValueError with words for a person, none of them the server's."""
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not body:
        raise ValueError("an empty answer where JSON was expected")
    if body.startswith(b"<"):
        raise ValueError("a web page where JSON was expected")
    deep = _too_deep(body)
    if deep:
        body = _pruned(body)
    try:
        # RFC 8259 §8.1: UTF-8. One wrong byte must not lose the page
        return json.loads(
            body.decode("utf-8", errors="replace"),
            parse_int=_integer,
            parse_float=_float,
            parse_constant=lambda name: Unusable("nested too deep" if deep else f"{name} is no JSON"),
        )
    except json.JSONDecodeError as wrong:
        raise ValueError(f"no valid JSON ({wrong.msg}; character {wrong.pos})") from None
    except RecursionError:
        raise ValueError("no valid JSON (nested too deep)") from None


def _integer(digits: str) -> int | Unusable:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else Unusable(f"a number of {len(digits)} digits")


def _float(digits: str) -> float | Unusable:
    number = float(digits) if len(digits) <= _LONGEST_NUMBER else math.inf
    return Unusable("a number too large or too long") if math.isinf(number) else number


def _too_deep(body: bytes) -> bool:
    """Whether brackets nest deeper than DEEPEST (or do not match): peels one level a pass, at the speed of C."""
    brackets = _STRING.sub(b"", body).translate(None, delete=_NOT_BRACKET)
    if len(brackets) > _MOST_BRACKETS and b"[" * DEEPEST in brackets:
        raise ValueError("no valid JSON (millions of brackets)")
    for _ in range(DEEPEST):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return bool(brackets)


def _pruned(body: bytes) -> bytes:
    """The body with everything below DEEPEST replaced by a constant that is read as Unusable, so that one item of a
    page costs only itself."""
    parts: list[bytes] = []
    depth = kept = 0
    for token in _TOKEN.finditer(body):
        sign = token.group()
        if sign in (b"[", b"{"):
            depth += 1
            if depth == DEEPEST + 1:
                parts += (body[kept : token.start()], b"-Infinity")
        elif sign in (b"]", b"}"):
            if depth == DEEPEST + 1:
                kept = token.end()
            depth -= 1
    if depth <= DEEPEST:
        parts.append(body[kept:])
    return b"".join(parts)
