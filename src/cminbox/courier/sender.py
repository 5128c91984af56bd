"""Delivering answers: written before sent, read back before any second try, uncertain rather than twice.

What a fault of :mod:`cminbox.http` means for an answer is decided here:

====================================================  ==========================================================
sent                                                  ``live``
NotSent, Limited, AuthFailed, Redirected, BadAddress  ``queued`` again: not one of them did it; the channel is ill
Gone, Rejected, UsageError                            ``failed``: it will never be taken as it is
anything else                                         ``uncertain``: it may have been done
====================================================  ==========================================================

An uncertain one is looked for. Found, it is live. Absent where the connector can be sure of it, once its quiet time is
over since the last try, it is queued again, until it was tried :data:`MOST_TRIES` times; else it waits for a person.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cminbox.channels.base import Comment, Connector, Sending, Sent, Session
from cminbox.courier import outbox
from cminbox.courier.failpoint import armed, reach, testing
from cminbox.courier.health import fault_of
from cminbox.courier.ingest import Intake
from cminbox.courier.lease import Lease, LeaseLost, fenced
from cminbox.courier.taking import Taking
from cminbox.domain.config import ChannelConfig
from cminbox.domain.errors import StoreError, UsageError
from cminbox.domain.outgoing import ActState, Outgoing
from cminbox.http import AuthFailed, BadAddress, Gone, Limited, NotSent, Redirected, Rejected
from cminbox.store.protocol import Store, Tx

MOST_TRIES = 3
GONE = "the comment is gone"
QUIET = "CMINBOX_QUIET"
"""Seconds of quiet time in place of the connector's own; honoured only where ``CMINBOX_TESTING=1``."""
_ON_ITS_WAY = 0.05
_LOOKS = tuple(timedelta(seconds=s) for s in (0, 2, 6, 20, 60))
"""When an uncertain answer is looked for, after its last try; then at the end of its quiet time, then every ten
minutes for a day: a late one may still come to stand there."""
_LONG_LOOKS = timedelta(minutes=10)
_LAST_LOOK = timedelta(days=1)
_NOT_DONE = (NotSent, Limited, AuthFailed, Redirected, BadAddress)
_NEVER = (Gone, Rejected, UsageError)

_logger = logging.getLogger(__name__)


class ChannelDown(Exception):
    """The channel's fault, not the answer's: nothing more is asked of it now. ``__cause__`` says what it was."""


@dataclass(slots=True)
class Delivered:
    """What came of a round of deliveries."""

    live: int = 0
    failed: list[str] = field(default_factory=list)
    """Why, in one line each."""
    uncertain: list[str] = field(default_factory=list)


