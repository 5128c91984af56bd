"""``sync --once``: one round over all channels, by this process, or by the courier that is at work already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from cminbox.courier.health import Fault
from cminbox.courier.lease import Lease, LeaseLost, told
from cminbox.courier.secrets import Secrets
from cminbox.courier.sender import Delivered
from cminbox.courier.worker import Worker
from cminbox.domain.channel import Health
from cminbox.domain.config import ChannelConfig
from cminbox.domain.outgoing import ActState
from cminbox.store.protocol import Reader, Store, Tx

PATIENCE = 60.0
"""Seconds to wait for another courier to do its round, or to end."""
DONE, FAILED, AWAY = 0, 1, 5
_LOOK = 0.2
_ILL = frozenset({Health.AUTH, Health.LIMITED, Health.UNREACHABLE, Health.GONE, Health.ERROR})
_UNCLEAR = frozenset({ActState.FAILED, ActState.UNCERTAIN})

Say = Callable[[str], None]


async def run_once(channels: Sequence[ChannelConfig], store: Store, secrets: Secrets, say: Say) -> int:
    """One round; gives the exit status. A courier that is at work is asked to look now, and waited for."""
    lease = Lease(store, "once")
    asked: _Asked | None = None
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while (holder := await lease.take()) is not None:
        mode, process = told(holder.owner)
        if mode != "once":
            # it stays at work: its round is as good as ours, and there is never a second one beside it
            if asked is None:
                asked = await store.write(partial(_ask, channels))
            elif await store.read(partial(_answered, channels, asked.at)):
                return await store.read(partial(_outcome, channels, asked, say))
        if loop.time() > until:
            say(f"another courier ({process}) is at work and does not get done: try again later")
            return AWAY
        await asyncio.sleep(_LOOK)
    try:
        return await _by_ourselves(channels, store, lease, secrets, say)
    finally:
        await lease.drop()


async def _by_ourselves(
    channels: Sequence[ChannelConfig], store: Store, lease: Lease, secrets: Secrets, say: Say
) -> int:
    workers = [Worker(one, store, lease, secrets) for one in channels]
    rounds = asyncio.gather(*(one.once() for one in workers))
    keeping = asyncio.ensure_future(lease.keep())
    both: list[asyncio.Future[Any]] = [rounds, keeping]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not rounds.done():
            # only a lost lease ends the keeping
            await keeping
        status = DONE
        for worker, (delivered, fault) in zip(workers, await rounds, strict=True):
            status = _worse(status, _said(worker.name, delivered, fault, say))
        return status
    except LeaseLost as lost:
        say(f"{lost}: it goes on there")
        return AWAY
    finally:
        for task in both:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


def _said(name: str, delivered: Delivered, fault: Fault | None, say: Say) -> int:
    """One line for a channel that has something to tell, and the status that it alone would give."""
    parts, status = [], DONE
    if fault is not None:
        parts.append(f"{fault.error}; {fault.todo}" if fault.todo else fault.error)
        status = AWAY
    for kind, lines in (("uncertain", delivered.uncertain), ("failed", delivered.failed)):
        if lines:
            more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
            parts.append(f"{kind}: answer {lines[0]}{more}; cminbox outbox list")
            status = FAILED if kind == "failed" else AWAY
    if parts:
        say(f"{name}: {'; '.join(parts)}")
    return status


def _worse(one: int, other: int) -> int:
    """What failed for good needs a person; what was away only time."""
    return FAILED if FAILED in (one, other) else max(one, other)


@dataclass(frozen=True, slots=True)
class _Asked:
    """When another courier was asked for a round, and what was unclear before."""

    at: datetime
    before: frozenset[tuple[int, str]]


def _ask(channels: Sequence[ChannelConfig], tx: Tx) -> _Asked:
    now = tx.now()
    for one in channels:
        state = tx.channel_state(one.name)
        silent = state.retry_after_until is not None and state.retry_after_until > now
        if state.health is not Health.PAUSED and not silent:
            tx.save_channel_state(replace(state, next_at=now))
    return _Asked(now, _unclear(channels, tx))


def _answered(channels: Sequence[ChannelConfig], since: datetime, reader: Reader) -> bool:
    """Whether every channel was looked at since then, and nothing is due where it can be sent."""
    now = reader.now()
    for one in channels:
        state = reader.channel_state(one.name)
        silent = state.retry_after_until is not None and state.retry_after_until > now
        if state.health is Health.PAUSED or silent:
            continue
        if state.next_at is not None and state.next_at <= since:
            return False
        if state.health is Health.OK and reader.next_to_send(now, [one.name]) is not None:
            return False
    return True


def _outcome(channels: Sequence[ChannelConfig], asked: _Asked, say: Say, reader: Reader) -> int:
    """What the other courier's round came to, in the same words and status as our own."""
    status = DONE
    new = _unclear(channels, reader) - asked.before
    for one in channels:
        state = reader.channel_state(one.name)
        fault = Fault(state.health, state.error or str(state.health), state.todo) if state.health in _ILL else None
        delivered = Delivered()
        for act_id, kind in sorted(new):
            act = reader.outgoing(act_id)
            if act is not None and act.channel == one.name:
                lines = delivered.failed if kind == ActState.FAILED else delivered.uncertain
                lines.append(f"{act.id}: {act.error or kind}")
        status = _worse(status, _said(one.name, delivered, fault, say))
    return status


def _unclear(channels: Sequence[ChannelConfig], reader: Reader) -> frozenset[tuple[int, str]]:
    acts = [act for one in channels for act in reader.outbox(_UNCLEAR, channel=one.name)]
    return frozenset((act.id, act.state.value) for act in acts)
