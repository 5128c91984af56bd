"""What a store can do. SQLite is behind it today; whatever passes tests/store/ may be tomorrow.

Reading and writing are whole functions that run in a store thread: ``await store.read(lambda r: r.item(7))`` and
``await store.write(fn)``, where ``fn(tx)`` is one transaction, committed when it returns and rolled back when it
raises. No await can stand inside a transaction, so cancelling a task cannot leave one open; a cancelled caller must
look again, since the function may have run to its end.

Inside a transaction every change must be told in the log: a transaction that changed something and appended no event
is rolled back with AssertionError. (Heartbeats are excepted: process leases, item leases, channel notes, drafts,
seen marks.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from cminbox.domain.channel import ChannelState
from cminbox.domain.draft import Draft
from cminbox.domain.errors import CminboxError, StoreError
from cminbox.domain.event import Event, Head, NewEvent
from cminbox.domain.item import FeedRow, Item, ItemLease
from cminbox.domain.lease import ProcessLease
from cminbox.domain.outgoing import ActState, Outgoing
from cminbox.domain.text import Raw, Safe
from cminbox.domain.thread import Node, ThreadEntry
from cminbox.domain.view import Selection

T = TypeVar("T")


class StoreNewerError(StoreError):
    """The store was written by a newer cminbox. It was not touched."""

    exit_code = 2


class UnstorableError(CminboxError):
    """A value that no column takes (NUL, a lone surrogate, a number beyond 64 bits). Nothing was changed, and the
    transaction goes on: the item can be set aside."""


@dataclass(frozen=True, slots=True)
class Place:
    """An item's place in the order of a selection: its sort key and its id. Opaque but for the id."""

    key: tuple[int, ...]
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMessage:
    """What our account wrote, as the platform shows it. No item: it stands in its thread."""

    id: int = 0
    channel: str
    remote_id: str
    parent_remote_id: str | None
    thread: int = 0
    author_name: Safe | None
    text: Safe
    created_at: datetime
    edited_at: datetime | None = None
    removed_at: datetime | None = None
    outgoing: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What an item was made from, kept beside it: the raw text, and fields that we have no place for."""

    raw: Raw
    extra: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An item that could not be taken in, set aside with the reason."""

    channel: str
    remote_id: str | None
    reason: str
    at: datetime


class Reader(Protocol):
    """Reads one consistent state. Nothing here costs more because the store has grown (but for ``words``)."""

    def now(self) -> datetime:
        """The store's clock."""

    def item(self, item_id: int) -> Item | None: ...
    def items(self, ids: Sequence[int]) -> list[Item]:
        """In the order asked for; those that are not there are left out."""

    def find_item(self, channel: str, remote_id: str) -> Item | None: ...
    def origin(self, item_id: int) -> Origin | None: ...
    def salt(self, item_id: int) -> str:
        """The salt of this item's digests in the log."""

    def feed_rows(self, ids: Sequence[int]) -> list[FeedRow]: ...
    def page(self, selection: Selection, *, after: Place | None = None, before: Place | None = None,
             last: bool = False, limit: int = 50) -> list[Place]:  # fmt: skip
        """Ids by key, in the selection's order: the first ``limit`` (after a place), those just before a place, or the
        last ones. Never by offset."""

    def place(self, selection: Selection, item_id: int) -> Place | None:
        """Where an item stands in a selection, or None where it is not in it."""

    def tally(self, selection: Selection) -> int | None:
        """How many, from kept tallies; None where no tally is kept for such a selection."""

    def channels_seen(self) -> list[str]:
        """Every channel name that has items."""

    def thread_nodes(self, thread: int) -> list[Node]: ...
    def thread_entries(self, keys: Sequence[int]) -> list[ThreadEntry]: ...
    def thread_head(self, thread: int) -> int:
        """A number that changes when a message comes into the thread or changes there."""

    def author_items(self, item_id: int, limit: int) -> list[FeedRow]:
        """The newest other items of the same author on the same channel."""

    def find_own(self, channel: str, remote_id: str) -> OwnMessage | None: ...

    def outgoing(self, act_id: int) -> Outgoing | None: ...
    def outgoing_of(self, item_id: int) -> list[Outgoing]:
        """Oldest first."""

    def outbox(self, states: frozenset[ActState], *, channel: str | None = None,
               limit: int = 500) -> list[Outgoing]:  # fmt: skip
        """Newest first."""

    def outbox_tally(self) -> dict[ActState, int]:
        """How many acts of each unfinished state."""

    def next_to_send(self, now: datetime, channels: Sequence[str]) -> Outgoing | None:
        """The oldest act, on one of the channels, that is queued and due or was being sent by a courier now gone."""

    def next_due(self, channels: Sequence[str]) -> datetime | None:
        """When the next queued act of these channels is due."""

    def draft(self, item_id: int, operator: str) -> Draft | None: ...
    def item_lease(self, item_id: int) -> ItemLease | None:
        """A lease whose time is over is no lease."""

    def process_lease(self, name: str) -> ProcessLease | None: ...
    def channel_state(self, name: str) -> ChannelState: ...
    def channel_states(self) -> list[ChannelState]: ...
    def quarantine(self, channel: str, limit: int = 50) -> list[Quarantined]: ...
    def open_items(self, channel: str, after: int, limit: int) -> list[Item]:
        """Items of a channel that are not done, by id, for looking at them again."""

    def done_items(self, channel: str, since: datetime, after: int, limit: int) -> list[Item]:
        """Items done since then, by id."""

    def head(self) -> Head: ...
    def events(self, *, after: int = 0, item: int | None = None, limit: int = 1000) -> list[Event]: ...
    def words_of(self, ns: Sequence[int]) -> dict[int, str]:
        """What people said with these lines of the log, by line."""

    def every_event(self) -> Iterator[Event]: ...
    def last_events(self, *, actor: str | None = None, item: int | None = None, limit: int = 50) -> list[Event]:
        """Newest first."""

    def event(self, n: int) -> Event | None: ...


