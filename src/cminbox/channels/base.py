"""What a connector is: it yields what stands on the platform, sends what it is given, and finds it again.

A platform is one file that holds ``FACTS`` (:class:`~cminbox.domain.channel.KindFacts`) and a class ``Connector``
with the methods of :class:`Connector` here. It raises the errors of :mod:`cminbox.http`; what they mean for an answer
on its way is decided in the courier. All texts and names it yields are ``Raw``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from cminbox.domain.channel import KindFacts
from cminbox.domain.config import ChannelConfig
from cminbox.domain.item import Kind
from cminbox.domain.text import Raw

__all__ = [
    "Broken",
    "Comment",
    "Connector",
    "Found",
    "KindFacts",
    "Page",
    "Ref",
    "Sending",
    "Sent",
    "Session",
    "on_platform",
    "reissued",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One message as the platform shows it now."""

    remote_id: str
    parent_remote_id: str | None = None
    """None where the parent is the post itself."""
    kind: Kind = Kind.COMMENT
    author_id: str | None = None
    author_handle: Raw | None = None
    author_name: Raw | None = None
    post_id: str | None = None
    post_title: Raw | None = None
    post_url: Raw | None = None
    text: Raw
    html: bool = False
    """The text is HTML and becomes text at the door."""
    lang: str | None = None
    rating: int | None = None
    url: Raw | None = None
    created_at: datetime | None
    """The platform's instant; None: it does not say."""
    edited_at: datetime | None = None
    removed: bool = False
    held: bool = False
    own: bool = False
    """Our account wrote it, told by an id (one that we sent, or the account's), never by a name."""
    media: tuple[tuple[str, str, str | None], ...] = ()
    """(kind, url, alt)."""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry of a page that cannot be understood. It is set aside; the others come in."""

    remote_id: str | None
    reason: str
    payload: str


@dataclass(frozen=True, slots=True)
class Page:
    """What one look brought. ``cursor`` is kept in the same transaction as the comments."""

    entries: Sequence[Comment | Broken]
    cursor: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ref:
    """An item that we have, to be looked at again."""

    remote_id: str
    parent_remote_id: str | None
    post_id: str | None
    post_url: str | None
    author_id: str | None
    created_at: datetime
    extra: dict[str, Any]
    held: bool = False
    """It waits for moderation there, as far as we know; its instant may then be ours."""
    text: str | None = None
    """What it said when we last saw it, as it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """An answer on its way. ``key`` is the same at every try."""

    to: Ref
    text: str
    key: str
    first_attempt_at: datetime
    known_ids: frozenset[str] = frozenset()
    """Remote ids of our own messages that belong to other acts: never taken for this one at read-back."""
    learned: dict[str, Any] = field(default_factory=dict)
    """What earlier sendings taught (:attr:`Sent.learned`)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it and gave it an id. ``held``: it waits there for moderation."""

    remote_id: str
    url: str | None = None
    held: bool = False
    created_at: datetime | None = None
    """The platform's instant."""
    note: str | None = None
    """One line for a person where it does not stand quite as it should."""
    learned: dict[str, Any] = field(default_factory=dict)
    """What this sending taught about the platform; kept, and given back with every later :class:`Sending`."""


@dataclass(frozen=True, slots=True)
class Found:
    """What read-back says. ``sent`` None and ``sure``: every place where it could stand was seen, and it does not. It
    cannot come any more once :attr:`Connector.quiet` is over since the last attempt: that the courier sees to."""

    sent: Sent | None
    sure: bool


@dataclass(frozen=True, slots=True)
class Session:
    """What a first look tells of the account."""

    account: str | None
    own_ids: frozenset[str] = frozenset()
    can: frozenset[str] = frozenset()


def reissued(remote_id: str, created_at: datetime) -> str:
    """How we call a message whose id belonged to another one before: ``17~1795283723155419`` (microseconds)."""
    micros = (created_at - _EPOCH) // timedelta(microseconds=1)
    return f"{remote_id}~{micros}"


def on_platform(remote_id: str) -> str:
    """The platform's own id of a message that may be called as in :func:`reissued`."""
    return remote_id.partition("~")[0]


class Connector(Protocol):
    """One channel, connected. ``async with`` it; closing ends its connections."""

    quiet: timedelta
    """How long after a failed try the platform may still be at work on it. Read-back is sure only after that."""
    reuses_ids: bool
    """The platform gives the id of a deleted message out again; then ``created_at`` tells two of one id apart, and the
    later one is kept as :func:`reissued`."""

    def __init__(self, config: ChannelConfig, secret: str | None) -> None: ...
    async def __aenter__(self) -> Connector: ...
    async def __aexit__(self, *exc: object) -> None: ...
    async def hello(self) -> Session:
        """Who we are there and what we may do. Cheap; part of every first look and of ``channels test``."""
        ...

    def pages(self, cursor: dict[str, Any], since: datetime) -> AsyncIterator[Page]:
        """What is new or changed since the cursor, oldest first where the platform can, with overlap; bounded."""
        ...

    async def recheck(self, refs: Sequence[Ref]) -> Sequence[Comment]:
        """These items as they stand now (``removed`` where they are gone). What cannot be told is left out."""
        ...

    async def send(self, act: Sending) -> Sent:
        """Posts the answer, once. Raises the errors of http; NotSent only where surely nothing left."""
        ...

    async def find(self, act: Sending) -> Found:
        """Looks for an answer whose sending ended unclear."""
        ...
