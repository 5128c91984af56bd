"""``channels test NAME``: one page read, nothing written, and what may be done there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cminbox.channels.registry import connect
from cminbox.courier.health import fault_of
from cminbox.courier.secrets import Secrets
from cminbox.domain.channel import ChannelState
from cminbox.domain.config import ChannelConfig
from cminbox.domain.errors import UnreachableError

PATIENCE = 60.0

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a channel said of itself."""

    account: str | None
    can: frozenset[str]
    entries: int
    """Comments on the first page."""


async def try_channel(
    config: ChannelConfig, state: ChannelState, now: datetime, *, inline: Callable[[Path, str], str] | None = None
) -> Trial:
    """Connects, asks who we are there, reads a page. Raises UnreachableError (exit 5) whatever the channel's fault is,
    also where it asked (``state``) for silence that is not over: then nothing is asked."""
    silence = state.retry_after_until
    if silence is not None and silence > now:
        raise UnreachableError(f"{config.name}: it asked for silence until {silence:%Y-%m-%d %H:%M:%S} UTC")
    try:
        secret = await Secrets([config], inline).of(config.name)
        async with asyncio.timeout(PATIENCE), connect(config, secret) as connector:
            session = await connector.hello()
            entries = 0
            async for page in connector.pages({}, now - config.since):
                entries = len(page.entries)
                break
    except TimeoutError:
        raise UnreachableError(f"{config.name}: no answer within {PATIENCE:g} s") from None
    except Exception as error:
        fault = fault_of(error, config.name)
        if fault.cause is not None:
            _logger.warning("%s: %s", config.name, fault.error, exc_info=fault.cause)
        told = f"{fault.error}; {fault.todo}" if fault.todo else fault.error
        raise UnreachableError(f"{config.name}: {told}") from error
    return Trial(session.account or config.account, session.can, entries)
