"""What we know of a channel between two looks at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Health(StrEnum):
    """How the last look went. The words of ``channels --json``."""

    NEVER = "never"
    OK = "ok"
    AUTH = "auth"
    LIMITED = "limited"
    UNREACHABLE = "unreachable"
    GONE = "gone"
    ERROR = "error"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """The courier's notes on one channel. ``error`` and ``todo`` are one clean line each."""

    name: str
    health: Health = Health.NEVER
    error: str | None = None
    todo: str | None = None
    since: datetime | None = None
    """Comments older than this came in as done."""
    first_look_done: bool = False
    last_ok_at: datetime | None = None
    next_at: datetime | None = None
    """Not looked at again before this (poll, back-off, Retry-After)."""
    retry_after_until: datetime | None = None
    """The platform asked for silence until then; no request at all before it."""
    failures: int = 0
    cursor: dict[str, Any] = field(default_factory=dict)
    """The connector's own; kept with the page that was fully committed."""
    can: frozenset[str] = frozenset()
    account: str | None = None
    """Whose name speaks there, as the platform knows it."""
    own_ids: frozenset[str] = frozenset()
    """The platform's ids of our account. Ours is told by these, never by a name."""
    quarantined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFacts:
    """What is known of a kind of channel without connecting: a connector declares it as its ``FACTS``."""

    kind: str
    title: str
    can: frozenset[str]
    """The verbs it may offer at best: reply, like, hide, … What an item allows is told per item."""
    needs_url: bool = True
    needs_token: bool = False
    max_length: int | None = None
    min_length: int = 0
    """What is shorter (without white space at the end) is refused by the platform."""
    counts: str = "characters"
    """How the platform counts length: characters (code points), graphemes, utf16, bytes."""
    options: dict[str, str] = field(default_factory=dict)
    """Its own settings: name → what it is (``list of str``, ``str``, ``int``, ``bool``) and what for."""
