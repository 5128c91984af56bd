"""``cminbox channels``: how each channel does, and trying, pausing, resuming one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cminbox.cli.environment import Environment
from cminbox.commands.base import Result
from cminbox.domain.channel import ChannelState, Health
from cminbox.domain.config import ChannelConfig
from cminbox.domain.errors import NotFoundError, RefusedError, UnreachableError
from cminbox.domain.event import NewEvent
from cminbox.domain.text import Safe
from cminbox.store.protocol import Tx
from cminbox.text.sanitize import error_line, line, safe

PATIENCE = 30.0
"""Seconds that a test may take."""


async def listing(environment: Environment) -> Result:
    """Every channel of the configuration."""
    config = environment.config
    async with environment.context() as ctx:
        states = {state.name: state for state in await ctx.store.read(lambda reader: reader.channel_states())}
    rows = [_row(channel, states.get(channel.name) or ChannelState(name=channel.name)) for channel in config.channels]
    message = "" if rows else f"no channel yet: add one to {environment.places.config} (cminbox init writes it)"
    return Result(message=message, rows=rows, text=_line if rows else None)


async def test(environment: Environment, name: str) -> Result:
    """Reads one page and tells what may be done there. UnreachableError (exit 5) where that fails."""
    channel = _configured(environment, name)
    from cminbox.channels.registry import connect
    from cminbox.courier.secrets import Secrets
    from cminbox.http.errors import HTTPFault
    from cminbox.settings.inline import read_inline

    secret = await Secrets([channel], read_inline).of(channel.name)
    try:
        async with asyncio.timeout(PATIENCE), connect(channel, secret) as connector:
            session = await connector.hello()
            entries = 0
            async for page in connector.pages({}, datetime.now(UTC) - channel.since):
                entries = len(page.entries)
                break
    except TimeoutError:
        raise UnreachableError(f"{name}: gave no answer within {PATIENCE:g} s") from None
    except HTTPFault as fault:
        raise UnreachableError(f"{name}: {error_line(fault)}") from None
    can = sorted(session.can or channel.can)
    told = {"name": name, "kind": channel.kind, "account": session.account or channel.account, "can": can,
            "entries": entries}  # fmt: skip
    said = f"{name}: reached, {entries} comments on the first page; there one may {', '.join(can) or 'only read'}"
    return Result(one=told, text=lambda _: line(said))


async def pause(environment: Environment, name: str) -> Result:
    """The channel is left alone, in both directions, until it is resumed."""
    channel = _configured(environment, name)

    def work(tx: Tx) -> None:
        state = tx.channel_state(name)
        if state.health is Health.PAUSED:
            raise RefusedError(f"{name} is paused already")
        tx.save_channel_state(replace(state, name=name, health=Health.PAUSED, error=None, todo=None))
        tx.append(NewEvent("channel-paused", environment.config.operator.name, None, {"channel": channel.name}))

    async with environment.context() as ctx:
        await ctx.store.write(work)
    return Result(message=f"{name} is paused: cminbox channels resume {name}")


async def resume(environment: Environment, name: str) -> Result:
    """The channel is looked at again, and at once; a running Retry-After of the platform is kept to."""
    channel = _configured(environment, name)

    def work(tx: Tx) -> None:
        state = tx.channel_state(name)
        if state.health is not Health.PAUSED:
            raise RefusedError(f"{name} is not paused")
        fresh = replace(state, health=Health.NEVER, failures=0, failing_since=None, next_at=None)
        tx.save_channel_state(fresh)
        tx.append(NewEvent("channel-resumed", environment.config.operator.name, None, {"channel": channel.name}))

    async with environment.context() as ctx:
        await ctx.store.write(work)
    return Result(message=f"{name} is looked at again")


def _configured(environment: Environment, name: str) -> ChannelConfig:
    channel = environment.config.channel(name)
    if channel is None:
        known = ", ".join(each.name for each in environment.config.channels) or "none"
        raise NotFoundError(f"no channel is called {name!r} in {environment.places.config}: there are {known}")
    return channel


def _row(channel: ChannelConfig, state: ChannelState) -> dict[str, Any]:
    return {
        "name": channel.name,
        "kind": channel.kind,
        "brand": channel.brand,
        "account": state.account or channel.account,
        "state": state.health.value,
        "error": state.error,
        "todo": state.todo,
        "since": state.since,
        "last_ok_at": state.last_ok_at,
        "next_at": state.next_at,
        "can": sorted(state.can or channel.can),
        "quarantined": state.quarantined,
    }


def _line(row: Mapping[str, Any]) -> Safe:
    parts = [f"{row['name']:<16} {row['kind']:<10} {row['state']:<11}"]
    if row["error"]:
        parts.append(str(row["error"]))
    if row["todo"]:
        parts.append(f"→ {row['todo']}")
    if row["last_ok_at"]:
        parts.append(f"last read {row['last_ok_at']:%Y-%m-%d %H:%M} UTC")
    if row["quarantined"]:
        parts.append(f"{row['quarantined']} set aside")
    return safe("  ".join(parts), multiline=False)
