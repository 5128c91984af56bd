"""One look at a channel: what is new, and whether what we have still stands as we have it.

Bounded in pages and time; the connector's cursor is kept in the same transaction as the page that it belongs to, so a
look that was cut off goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from cminbox.channels.base import Connector, Page, Ref, Session
from cminbox.courier.health import Chance, LookTooLong, went_well
from cminbox.courier.ingest import Intake
from cminbox.courier.lease import Lease, fenced
from cminbox.courier.outbox import ref_of
from cminbox.courier.taking import Taking
from cminbox.courier.tally import Tally
from cminbox.domain.channel import ChannelState
from cminbox.domain.config import ChannelConfig
from cminbox.store.protocol import Reader, Store, Tx

LONGEST = 120.0
"""Seconds that a whole look may take; each request has its own bound (30 s)."""
MOST_PAGES = 200
RECHECKED = 500
"""Items asked for at once when looking at them again."""
OPEN_A_LOOK = 2_000
DONE_A_LOOK = 1_000
_PLACE = "_place"
"""Where in the cursor the round over known items stands: it is ours, the rest is the connector's."""

_logger = logging.getLogger(__name__)
T = TypeVar("T")
Between = Callable[[], Awaitable[None]]


class Look:
    """Looks at one channel. ``between`` is awaited between pages: an answer must not wait for a long look."""

    def __init__(self, store: Store, lease: Lease, config: ChannelConfig, chance: Chance, between: Between) -> None:
        self._store = store
        self._lease = lease
        self._config = config
        self._chance = chance
        self._between = between

    async def look(self, connector: Connector, session: Session) -> Tally:
        """The whole of it. Raises what the connector raises, LookTooLong, LeaseLost, StoreError."""
        state = await self._begin()
        assert state.since is not None
        intake = Intake(
            channel=self._config.name,
            brand=self._config.brand,
            since=state.since,
            own_ids=session.own_ids,
            reuses_ids=connector.reuses_ids,
        )
        try:
            async with asyncio.timeout(LONGEST):
                tally = await self._pages(connector, intake, state)
                tally = Tally.sum(tally, await self._again(connector, intake))
        except TimeoutError:
            raise LookTooLong(f"{self._config.name}: a look took longer than {LONGEST:g} s") from None
        await self._write(partial(self._save, session))
        if tally.added or tally.edited or tally.removed or tally.aside:
            _logger.info(
                "%s: %s new, %s edited, %s gone, %s set aside",
                self._config.name,
                tally.added,
                tally.edited,
                tally.removed,
                tally.aside,
            )
        return tally

    async def _begin(self) -> ChannelState:
        """The state, with the moment before which comments come in as done: counted from the first look."""

        def work(tx: Tx, now: datetime) -> ChannelState:
            state = tx.channel_state(self._config.name)
            if state.since is None:
                state = replace(state, since=now - self._config.since)
                tx.save_channel_state(state)
            return state

        state = await self._store.read(lambda r: r.channel_state(self._config.name))
        return state if state.since is not None else await self._write(work)

    async def _pages(self, connector: Connector, intake: Intake, state: ChannelState) -> Tally:
        assert state.since is not None
        tally, keep, pages = Tally(), True, 0
        mine = {name: value for name, value in state.cursor.items() if not name.startswith("_")}
        async for page in connector.pages(mine, state.since):
            taking = Taking(
                store=self._store,
                intake=intake,
                fence=self._lease.fence,
                last=partial(self._advance, page, keep),
            )
            taken = await taking.take(page.entries)
            # what may be an answer of ours is read again at the next look: the cursor must not pass it
            keep = keep and not taken.awaited
            tally = Tally.sum(tally, taken)
            pages += 1
            if pages >= MOST_PAGES:
                _logger.info("%s: more than %s pages, the rest at the next look", self._config.name, MOST_PAGES)
                break
            await self._between()
        return tally

    def _advance(self, page: Page, keep: bool, tx: Tx, taken: Tally) -> None:
        state = tx.channel_state(self._config.name)
        ours = {name: value for name, value in state.cursor.items() if name.startswith("_")}
        after = {**page.cursor, **ours}
        if keep and not taken.awaited and after != state.cursor:
            tx.save_channel_state(replace(state, cursor=after))

    async def _again(self, connector: Connector, intake: Intake) -> Tally:
        """Looks at open items again, and at those done within ``recheck``: edits and deletions are in no list of news.

        In turn, where there are many: with up to 2,000 open ones at every look, with up to 6,000 at every third.
        """
        tally = Tally()
        for name, most in (("open", OPEN_A_LOOK), ("done", DONE_A_LOOK)):
            asked = 0
            while asked < most:
                refs, after, count = await self._store.read(partial(self._chunk, name))
                if refs:
                    taking = Taking(store=self._store, intake=intake, fence=self._lease.fence)
                    tally = Tally.sum(tally, await taking.take(list(await connector.recheck(refs))))
                await self._write(partial(self._remember, name, after))
                asked += count
                if not after:
                    break
                await self._between()
        return tally

    def _chunk(self, name: str, reader: Reader) -> tuple[list[Ref], int, int]:
        """The next items in turn, the id after which to go on (0: from the start again), and how many there were."""
        after = int(_place(reader.channel_state(self._config.name)).get(name, 0))
        if name == "open":
            items = reader.open_items(self._config.name, after, RECHECKED)
        else:
            items = reader.done_items(self._config.name, reader.now() - self._config.recheck, after, RECHECKED)
        refs = [ref_of(reader, item) for item in items if item.removed_at is None]
        return refs, items[-1].id if len(items) == RECHECKED else 0, len(items)

    def _remember(self, name: str, after: int, tx: Tx, _: datetime) -> None:
        state = tx.channel_state(self._config.name)
        place = _place(state)
        if place.get(name, 0) != after:
            tx.save_channel_state(replace(state, cursor={**state.cursor, _PLACE: {**place, name: after}}))

    def _save(self, session: Session, tx: Tx, now: datetime) -> None:
        state = tx.channel_state(self._config.name)
        tx.save_channel_state(went_well(state, now, self._config.poll, session, self._chance))

    async def _write(self, step: Callable[[Tx, datetime], T]) -> T:
        fence = self._lease.fence

        def work(tx: Tx) -> T:
            fenced(tx, fence)
            return step(tx, tx.now())

        return await self._store.write(work)


def _place(state: ChannelState) -> dict[str, Any]:
    place = state.cursor.get(_PLACE)
    return place if isinstance(place, dict) else {}
