"""Two operators, two processes' worth of connections, one item: the store lets one through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace

import pytest

from cminbox.commands.base import Context, Result
from cminbox.commands.claim import claim
from cminbox.commands.outbox import cancel, retry
from cminbox.commands.reply import queue
from cminbox.commands.settle import done
from cminbox.commands.undo import undo
from cminbox.courier import outbox as courier
from cminbox.domain.errors import RefusedError
from cminbox.domain.outgoing import ActState
from cminbox.store.sqlite import open_store
from cminbox.store.sqlite.aio import SqliteStore
from tests.commands.desk import Clock, Desk
from tests.commands.test_reply import HOLD

ROUNDS = 15


@pytest.fixture
async def elsewhere(ctx: Context, store: SqliteStore, clock: Clock) -> AsyncIterator[Context]:
    """Bob, at a screen of his own: the same file through other connections."""
    opened = await open_store(store.path, state=store.kept.path.parent, clock=clock)
    yield replace(ctx, store=opened, operator="bob")
    await opened.close()


async def race(*runners: Awaitable[Result]) -> tuple[list[Result], list[BaseException]]:
    """All at once: what went through, and what was refused."""
    ended = await asyncio.gather(*runners, return_exceptions=True)
    refused = [one for one in ended if isinstance(one, BaseException)]
    assert all(isinstance(one, RefusedError) for one in refused), refused
    return [one for one in ended if isinstance(one, Result)], refused


async def test_two_answers_to_one_item_are_one_act(ctx: Context, elsewhere: Context, desk: Desk) -> None:
    for item_id in await desk.comes_in(*(f"c{n}" for n in range(ROUNDS))):
        through, refused = await race(
            queue(ctx, item_id, "Thank you!", hold=HOLD), queue(elsewhere, item_id, "Thanks!", hold=HOLD)
        )
        assert (len(through), len(refused)) == (1, 1)
        (act,) = await desk.acts(item_id)
        assert through[0].acts == (act.id,)
        assert f"queued already, by {act.operator} (outbox {act.id})" in str(refused[0])
    tally = await desk.store.read(lambda r: r.outbox_tally())
    assert tally == {ActState.QUEUED: ROUNDS}
    assert await ctx.store.verify() is None


async def test_two_who_claim_and_one_who_has_it(ctx: Context, elsewhere: Context, desk: Desk) -> None:
    for item_id in await desk.comes_in(*(f"c{n}" for n in range(ROUNDS))):
        through, _ = await race(claim(ctx, [item_id]), claim(elsewhere, [item_id]))
        assert len(through) == 1
        assert (await desk.item(item_id)).assignee == await desk.holder(item_id)
        assert [line.kind for line in await desk.log(item_id)] == ["claimed"]


async def test_an_answer_and_done_never_both(ctx: Context, elsewhere: Context, desk: Desk) -> None:
    for item_id in await desk.comes_in(*(f"c{n}" for n in range(ROUNDS))):
        await race(queue(ctx, item_id, "Thank you!", hold=HOLD), done(elsewhere, [item_id]))
        # done first, then answered: waiting; answered first: done is refused
        assert (await desk.standing(item_id))[0] == "waiting"


async def test_taking_back_and_leaving_never_both(ctx: Context, elsewhere: Context, desk: Desk) -> None:
    for item_id in await desk.comes_in(*(f"c{n}" for n in range(ROUNDS))):
        (act,) = (await queue(ctx, item_id, "Thank you!", hold=HOLD)).acts

        async def leaves(act: int = act) -> Result:
            claimed = await elsewhere.store.write(lambda tx: courier.claim(tx, act, 1))
            return Result("left" if claimed else "")

        through, refused = await race(undo(ctx), leaves())
        state = (await desk.act(act)).state
        left = any(result.message == "left" for result in through)
        assert (state is ActState.SENDING) == left == bool(refused)
        if left:
            await desk.store.write(lambda tx, act=act: courier.failed(tx, act, "403"))


async def test_sending_again_and_cancelling_never_both(ctx: Context, elsewhere: Context, desk: Desk) -> None:
    for item_id in await desk.comes_in(*(f"c{n}" for n in range(ROUNDS))):
        (act,) = (await queue(ctx, item_id, "Thank you!", hold=HOLD)).acts
        await desk.is_uncertain(act)
        through, _ = await race(retry(ctx, act), retry(elsewhere, act))
        assert len(through) == 1
        await race(cancel(ctx, act), cancel(elsewhere, act))
        assert (await desk.act(act)).state is ActState.CANCELLED
        assert [line.kind for line in await desk.log(item_id)][-2:] == ["retried", "cancelled"]
