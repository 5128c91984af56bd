"""Items, outgoing acts and log lines as JSON, with the names of CONTRACT.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cminbox.domain.event import Event
from cminbox.domain.item import Author, Item, ItemLease, Post
from cminbox.domain.outgoing import Outgoing
from cminbox.domain.thread import ThreadEntry


def instant(at: datetime | None) -> str | None:
    """An instant as CONTRACT.md writes it: UTC, whole seconds, ``Z``."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def author(who: Author) -> dict[str, Any]:
    """Who wrote it; each part is null where the platform does not tell it."""
    return {"remote_id": who.remote_id, "handle": who.handle, "name": who.name}


def post(about: Post | None) -> dict[str, Any] | None:
    """What was commented on, or null."""
    return None if about is None else {"remote_id": about.remote_id, "title": about.title, "url": about.url}


def item(it: Item, lease: ItemLease | None, replies: Sequence[Outgoing]) -> dict[str, Any]:
    """An item. Tags, notes and follow-ups are named although nothing can make them yet, so that the shape lasts."""
    return {
        "id": it.id,
        "channel": it.channel,
        "brand": it.brand,
        "kind": it.kind.value,
        "remote_id": it.remote_id,
        "url": it.url,
        "post": post(it.post),
        "parent_remote_id": it.parent_remote_id,
        "author": author(it.author),
        "text": it.text,
        "lang": it.lang,
        "rating": it.rating,
        "created_at": instant(it.created_at),
        "received_at": instant(it.received_at),
        "edited_at": instant(it.edited_at),
        "removed_at": instant(it.removed_at),
        "held": it.held,
        "seen": it.seen,
        "status": it.status.value,
        "outcome": it.outcome and it.outcome.value,
        "assignee": it.assignee,
        "intent": it.intent,
        "priority": it.priority.word,
        "due_at": instant(it.due_at),
        "due_kind": it.due_kind,
        "snoozed_until": instant(it.snoozed_until),
        "lease": None if lease is None else {"holder": lease.holder, "until": instant(lease.until)},
        "media": [{"kind": m.kind, "url": m.url, "alt": m.alt} for m in it.media],
        "altered": sorted(it.marks),
        "tags": [],
        "notes": [],
        "replies": [outgoing(act) for act in replies],
        "follow_ups": [],
    }


def outgoing(act: Outgoing) -> dict[str, Any]:
    """An outgoing act. ``due_at`` is when it may leave; ``route`` is named although there is none yet."""
    return {
        "id": act.id,
        "item": act.item,
        "channel": act.channel,
        "kind": act.kind.value,
        "route": None,
        "text": act.text,
        "snippet": act.snippet,
        "operator": act.operator,
        "state": act.state.value,
        "remote_id": act.remote_id,
        "url": act.url,
        "attempts": act.attempts,
        "error": act.error,
        "queued_at": instant(act.queued_at),
        "due_at": instant(act.not_before),
        "live_at": instant(act.live_at),
    }


def event(line: Event, words: str | None = None) -> dict[str, Any]:
    """A line of the log. ``at`` is to the second, as every instant; ``hashed_at`` is what the hash was made over."""
    return {
        "n": line.n,
        "at": f"{line.at[:19]}Z",
        "hashed_at": line.at,
        "actor": line.actor,
        "kind": line.kind,
        "item": line.item,
        "data": line.values(),
        "words": words,
        "hash": line.hash,
    }


def thread_entry(entry: ThreadEntry) -> dict[str, Any]:
    """A message of the thread, ours or not; ``item`` is its number where it is one."""
    return {
        "remote_id": entry.remote_id,
        "parent_remote_id": entry.parent_remote_id,
        "author": author(entry.author),
        "text": entry.text,
        "created_at": instant(entry.created_at),
        "ours": entry.ours,
        "item": entry.item,
    }
