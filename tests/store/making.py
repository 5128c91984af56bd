"""Things to store, made with one call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cminbox.domain.event import NewEvent
from cminbox.domain.item import Author, Item, Standing, Status
from cminbox.domain.outgoing import ActState, Outgoing
from cminbox.domain.text import Raw, Safe
from cminbox.store.protocol import Origin, OwnMessage, Tx

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
NOBODY = Standing(Status.NEW, None, None)


def item(remote_id: str | int, **fields: Any) -> Item:
    given = {
        "channel": "blog",
        "author": Author("7", Safe("vera"), Safe("Vera")),
        "text": Safe(f"comment {remote_id}"),
        "created_at": NOW,
        "received_at": NOW,
    }
    return Item(remote_id=str(remote_id), **(given | fields))


def add(tx: Tx, *items: Item) -> list[Item]:
    """Adds items and tells the log."""
    added = [tx.add_item(one, Origin(Raw(one.text), {})) for one in items]
    tx.append(NewEvent("ingested", "sync", None, {"items": len(items)}))
    return added


def save(tx: Tx, changed: Item) -> Item:
    tx.save_item(changed)
    tx.append(NewEvent("changed", "mina", changed.id))
    return changed


def act(of: Item, key: str, **fields: Any) -> Outgoing:
    given = {
        "channel": of.channel,
        "text": "Thank you!",
        "operator": "mina",
        "state": ActState.QUEUED,
        "queued_at": NOW,
        "not_before": NOW,
        "before": NOBODY,
    }
    return Outgoing(item=of.id, key=key, **(given | fields))


def send(tx: Tx, new: Outgoing) -> Outgoing:
    stored = tx.add_outgoing(new)
    tx.append(NewEvent("queued", new.operator, new.item, {"outgoing": stored.id}))
    return stored


def move(tx: Tx, stored: Outgoing, state: ActState, **fields: Any) -> Outgoing:
    changed = replace(stored, state=state, **fields)
    tx.save_outgoing(changed)
    tx.append(NewEvent(state.value, "sync", stored.item, {"outgoing": stored.id}))
    return changed


def own(remote_id: str, parent: str | None = None, **fields: Any) -> OwnMessage:
    given = {"channel": "blog", "author_name": Safe("Mina"), "text": Safe("We are on it."), "created_at": NOW}
    return OwnMessage(remote_id=remote_id, parent_remote_id=parent, **(given | fields))


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)
