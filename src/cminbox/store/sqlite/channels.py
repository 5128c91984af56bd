"""The courier's notes on channels, and what could not be taken in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from cminbox.domain.channel import ChannelState, Health
from cminbox.store.protocol import Quarantined
from cminbox.store.sqlite.base import ReaderBase, TxBase
from cminbox.store.sqlite.values import blob, instant, micros, opt_instant, opt_micros, packed, storable

COLUMNS = (
    "name", "health", "error", "todo", "since", "first_look_done", "last_ok_at", "next_at",
    "retry_after_until", "failures", "cursor", "can", "account", "own_ids",
)  # fmt: skip
STATE = (
    f"SELECT {', '.join(COLUMNS)}, coalesce((SELECT count FROM quarantine_tally AS q WHERE q.channel = name), 0)"
    " FROM channel"
)
LONGEST_PAYLOAD = 256 * 1024
"""So much of a broken item is kept at most, in characters."""


def _state_of(row: Sequence[Any]) -> ChannelState:
    (
        name, health, error, todo, since, first, last_ok, next_at, retry_after, failures, cursor, can, account, own_ids,
        aside,
    ) = row  # fmt: skip
    return ChannelState(
        name=name, health=Health(health), error=error, todo=todo, since=opt_instant(since),
        first_look_done=bool(first), last_ok_at=opt_instant(last_ok), next_at=opt_instant(next_at),
        retry_after_until=opt_instant(retry_after), failures=failures, cursor=json.loads(cursor),
        can=frozenset(json.loads(can)), account=account, own_ids=frozenset(json.loads(own_ids)), quarantined=aside,
    )  # fmt: skip


class ChannelReader(ReaderBase):
    """Reading the notes."""

    def channel_state(self, name: str) -> ChannelState:
        """The notes on a channel; the blank ones where it was never looked at."""
        row = self.db.execute(f"{STATE} WHERE name = ?", (name,)).fetchone()
        if row:
            return _state_of(row)
        aside = self.db.execute("SELECT count FROM quarantine_tally WHERE channel = ?", (name,)).fetchone()
        return ChannelState(name=name, quarantined=aside[0] if aside else 0)

    def channel_states(self) -> list[ChannelState]:
        """By name."""
        return [_state_of(row) for row in self.db.execute(f"{STATE} ORDER BY name")]

    def quarantine(self, channel: str, limit: int = 50) -> list[Quarantined]:
        """Newest first."""
        rows = self.db.execute(
            "SELECT channel, remote_id, reason, at FROM quarantine WHERE channel = ? ORDER BY id DESC LIMIT ?",
            (channel, limit),
        )
        return [Quarantined(name, remote_id, reason, instant(at)) for name, remote_id, reason, at in rows]


class ChannelWriter(TxBase, ChannelReader):
    """Writing the notes."""

    def save_channel_state(self, state: ChannelState) -> None:
        """Heartbeat, no event needed. ``quarantined`` is the store's own number and not written."""
        storable("the channel", (state.name, state.error, state.todo, state.failures, state.account))
        sets = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
        self.db.execute(
            f"INSERT INTO channel ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
            f" ON CONFLICT DO UPDATE SET {sets}",
            (state.name, state.health.value, state.error, state.todo, opt_micros(state.since),
             int(state.first_look_done), opt_micros(state.last_ok_at), opt_micros(state.next_at),
             opt_micros(state.retry_after_until), state.failures, packed(state.cursor), packed(sorted(state.can)),
             state.account, packed(sorted(state.own_ids))),
        )  # fmt: skip

    def set_aside(self, entry: Quarantined, payload: str) -> None:
        """Keeps a broken item once (by channel, id and reason) and counts it. Needs an event when it is new."""
        data = blob(payload[:LONGEST_PAYLOAD])
        remote_id = entry.remote_id
        if remote_id is not None:
            # the id of a broken item may itself be what is broken
            remote_id = blob(remote_id).decode("utf-8", "replace").replace("\x00", "\ufffd")
        ident = f"id:{remote_id}" if remote_id is not None else f"sha256:{hashlib.sha256(data).hexdigest()}"
        row = self.db.execute(
            "INSERT INTO quarantine (channel, remote_id, ident, reason, at, payload) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING RETURNING id",
            (entry.channel, remote_id, ident, entry.reason, micros(entry.at), data),
        ).fetchone()
        if row:
            self.db.execute(
                "INSERT INTO quarantine_tally (channel, count) VALUES (?, 1)"
                " ON CONFLICT DO UPDATE SET count = count + 1",
                (entry.channel,),
            )
            self.must_log(f"an item of {entry.channel} was set aside")