class Sender:
    """Delivers the answers of one channel, one after the other."""

    def __init__(self, store: Store, lease: Lease, config: ChannelConfig) -> None:
        self._store = store
        self._lease = lease
        self._config = config
        self._unwritten: dict[int, Callable[[Tx], Outgoing | None]] = {}
        """What became of acts, where the store could not take it (a full disk): written before anything else."""
        self.delivered = Delivered()

    @property
    def owes(self) -> bool:
        """Whether something has become of an act that is not on disk yet."""
        return bool(self._unwritten)

    async def next(self) -> Outgoing | None:
        """The next one that is due, or that a courier which is gone was sending."""
        return await self._store.read(lambda r: r.next_to_send(r.now(), [self._config.name]))

    async def deliver(self, connector: Connector, session: Session) -> None:
        """Everything that is due. Raises ChannelDown, LeaseLost, StoreError."""
        for act_id, step in list(self._unwritten.items()):
            await self._write(step)
            del self._unwritten[act_id]
        before: Outgoing | None = None
        while (act := await self.next()) != before and act is not None:
            await self._deliver(connector, session, act)
            before = act

    async def look_for(self, connector: Connector, due: Callable[[Outgoing, datetime], bool] | None = None) -> None:
        """Looks for every uncertain one (that is ``due``). Raises ChannelDown, LeaseLost, StoreError."""
        states = frozenset({ActState.UNCERTAIN})
        acts, now = await self._store.read(lambda r: (r.outbox(states, channel=self._config.name), r.now()))
        for act in reversed(acts):
            if due is None or due(act, now):
                await self._look_for(connector, act)

    def quiet(self, connector: Connector) -> timedelta:
        """How long a failed try may still be at work there."""
        given = os.environ.get(QUIET) if testing() else None
        return timedelta(seconds=float(given)) if given else connector.quiet

    async def _deliver(self, connector: Connector, session: Session, act: Outgoing) -> None:
        if act.state is ActState.SENDING:
            # its courier ended between the claim and the commit of what came of it
            if not await self._found(connector, act):
                await self._write(lambda tx: outbox.uncertain(tx, act.id, "its sending was interrupted"))
                self._note_uncertain(act, "its sending was interrupted")
            return
        if "reply" not in session.can:
            await self._fail(act, "this channel does not let us answer: cminbox channels test " + act.channel)
            return
        sending = await self._store.read(lambda r: outbox.sending_of(r, act))
        if sending is None or (act.attempts and await self._found(connector, act)):
            return
        if not await self._stands(connector, act, sending):
            await self._fail(act, GONE)
            return
        fence = self._lease.fence
        try:
            claimed = await self._write(lambda tx: outbox.claim(tx, act.id, fence))
        except StoreError:
            # should it be claimed all the same: nothing was sent
            self._unwritten[act.id] = lambda tx: outbox.later(tx, act.id, "the store failed before it was sent")
            raise
        if claimed is not None:
            reach("claimed")
            await self._send(connector, claimed)

    async def _send(self, connector: Connector, act: Outgoing) -> None:
        sending = await self._store.read(lambda r: outbox.sending_of(r, act))
        if sending is None:
            raise StoreError(f"the item of outgoing {act.id} is not there")
        await self._lease.assure()
        try:
            sent = await _on_its_way(connector, sending)
        except _NOT_DONE as fault:
            why = fault_of(fault, act.channel).error
            await self._settled(act, lambda tx: outbox.later(tx, act.id, why))
            raise ChannelDown from fault
        except _NEVER as fault:
            why = GONE if isinstance(fault, Gone) and GONE in str(fault) else fault_of(fault, act.channel).error
            await self._settled(act, lambda tx: outbox.failed(tx, act.id, why))
            self.delivered.failed.append(f"{act.id}: {why}")
        except (LeaseLost, StoreError):
            raise
        except Exception as fault:
            # whatever it was, bytes may have left
            told = fault_of(fault, act.channel)
            _logger.warning("answer %s is uncertain: %s", act.id, told.error, exc_info=told.cause)
            await self._settled(act, lambda tx: outbox.uncertain(tx, act.id, told.error))
            self._note_uncertain(act, told.error)
        else:
            await self._settled(act, lambda tx: outbox.live(tx, act.id, sent, self._config.account, found=False))
            self.delivered.live += 1

    async def _settled(self, act: Outgoing, step: Callable[[Tx], Outgoing | None]) -> None:
        try:
            reach("answered")
            after = await self._write(step)
        except LeaseLost:
            raise
        except StoreError:
            self._unwritten[act.id] = step
            raise
        except Exception as error:
            # an answer of the platform that cannot be kept, such as an id with a NUL
            _logger.warning("what became of answer %s cannot be written", act.id, exc_info=error)
            why = "what the platform answered cannot be kept: look there"
            after = await self._write(lambda tx: outbox.uncertain(tx, act.id, why))
            self._note_uncertain(act, why)
        reach("committed")
        _logger.info("answer %s to %s: %s", act.id, act.item, after.state if after else "changed meanwhile")
        reach("logged")

    async def _look_for(self, connector: Connector, act: Outgoing) -> None:
        if await self._found(connector, act) is not None or act.attempts >= MOST_TRIES:
            return
        await self._write(lambda tx: outbox.again(tx, act.id))
        self._forget_uncertain(act)
        _logger.info("answer %s did not arrive: queued once more", act.id)

    async def _found(self, connector: Connector, act: Outgoing) -> bool | None:
        """Reads back. True: it was found and is live. None: it is surely absent. False: nobody can tell yet."""
        sending = await self._store.read(lambda r: outbox.looked_for(r, act))
        if sending is None:
            return False
        with _channels_fault():
            found = await connector.find(sending)
        sent = found.sent
        if sent is not None:
            await self._write(lambda tx: outbox.live(tx, act.id, sent, self._config.account, found=True))
            self._forget_uncertain(act)
            self.delivered.live += 1
            return True
        now = await self._store.read(lambda r: r.now())
        last = act.last_attempt_at or act.queued_at
        return None if found.sure and now >= last + self.quiet(connector) else False

    async def _stands(self, connector: Connector, act: Outgoing, sending: Sending) -> bool:
        """Whether the comment is still there to be answered. An edit that is seen on the way is taken in."""
        item = await self._store.read(lambda r: r.item(act.item))
        if item is None or item.removed_at is not None:
            return False
        with _channels_fault():
            now: list[Comment] = list(await connector.recheck([sending.to]))
        if now:
            intake = Intake(channel=act.channel, brand=self._config.brand, reuses_ids=connector.reuses_ids)
            await Taking(store=self._store, intake=intake, fence=self._lease.fence).take(now)
        return not any(one.removed for one in now)

    async def _fail(self, act: Outgoing, why: str) -> None:
        await self._write(lambda tx: outbox.failed(tx, act.id, why))
        self.delivered.failed.append(f"{act.id}: {why}")
        _logger.info("answer %s to %s failed: %s", act.id, act.item, why)

    async def _write(self, step: Callable[[Tx], Outgoing | None]) -> Outgoing | None:
        fence = self._lease.fence

        def work(tx: Tx) -> Outgoing | None:
            fenced(tx, fence)
            return step(tx)

        return await self._store.write(work)

    def _note_uncertain(self, act: Outgoing, why: str) -> None:
        self.delivered.uncertain.append(f"{act.id}: {why}")

    def _forget_uncertain(self, act: Outgoing) -> None:
        kept = [line for line in self.delivered.uncertain if not line.startswith(f"{act.id}:")]
        self.delivered.uncertain[:] = kept


def next_look(act: Outgoing, quiet: timedelta, after: datetime) -> datetime | None:
    """When an uncertain answer is looked for next, after that moment; None: no more by itself."""
    last = act.last_attempt_at or act.queued_at
    times = sorted({last + wait for wait in (*_LOOKS, quiet + timedelta(seconds=1))})
    for time in times:
        if time > after:
            return time
    return after + _LONG_LOOKS if after < last + _LAST_LOOK else None


async def _on_its_way(connector: Connector, sending: Sending) -> Sent:
    """Sends. A failpoint may strike while the request is on the wire."""
    if not armed("sent"):
        return await connector.send(sending)
    task = asyncio.ensure_future(connector.send(sending))
    await asyncio.wait({task}, timeout=_ON_ITS_WAY)
    reach("sent")
    return await task


@contextlib.contextmanager
def _channels_fault() -> Iterator[None]:
    """Whatever a reading request raises is the channel's fault."""
    try:
        yield
    except (LeaseLost, StoreError, ChannelDown):
        raise
    except Exception as fault:
        raise ChannelDown from fault
