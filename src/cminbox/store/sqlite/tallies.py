"""Kept tallies: how many items of which status, channel, assignee; how many outgoing acts of which state.

A transaction collects what it changes and writes the differences at its end, so that a batch of a thousand new items
costs a handful of rows.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from cminbox.domain.outgoing import UNFINISHED, ActState
from cminbox.domain.view import Selection
from cminbox.store.sqlite.base import ReaderBase

ItemCell = tuple[str, str, str, int]
"""Status, channel, assignee ("" for nobody), seen."""


class Deltas:
    """What one transaction changed in the tallies."""

    def __init__(self) -> None:
        self.items: Counter[ItemCell] = Counter()
        self.acts: Counter[str] = Counter()

    def moved(self, before: ItemCell | None, after: ItemCell) -> None:
        """An item came into a cell, from another one or (``before`` None) as new."""
        if before is not None:
            self.items[before] -= 1
        self.items[after] += 1

    def act(self, before: str | None, after: str) -> None:
        """The same for an outgoing act's state."""
        if before is not None:
            self.acts[before] -= 1
        self.acts[after] += 1

    def write(self, db: Any) -> None:
        """Adds the differences to the kept tallies."""
        cells = [(*cell, n) for cell, n in self.items.items() if n]
        acts = [(state, n) for state, n in self.acts.items() if n]
        if cells:
            db.executemany(
                "INSERT INTO tally (status, channel, assignee, seen, count) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET count = count + excluded.count",
                cells,
            )
            db.executemany(
                "DELETE FROM tally WHERE status = ? AND channel = ? AND assignee = ? AND seen = ? AND count = 0",
                [cell[:4] for cell in cells],
            )
        if acts:
            db.executemany(
                "INSERT INTO outgoing_tally (state, count) VALUES (?, ?)"
                " ON CONFLICT DO UPDATE SET count = count + excluded.count",
                acts,
            )


class TallyReader(ReaderBase):
    """Numbers that were kept, never counted."""

    def tally(self, selection: Selection) -> int | None:
        """How many items are in the selection; None where that cannot be told from kept tallies."""
        s = selection
        if s.author is not None or s.lang is not None or s.words or s.ids is not None or s.flags:
            return None
        where, values = ["1"], list[Any]()
        if s.statuses is not None:
            where.append(f"status IN ({', '.join('?' * len(s.statuses))})")
            values.extend(sorted(s.statuses))
        if s.channel is not None:
            where.append("channel = ?")
            values.append(s.channel)
        if s.assignee is not None:
            where.append("assignee = ?")
            values.append(s.assignee)
        found = self.db.execute(f"SELECT coalesce(sum(count), 0) FROM tally WHERE {' AND '.join(where)}", values)
        return int(found.fetchone()[0])

    def channels_seen(self) -> list[str]:
        """Every channel name that has items, sorted."""
        return [name for (name,) in self.db.execute("SELECT DISTINCT channel FROM tally ORDER BY channel")]

    def outbox_tally(self) -> dict[ActState, int]:
        """How many acts of each unfinished state; states without any are left out."""
        rows = self.db.execute("SELECT state, count FROM outgoing_tally WHERE count > 0")
        return {ActState(state): n for state, n in rows if state in UNFINISHED}
