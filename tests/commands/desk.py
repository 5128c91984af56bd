"""What the tests of commands share: comments that come in, the courier's hand, and looks at how things stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cminbox.channels.base import Sent
from cminbox.commands.base import Result
from cminbox.courier import outbox as courier
from cminbox.domain import item as life
from cminbox.domain.config import ChannelConfig, Config, OperatorConfig, Places
from cminbox.domain.event import Event, NewEvent
from cminbox.domain.item import Item, Standing
from cminbox.domain.outgoing import Outgoing
from cminbox.domain.text import Safe
from cminbox.store.protocol import Store, Tx
from tests.store.making import NOW, add, item

SENDING_CHANNEL = "blog"
"""Isso, as it is configured here: answers are sent, 3 to 500 characters."""
MANUAL_CHANNEL = "paper"
"""Not in the configuration: an import."""


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def go(self, **span: float) -> None:
        self.at += timedelta(**span)


def config(home: Path) -> Config:
    places = Places(config=home / "config.toml", data=home, state=home, log=home / "cminbox.log",
                    snippets=home / "snippets", themes=home / "themes", keys=home / "keys")  # fmt: skip
    blog = ChannelConfig(name=SENDING_CHANNEL, kind="isso", brand="acme", account="Acme", can=frozenset({"reply"}),
                         max_length=500, min_length=3)  # fmt: skip
    return Config(operator=OperatorConfig(name="mina", display_name="Mina"), store_url="", places=places,
                  channels=(blog,))  # fmt: skip


class Desk:
    """Hands that are not a command's: those of the author, of the platform, of the courier."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def comes_in(self, *remote_ids: str, **fields: Any) -> list[int]:
        """New comments; their ids."""
        made = [item(remote_id, **fields) for remote_id in remote_ids]
        return [one.id for one in await self.store.write(lambda tx: add(tx, *made))]

    async def one(self, **fields: Any) -> int:
        """One new comment; its id."""
        (made,) = await self.comes_in("c1", **fields)
        return made

    async def is_removed(self, item_id: int) -> None:
        """Its author removes the comment."""
        await self._changes(item_id, lambda it, now: life.withdrawn(it, now), "removed")

    async def is_edited(self, item_id: int) -> None:
        """Its author changes the comment."""
        await self._changes(
            item_id, lambda it, now: life.rewritten(it, Safe("Other words."), frozenset(), now), "edited"
        )

    async def _changes(self, item_id: int, change: Callable[[Item, datetime], Item], kind: str) -> None:
        def work(tx: Tx) -> None:
            before = tx.item(item_id)
            assert before is not None
            after = change(before, tx.now())
            tx.save_item(after)
            told = {"from": Standing.of(before).to_json(), "to": Standing.of(after).to_json()}
            tx.append(NewEvent(kind, "courier", item_id, told))

        await self.store.write(work)

    # -- the courier, by its own functions; each does nothing where the act stands otherwise ---------------

    async def is_leaving(self, act: int) -> None:
        await self.store.write(lambda tx: courier.claim(tx, act, 1))

    async def is_live(self, act: int) -> None:
        await self.is_leaving(act)
        await self.store.write(lambda tx: courier.live(tx, act, Sent(f"r{act}"), "Acme", found=False))

    async def is_uncertain(self, act: int) -> None:
        await self.is_leaving(act)
        await self.store.write(lambda tx: courier.uncertain(tx, act, "no answer in time"))

    async def has_failed(self, act: int, why: str = "403: comments are closed") -> None:
        await self.is_leaving(act)
        await self.store.write(lambda tx: courier.failed(tx, act, why))

    async def is_put_off(self, act: int) -> None:
        """The platform was away: queued again."""
        await self.is_leaving(act)
        await self.store.write(lambda tx: courier.later(tx, act, "connection refused"))

    # -- looking ----------------------------------------------------------------------------------------------

    async def item(self, item_id: int) -> Item:
        found = await self.store.read(lambda r: r.item(item_id))
        assert found is not None
        return found

    async def standing(self, item_id: int) -> tuple[str, str | None, str | None]:
        """Status, outcome, assignee."""
        it = await self.item(item_id)
        return it.status.value, it.outcome and it.outcome.value, it.assignee

    async def acts(self, item_id: int) -> list[Outgoing]:
        return await self.store.read(lambda r: r.outgoing_of(item_id))

    async def act(self, act_id: int) -> Outgoing:
        found = await self.store.read(lambda r: r.outgoing(act_id))
        assert found is not None
        return found

    async def log(self, item_id: int | None = None) -> list[Event]:
        return await self.store.read(lambda r: r.events(item=item_id))

    async def last_event(self) -> Event:
        return (await self.log())[-1]

    async def holder(self, item_id: int) -> str | None:
        lease = await self.store.read(lambda r: r.item_lease(item_id))
        return lease.holder if lease else None

    async def draft(self, item_id: int, operator: str = "mina") -> str | None:
        draft = await self.store.read(lambda r: r.draft(item_id, operator))
        return draft.text if draft else None


async def rows(result: Result) -> list[dict[str, Any]]:
    """The rows of a result, whether they are listed or streamed."""
    given = result.rows
    assert given is not None
    if isinstance(given, Sequence):
        return [dict(row) for row in given]
    return [dict(row) async for row in given]


def one(result: Result) -> dict[str, Any]:
    assert result.one is not None
    return dict(result.one)


def printed(result: Result, row: dict[str, Any]) -> str:
    """How a row reads on a terminal."""
    assert result.text is not None
    text = result.text(row)
    assert isinstance(text, Safe)
    return text