class Tx(Reader, Protocol):
    """One writing transaction."""

    def append(self, event: NewEvent) -> Event: ...
    def add_item(self, item: Item, origin: Origin) -> Item:
        """Stores a new item: finds its author, post and thread (also where the reply came before its parent)."""

    def save_item(self, item: Item) -> None:
        """Writes state, marks, text and times of a stored item; its tallies follow. ``arrived_done`` is the store's:
        it ends with any change of status or outcome."""

    def save_origin(self, item_id: int, origin: Origin) -> None: ...
    def add_own(self, message: OwnMessage) -> OwnMessage: ...
    def save_own(self, message: OwnMessage) -> None: ...
    def add_outgoing(self, act: Outgoing) -> Outgoing: ...
    def save_outgoing(self, act: Outgoing) -> None:
        """RefusedError where the text differs from the one stored: what is on its way cannot be changed."""

    def save_draft(self, draft: Draft) -> None: ...
    def drop_draft(self, item_id: int, operator: str) -> None: ...
    def take_item_lease(self, item_id: int, holder: str, seconds: float, *, steal: bool = False) -> ItemLease:
        """The lease as it is afterwards: the holder's own, or that of whoever was there before."""

    def drop_item_lease(self, item_id: int, holder: str) -> None: ...
    def take_process_lease(self, name: str, owner: str, seconds: float) -> ProcessLease | None:
        """Taken or prolonged in one guarded statement; None while another holds it. A new holder gets a new fence."""

    def drop_process_lease(self, name: str, owner: str) -> None: ...
    def check_fence(self, name: str, fence: int) -> None:
        """RefusedError when somebody else holds the lease by now: roll back everything that this page wrote."""

    def save_channel_state(self, state: ChannelState) -> None: ...
    def set_aside(self, entry: Quarantined, payload: str) -> None:
        """Keeps a broken item once (by channel, id and reason) and counts it in the channel's state."""


class Store(Protocol):
    """A store that is open. One writer, readers apart from it."""

    async def read(self, fn: Callable[[Reader], T]) -> T: ...
    async def write(self, fn: Callable[[Tx], T]) -> T: ...
    async def version(self) -> int:
        """A number that changes when any process has committed; costs microseconds."""

    async def close(self) -> None: ...
    async def backup(self, target: str) -> None:
        """An online copy, checked, moved into place at the end."""

    def facts(self) -> dict[str, str]:
        """What doctor tells: engine, version, journal mode, durability, where it lies."""

    async def verify(self) -> str | None:
        """What is wrong with the log, in one line, or None: the chain itself, and against the head kept outside."""
