"""The append-only log: lines bound by hashes (:mod:`cminbox.domain.event`)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from cminbox.domain.event import GENESIS, Event, Head, NewEvent, chained, digest
from cminbox.store.sqlite.base import ReaderBase, TxBase
from cminbox.store.sqlite.values import id_list, storable

COLUMNS = "n, at, actor, kind, item, data, hash"
CHUNK = 1000


def read_head(db: Any) -> Head:
    """The end of the chain."""
    row = db.execute("SELECT n, hash FROM log ORDER BY n DESC LIMIT 1").fetchone()
    return Head(*row) if row else Head(0, GENESIS)


class LogReader(ReaderBase):
    """Reading the log."""

    def head(self) -> Head:
        """The end of the chain."""
        return read_head(self.db)

    def event(self, n: int) -> Event | None:
        row = self.db.execute(f"SELECT {COLUMNS} FROM log WHERE n = ?", (n,)).fetchone()
        return Event(*row) if row else None

    def events(self, *, after: int = 0, item: int | None = None, limit: int = 1000) -> list[Event]:
        """Lines in their order, from the one after ``after``."""
        if item is None:
            rows = self.db.execute(f"SELECT {COLUMNS} FROM log WHERE n > ? ORDER BY n LIMIT ?", (after, limit))
        else:
            rows = self.db.execute(
                f"SELECT {COLUMNS} FROM log WHERE item = ? AND n > ? ORDER BY n LIMIT ?", (item, after, limit)
            )
        return [Event(*row) for row in rows]

    def words_of(self, ns: Sequence[int]) -> dict[int, str]:
        """What people said with these lines, by line; those without words, or whose words were erased, are left out."""
        sql = "SELECT n, words FROM remark WHERE n IN (SELECT value FROM json_each(?))"
        return dict(self.db.execute(sql, (id_list(ns),)).fetchall())

    def every_event(self) -> Iterator[Event]:
        """The whole log from its first line, a few at a time."""
        after = 0
        while chunk := self.events(after=after, limit=CHUNK):
            yield from chunk
            after = chunk[-1].n

    def last_events(self, *, actor: str | None = None, item: int | None = None, limit: int = 50) -> list[Event]:
        """Newest first."""
        where, values = ["1"], list[Any]()
        if item is not None:
            where.append("item = ?")
            values.append(item)
        if actor is not None:
            # the unary plus keeps the item's index, which is the narrower one
            where.append("+actor = ?" if item is not None else "actor = ?")
            values.append(actor)
        sql = f"SELECT {COLUMNS} FROM log WHERE {' AND '.join(where)} ORDER BY n DESC LIMIT ?"
        return [Event(*row) for row in self.db.execute(sql, (*values, limit))]


class LogWriter(TxBase, LogReader):
    """Writing the log: only ever at its end."""

    def append(self, event: NewEvent) -> Event:
        """The event as it stands in the log. What a person said with it is kept beside it, under a salt of its own."""
        salt = ""
        if event.words is not None:
            storable("what was said", (event.words,))
            salt = os.urandom(16).hex()
            event = replace(event, data={**event.data, "words": digest(event.words, salt)})
        line = chained(self.head_now, self.now(), event)
        self.db.execute(
            f"INSERT INTO log ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (line.n, line.at, line.actor, line.kind, line.item, line.data, line.hash),
        )
        if event.words is not None:
            self.db.execute("INSERT INTO remark (n, words, salt) VALUES (?, ?, ?)", (line.n, event.words, salt))
        self.head_now = Head(line.n, line.hash)
        return line
