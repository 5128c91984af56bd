"""What the courier's tests share: a platform in memory, comments, an answer queued as a command would queue it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cminbox.channels.base import Broken, Comment, Found, Page, Ref, Sending, Sent, Session
from cminbox.courier.ingest import Intake
from cminbox.courier.lease import Lease
from cminbox.courier.taking import Taking
from cminbox.courier.tally import Tally
from cminbox.domain import item as life
from cminbox.domain.config import ChannelConfig, Config, OperatorConfig, Places
from cminbox.domain.event import NewEvent
from cminbox.domain.item import Item, Standing
from cminbox.domain.outgoing import ActState, Outgoing
from cminbox.domain.text import Raw
from cminbox.store.protocol import Store, Tx

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def comment(remote_id: str, text: str = "", **fields: Any) -> Comment:
    given = {"author_id": "v", "author_name": Raw("Vera"), "created_at": NOW}
    return Comment(remote_id=remote_id, text=Raw(text or f"comment {remote_id}"), **(given | fields))


def channel_config(name: str = "blog", kind: str = "isso", **fields: Any) -> ChannelConfig:
    return ChannelConfig(name=name, kind=kind, can=frozenset({"reply"}), **({"account": "Team"} | fields))


def config_of(home: Path, *channels: ChannelConfig) -> Config:
    places = Places(config=home / "config.toml", data=home, state=home, log=home / "cminbox.log",
                    snippets=home / "snippets", themes=home / "themes", keys=home / "keys")  # fmt: skip
    return Config(
        operator=OperatorConfig(name="mina", display_name="Mina"), store_url="", places=places, channels=channels
    )


async def take(store: Store, *entries: Comment | Broken, **how: Any) -> Tally:
    """Takes entries in as one page."""
    intake = how.pop("intake", None) or Intake(**({"channel": "blog"} | how))
    return await Taking(store=store, intake=intake).take(entries)


async def item_of(store: Store, remote_id: str, channel: str = "blog") -> Item:
    found = await store.read(lambda r: r.find_item(channel, remote_id))
    assert found is not None, remote_id
    return found


async def queue(store: Store, remote_id: str, text: str, *, channel: str = "blog", wait: bool = False) -> int:
    """An answer as the command ``reply`` writes it; its id."""

    def work(tx: Tx) -> int:
        item = tx.find_item(channel, remote_id)
        assert item is not None
        act = tx.add_outgoing(
            Outgoing(item=item.id, channel=channel, text=text, operator="mina", state=ActState.QUEUED,
                     key=uuid.uuid4().hex, queued_at=tx.now(), not_before=tx.now(), wait=wait,
                     before=Standing.of(item))
        )  # fmt: skip
        tx.save_item(life.answer_queued(item))
        tx.append(NewEvent("queued", "mina", item.id, {"act": act.id}))
        return act.id

    return await store.write(work)


async def act_of(store: Store, act_id: int) -> Outgoing:
    found = await store.read(lambda r: r.outgoing(act_id))
    assert found is not None
    return found


async def kinds(store: Store, item: int | None = None) -> list[str]:
    return [event.kind for event in await store.read(lambda r: r.events(item=item))]


async def held_lease(store: Store) -> Lease:
    lease = Lease(store, "once")
    assert await lease.take() is None
    return lease


@dataclass
class Platform:
    """A connector whose platform is a list. ``faults`` are raised by ``send``, first come first served; a fault that is
    a tuple is raised after the answer was posted."""

    comments: dict[str, Comment] = field(default_factory=dict)
    faults: list[Any] = field(default_factory=list)
    reading: list[Exception] = field(default_factory=list)
    sure: bool = True
    quiet: timedelta = timedelta(seconds=90)
    reuses_ids: bool = False
    posted: list[tuple[str, str]] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    sends: int = 0
    finds: int = 0
    entered: int = 0
    can: frozenset[str] = frozenset({"reply"})

    def put(self, *comments: Comment) -> None:
        for one in comments:
            self.comments[one.remote_id] = one

    async def __aenter__(self) -> Platform:
        self.entered += 1
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def hello(self) -> Session:
        if self.reading:
            raise self.reading.pop(0)
        return Session("Team", frozenset({"us"}), self.can)

    async def pages(self, cursor: dict[str, Any], since: datetime) -> AsyncIterator[Page]:
        if self.reading:
            raise self.reading.pop(0)
        yield Page(list(self.comments.values()), {"seen": len(self.comments)})

    async def recheck(self, refs: Sequence[Ref]) -> Sequence[Comment]:
        if self.reading:
            raise self.reading.pop(0)
        gone = [ref for ref in refs if ref.remote_id not in self.comments]
        return [comment(ref.remote_id, removed=True, created_at=None) for ref in gone]

    async def send(self, act: Sending) -> Sent:
        self.sends += 1
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Exception):
            raise fault
        remote_id = f"p{len(self.posted) + 1}"
        self.posted.append((act.to.remote_id, act.text))
        self.keys[act.key] = remote_id
        if isinstance(fault, tuple):
            raise fault[0]
        return Sent(remote_id, f"https://blog.example/#{remote_id}", created_at=datetime.now(UTC))

    async def find(self, act: Sending) -> Found:
        self.finds += 1
        if self.reading:
            raise self.reading.pop(0)
        remote_id = self.keys.get(act.key)
        return Found(None, self.sure) if remote_id is None else Found(Sent(remote_id), True)
