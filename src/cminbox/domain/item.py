"""An item: one comment, reply, mention, review or message that somebody outside wrote, and its life here.

The states and what may follow what are those of CONTRACT.md, "An item, as JSON". Functions return a changed copy or
raise :class:`~cminbox.domain.errors.RefusedError`; they know no store and no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from cminbox.domain.errors import RefusedError
from cminbox.domain.text import Safe


class Kind(StrEnum):
    """What the platform calls the text."""

    COMMENT = "comment"
    REPLY = "reply"
    MENTION = "mention"
    REVIEW = "review"
    MESSAGE = "message"


class Status(StrEnum):
    """Where an item stands with us. Seen or not is a mark of its own."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    DONE = "done"


class Outcome(StrEnum):
    """How a done item ended."""

    ANSWERED = "answered"
    LIKED = "liked"
    HIDDEN = "hidden"
    REMOVED = "removed"
    SPAM = "spam"
    IGNORED = "ignored"
    WITHDRAWN = "withdrawn"


class Priority(IntEnum):
    """Smaller is more urgent, so that an ascending index gives the order of the feed."""

    HIGH = 0
    NORMAL = 1
    LOW = 2

    @property
    def word(self) -> str:
        """The word of CONTRACT.md: high, normal or low."""
        return self.name.lower()


ACTIVE = frozenset({Status.NEW, Status.OPEN})
"""The statuses of the inbox: somebody here has to do something."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote it. ``remote_id`` is what lasts; handle and name are what the person chose to show."""

    remote_id: str | None = None
    handle: Safe | None = None
    name: Safe | None = None

    @property
    def shown(self) -> Safe | None:
        """The name a reader knows the author by."""
        return self.name or self.handle


@dataclass(frozen=True, slots=True)
class Post:
    """What was commented on: an article, a video, a product, a topic."""

    remote_id: str | None = None
    title: Safe | None = None
    url: Safe | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, film or sound that hangs on an item. Never fetched, only named."""

    kind: str
    url: Safe
    alt: Safe | None = None


@dataclass(frozen=True, slots=True)
class ItemLease:
    """Who is at an item at the moment, and until when without another key (store's clock)."""

    holder: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One comment and its state. All instants are aware and in UTC. ``id`` 0 means: not stored yet."""

    id: int = 0
    channel: str
    brand: str | None = None
    kind: Kind = Kind.COMMENT
    remote_id: str
    parent_remote_id: str | None = None
    thread: int = 0
    url: Safe | None = None
    post: Post | None = None
    author: Author = field(default_factory=Author)
    text: Safe
    marks: frozenset[str] = frozenset()
    """What the door changed in the text (:class:`cminbox.text.sanitize.Cleaned`), e.g. ``{"bidi"}``."""
    lang: str | None = None
    rating: int | None = None
    created_at: datetime
    received_at: datetime
    edited_at: datetime | None = None
    removed_at: datetime | None = None
    held: bool = False
    seen: bool = False
    status: Status = Status.NEW
    outcome: Outcome | None = None
    assignee: str | None = None
    intent: str | None = None
    priority: Priority = Priority.NORMAL
    due_at: datetime | None = None
    due_kind: str | None = None
    snoozed_until: datetime | None = None
    media: tuple[Media, ...] = ()
    arrived_done: bool = False
    """It came in as done without outcome (older than ``since``), and nobody dealt with it since. The store keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """What one row of the feed shows, and no more: ``preview`` is at most 300 characters on one line."""

    id: int
    channel: str
    kind: Kind
    author: Safe | None
    post: Safe | None
    preview: Safe
    lang: str | None
    rating: int | None
    created_at: datetime
    due_at: datetime | None
    status: Status
    outcome: Outcome | None
    seen: bool
    held: bool
    edited: bool
    removed: bool
    altered: bool
    assignee: str | None
    lease_holder: str | None
    draft_by: frozenset[str]
    act_state: str | None
    """State of the newest outgoing reply, if any (:class:`cminbox.domain.outgoing.ActState` value)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The part of an item that an act changes and that undo and a taken-back answer put back."""

    status: Status
    outcome: Outcome | None
    assignee: str | None

    @classmethod
    def of(cls, item: Item) -> Standing:
        return cls(item.status, item.outcome, item.assignee)

    def to_json(self) -> dict[str, Any]:
        return {"status": self.status.value, "outcome": self.outcome and self.outcome.value, "assignee": self.assignee}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Standing:
        outcome = data.get("outcome")
        return cls(Status(data["status"]), Outcome(outcome) if outcome else None, data.get("assignee"))


def put_back(item: Item, standing: Standing) -> Item:
    """The item as it stood before an act."""
    return replace(item, status=standing.status, outcome=standing.outcome, assignee=standing.assignee)


def answer_taken_back(item: Item, before: Standing) -> Item:
    """The answer was taken back in time: the item is where it was before it.

    What happened to the item meanwhile stays: a new assignee (claimed is at least open), and any status that is not
    the answer's own waiting (the author removed the comment, somebody has to look because it failed).
    """
    if item.status is not Status.WAITING:
        return item
    anew = item.assignee is not None and item.assignee != before.assignee
    status = Status.OPEN if anew and before.status is Status.NEW else before.status
    return replace(item, status=status, outcome=before.outcome)


def claimed(item: Item, who: str) -> Item:
    """Claiming makes the item open and sets its assignee; a done one is refused."""
    if item.status is Status.DONE:
        raise RefusedError(f"{item.id} is done: reopen it first (cminbox reopen {item.id})")
    status = Status.OPEN if item.status is Status.NEW else item.status
    return replace(item, status=status, assignee=who)


def answer_queued(item: Item) -> Item:
    """An answer is on its way: the item waits."""
    return replace(item, status=Status.WAITING, outcome=None, seen=True)


def answer_live(item: Item, *, wait: bool = False) -> Item:
    """The answer stands there: done and answered, or waiting for the author where that was asked for."""
    if wait:
        return replace(item, status=Status.WAITING, outcome=None)
    return replace(item, status=Status.DONE, outcome=Outcome.ANSWERED)


def answer_needs_person(item: Item) -> Item:
    """The answer failed or nobody knows whether it stands there: somebody has to look."""
    return replace(item, status=Status.OPEN, outcome=None)


def settled(item: Item, outcome: Outcome | None = None) -> Item:
    """Done, by a person's word. What is done already is refused."""
    if item.status is Status.DONE:
        raise RefusedError(f"{item.id} is done already")
    return replace(item, status=Status.DONE, outcome=outcome, seen=True)


def reopened(item: Item) -> Item:
    """Open again. Only what is done, waiting or snoozed can be reopened."""
    if item.status in ACTIVE:
        raise RefusedError(f"{item.id} is {item.status} already")
    return replace(item, status=Status.OPEN, outcome=None, snoozed_until=None)


def rewritten(item: Item, text: Safe, marks: frozenset[str], at: datetime) -> Item:
    """The author changed the text. A done item opens again, unless it came in as done and nobody dealt with it here."""
    opens = item.status is Status.DONE and not item.arrived_done
    changed = replace(item, text=text, marks=marks, edited_at=at, seen=False)
    return replace(changed, status=Status.OPEN, outcome=None) if opens else changed


def withdrawn(item: Item, at: datetime) -> Item:
    """The author (or the platform) removed it: done and withdrawn, whatever it was; what was answered stays so."""
    outcome = item.outcome if item.status is Status.DONE and item.outcome else Outcome.WITHDRAWN
    return replace(item, removed_at=at, status=Status.DONE, outcome=outcome)
