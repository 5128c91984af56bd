"""Channels by command: how each does, pausing and resuming one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cminbox.commands.base import Context
from cminbox.commands.channels import listing, pause, resume
from cminbox.domain.channel import ChannelState, Health
from cminbox.domain.errors import NotFoundError, RefusedError
from tests.commands.desk import MANUAL_CHANNEL, SENDING_CHANNEL, Desk, printed, rows
from tests.store.making import later


async def test_each_channel_of_the_configuration_and_its_notes(ctx: Context) -> None:
    notes = ChannelState(
        name=SENDING_CHANNEL, health=Health.LIMITED, error="429", todo="wait", account="@acme",
        own_ids=frozenset({"7"}), can=frozenset({"reply", "like"}), last_ok_at=later(0), quarantined=0,
    )  # fmt: skip
    await ctx.store.write(lambda tx: tx.save_channel_state(notes))
    result = await listing(ctx)
    (row,) = await rows(result)
    # the account is the platform's word, not what the configuration calls it
    assert (row["name"], row["state"], row["account"], row["can"]) == ("blog", "limited", "@acme", ["like", "reply"])
    assert all(word in printed(result, row) for word in ("blog", "limited", "429", "→ wait", "2026-11-20 09:30 UTC"))


async def test_where_there_is_none(ctx: Context) -> None:
    result = await listing(replace(ctx, config=replace(ctx.config, channels=())))
    assert (await rows(result), result.text) == ([], None)
    assert "no channel yet" in result.message


async def test_paused_and_resumed_by_the_operator(ctx: Context, bob: Context, desk: Desk) -> None:
    until = later(600)
    wish = {"next_at": until, "retry_after_until": until}
    notes = ChannelState(name="blog", health=Health.ERROR, error="x", failures=3, **wish)
    await ctx.store.write(lambda tx: tx.save_channel_state(notes))
    with pytest.raises(RefusedError, match="blog is not paused"):
        await resume(ctx, "blog")
    await pause(ctx, "blog")
    with pytest.raises(RefusedError, match="paused already"):
        await pause(bob, "blog")
    state = await ctx.store.read(lambda r: r.channel_state("blog"))
    assert (state.health, state.error, state.failures) == (Health.PAUSED, None, 3)
    await resume(bob, "blog")
    state = await ctx.store.read(lambda r: r.channel_state("blog"))
    # the platform's own wish stays
    assert (state.health, state.failures, state.next_at, state.retry_after_until) == (Health.NEVER, 0, None, until)
    assert [(line.kind, line.actor) for line in await desk.log()] == [
        ("channel-paused", "mina"), ("channel-resumed", "bob"),
    ]  # fmt: skip


@pytest.mark.parametrize("verb", [pause, resume])
async def test_only_what_is_configured(ctx: Context, verb: object) -> None:
    with pytest.raises(NotFoundError, match="there are blog"):
        await verb(ctx, MANUAL_CHANNEL)
