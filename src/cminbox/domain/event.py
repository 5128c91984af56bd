"""A line of the append-only log, and the chain of hashes that binds each line to the one before.

What the chain proves: given a head (n, hash) kept elsewhere, no line up to n was changed, removed or put in since. It
does not prove who wrote a line: whoever may write the file could have written it. Standard: a plain hash chain with
SHA-256 over canonical JSON (RFC 8785 in spirit: sorted keys, no spaces, ASCII).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
"""What the first line has for the hash before it."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What happened, before it has a place in the log. ``data`` holds digests of texts and names, never these."""

    kind: str
    actor: str
    item: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    words: str | None = None
    """What a person said about it. Kept beside the log, where it can be erased; the log has its digest."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log. ``at`` is ISO 8601 in UTC with microseconds, as it is hashed."""

    n: int
    at: str
    actor: str
    kind: str
    item: int | None
    data: str
    """Canonical JSON, kept as it was hashed."""
    hash: str

    def values(self) -> dict[str, Any]:
        """The data as a dictionary."""
        loaded: dict[str, Any] = json.loads(self.data)
        return loaded


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain. ``n`` 0 and GENESIS for an empty log."""

    n: int
    hash: str


def canonical(data: Mapping[str, Any]) -> str:
    """JSON with sorted keys, no spaces, ASCII only: the same bytes for the same data."""
    return json.dumps(dict(data), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def stamp(at: datetime) -> str:
    """An aware instant as the log writes it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def chain_hash(before: str, n: int, at: str, actor: str, kind: str, item: int | None, data: str) -> str:
    """The hash of a line: SHA-256 over the hash before it and every field of its own."""
    line = json.dumps([before, n, at, actor, kind, item, data], separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(line.encode("ascii")).hexdigest()


def chained(before: Head, at: datetime, new: NewEvent) -> Event:
    """The event as the next line after ``before``."""
    n, when, data = before.n + 1, stamp(at), canonical(new.data)
    return Event(n, when, new.actor, new.kind, new.item, data,
                 chain_hash(before.hash, n, when, new.actor, new.kind, new.item, data))  # fmt: skip


def first_break(events: Iterable[Event], kept: Head | None) -> str | None:
    """What is wrong with a whole log, in one line, or None. ``events`` come in the order of n, from the first.

    Finds a changed byte, a removed row, a row put in, and, against the head kept outside the store, a tail cut off.
    """
    before = Head(0, GENESIS)
    kept_seen = kept is None or kept.n == 0
    for event in events:
        if event.n != before.n + 1:
            return f"line {before.n + 1} is missing (the next one is {event.n})"
        wanted = chain_hash(before.hash, event.n, event.at, event.actor, event.kind, event.item, event.data)
        if wanted != event.hash:
            return f"line {event.n} was changed, or a line was put in or removed before it"
        if kept is not None and kept.n == event.n:
            if kept.hash != event.hash:
                return f"line {event.n} is not the one whose hash was kept outside the store"
            kept_seen = True
        before = Head(event.n, event.hash)
    if not kept_seen and kept is not None:
        return f"the log ends at line {before.n}, but line {kept.n} was written: its end was cut off"
    return None


def digest(text: str, salt: str) -> str:
    """What the log holds instead of a text or name. The salt lies with the text and goes when the text is erased."""
    return hashlib.sha256((salt + "\x00" + text).encode("utf-8", "surrogatepass")).hexdigest()
