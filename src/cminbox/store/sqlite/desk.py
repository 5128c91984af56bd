"""What lies on an operator's desk and who sits there: drafts, leases of items, leases of processes.

All of this is heartbeat: it comes and goes without a line in the log.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cminbox.domain.draft import Draft
from cminbox.domain.errors import RefusedError
from cminbox.domain.item import ItemLease
from cminbox.domain.lease import ProcessLease
from cminbox.store.sqlite.base import ReaderBase, TxBase
from cminbox.store.sqlite.values import instant, micros, storable

DRAFT = "SELECT item, operator, text, updated_at, snippet, cursor FROM draft"
TAKE_ITEM = (
    "INSERT INTO item_lease (item, holder, until) VALUES (?1, ?2, ?3) ON CONFLICT (item) DO UPDATE"
    " SET holder = ?2, until = ?3 WHERE holder = ?2 OR until <= ?4 OR ?5"
)
TAKE_PROCESS = (
    "INSERT INTO process_lease (name, owner, until, fence) VALUES (?1, ?2, ?3, 1) ON CONFLICT (name) DO UPDATE"
    " SET owner = ?2, until = ?3, fence = fence + (owner <> ?2) WHERE owner = ?2 OR until <= ?4"
    " RETURNING name, owner, until, fence"
)


def _draft_of(row: Any) -> Draft:
    item, operator, text, updated_at, snippet, cursor = row
    return Draft(
        item=item, operator=operator, text=text, updated_at=instant(updated_at), snippet=snippet, cursor=cursor
    )


class DeskReader(ReaderBase):
    """Reading drafts and leases."""

    def draft(self, item_id: int, operator: str) -> Draft | None:
        row = self.db.execute(f"{DRAFT} WHERE item = ? AND operator = ?", (item_id, operator)).fetchone()
        return _draft_of(row) if row else None

    def item_lease(self, item_id: int) -> ItemLease | None:
        """A lease whose time is over is no lease."""
        sql = "SELECT holder, until FROM item_lease WHERE item = ? AND until > ?"
        row = self.db.execute(sql, (item_id, micros(self.now()))).fetchone()
        return ItemLease(row[0], instant(row[1])) if row else None

    def process_lease(self, name: str) -> ProcessLease | None:
        """Who holds the duty, or held it last and did not put it down: ask :meth:`ProcessLease.held`."""
        sql = "SELECT name, owner, until, fence FROM process_lease WHERE name = ? AND owner <> ''"
        row = self.db.execute(sql, (name,)).fetchone()
        return ProcessLease(row[0], row[1], instant(row[2]), row[3]) if row else None


class DeskWriter(TxBase, DeskReader):
    """Writing drafts and leases. Every claim is one guarded statement."""

    def save_draft(self, draft: Draft) -> None:
        """NotFoundError where there is no such item."""
        storable("the draft", (draft.text, draft.snippet, draft.operator))
        self.need_item(draft.item)
        self.db.execute(
            "INSERT INTO draft (item, operator, text, updated_at, snippet, cursor) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET text = excluded.text, updated_at = excluded.updated_at,"
            " snippet = excluded.snippet, cursor = excluded.cursor",
            (draft.item, draft.operator, draft.text, micros(draft.updated_at), draft.snippet, draft.cursor),
        )

    def drop_draft(self, item_id: int, operator: str) -> None:
        self.db.execute("DELETE FROM draft WHERE item = ? AND operator = ?", (item_id, operator))

    def take_item_lease(self, item_id: int, holder: str, seconds: float, *, steal: bool = False) -> ItemLease:
        """The lease as it is afterwards: the holder's own, or whoever was there before. NotFoundError without item."""
        self.need_item(item_id)
        now = self.now()
        until = now + timedelta(seconds=seconds)
        self.db.execute(TAKE_ITEM, (item_id, holder, micros(until), micros(now), int(steal)))
        row = self.db.execute("SELECT holder, until FROM item_lease WHERE item = ?", (item_id,)).fetchone()
        return ItemLease(row[0], instant(row[1]))

    def drop_item_lease(self, item_id: int, holder: str) -> None:
        self.db.execute("DELETE FROM item_lease WHERE item = ? AND holder = ?", (item_id, holder))

    def take_process_lease(self, name: str, owner: str, seconds: float) -> ProcessLease | None:
        """Taken or prolonged in one guarded statement; None while another holds it. A new holder gets a new fence."""
        now: datetime = self.now()
        until = now + timedelta(seconds=seconds)
        row = self.db.execute(TAKE_PROCESS, (name, owner, micros(until), micros(now))).fetchone()
        return ProcessLease(row[0], row[1], instant(row[2]), row[3]) if row else None

    def drop_process_lease(self, name: str, owner: str) -> None:
        """Puts the duty down; its fence stays, so that the next holder gets a higher one."""
        self.db.execute("UPDATE process_lease SET owner = '', until = 0 WHERE name = ? AND owner = ?", (name, owner))

    def check_fence(self, name: str, fence: int) -> None:
        """RefusedError when somebody else holds the lease by now: roll back everything that this page wrote."""
        lease = self.process_lease(name)
        if lease is None or lease.fence != fence:
            raise RefusedError(f"another process took over {name}")
