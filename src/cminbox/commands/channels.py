"""Channels: how each does, and pausing and resuming one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cminbox.commands.base import Context, Result
from cminbox.domain.channel import ChannelState, Health
from cminbox.domain.config import ChannelConfig, Config
from cminbox.domain.errors import NotFoundError, RefusedError
from cminbox.domain.event import NewEvent
from cminbox.domain.text import Safe
from cminbox.store.protocol import Tx
from cminbox.text.sanitize import safe


async def listing(ctx: Context) -> Result:
    """Every channel of the configuration."""
    states = {state.name: state for state in await ctx.store.read(lambda reader: reader.channel_states())}
    channels = ctx.config.channels
    rows = [_row(channel, states.get(channel.name) or ChannelState(name=channel.name)) for channel in channels]
    message = "" if rows else f"no channel yet: add one to {ctx.config.places.config} (cminbox init writes it)"
    return Result(message=message, rows=rows, text=_line if rows else None)


async def pause(ctx: Context, name: str) -> Result:
    """The channel is left alone, in both directions, until it is resumed."""
    channel = configured(ctx.config, name)

    def work(tx: Tx) -> None:
        state = tx.channel_state(name)
        if state.health is Health.PAUSED:
            raise RefusedError(f"{name} is paused already")
        tx.save_channel_state(replace(state, name=name, health=Health.PAUSED, error=None, todo=None))
        tx.append(NewEvent("channel-paused", ctx.operator, None, {"channel": channel.name}))

    await ctx.store.write(work)
    return Result(message=f"{name} is paused: cminbox channels resume {name}")


async def resume(ctx: Context, name: str) -> Result:
    """The channel is looked at again, and at once; a running Retry-After of the platform is kept to."""
    channel = configured(ctx.config, name)

    def work(tx: Tx) -> None:
        state = tx.channel_state(name)
        if state.health is not Health.PAUSED:
            raise RefusedError(f"{name} is not paused")
        tx.save_channel_state(replace(state, health=Health.NEVER, failures=0, next_at=None))
        tx.append(NewEvent("channel-resumed", ctx.operator, None, {"channel": channel.name}))

    await ctx.store.write(work)
    return Result(message=f"{name} is looked at again")


def configured(config: Config, name: str) -> ChannelConfig:
    """The channel of that name. NotFoundError where the configuration has none."""
    channel = config.channel(name)
    if channel is None:
        known = ", ".join(each.name for each in config.channels) or "none"
        raise NotFoundError(f"no channel is called {name!r} in {config.places.config}: there are {known}")
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
