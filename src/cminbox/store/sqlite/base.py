"""What every family of tables builds on: a connection, a clock, and the notes of one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cminbox.domain.errors import NotFoundError
from cminbox.domain.event import Head

if TYPE_CHECKING:
    from cminbox.store.sqlite.tallies import Deltas

Clock = Callable[[], datetime]


class ReaderBase:
    """Holds the connection for as long as one function runs in the store's thread."""

    def __init__(self, db: Any, clock: Clock) -> None:
        # of the library that engine.py chose; its types have no stubs of their own
        self.db = db
        self._clock = clock

    def now(self) -> datetime:
        """The store's clock."""
        return self._clock()


class TxBase(ReaderBase):
    """The same for a writing transaction, with what has to be settled at its end."""

    deltas: Deltas
    head_before: Head
    head_now: Head
    changed: str | None
    """The first change that the log has to tell of."""

    def need_item(self, item_id: int) -> None:
        """NotFoundError where there is no such item."""
        if not self.db.execute("SELECT 1 FROM item WHERE id = ?", (item_id,)).fetchone():
            raise NotFoundError(f"there is no item {item_id}")

    def must_log(self, what: str) -> None:
        """Notes a change that needs an event in the same transaction."""
        if self.changed is None:
            self.changed = what
