"""Whose item it is: assignee, lease, and taking over."""

from __future__ import annotations

import pytest

from cminbox.commands.base import Context
from cminbox.commands.claim import claim, drop_lease, keep_lease, release, take
from cminbox.commands.reply import queue
from cminbox.commands.settle import done
from cminbox.domain.errors import NotFoundError, RefusedError
from tests.commands.desk import Clock, Desk
from tests.commands.test_reply import HOLD


async def test_claiming_sets_assignee_and_lease(ctx: Context, desk: Desk, clock: Clock) -> None:
    item_id = await desk.one()
    assert (await claim(ctx, [item_id])).message == f"yours: {item_id}"
    assert await desk.standing(item_id) == ("open", None, "mina")
    assert await desk.holder(item_id) == "mina"
    assert (await desk.last_event()).kind == "claimed"
    clock.go(minutes=15)
    assert await desk.holder(item_id) is None
    assert await desk.standing(item_id) == ("open", None, "mina")


async def test_claiming_again_prolongs_the_lease_and_tells_nothing(ctx: Context, desk: Desk, clock: Clock) -> None:
    item_id = await desk.one()
    await claim(ctx, [item_id])
    lines = len(await desk.log())
    clock.go(minutes=14)
    await claim(ctx, [item_id])
    clock.go(minutes=14)
    assert await desk.holder(item_id) == "mina"
    assert len(await desk.log()) == lines


async def test_what_another_owns_or_is_at_is_refused(ctx: Context, bob: Context, desk: Desk) -> None:
    owned, held, free = await desk.comes_in("c1", "c2", "c3")
    await claim(bob, [owned])
    await keep_lease(bob, held)
    with pytest.raises(RefusedError, match=f"{owned} is bob's"):
        await claim(ctx, [free, owned])
    with pytest.raises(RefusedError, match=f"bob is at {held}"):
        await claim(ctx, [free, held])
    assert await desk.standing(free) == ("new", None, None)
    assert await desk.holder(free) is None


@pytest.mark.parametrize("mine", [False, True])
async def test_what_is_done_is_not_claimed(ctx: Context, desk: Desk, mine: bool) -> None:
    item_id = await desk.one()
    if mine:
        await claim(ctx, [item_id])
    await done(ctx, [item_id])
    for verb in (claim, take):
        with pytest.raises(RefusedError, match=f"reopen it first.*cminbox reopen {item_id}"):
            await verb(ctx, [item_id])
    assert await desk.holder(item_id) is None


async def test_claiming_what_waits_changes_no_status(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await queue(ctx, item_id, "Thank you!", hold=HOLD)
    await claim(bob, [item_id])
    assert await desk.standing(item_id) == ("waiting", None, "bob")


async def test_taking_over_stands_in_the_log(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await claim(bob, [item_id])
    await take(ctx, [item_id])
    assert await desk.standing(item_id) == ("open", None, "mina")
    assert await desk.holder(item_id) == "mina"
    line = await desk.last_event()
    assert (line.kind, line.actor, line.values()["taken_from"]) == ("taken", "mina", "bob")


async def test_taking_from_somebody_who_is_only_at_it_stands_in_the_log_too(
    ctx: Context, bob: Context, desk: Desk
) -> None:
    item_id = await desk.one()
    await claim(ctx, [item_id])
    await drop_lease(ctx, item_id)
    await keep_lease(bob, item_id)
    await take(ctx, [item_id])
    assert await desk.holder(item_id) == "mina"
    assert (await desk.last_event()).values()["taken_from"] == "bob"
    lines = len(await desk.log())
    await take(ctx, [item_id])
    assert len(await desk.log()) == lines


async def test_releasing_gives_it_back_to_everybody(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await claim(ctx, [item_id])
    with pytest.raises(RefusedError, match=f"{item_id} is mina's"):
        await release(bob, [item_id])
    await release(ctx, [item_id])
    assert await desk.standing(item_id) == ("open", None, None)
    assert await desk.holder(item_id) is None
    lines = len(await desk.log())
    await release(bob, [item_id])
    assert len(await desk.log()) == lines


async def test_the_lease_of_who_writes(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    assert await keep_lease(ctx, item_id) == "mina"
    assert await keep_lease(bob, item_id) == "mina"
    assert await keep_lease(bob, item_id, steal=True) == "bob"
    await drop_lease(ctx, item_id)
    assert await desk.holder(item_id) == "bob"
    await drop_lease(bob, item_id)
    assert await desk.holder(item_id) is None
    assert await desk.standing(item_id) == ("new", None, None)
    with pytest.raises(NotFoundError):
        await keep_lease(ctx, 404)
