"""Threads: messages of others (items) and of our own account, bound together by who answered whom.

Every message has a thread from the start. All messages that name the same parent are in one thread, even before that
parent has come; so linking a newcomer needs three look-ups, whatever the thread's size. Where two threads turn out to
be one, the smaller is moved into the larger (n log n moves in all).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cminbox.domain.errors import NotFoundError, RefusedError
from cminbox.domain.item import Author
from cminbox.domain.thread import Node, ThreadEntry
from cminbox.store.protocol import OwnMessage
from cminbox.store.sqlite.base import ReaderBase, TxBase
from cminbox.store.sqlite.values import (
    id_list,
    instant,
    kept,
    micros,
    opt_instant,
    opt_kept,
    opt_micros,
    storable,
)

TABLES = ("item", "own_message")
OF_MESSAGE = "SELECT * FROM (SELECT thread FROM {} WHERE channel = ?1 AND remote_id = ?{} LIMIT 1)"
OF_SIBLINGS = "SELECT * FROM (SELECT thread FROM {} WHERE channel = ?1 AND parent_remote_id = ?{} LIMIT 1)"
CHILDREN = " UNION ".join(OF_SIBLINGS.format(table, 2) for table in TABLES)
"""The threads of messages that wait for message ?2: at most one each, since all siblings are in one thread."""
FAMILY = " UNION ".join([CHILDREN, *(sql.format(table, 3) for sql in (OF_MESSAGE, OF_SIBLINGS) for table in TABLES)])
"""The same, and the threads of its parent ?3 and of those that answered that."""
NODES = (
    "SELECT id, remote_id, parent_remote_id, created_at FROM item WHERE thread = ?1"
    " UNION ALL SELECT -id, remote_id, parent_remote_id, created_at FROM own_message WHERE thread = ?1"
)
OF_OTHERS = (
    "SELECT item.id, item.remote_id, parent_remote_id, author.remote_id, handle, name, text, created_at, edited_at,"
    " removed_at FROM item JOIN item_text ON item_text.item = item.id LEFT JOIN author ON author.id = item.author"
    " WHERE item.id IN (SELECT value FROM json_each(?))"
)
OUR_OWN = (
    "SELECT -m.id, m.remote_id, m.parent_remote_id, m.author_name, m.text, m.created_at, m.edited_at, m.removed_at,"
    " outgoing.operator FROM own_message AS m LEFT JOIN outgoing ON outgoing.id = m.outgoing"
    " WHERE m.id IN (SELECT value FROM json_each(?))"
)
OWN = "id, channel, remote_id, parent_remote_id, thread, author_name, text, created_at, edited_at, removed_at, outgoing"


class ThreadReader(ReaderBase):
    """Reading threads and our own messages."""

    def thread_nodes(self, thread: int) -> list[Node]:
        """Every message of a thread, without texts, in no order (:func:`cminbox.domain.thread.arranged` makes it)."""
        return [Node(*row) for row in self.db.execute(NODES, (thread,))]

    def thread_entries(self, keys: Sequence[int]) -> list[ThreadEntry]:
        """Messages by their keys, in the order asked for; those that are not there are left out."""
        found: dict[int, ThreadEntry] = {}
        if theirs := [key for key in keys if key > 0]:
            for row in self.db.execute(OF_OTHERS, (id_list(theirs),)):
                key, remote_id, parent, author_id, handle, name, text, created, edited, removed = row
                found[key] = ThreadEntry(
                    key=key, remote_id=remote_id, parent_remote_id=parent,
                    author=Author(author_id, opt_kept(handle), opt_kept(name)), text=kept(text),
                    created_at=instant(created), edited_at=opt_instant(edited), removed_at=opt_instant(removed),
                    ours=False, item=key,
                )  # fmt: skip
        if ours := [-key for key in keys if key < 0]:
            for row in self.db.execute(OUR_OWN, (id_list(ours),)):
                key, remote_id, parent, name, text, created, edited, removed, operator = row
                found[key] = ThreadEntry(
                    key=key, remote_id=remote_id, parent_remote_id=parent, author=Author(name=opt_kept(name)),
                    text=kept(text), created_at=instant(created), edited_at=opt_instant(edited),
                    removed_at=opt_instant(removed), ours=True, item=None, operator=operator,
                )  # fmt: skip
        return [found[key] for key in keys if key in found]

    def thread_head(self, thread: int) -> int:
        """A number that changes when a message comes into the thread or changes there; 0 without such a thread."""
        row = self.db.execute("SELECT head FROM thread WHERE id = ?", (thread,)).fetchone()
        return int(row[0]) if row else 0

    def find_own(self, channel: str, remote_id: str) -> OwnMessage | None:
        sql = f"SELECT {OWN} FROM own_message WHERE channel = ? AND remote_id = ?"
        row = self.db.execute(sql, (channel, remote_id)).fetchone()
        return _own_of(row) if row else None


class ThreadWriter(TxBase, ThreadReader):
    """Linking messages, and writing our own."""

    def add_own(self, message: OwnMessage) -> OwnMessage:
        """Stores what our account wrote. RefusedError where (channel, remote_id) is stored already as ours."""
        _check(message)
        if self.find_own(message.channel, message.remote_id):
            raise RefusedError(f"{message.channel} {message.remote_id!a} is stored already")
        thread = self.join_thread(message.channel, message.remote_id, message.parent_remote_id)
        row = self.db.execute(
            "INSERT INTO own_message (channel, remote_id, parent_remote_id, thread, author_name, text, created_at,"
            " edited_at, removed_at, outgoing) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            f" RETURNING {OWN}",
            (message.channel, message.remote_id, message.parent_remote_id, thread, message.author_name, message.text,
             micros(message.created_at), opt_micros(message.edited_at), opt_micros(message.removed_at),
             message.outgoing),
        ).fetchone()  # fmt: skip
        self.must_log(f"our message {row[0]} came in")
        return _own_of(row)

    def save_own(self, message: OwnMessage) -> None:
        """Writes text, times and the outgoing act of a stored message. NotFoundError without one."""
        _check(message)
        row = self.db.execute("SELECT thread FROM own_message WHERE id = ?", (message.id,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no message {message.id} of ours")
        self.db.execute(
            "UPDATE own_message SET author_name = ?, text = ?, edited_at = ?, removed_at = ?, outgoing = ?"
            " WHERE id = ?",
            (message.author_name, message.text, opt_micros(message.edited_at), opt_micros(message.removed_at),
             message.outgoing, message.id),
        )  # fmt: skip
        self.touch_thread(row[0])
        self.must_log(f"our message {message.id} was changed")

    def join_thread(self, channel: str, remote_id: str, parent: str | None) -> int:
        """The thread of a message that is about to be stored, grown by one; a new one where it knows nobody."""
        known = self._around(channel, remote_id, parent)
        if not known:
            return int(self.db.execute("INSERT INTO thread (size, head) VALUES (1, 1)").lastrowid)
        thread = self._merged(known)
        self.db.execute("UPDATE thread SET size = size + 1, head = head + 1 WHERE id = ?", (thread,))
        return thread

    def rejoin_thread(self, channel: str, remote_id: str, thread: int, parent: str | None) -> int:
        """The thread of a stored message after its parent was learnt. Threads only ever grow together."""
        thread = self._merged([*{thread, *self._around(channel, remote_id, parent)}])
        self.touch_thread(thread)
        return thread

    def touch_thread(self, thread: int) -> None:
        """Tells readers that something in the thread is different now."""
        self.db.execute("UPDATE thread SET head = head + 1 WHERE id = ?", (thread,))

    def _around(self, channel: str, remote_id: str, parent: str | None) -> list[int]:
        if parent is None or parent == remote_id:
            rows = self.db.execute(CHILDREN, (channel, remote_id))
        else:
            rows = self.db.execute(FAMILY, (channel, remote_id, parent))
        return [thread for (thread,) in rows]

    def _merged(self, threads: Sequence[int]) -> int:
        if len(threads) == 1:
            return threads[0]
        sql = "SELECT id, size, head FROM thread WHERE id IN (SELECT value FROM json_each(?))"
        rows = sorted(self.db.execute(sql, (id_list(threads),)), key=lambda row: (-row[1], row[0]))
        largest = int(rows[0][0])
        for smaller, _size, _head in rows[1:]:
            for table in TABLES:
                self.db.execute(f"UPDATE {table} SET thread = ? WHERE thread = ?", (largest, smaller))
            self.db.execute("DELETE FROM thread WHERE id = ?", (smaller,))
        size, head = sum(row[1] for row in rows), max(row[2] for row in rows) + 1
        self.db.execute("UPDATE thread SET size = ?, head = ? WHERE id = ?", (size, head, largest))
        return largest


def _check(message: OwnMessage) -> None:
    storable(
        "the message",
        (message.channel, message.remote_id, message.parent_remote_id, message.author_name, message.text),
    )


def _own_of(row: Sequence[Any]) -> OwnMessage:
    own_id, channel, remote_id, parent, thread, name, text, created, edited, removed, outgoing = row
    return OwnMessage(
        id=own_id, channel=channel, remote_id=remote_id, parent_remote_id=parent, thread=thread,
        author_name=opt_kept(name), text=kept(text), created_at=instant(created), edited_at=opt_instant(edited),
        removed_at=opt_instant(removed), outgoing=outgoing,
    )  # fmt: skip
