"""One channel's work, one thing after the other: deliver what is due, look for what is uncertain, look at what is new.

Each channel has a worker of its own, so that one that stalls delays no other. A worker never has two requests of its
channel running, and no two couriers have workers at the same time (:mod:`.lease`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cminbox.channels.base import Connector, Session
from cminbox.channels.registry import connect
from cminbox.courier.health import Chance, Fault, chance, fault_of, went_wrong
from cminbox.courier.lease import Lease, LeaseLost, fenced
from cminbox.courier.look import Look
from cminbox.courier.secrets import Secrets
from cminbox.courier.sender import ChannelDown, Delivered, Sender, next_look
from cminbox.domain.channel import ChannelState, Health
from cminbox.domain.config import ChannelConfig
from cminbox.domain.errors import StoreError
from cminbox.domain.outgoing import ActState, Outgoing
from cminbox.domain.pacing import LONGEST_WAIT, Breaker, Circuit
from cminbox.store.protocol import Reader, Store, Tx

LONGEST_NAP = 60.0
"""Seconds after which a worker looks at its plan again, whatever the store's number says."""

_LONGEST_SILENCE = timedelta(seconds=1.1 * LONGEST_WAIT)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to do, as the store tells."""

    now: datetime
    state: ChannelState
    act: Outgoing | None
    next_due: datetime | None
    uncertain: list[Outgoing] = field(default_factory=list)


class Worker:
    """The work of one channel. ``wake`` makes it look at its plan at once."""

    def __init__(
        self, config: ChannelConfig, store: Store, lease: Lease, secrets: Secrets, *, rnd: Chance = chance
    ) -> None:
        self.name = config.name
        self.wake = asyncio.Event()
        self.stopping = False
        self._config = config
        self._store = store
        self._lease = lease
        self._secrets = secrets
        self._chance = rnd
        self._sender = Sender(store, lease, config)
        self._look = Look(store, lease, config, rnd, self._between)
        self._open: tuple[Connector, Session] | None = None
        self._breaker = Breaker()
        self._blocked = False
        self._looked_for: dict[int, datetime] = {}

    async def run(self) -> None:
        """Works until cancelled, or until :meth:`stop` and the end of what it is at. Raises LeaseLost; a store that
        fails is waited for."""
        try:
            while not self.stopping:
                self.wake.clear()
                try:
                    plan = await self._store.read(self._plan)
                    nap = await self._step(plan)
                except StoreError as error:
                    _logger.warning("%s: %s", self.name, error)
                    nap = 5.0
                if nap > 0:
                    await self._nap(nap)
        finally:
            await self.close()

    async def once(self) -> tuple[Delivered, Fault | None]:
        """One round, whatever ``poll`` and back-off say; a running Retry-After is kept to.

        Raises LeaseLost, StoreError.
        """
        try:
            plan = await self._store.read(self._plan)
            if plan.state.health is Health.PAUSED:
                return self._sender.delivered, None
            until = plan.state.retry_after_until
            if until is not None and until > plan.now:
                wish = f"it asked for silence until {until:%Y-%m-%d %H:%M:%S} UTC: not asked before"
                return self._sender.delivered, Fault(Health.LIMITED, wish)
            return self._sender.delivered, await self._guarded(self._round)
        finally:
            await self.close()

    def stop(self) -> None:
        """Begins nothing more."""
        self.stopping = True
        self.wake.set()

    async def close(self) -> None:
        """Ends its connections."""
        opened, self._open = self._open, None
        if opened is not None:
            await opened[0].__aexit__(None, None, None)

    async def _round(self) -> None:
        connector, session = await self._connected()
        # read back before anything is sent again; then news; then what came due or turned out absent meanwhile
        await self._sender.look_for(connector)
        await self._sender.deliver(connector, session)
        await self._look_soon(connector, 0.3)
        await self._look.look(connector, session)
        await self._look_soon(connector, 1.5)
        await self._sender.deliver(connector, session)

    async def _look_soon(self, connector: Connector, pause: float) -> None:
        """In a single round: looks for an answer whose sending ended unclear a moment ago."""
        if self._sender.delivered.uncertain:
            await asyncio.sleep(pause)
            await self._sender.look_for(connector)

    async def _step(self, plan: Plan) -> float:
        """Does the next thing, if one is due. Gives the seconds until there may be another."""
        if plan.state.health is Health.PAUSED:
            return LONGEST_NAP
        self._unblock(plan)
        gate = self._gate(plan)
        if gate is None or gate > plan.now:
            return LONGEST_NAP if gate is None else (gate - plan.now).total_seconds()
        if plan.act is not None or self._sender.owes:
            await self._guarded(self._deliver)
            return 0.0
        due = self._next_uncertain(plan)
        if due is not None and due <= plan.now:
            await self._guarded(self._look_for)
            return 0.0
        next_at = _within(plan.state.next_at, plan.now, max(2 * self._config.poll, _LONGEST_SILENCE))
        if next_at is None or next_at <= plan.now:
            await self._guarded(self._look_once)
            return 0.0
        moments = [moment for moment in (next_at, plan.next_due, due) if moment is not None]
        return max(0.01, (min(moments) - plan.now).total_seconds())

    def _unblock(self, plan: Plan) -> None:
        """After a refused credential a person acted: another health, or a time to look at (``sync --once``)."""
        asked = plan.state.next_at is not None and plan.state.next_at <= plan.now
        if self._blocked and (plan.state.health is not Health.AUTH or asked):
            self._blocked = False
            self._breaker = self._breaker.cleared()

    def _gate(self, plan: Plan) -> datetime | None:
        """Before when nothing is asked of the channel; None: not until a person acts."""
        if self._blocked:
            return None
        moments = [_within(plan.state.retry_after_until, plan.now, _LONGEST_SILENCE)]
        if plan.state.failures:
            moments.append(_within(plan.state.next_at, plan.now, _LONGEST_SILENCE))
        if not self._breaker.allows(plan.now):
            moments.append(self._breaker.until)
        return max([plan.now, *(moment for moment in moments if moment is not None)])

    def _next_uncertain(self, plan: Plan) -> datetime | None:
        quiet = timedelta() if self._open is None else self._sender.quiet(self._open[0])
        moments = []
        for act in plan.uncertain:
            since = self._looked_for.get(act.id)
            # not yet looked for by this process: now
            moments.append(plan.now if since is None else next_look(act, quiet, since))
        return min((moment for moment in moments if moment is not None), default=None)

    def _plan(self, reader: Reader) -> Plan:
        now = reader.now()
        uncertain = frozenset({ActState.UNCERTAIN})
        return Plan(
            now,
            reader.channel_state(self.name),
            reader.next_to_send(now, [self.name]),
            reader.next_due([self.name]),
            reader.outbox(uncertain, channel=self.name),
        )

    async def _deliver(self) -> None:
        connector, session = await self._connected()
        await self._sender.deliver(connector, session)

    async def _look_for(self) -> None:
        connector, _ = await self._connected()
        quiet = self._sender.quiet(connector)
        now = await self._store.read(lambda r: r.now())

        def due(act: Outgoing, _: datetime) -> bool:
            since = self._looked_for.get(act.id)
            when = now if since is None else next_look(act, quiet, since)
            return when is not None and when <= now

        await self._sender.look_for(connector, due)
        acts = await self._store.read(lambda r: r.outbox(frozenset({ActState.UNCERTAIN}), channel=self.name))
        self._looked_for = {act.id: now if due(act, now) else self._looked_for[act.id] for act in acts}

    async def _look_once(self) -> None:
        connector, session = await self._connected()
        await self._look.look(connector, session)

    async def _between(self) -> None:
        """Within a long look: what came due goes out before the next page."""
        if self._open is not None and await self._sender.next() is not None:
            await self._sender.deliver(*self._open)

    async def _connected(self) -> tuple[Connector, Session]:
        if self._open is None:
            connector = connect(self._config, await self._secrets.of(self.name))
            await connector.__aenter__()
            try:
                session = await connector.hello()
            except BaseException:
                await connector.__aexit__(None, None, None)
                raise
            self._open = connector, session
        return self._open

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> Fault | None:
        """Does it, and notes what the channel's fault was, if it had one."""
        now = await self._store.read(lambda r: r.now())
        self._breaker = self._breaker.sending(now)
        try:
            await work()
        except (LeaseLost, StoreError):
            raise
        except ChannelDown as down:
            error = down.__cause__ or down
        except Exception as broken:
            error = broken
        else:
            self._breaker = self._breaker.succeeded()
            return None
        return await self._note(error)

    async def _note(self, error: BaseException) -> Fault:
        fault = fault_of(error, self.name)
        _logger.warning("%s: %s: %s", self.name, fault.health, fault.error, exc_info=fault.cause)
        fence = self._lease.fence

        def work(tx: Tx) -> datetime:
            fenced(tx, fence)
            state = tx.channel_state(self.name)
            tx.save_channel_state(replace(went_wrong(state, tx.now(), fault, self._chance), name=self.name))
            return tx.now()

        now = await self._store.write(work)
        if fault.blocks:
            self._blocked = True
            self._breaker = self._breaker.refused()
            self._secrets.forget(self.name)
        elif self._breaker.circuit is not Circuit.BLOCKED:
            self._breaker = self._breaker.failed(now)
        # a new connection next time: this one may be what is broken
        await self.close()
        return fault

    async def _nap(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(min(seconds, LONGEST_NAP)):
                await self.wake.wait()
        except TimeoutError:
            return


def _within(moment: datetime | None, now: datetime, longest: timedelta) -> datetime | None:
    """The moment, unless it lies further ahead than it can: the clock was set back since."""
    return None if moment is None or moment - now > longest else moment
