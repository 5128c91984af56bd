"""The sync process: one that works at a time, others that wait for its place.

``run`` takes the lease, gives each channel a worker, and watches: the lease (lost, it stops at once), the store's
number (four times a second, microseconds: something was queued, a channel was paused), signals (it finishes what it is
at), the configuration (changed, it begins again with it), and, where a screen started it, whether a screen is still
there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from cminbox.courier.config_watch import changed, start_anew
from cminbox.courier.lease import Lease, LeaseLost, told
from cminbox.courier.once import run_once
from cminbox.courier.secrets import Secrets
from cminbox.courier.worker import Worker
from cminbox.domain.channel import Health
from cminbox.domain.config import ChannelConfig, Config
from cminbox.domain.errors import NotFoundError, StoreError
from cminbox.domain.outgoing import ActState
from cminbox.presence import anyone_there
from cminbox.store.protocol import Reader, Store

WATCH = 0.25
GRACE = 3.0
"""Seconds that a worker may go on with what it is at, once the process shall end."""
STANDBY = 1.0
ALONE_AFTER = 2.0
"""Seconds without a screen after which a courier that a screen started begins to think of its end."""
STUCK_AFTER = 600.0
"""Seconds for which such a courier still tries to reach a channel that is away, with an answer queued."""
INTERRUPTED = 130
"""The exit status after SIGINT, CONTRACT.md. SIGTERM and SIGHUP ask a service to end: having done so is 0."""

_logger = logging.getLogger(__name__)
Say = Callable[[str], None]


async def run(
    config: Config,
    store: Store,
    *,
    once: bool = False,
    channel: str | None = None,
    for_screens: bool = False,
    inline: Callable[[Path, str], str] | None = None,
    say: Say | None = None,
) -> int:
    """The whole of ``cminbox sync``; gives its exit status.

    ``once``: one round, then 0, 5 (something could not be reached) or 1 (something failed for good). Else it stays
    until SIGTERM or SIGHUP (0) or SIGINT (130), waiting for its turn where another courier works; when the files of
    its configuration have changed it ends in order and becomes the same command again. ``channel``: only that one;
    NotFoundError where there is none of that name. ``for_screens``: ends by itself when no screen is open and nothing
    is on its way, and at once where another courier works. ``inline`` reads a token that stands in the config file.
    ``say`` is given lines for stderr. Raises StoreError where the store cannot be used.
    """
    channels = _chosen(config, channel)
    say = say or _to_stderr
    secrets = Secrets(config.channels, inline)
    if once:
        return await run_once(channels, store, secrets, say)
    courier = _Courier(config, channels, store, secrets, for_screens=for_screens, say=say)
    async with _signals(courier.stop), _watched(config, courier.begin_again):
        await courier.stay()
    if courier.begins_again:
        _logger.info("the configuration has changed: it begins again")
        start_anew()
    return INTERRUPTED if courier.ended_by is signal.SIGINT else 0


def _chosen(config: Config, name: str | None) -> list[ChannelConfig]:
    if name is None:
        return list(config.channels)
    found = config.channel(name)
    if found is None:
        known = ", ".join(one.name for one in config.channels) or "none"
        raise NotFoundError(f"there is no channel {name!r}: there are {known}")
    return [found]


def _to_stderr(text: str) -> None:
    sys.stderr.write(f"cminbox: {text}\n")
    sys.stderr.flush()


class _Courier:
    """A courier that stays."""

    def __init__(
        self,
        config: Config,
        channels: Sequence[ChannelConfig],
        store: Store,
        secrets: Secrets,
        *,
        for_screens: bool,
        say: Say,
    ) -> None:
        self._state = config.places.state
        self._channels = channels
        self._store = store
        self._secrets = secrets
        self._for_screens = for_screens
        self._say = say
        self._stop = asyncio.Event()
        self.ended_by: signal.Signals | None = None
        self.begins_again = False

    def stop(self, by: signal.Signals) -> None:
        """Ends it, after what it is at."""
        self.ended_by = by
        self.begins_again = False
        self._stop.set()

    def begin_again(self) -> None:
        """The same, because its configuration is out of date."""
        self.begins_again = self.ended_by is None
        self._stop.set()

    async def stay(self) -> None:
        """Works whenever it has the lease, until it is stopped or no longer needed."""
        waited = False
        while not self._stop.is_set():
            lease = Lease(self._store, "screen" if self._for_screens else "sync")
            try:
                holder = await lease.take()
            except StoreError as error:
                _logger.warning("%s", error)
                await self._pause(STANDBY)
                continue
            if holder is None:
                if not await self._work(lease):
                    return
                continue
            if self._for_screens:
                return
            if not waited:
                self._say(f"another courier is at work ({told(holder.owner)[1]}): waiting for its place")
                waited = True
            await self._pause(STANDBY)

    async def _work(self, lease: Lease) -> bool:
        """Works until told to stop or until the lease is lost. Whether to wait for the next turn."""
        _logger.info("at work with fence %s", lease.fence)
        workers = [Worker(one, self._store, lease, self._secrets) for one in self._channels]
        tasks = [asyncio.ensure_future(one.run()) for one in workers]
        others = [asyncio.ensure_future(lease.keep()), asyncio.ensure_future(self._watch(workers))]
        ending = asyncio.ensure_future(self._stop.wait())
        if self._for_screens:
            others.append(asyncio.ensure_future(self._until_alone()))
        try:
            await asyncio.wait([ending, *others, *tasks], return_when=asyncio.FIRST_COMPLETED)
            lost = next((one.exception() for one in [*tasks, *others] if one.done() and one.exception()), None)
            if lost is None:
                for one in workers:
                    one.stop()
                if tasks:
                    await asyncio.wait(tasks, timeout=GRACE)
        finally:
            await _ended([ending, *others, *tasks])
        if lost is None:
            await lease.drop()
            return False
        if not isinstance(lost, LeaseLost):
            await lease.drop()
            raise lost
        _logger.warning("%s: this one stops and waits for its turn", lost)
        return True

    async def _watch(self, workers: Sequence[Worker]) -> None:
        """Wakes the workers when the store has changed."""
        seen = -1
        while True:
            with contextlib.suppress(StoreError):
                version = await self._store.version()
                if version != seen:
                    seen = version
                    for one in workers:
                        one.wake.set()
            await asyncio.sleep(WATCH)

    async def _until_alone(self) -> None:
        """Returns when no screen is open any more and nothing is on its way."""
        await asyncio.sleep(ALONE_AFTER)
        loop = asyncio.get_running_loop()
        alone_since: float | None = None
        while True:
            if anyone_there(self._state):
                alone_since = None
            else:
                alone_since = alone_since or loop.time()
                alone_for = loop.time() - alone_since
                with contextlib.suppress(StoreError):
                    open_work = await self._store.read(self._on_its_way)
                    if not open_work or alone_for > STUCK_AFTER:
                        return
            await asyncio.sleep(1.0)

    def _on_its_way(self, reader: Reader) -> bool:
        """Whether an answer is queued or being sent on a channel that may still take it."""
        states = frozenset({ActState.QUEUED, ActState.SENDING})
        for one in self._channels:
            waits_for_person = reader.channel_state(one.name).health in (Health.AUTH, Health.PAUSED, Health.GONE)
            if not waits_for_person and reader.outbox(states, channel=one.name, limit=1):
                return True
        return False

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()


async def _ended(tasks: Sequence[asyncio.Future[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def _watched(config: Config, then: Callable[[], None]) -> AsyncIterator[None]:
    watching = asyncio.ensure_future(changed(config.places))
    watching.add_done_callback(lambda done: None if done.cancelled() else then())
    try:
        yield
    finally:
        await _ended([watching])


@contextlib.asynccontextmanager
async def _signals(stop: Callable[[signal.Signals], None]) -> AsyncIterator[None]:
    """The first SIGTERM, SIGINT or SIGHUP ends the work in order; the default comes back with the second."""
    loop = asyncio.get_running_loop()
    wanted = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def ended(by: signal.Signals) -> None:
        stop(by)
        for one in wanted:
            loop.remove_signal_handler(one)

    for one in wanted:
        loop.add_signal_handler(one, ended, one)
    try:
        yield
    finally:
        for one in wanted:
            loop.remove_signal_handler(one)
