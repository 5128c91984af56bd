"""Taking back: each kind of act, several in a row, and what cannot be taken back, with what could be done instead."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from cminbox.commands.base import Context, Result
from cminbox.commands.claim import claim, keep_lease, release, take
from cminbox.commands.drafts import keep
from cminbox.commands.outbox import cancel, posted, retry
from cminbox.commands.reply import queue
from cminbox.commands.settle import done, reopen
from cminbox.commands.undo import undo
from cminbox.domain.errors import RefusedError
from cminbox.domain.outgoing import ActState
from tests.commands.desk import MANUAL_CHANNEL, Desk, one, rows
from tests.commands.test_reply import HOLD

Verb = Callable[[Context, list[int]], Awaitable[Result]]


async def answer(ctx: Context, item_id: int, text: str = "Thank you!") -> int:
    return (await queue(ctx, item_id, text, hold=HOLD)).acts[0]


@pytest.mark.parametrize(
    ("before", "verb"),
    [
        ((), done), ((), claim), ((), take),
        ((claim,), release), ((claim,), done), ((done,), reopen), ((claim, done), reopen),
    ],
)  # fmt: skip
async def test_it_stands_as_before(ctx: Context, desk: Desk, before: tuple[Verb, ...], verb: Verb) -> None:
    item_id = await desk.one()
    for earlier in before:
        await earlier(ctx, [item_id])
    stood = await desk.standing(item_id)
    await verb(ctx, [item_id])
    assert await desk.standing(item_id) != stood
    result = await undo(ctx)
    assert await desk.standing(item_id) == stood
    assert one(result)["status"] == stood[0]
    assert f"of {item_id} is taken back: it is {stood[0]} again" in result.message


async def test_an_answer_that_has_not_left_is_a_draft_again(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await claim(ctx, [item_id])
    act = await answer(ctx, item_id)
    result = await undo(ctx)
    assert await desk.standing(item_id) == ("open", None, "mina")
    assert await desk.draft(item_id) == "Thank you!"
    taken = await desk.act(act)
    assert (taken.state, taken.error) == (ActState.CANCELLED, "taken back")
    assert "your draft again" in result.message
    assert [reply["state"] for reply in one(result)["replies"]] == ["cancelled"]


async def test_a_manual_answer_is_taken_back_alike(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one(channel=MANUAL_CHANNEL)
    await answer(ctx, item_id)
    await undo(ctx)
    assert await desk.standing(item_id) == ("new", None, None)
    assert await desk.draft(item_id) == "Thank you!"


async def test_a_draft_begun_since_is_not_overwritten(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await answer(ctx, item_id)
    await keep(ctx, item_id, text="and another thing")
    assert "outbox list --all" in (await undo(ctx)).message
    assert await desk.draft(item_id) == "and another thing"


async def test_an_answer_that_only_was_put_off_has_not_left(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    act = await answer(ctx, item_id)
    await desk.is_put_off(act)
    await undo(ctx)
    assert (await desk.act(act)).state is ActState.CANCELLED
    assert await desk.standing(item_id) == ("new", None, None)


LEFT = {
    "leaving": ("is_leaving", "leaving just now"),
    "live": ("is_live", "can only be deleted there"),
    "uncertain": ("is_uncertain", "outbox posted .* or retry"),
    "failed": ("has_failed", "outbox cancel"),
}


@pytest.mark.parametrize(("how", "said"), LEFT.values(), ids=LEFT.keys())
async def test_an_answer_that_has_left_stays(ctx: Context, desk: Desk, how: str, said: str) -> None:
    item_id = await desk.one()
    act = await answer(ctx, item_id)
    await getattr(desk, how)(act)
    stood, state = await desk.standing(item_id), (await desk.act(act)).state
    with pytest.raises(RefusedError, match=said):
        await undo(ctx)
    assert (await desk.standing(item_id), (await desk.act(act)).state) == (stood, state)


async def test_a_try_that_nobody_could_tell_is_not_forgotten(ctx: Context, bob: Context, desk: Desk) -> None:
    """Bob has it sent again; for Mina it is queued, but the first try may stand there."""
    item_id = await desk.one()
    act = await answer(ctx, item_id)
    await desk.is_uncertain(act)
    await retry(bob, act)
    with pytest.raises(RefusedError, match=f"may stand there: cminbox outbox cancel {act}"):
        await undo(ctx)
    assert (await desk.act(act)).state is ActState.QUEUED


async def test_a_failed_one_sent_again_stands_nowhere_yet(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    act = await answer(ctx, item_id)
    await desk.has_failed(act)
    await retry(bob, act)
    await undo(ctx)
    assert (await desk.act(act)).state is ActState.CANCELLED
    assert await desk.standing(item_id) == ("open", None, None)


async def test_words_on_the_outbox_are_final_and_say_what_can_be_done(ctx: Context, desk: Desk) -> None:
    again, gone, there = await desk.comes_in("c1", "c2", "c3")
    failed, cancelled, unclear = [await answer(ctx, n) for n in (again, gone, there)]
    await desk.has_failed(failed)
    await desk.is_uncertain(unclear)
    await retry(ctx, failed)
    with pytest.raises(RefusedError, match=f"on its way again: cminbox outbox cancel {failed}"):
        await undo(ctx)
    await cancel(ctx, cancelled)
    with pytest.raises(RefusedError, match="outbox list --all"):
        await undo(ctx)
    await posted(ctx, unclear)
    with pytest.raises(RefusedError, match="your word"):
        await undo(ctx)


async def test_several_in_a_row_the_newest_first(ctx: Context, desk: Desk) -> None:
    first, second = await desk.comes_in("c1", "c2")
    await claim(ctx, [first])
    await done(ctx, [first])
    await claim(ctx, [second])
    await answer(ctx, second)
    seen = []
    for _ in range(4):
        await undo(ctx)
        seen.append((await desk.standing(first), await desk.standing(second)))
    new, mine, settled = ("new", None, None), ("open", None, "mina"), ("done", None, "mina")
    assert seen == [(settled, mine), (settled, new), (mine, new), (new, new)]
    with pytest.raises(RefusedError, match="nothing of yours"):
        await undo(ctx)


async def test_a_new_act_after_taking_back(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await claim(ctx, [item_id])
    await done(ctx, [item_id])
    await undo(ctx)
    await done(ctx, [item_id], outcome="spam")
    await undo(ctx)
    await undo(ctx)
    assert await desk.standing(item_id) == ("new", None, None)


async def test_several_items_were_one_act(ctx: Context, desk: Desk) -> None:
    alone, *many = await desk.comes_in("c1", "c2", "c3", "c4")
    await done(ctx, [alone])
    await done(ctx, many, outcome="ignored")
    result = await undo(ctx)
    assert result.message == f"done of {', '.join(map(str, reversed(many)))} is taken back"
    assert {row["id"]: row["status"] for row in await rows(result)} == dict.fromkeys(many, "new")
    assert await desk.standing(alone) == ("done", None, None)
    await undo(ctx)
    assert await desk.standing(alone) == ("new", None, None)


async def test_several_items_are_taken_back_all_or_none(ctx: Context, bob: Context, desk: Desk) -> None:
    ids = await desk.comes_in("c1", "c2", "c3")
    await done(ctx, ids)
    await reopen(bob, [ids[1]])
    lines = len(await desk.log())
    with pytest.raises(RefusedError, match=f"{ids[1]} has changed since"):
        await undo(ctx)
    assert [(await desk.standing(n))[0] for n in ids] == ["done", "open", "done"]
    assert len(await desk.log()) == lines


async def test_only_ones_own_acts(ctx: Context, bob: Context, desk: Desk) -> None:
    first, second = await desk.comes_in("c1", "c2")
    await done(ctx, [first])
    await done(bob, [second])
    await undo(ctx)
    assert await desk.standing(first) == ("new", None, None)
    assert await desk.standing(second) == ("done", None, None)


async def test_what_another_changed_since_stays(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await claim(ctx, [item_id])
    await take(bob, [item_id])
    with pytest.raises(RefusedError, match="has changed since: it is open now"):
        await undo(ctx)
    assert await desk.standing(item_id) == ("open", None, "bob")
    await undo(bob)
    await undo(ctx)
    assert await desk.standing(item_id) == ("new", None, None)


async def test_what_another_decided_anew_stays_though_it_looks_the_same(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await done(ctx, [item_id])
    await reopen(bob, [item_id])
    await done(bob, [item_id])
    with pytest.raises(RefusedError, match="has changed since"):
        await undo(ctx)
    assert await desk.standing(item_id) == ("done", None, None)


async def test_an_answer_between_is_a_change_though_the_item_is_open_again(
    ctx: Context, bob: Context, desk: Desk
) -> None:
    """Else an item would be done while nobody knows whether its answer stands there."""
    item_id = await desk.one()
    await done(ctx, [item_id])
    await reopen(bob, [item_id])
    await desk.is_uncertain(await answer(ctx, item_id))
    assert await desk.standing(item_id) == ("open", None, None)
    with pytest.raises(RefusedError, match="has changed since"):
        await undo(bob)


async def test_an_edit_that_opens_an_item_is_a_change_one_that_does_not_is_none(ctx: Context, desk: Desk) -> None:
    opens, stays = await desk.comes_in("c1", "c2")
    await claim(ctx, [stays])
    await desk.is_edited(stays)
    await undo(ctx)
    assert await desk.standing(stays) == ("new", None, None)
    await done(ctx, [opens], outcome="answered")
    await desk.is_edited(opens)
    with pytest.raises(RefusedError, match="has changed since"):
        await undo(ctx)


async def test_who_claimed_it_meanwhile_keeps_it(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await answer(ctx, item_id)
    await claim(bob, [item_id])
    await undo(ctx)
    assert await desk.standing(item_id) == ("open", None, "bob")


async def test_what_its_author_removed_meanwhile_stays_removed(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    act = await answer(ctx, item_id)
    await desk.is_removed(item_id)
    await undo(ctx)
    assert (await desk.act(act)).state is ActState.CANCELLED
    assert await desk.standing(item_id) == ("done", "withdrawn", None)


async def test_claiming_taken_back_lets_go(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await claim(ctx, [item_id])
    await undo(ctx)
    assert await desk.holder(item_id) is None
    await claim(bob, [item_id])


async def test_nothing_to_take_back(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await keep(ctx, item_id, text="a draft is no act")
    await keep_lease(ctx, item_id)
    with pytest.raises(RefusedError, match="nothing of yours"):
        await undo(ctx)


async def test_an_answer_cancelled_by_another(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await cancel(bob, await answer(ctx, item_id))
    with pytest.raises(RefusedError, match="taken back already"):
        await undo(ctx)


async def test_undoing_stands_in_the_log(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await done(ctx, [item_id])
    told = await desk.last_event()
    await undo(ctx)
    line = await desk.last_event()
    assert (line.kind, line.actor, line.item, line.values()["n"]) == ("undone", "mina", item_id, told.n)
    assert (line.values()["from"]["status"], line.values()["to"]["status"]) == ("done", "new")
    assert await ctx.store.verify() is None
