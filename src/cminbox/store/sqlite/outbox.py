"""Outgoing acts: a row before the first byte leaves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cminbox.domain.errors import NotFoundError, RefusedError
from cminbox.domain.item import Standing
from cminbox.domain.outgoing import ActKind, ActState, Outgoing
from cminbox.store.sqlite.base import ReaderBase, TxBase
from cminbox.store.sqlite.values import instant, micros, opt_instant, opt_micros, packed, storable

COLUMNS = (
    "item", "channel", "kind", "text", "snippet", "operator", "state", "key", "remote_id", "url", "attempts", "error",
    "queued_at", "not_before", "first_attempt_at", "last_attempt_at", "live_at", "fence", "wait", "before",
)  # fmt: skip
SELECT = f"SELECT id, {', '.join(COLUMNS)} FROM outgoing"
COURIER = "sync"
"""The process lease of the courier: an act that is being sent under another fence was left by one that is gone."""
NEXT = (
    f"{SELECT} WHERE state = 'queued' AND not_before <= ? AND channel IN (SELECT value FROM json_each(?))"
    " ORDER BY id LIMIT 1"
)
DUE = "SELECT min(not_before) FROM outgoing WHERE state = 'queued' AND channel IN (SELECT value FROM json_each(?))"
LEFT_BEHIND = (
    f"{SELECT} WHERE state = 'sending' AND channel IN (SELECT value FROM json_each(?))"
    " AND fence IS NOT (SELECT fence FROM process_lease WHERE name = ? AND owner <> '') ORDER BY id LIMIT 1"
)


def act_of(row: Sequence[Any]) -> Outgoing:
    """An act from a row of :data:`SELECT`."""
    (
        act_id, item, channel, kind, text, snippet, operator, state, key, remote_id, url, attempts, error,
        queued_at, not_before, first, latest, live_at, fence, wait, before,
    ) = row  # fmt: skip
    return Outgoing(
        id=act_id, item=item, channel=channel, kind=ActKind(kind), text=text, snippet=snippet, operator=operator,
        state=ActState(state), key=key, remote_id=remote_id, url=url, attempts=attempts, error=error,
        queued_at=instant(queued_at), not_before=instant(not_before), first_attempt_at=opt_instant(first),
        last_attempt_at=opt_instant(latest), live_at=opt_instant(live_at), fence=fence, wait=bool(wait),
        before=Standing.from_json(json.loads(before)),
    )  # fmt: skip


def _values(act: Outgoing) -> tuple[Any, ...]:
    return (
        act.item, act.channel, act.kind.value, act.text, act.snippet, act.operator, act.state.value, act.key,
        act.remote_id, act.url, act.attempts, act.error, micros(act.queued_at), micros(act.not_before),
        opt_micros(act.first_attempt_at), opt_micros(act.last_attempt_at), opt_micros(act.live_at), act.fence,
        int(act.wait), packed(act.before.to_json()),
    )  # fmt: skip


class OutboxReader(ReaderBase):
    """Reading outgoing acts."""

    def outgoing(self, act_id: int) -> Outgoing | None:
        row = self.db.execute(f"{SELECT} WHERE id = ?", (act_id,)).fetchone()
        return act_of(row) if row else None

    def outgoing_of(self, item_id: int) -> list[Outgoing]:
        """Oldest first."""
        return [act_of(row) for row in self.db.execute(f"{SELECT} WHERE item = ? ORDER BY id", (item_id,))]

    def outbox(self, states: frozenset[ActState], *, channel: str | None = None, limit: int = 500) -> list[Outgoing]:
        """Newest first."""
        if not states:
            return []
        lane, values = f"{SELECT} WHERE state = ?", list[Any]()
        if channel is not None:
            lane += " AND channel = ?"
        for state in sorted(states):
            values += [state.value] if channel is None else [state.value, channel]
        sql = " UNION ALL ".join([lane] * len(states)) + " ORDER BY 1 DESC LIMIT ?"
        return [act_of(row) for row in self.db.execute(sql, (*values, limit))]

    def next_to_send(self, now: datetime, channels: Sequence[str]) -> Outgoing | None:
        """The oldest act that is queued and due, or was being sent by a courier that is gone, on these channels."""
        names = json.dumps(list(channels))
        found = [
            self.db.execute(NEXT, (micros(now), names)).fetchone(),
            self.db.execute(LEFT_BEHIND, (names, COURIER)).fetchone(),
        ]
        rows = [row for row in found if row]
        return act_of(min(rows)) if rows else None

    def next_due(self, channels: Sequence[str]) -> datetime | None:
        """When the next queued act of these channels is due."""
        row = self.db.execute(DUE, (json.dumps(list(channels)),)).fetchone()
        return opt_instant(row[0])


class OutboxWriter(TxBase, OutboxReader):
    """Writing outgoing acts."""

    def add_outgoing(self, act: Outgoing) -> Outgoing:
        """Stores a new act. RefusedError where one with the same key is stored already."""
        storable("the reply", (act.text, act.snippet, act.operator, act.key, act.remote_id, act.url, act.error))
        self.need_item(act.item)
        if self.db.execute("SELECT 1 FROM outgoing WHERE key = ?", (act.key,)).fetchone():
            raise RefusedError("an outgoing act with this key is stored already")
        row = self.db.execute(
            f"INSERT INTO outgoing ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))}) RETURNING id",
            _values(act),
        ).fetchone()
        self.deltas.act(None, act.state.value)
        self.must_log(f"outgoing {row[0]} was written")
        stored = self.outgoing(row[0])
        assert stored is not None
        return stored

    def save_outgoing(self, act: Outgoing) -> None:
        """RefusedError where the text differs from the one stored: what is on its way cannot be changed."""
        storable("the reply", (act.remote_id, act.url, act.error))
        row = self.db.execute("SELECT text, state FROM outgoing WHERE id = ?", (act.id,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no outgoing {act.id}")
        text, state = row
        if text != act.text:
            raise RefusedError(f"outgoing {act.id}: a text on its way cannot be changed")
        sets = ", ".join(f"{name} = ?" for name in COLUMNS)
        self.db.execute(f"UPDATE outgoing SET {sets} WHERE id = ?", (*_values(act), act.id))
        if state != act.state.value:
            self.deltas.act(state, act.state.value)
        self.must_log(f"outgoing {act.id} was changed")
