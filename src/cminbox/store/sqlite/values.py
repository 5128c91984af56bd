"""Between Python's values and SQLite's: instants, kept text, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cminbox.domain.text import Safe
from cminbox.store.protocol import UnstorableError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LARGEST = 2**63 - 1
JOINERS = "\u200d\ufe0e\ufe0f"
PREVIEW = 300
"""Characters that a row of the feed needs at most (:class:`cminbox.domain.item.FeedRow`)."""


def micros(at: datetime) -> int:
    """An aware instant as microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def opt_micros(at: datetime | None) -> int | None:
    return None if at is None else (at - EPOCH) // MICROSECOND


def instant(value: int) -> datetime:
    """Microseconds since 1970 as an aware instant in UTC."""
    return EPOCH + timedelta(microseconds=value)


def opt_instant(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + timedelta(microseconds=value)


def kept(text: str) -> Safe:
    """Text that was Safe when it was stored, and so is when it is read. The store's only maker of Safe."""
    return Safe(text)


def opt_kept(text: str | None) -> Safe | None:
    return None if text is None else Safe(text)


def preview(text: str) -> Safe:
    """The text on one line, cut to what a row of the feed can show."""
    return kept(" ".join(text[: 4 * PREVIEW].split())[:PREVIEW].rstrip(JOINERS + " "))


def stored_preview(text: str) -> str | None:
    """What to keep beside a long text, so that a row of the feed need not read all of it."""
    return preview(text) if len(text) > 2 * PREVIEW else None


def packed(data: Any) -> str:
    """Small JSON."""
    return json.dumps(data, separators=(",", ":"), sort_keys=True)


def blob(text: str) -> bytes:
    """Text that may hold anything, lone surrogates and NUL included, exactly."""
    return text.encode("utf-8", "surrogatepass")


def unblob(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def storable(what: str, values: Iterable[Any]) -> None:
    """UnstorableError where a value does not fit into a column (a lone surrogate, NUL, a number beyond 64 bits)."""
    texts = []
    for value in values:
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, int) and not -LARGEST <= value <= LARGEST:
            raise UnstorableError(f"{what} holds a number that is too large")
    # in one go: this runs for every comment that comes in
    together = " ".join(texts)
    if "\x00" in together or not _encodes(together):
        raise UnstorableError(f"{what} holds a character that no store takes (NUL or half a character)")


def _encodes(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def id_list(ids: Sequence[int]) -> str:
    """Ids as one parameter, for ``IN (SELECT value FROM json_each(?))``."""
    return "[" + ",".join(map(str, ids)) + "]"
