"""``sync --once``: one round over all channels, by this process, or by the courier that is at work already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from cminbox.courier.lease import Lease, told
from cminbox.courier.secrets import Secrets
from cminbox.domain.channel import Health
from cminbox.domain.config import ChannelConfig
from cminbox.domain.pacing import wait_before  # noqa: F401
from cminbox.store.protocol import Store

PATIENCE = 60.0
"""Seconds to wait for another courier to do its round, or to end."""
_LOOK = 0.2
_ILL = frozenset({Health.AUTH, Health.LIMITED, Health.UNREACHABLE, Health.GONE, Health.ERROR})
DONE, FAILED, AWAY = 0, 1, 5

Say = Callable[[str], None]


async def run_once(channels: Sequence[ChannelConfig], store: Store, secrets: Secrets, say: Say) -> int:
    """One round; gives the exit status. Where another courier stays at work, it is asked to look now, and waited for."""
    lease = Lease(store, "once")
    asked: datetime | None = None
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    holder = await lease.take()
    while holder is not None:
        if told(holder.owner)[0] != "once":
            if asked is None:
                asked = await store.write(lambda tx: _ask(tx, channels))
            elif await store.read(lambda r, since=asked: _answered(r, channels, since)):
                return await _told_by_other(store, channels, asked, say)
        if loop.time() > until:
            say(f"another courier ({told(holder.owner)[1]}) is at work and does not get done: try again")
            return AWAY
        await asyncio.sleep(_LOOK)
        holder = await lease.take()
    return await _by_ourselves(channels, store, lease, secrets, say)
