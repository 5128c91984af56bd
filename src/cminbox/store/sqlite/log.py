"""The append-only log: lines bound by hashes (:mod:`cminbox.domain.event`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cminbox.domain.event import GENESIS, Event, Head, NewEvent, chained
from cminbox.store.sqlite.base import ReaderBase, TxBase

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
        """The event as it stands in the log."""
        line = chained(self.head_now, self.now(), event)
        self.db.execute(
            f"INSERT INTO log ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (line.n, line.at, line.actor, line.kind, line.item, line.data, line.hash),
        )
        self.head_now = Head(line.n, line.hash)
        return line
