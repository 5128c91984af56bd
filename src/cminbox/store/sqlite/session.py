"""The reader and the transaction: every family of tables over one connection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from cminbox.domain.event import Head
from cminbox.store import engine
from cminbox.store.head import KeptHead
from cminbox.store.sqlite.base import Clock
from cminbox.store.sqlite.channels import ChannelReader, ChannelWriter
from cminbox.store.sqlite.connection import begin, commit, errors_told, rollback
from cminbox.store.sqlite.desk import DeskReader, DeskWriter
from cminbox.store.sqlite.items import ItemReader, ItemWriter
from cminbox.store.sqlite.log import LogReader, LogWriter, read_head
from cminbox.store.sqlite.outbox import OutboxReader, OutboxWriter
from cminbox.store.sqlite.pages import PageReader
from cminbox.store.sqlite.tallies import Deltas, TallyReader
from cminbox.store.sqlite.threads import ThreadReader

T = TypeVar("T")


class SqliteReader(
    ThreadReader, ItemReader, OutboxReader, DeskReader, ChannelReader, LogReader, PageReader, TallyReader
):
    """:class:`cminbox.store.protocol.Reader` over one connection."""


class SqliteTx(ItemWriter, OutboxWriter, DeskWriter, ChannelWriter, LogWriter, SqliteReader):
    """:class:`cminbox.store.protocol.Tx` over the connection that writes."""

    def __init__(self, db: Any, clock: Clock) -> None:
        super().__init__(db, clock)
        self.deltas = Deltas()
        self.head_before = self.head_now = read_head(db)
        self.changed = None

    def settle(self) -> None:
        """What has to be done before a commit. AssertionError where a change was not told in the log."""
        if self.changed is not None and self.head_now == self.head_before:
            raise AssertionError(f"{self.changed}, and the log was not told")
        self.deltas.write(self.db)


def transact(db: Any, path: Path, clock: Clock, kept: KeptHead, fn: Callable[[SqliteTx], T]) -> T:
    """One transaction from BEGIN IMMEDIATE to COMMIT or ROLLBACK, in the calling thread."""
    with errors_told(path):
        begin(db)
        try:
            tx = SqliteTx(db, clock)
            try:
                result = fn(tx)
                tx.settle()
            finally:
                # whoever keeps the transaction must not write with it outside of one
                del tx.db
            commit(db)
        except BaseException:
            rollback(db)
            raise
    if tx.head_now != tx.head_before:
        kept.advance(tx.head_before, tx.head_now, lambda n: _line(db, n))
    return result


def _line(db: Any, n: int) -> Head | None:
    try:
        row = db.execute("SELECT n, hash FROM log WHERE n = ?", (n,)).fetchone()
    except engine.library().Error:
        # the commit stands, whatever the disk does now
        return None
    return Head(*row) if row else None
