"""Batches: a hundred entries a transaction, and one that cannot be taken costs only itself.

Where an entry spoils its batch, the batch is rolled back and taken one by one; the culprit is set aside, with why.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from cminbox.channels.base import Broken, Comment
from cminbox.courier.failpoint import FailpointError, reach
from cminbox.courier.ingest import Batch, Intake
from cminbox.courier.lease import LeaseLost, fenced
from cminbox.courier.tally import Tally
from cminbox.domain.errors import CminboxError, StoreError
from cminbox.store.protocol import Store, Tx

BATCH = 100
"""Entries a transaction: one sync of the disk for all of them, and a lock that is short enough for the screens."""

_logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Taking:
    """Takes the entries of one page or file in.

    ``fence``: the courier's, asked in each transaction. ``last`` is part of the last one and is given the whole tally.
    ``refused`` is told of an entry that cannot be taken, by its place and the reason, instead of setting it aside.
    """

    store: Store
    intake: Intake
    fence: int | None = None
    last: Callable[[Tx, Tally], None] | None = None
    refused: Callable[[int, str], None] | None = None
    tally: Tally = field(default_factory=Tally)

    async def take(self, entries: Sequence[Comment | Broken]) -> Tally:
        """All of them. Raises LeaseLost and StoreError; what was taken until then stays."""
        parts = [entries[start : start + BATCH] for start in range(0, len(entries), BATCH)] or [entries]
        for number, part in enumerate(parts):
            await self._part(part, number * BATCH, ends=number == len(parts) - 1)
        return self.tally

    async def _part(self, part: Sequence[Comment | Broken], start: int, *, ends: bool) -> None:
        try:
            await self._write(part, ends=ends)
            return
        except (StoreError, LeaseLost, FailpointError):
            raise
        except Exception as error:
            _logger.info("a batch of %s is taken one by one: %s", self.intake.channel, type(error).__name__)
        for place, entry in enumerate(part, start):
            await self._alone(entry, place)
        if ends:
            await self._write([], ends=True)

    async def _alone(self, entry: Comment | Broken, place: int) -> None:
        try:
            await self._write([entry])
        except (StoreError, LeaseLost):
            raise
        except Exception as error:
            why = _why(error)
            if self.refused is not None:
                self.refused(place, why)
            else:
                await self._write([_as_broken(entry, why)])

    async def _write(self, entries: Sequence[Comment | Broken], *, ends: bool = False) -> None:
        def work(tx: Tx) -> Tally:
            if self.fence is not None:
                fenced(tx, self.fence)
            batch = Batch(tx.now())
            for entry in entries:
                self.intake.take(tx, entry, batch)
            if ends and self.last is not None:
                self.last(tx, Tally.sum(self.tally, batch.tally))
            reach("page")
            return batch.tally

        self.tally = Tally.sum(self.tally, await self.store.write(work))
        reach("paged")


def _why(error: Exception) -> str:
    """The reason in our own words: what the error says may be what a stranger wrote."""
    if isinstance(error, CminboxError):
        return str(error)
    return f"cannot be taken in ({type(error).__name__})"


def _as_broken(entry: Comment | Broken, why: str) -> Broken:
    if isinstance(entry, Broken):
        return entry
    return Broken(entry.remote_id, why, json.dumps(asdict(entry), default=repr, ensure_ascii=True))
