"""What several platforms need when they turn their words into ours. No platform is named here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from cminbox.channels.base import Broken
from cminbox.http import BadAnswer, NoAnswer, NotSent, Reply, ServerFailed

_PAYLOAD = 64 * 1024


def instant(seconds: Any) -> datetime | None:
    """UNIX seconds, whole or not, as an instant; None for anything else."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def clock_ahead(reply: Reply) -> timedelta:
    """How far the server's clock is ahead of ours, from its Date header (RFC 9110, 6.6.1)."""
    try:
        return parsedate_to_datetime(reply.headers.get("date", "")) - datetime.now(UTC)
    except (ValueError, TypeError):
        return timedelta(0)


def web_origin(named: str | None) -> str | None:
    """Scheme and host of an address that a server names, without anything else of it."""
    if not named or len(named) > 300:
        return None
    try:
        split = urlsplit(named)
    except ValueError:
        return None
    return f"{split.scheme}://{split.netloc}" if split.scheme in ("http", "https") and split.netloc else None


def broken(remote_id: str | None, reason: str, entry: Any) -> Broken:
    """An entry that cannot be understood, with what can be kept of it."""
    return Broken(remote_id, reason, json.dumps(entry, default=repr, ensure_ascii=True)[:_PAYLOAD])


def short(name: str) -> str:
    """A short stand-in for a long name, for a cursor that holds many."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@contextmanager
def before_sending() -> Iterator[None]:
    """What a connector reads before it sends: where that fails, surely nothing was sent, and it raises NotSent."""
    try:
        yield
    except (NoAnswer, BadAnswer, ServerFailed) as fault:
        what = str(fault).removeprefix(f"{fault.host}: ")
        raise NotSent(fault.host, f"{what}; nothing was sent") from fault
