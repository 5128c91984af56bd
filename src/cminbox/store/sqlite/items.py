"""Items with their texts, origins, authors and posts."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from cminbox.domain.errors import NotFoundError, RefusedError
from cminbox.domain.item import Author, FeedRow, Item, Kind, Media, Outcome, Post, Priority, Status
from cminbox.domain.text import Raw
from cminbox.store.protocol import Origin
from cminbox.store.sqlite.base import ReaderBase
from cminbox.store.sqlite.tallies import ItemCell
from cminbox.store.sqlite.threads import ThreadWriter
from cminbox.store.sqlite.values import (
    blob,
    id_list,
    instant,
    kept,
    micros,
    opt_instant,
    opt_kept,
    opt_micros,
    packed,
    preview,
    storable,
    stored_preview,
    unblob,
)

STATE = (
    "brand", "kind", "parent_remote_id", "author", "post", "lang", "rating", "created_at", "received_at", "edited_at",
    "removed_at", "held", "seen", "status", "outcome", "assignee", "intent", "priority", "due_at", "due_kind",
    "snoozed_until", "arrived_done",
)  # fmt: skip
"""The columns of ``item`` that may change."""
TEXT = ("handle", "name", "url", "marks", "media", "preview", "text")
ITEM = (
    "SELECT item.id, item.channel, item.remote_id, item.thread,"
    f" {', '.join(f'item.{name}' for name in STATE)},"
    " author.remote_id, item_text.handle, item_text.name, item_text.url, item_text.marks, item_text.media,"
    " item_text.text, post.remote_id, post.title, post.url"
    " FROM item JOIN item_text ON item_text.item = item.id"
    " LEFT JOIN author ON author.id = item.author LEFT JOIN post ON post.id = item.post"
)
FEED = (
    "SELECT item.id, item.channel, item.kind, coalesce(t.name, t.handle), coalesce(post.title, post.url),"
    " coalesce(t.preview, t.text), item.lang, item.rating, item.created_at, item.due_at, item.status, item.outcome,"
    " item.seen, item.held, item.edited_at, item.removed_at, t.marks, item.assignee,"
    " (SELECT holder FROM item_lease WHERE item_lease.item = item.id AND until > ?),"
    " (SELECT json_group_array(operator) FROM draft WHERE draft.item = item.id),"
    " (SELECT state FROM outgoing WHERE outgoing.item = item.id ORDER BY outgoing.id DESC LIMIT 1)"
    " FROM item JOIN item_text AS t ON t.item = item.id LEFT JOIN post ON post.id = item.post"
)
ADD_ITEM = (
    f"INSERT INTO item (channel, remote_id, thread, done_at, {', '.join(STATE)})"
    f" VALUES (?, ?, ?, ?, {', '.join('?' * len(STATE))})"
)
ADD_TEXT = f"INSERT INTO item_text (item, {', '.join(TEXT)}) VALUES (?, {', '.join('?' * len(TEXT))})"
HEARTBEAT = frozenset({"seen"})
"""What may change without an event."""
IN_THREAD = frozenset({"text", "marks", "name", "handle", "edited_at", "removed_at"})
"""What a reader of the thread sees of an item."""


def item_of(row: Sequence[Any]) -> Item:
    """An item from a row of :data:`ITEM`."""
    (
        item_id, channel, remote_id, thread,
        brand, kind, parent, _author, post, lang, rating, created, received, edited,
        removed, held, seen, status, outcome, assignee, intent, priority, due_at, due_kind,
        snoozed, arrived_done,
        author_id, handle, name, url, marks, media, text, post_id, title, post_url,
    ) = row  # fmt: skip
    return Item(
        id=item_id, channel=channel, brand=brand, kind=Kind(kind), remote_id=remote_id, parent_remote_id=parent,
        thread=thread, url=opt_kept(url),
        post=None if post is None else Post(post_id, opt_kept(title), opt_kept(post_url)),
        author=Author(author_id, opt_kept(handle), opt_kept(name)),
        text=kept(text), marks=frozenset(marks.split()), lang=lang, rating=rating,
        created_at=instant(created), received_at=instant(received), edited_at=opt_instant(edited),
        removed_at=opt_instant(removed), held=bool(held), seen=bool(seen), status=Status(status),
        outcome=Outcome(outcome) if outcome else None, assignee=assignee or None, intent=intent,
        priority=Priority(priority), due_at=opt_instant(due_at), due_kind=due_kind, snoozed_until=opt_instant(snoozed),
        media=_media_of(media) if media else (), arrived_done=bool(arrived_done),
    )  # fmt: skip


def _media_of(stored: str) -> tuple[Media, ...]:
    return tuple(Media(m["kind"], kept(m["url"]), opt_kept(m["alt"])) for m in json.loads(stored))


def feed_row_of(row: Sequence[Any]) -> FeedRow:
    """A row of the feed from a row of :data:`FEED`."""
    (
        item_id, channel, kind, author, post, text, lang, rating, created, due_at, status, outcome, seen, held,
        edited, removed, marks, assignee, holder, drafts, act_state,
    ) = row  # fmt: skip
    return FeedRow(
        id=item_id, channel=channel, kind=Kind(kind), author=opt_kept(author), post=opt_kept(post),
        preview=preview(text), lang=lang, rating=rating, created_at=instant(created), due_at=opt_instant(due_at),
        status=Status(status), outcome=Outcome(outcome) if outcome else None, seen=bool(seen), held=bool(held),
        edited=edited is not None, removed=removed is not None, altered=bool(marks), assignee=assignee or None,
        lease_holder=holder, draft_by=frozenset(json.loads(drafts)) if drafts != "[]" else frozenset(),
        act_state=act_state,
    )  # fmt: skip


def _author_ident(author: Author) -> str | None:
    if author.remote_id is not None:
        return f"id:{author.remote_id}"
    if author.handle:
        return f"handle:{author.handle}"
    return f"name:{author.name}" if author.name else None


def _post_ident(post: Post) -> str:
    if post.remote_id is not None:
        return f"id:{post.remote_id}"
    return f"url:{post.url}" if post.url else f"title:{post.title or ''}"


def _state_values(item: Item, author: int | None, post: int | None) -> tuple[Any, ...]:
    """In the order of :data:`STATE`."""
    return (
        item.brand, item.kind.value, item.parent_remote_id, author, post, item.lang, item.rating,
        micros(item.created_at), micros(item.received_at), opt_micros(item.edited_at), opt_micros(item.removed_at),
        int(item.held), int(item.seen), item.status.value, item.outcome.value if item.outcome else None,
        item.assignee or "", item.intent, int(item.priority), opt_micros(item.due_at), item.due_kind,
        opt_micros(item.snoozed_until), int(item.arrived_done),
    )  # fmt: skip


def _text_values(item: Item) -> tuple[str | None, ...]:
    """In the order of :data:`TEXT`. UnstorableError where the item holds something that no column takes."""
    media = packed([asdict(m) for m in item.media]) if item.media else None
    author, text = item.author, item.text
    values = (author.handle, author.name, item.url, " ".join(sorted(item.marks)), media, stored_preview(text), text)
    post = item.post or Post()
    storable(
        "the item",
        (
            *values, item.channel, item.remote_id, item.parent_remote_id, author.remote_id, item.brand, item.lang,
            post.remote_id, post.title, post.url, item.rating, item.assignee, item.intent, item.due_kind,
        ),
    )  # fmt: skip
    return values


def _cell(item: Item) -> ItemCell:
    return (item.status.value, item.channel, item.assignee or "", int(item.seen))


class ItemReader(ReaderBase):
    """Reading items."""

    def item(self, item_id: int) -> Item | None:
        row = self.db.execute(f"{ITEM} WHERE item.id = ?", (item_id,)).fetchone()
        return item_of(row) if row else None

    def items(self, ids: Sequence[int]) -> list[Item]:
        """In the order asked for; those that are not there are left out."""
        rows = self.db.execute(f"{ITEM} WHERE item.id IN (SELECT value FROM json_each(?))", (id_list(ids),))
        found = {row[0]: item_of(row) for row in rows}
        return [found[item_id] for item_id in ids if item_id in found]

    def find_item(self, channel: str, remote_id: str) -> Item | None:
        row = self.db.execute(f"{ITEM} WHERE item.channel = ? AND item.remote_id = ?", (channel, remote_id)).fetchone()
        return item_of(row) if row else None

    def feed_rows(self, ids: Sequence[int]) -> list[FeedRow]:
        """What the feed shows of these items, in the order asked for."""
        sql = f"{FEED} WHERE item.id IN (SELECT value FROM json_each(?))"
        found = {row[0]: feed_row_of(row) for row in self.db.execute(sql, (micros(self.now()), id_list(ids)))}
        return [found[item_id] for item_id in ids if item_id in found]

    def author_items(self, item_id: int, limit: int) -> list[FeedRow]:
        """The newest other items of the same author on the same channel."""
        rows = self.db.execute(
            "SELECT id FROM item WHERE author = (SELECT author FROM item WHERE id = ?) AND id <> ?"
            " ORDER BY created_at DESC, id DESC LIMIT ?",
            (item_id, item_id, limit),
        )
        return self.feed_rows([found for (found,) in rows])

    def origin(self, item_id: int) -> Origin | None:
        row = self.db.execute("SELECT raw, extra FROM item_raw WHERE item = ?", (item_id,)).fetchone()
        return Origin(Raw(unblob(row[0])), json.loads(row[1])) if row else None

    def salt(self, item_id: int) -> str:
        """The salt of this item's digests in the log. NotFoundError when the item's origin was erased."""
        row = self.db.execute("SELECT salt FROM item_raw WHERE item = ?", (item_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"no origin is kept of item {item_id}")
        return str(row[0])

    def open_items(self, channel: str, after: int, limit: int) -> list[Item]:
        """Items of a channel that are not done, by id."""
        rows = self.db.execute(
            f"{ITEM} WHERE item.channel = ? AND item.status <> 'done' AND item.id > ? ORDER BY item.id LIMIT ?",
            (channel, after, limit),
        )
        return [item_of(row) for row in rows]

    def done_items(self, channel: str, since: datetime, after: int, limit: int) -> list[Item]:
        """Items done since then, by id. What came in as done counts as done when it was written."""
        rows = self.db.execute(
            f"{ITEM} WHERE item.channel = ? AND item.done_at >= ? AND item.id > ? ORDER BY item.id LIMIT ?",
            (channel, micros(since), after, limit),
        )
        return [item_of(row) for row in rows]


class ItemWriter(ThreadWriter, ItemReader):
    """Writing items; their tallies and threads follow."""

    def add_item(self, item: Item, origin: Origin) -> Item:
        """Stores a new item: finds its author, post and thread (also where the reply came before its parent).

        RefusedError where (channel, remote_id) is stored already, UnstorableError where a value cannot be stored.
        """
        item = replace(item, arrived_done=item.status is Status.DONE and item.outcome is None)
        texts = _text_values(item)
        taken = "SELECT 1 FROM item WHERE channel = ? AND remote_id = ?"
        if self.db.execute(taken, (item.channel, item.remote_id)).fetchone():
            raise RefusedError(f"{item.channel} {item.remote_id!a} is stored already")
        extra = blob(packed(origin.extra))
        thread = self.join_thread(item.channel, item.remote_id, item.parent_remote_id)
        done_at = micros(item.created_at) if item.status is Status.DONE else None
        state = _state_values(item, self._author(item), self._post(item))
        added = self.db.execute(ADD_ITEM, (item.channel, item.remote_id, thread, done_at, *state))
        item_id = int(added.lastrowid)
        self.db.execute(ADD_TEXT, (item_id, *texts))
        self.db.execute(
            "INSERT INTO item_raw (item, salt, raw, extra) VALUES (?, ?, ?, ?)",
            (item_id, os.urandom(16).hex(), blob(origin.raw), extra),
        )
        self.deltas.moved(None, _cell(item))
        self.must_log(f"item {item_id} came in")
        return replace(item, id=item_id, thread=thread)

    def save_item(self, item: Item) -> None:
        """Writes state, marks, text and times of a stored item; its tallies follow. NotFoundError without one."""
        new_texts = _text_values(item)
        sql = f"SELECT thread, channel, {', '.join(STATE)} FROM item WHERE id = ?"
        row = self.db.execute(sql, (item.id,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no item {item.id}")
        thread, channel, *stored = row
        before = dict(zip(STATE, stored, strict=True))
        after = dict(zip(STATE, _state_values(item, self._author(item), self._post(item)), strict=True))
        touched = any(before[name] != after[name] for name in ("status", "outcome"))
        after["arrived_done"] = 0 if touched else before["arrived_done"]
        state = {name: value for name, value in after.items() if before[name] != value}
        if "status" in state:
            state["done_at"] = micros(self.now()) if item.status is Status.DONE else None
        self._update("item", "id", item.id, state)
        texts = self._changed_texts(item.id, new_texts)
        self._update("item_text", "item", item.id, texts)
        if state.keys() & {"status", "assignee", "seen"}:
            was = (before["status"], channel, before["assignee"], before["seen"])
            self.deltas.moved(was, (after["status"], channel, after["assignee"], after["seen"]))
        if "parent_remote_id" in state:
            thread = self.rejoin_thread(channel, item.remote_id, thread, item.parent_remote_id)
        if (state.keys() | texts.keys()) & IN_THREAD:
            self.touch_thread(thread)
        if texts or state.keys() - HEARTBEAT:
            self.must_log(f"item {item.id} was changed")

    def save_origin(self, item_id: int, origin: Origin) -> None:
        """The raw text behind an edit, and the fields beside it; the salt stays."""
        values = (blob(origin.raw), blob(packed(origin.extra)), item_id)
        if not self.db.execute("UPDATE item_raw SET raw = ?, extra = ? WHERE item = ?", values).rowcount:
            raise NotFoundError(f"no origin is kept of item {item_id}")
        self.must_log(f"the origin of item {item_id} was changed")

    def _changed_texts(self, item_id: int, new: tuple[str | None, ...]) -> dict[str, str | None]:
        old = self.db.execute(f"SELECT {', '.join(TEXT)} FROM item_text WHERE item = ?", (item_id,)).fetchone()
        return {name: after for name, before, after in zip(TEXT, old, new, strict=True) if before != after}

    def _update(self, table: str, key: str, item_id: int, values: dict[str, Any]) -> None:
        # only what differs: an UPDATE rewrites every index whose column it names
        if values:
            sets = ", ".join(f"{name} = ?" for name in values)
            self.db.execute(f"UPDATE {table} SET {sets} WHERE {key} = ?", (*values.values(), item_id))

    def _author(self, item: Item) -> int | None:
        ident = _author_ident(item.author)
        if ident is None:
            return None
        row = self.db.execute("SELECT id FROM author WHERE channel = ? AND ident = ?", (item.channel, ident)).fetchone()
        if row:
            return int(row[0])
        sql = "INSERT INTO author (channel, ident, remote_id) VALUES (?, ?, ?)"
        return int(self.db.execute(sql, (item.channel, ident, item.author.remote_id)).lastrowid)

    def _post(self, item: Item) -> int | None:
        post = item.post
        if post is None:
            return None
        ident = _post_ident(post)
        found = self.db.execute(
            "SELECT id, title, url FROM post WHERE channel = ? AND ident = ?", (item.channel, ident)
        ).fetchone()
        if found is None:
            sql = "INSERT INTO post (channel, ident, remote_id, title, url) VALUES (?, ?, ?, ?, ?)"
            return int(self.db.execute(sql, (item.channel, ident, post.remote_id, post.title, post.url)).lastrowid)
        post_id, title, url = found
        # a post is one thing with one title: the newest that we were told stands for all its items
        newest = (post.title or title, post.url or url)
        if newest != (title, url):
            self.db.execute("UPDATE post SET title = ?, url = ? WHERE id = ?", (*newest, post_id))
            self.must_log(f"post {post_id} was renamed")
        return int(post_id)
