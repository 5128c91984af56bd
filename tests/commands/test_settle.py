"""Done and open again: one item, many, all or none."""

from __future__ import annotations

import pytest

from cminbox.commands.base import Context
from cminbox.commands.claim import claim, keep_lease
from cminbox.commands.outbox import cancel
from cminbox.commands.reply import queue
from cminbox.commands.settle import done, reopen
from cminbox.domain.errors import NotFoundError, RefusedError, UsageError
from cminbox.domain.item import Status
from tests.commands.desk import MANUAL_CHANNEL, Desk, rows
from tests.commands.test_reply import HOLD


async def test_done_settles_marks_as_seen_and_lets_go(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await claim(ctx, [item_id])
    result = await done(ctx, [item_id])
    assert await desk.standing(item_id) == ("done", None, "mina")
    assert (await desk.item(item_id)).seen
    assert await desk.holder(item_id) is None
    assert result.message == f"done {item_id}"
    assert [(row["id"], row["status"], row["lease"]) for row in await rows(result)] == [(item_id, "done", None)]


@pytest.mark.parametrize("outcome", [None, "answered"])
async def test_an_edit_of_a_done_one_opens_it_again(ctx: Context, desk: Desk, outcome: str | None) -> None:
    item_id = await desk.one()
    await done(ctx, [item_id], outcome=outcome)
    await desk.is_edited(item_id)
    assert await desk.standing(item_id) == ("open", None, None)


async def test_an_edit_leaves_what_came_in_as_done_until_somebody_dealt_with_it(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one(status=Status.DONE)
    await desk.is_edited(item_id)
    assert await desk.standing(item_id) == ("done", None, None)
    await reopen(ctx, [item_id])
    await done(ctx, [item_id])
    await desk.is_edited(item_id)
    assert await desk.standing(item_id) == ("open", None, None)


@pytest.mark.parametrize("outcome", ["answered", "ignored", "spam"])
async def test_how_it_ended_may_be_told(ctx: Context, desk: Desk, outcome: str) -> None:
    item_id = await desk.one()
    await done(ctx, [item_id], outcome=outcome, reason="phone")
    assert await desk.standing(item_id) == ("done", outcome, None)


@pytest.mark.parametrize("outcome", ["hidden", "removed", "withdrawn", "liked", "perfect", ""])
async def test_outcomes_that_follow_from_acts_are_no_words(ctx: Context, desk: Desk, outcome: str) -> None:
    item_id = await desk.one()
    with pytest.raises(UsageError, match="answered, ignored, spam"):
        await done(ctx, [item_id], outcome=outcome)
    assert await desk.standing(item_id) == ("new", None, None)


async def test_reopening_forgets_the_outcome_and_keeps_the_assignee(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await claim(ctx, [item_id])
    await done(ctx, [item_id], outcome="spam")
    await reopen(ctx, [item_id])
    assert await desk.standing(item_id) == ("open", None, "mina")


async def test_what_stands_so_already_is_refused(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    with pytest.raises(RefusedError, match=f"{item_id} is new already"):
        await reopen(ctx, [item_id])
    await done(ctx, [item_id])
    with pytest.raises(RefusedError, match=f"{item_id} is done already"):
        await done(ctx, [item_id])


async def test_all_or_none(ctx: Context, desk: Desk) -> None:
    first, second, third = await desk.comes_in("c1", "c2", "c3")
    await done(ctx, [second])
    lines = len(await desk.log())
    with pytest.raises(RefusedError):
        await done(ctx, [first, second, third])
    with pytest.raises(NotFoundError, match="no item 404"):
        await done(ctx, [first, 404], skip_refused=True)
    assert [await desk.standing(n) for n in (first, third)] == [("new", None, None)] * 2
    assert len(await desk.log()) == lines


async def test_skip_refused_does_the_others_and_says_which_not(ctx: Context, bob: Context, desk: Desk) -> None:
    first, second, third, fourth = await desk.comes_in("c1", "c2", "c3", "c4")
    await done(ctx, [second])
    await keep_lease(bob, fourth)
    result = await done(ctx, [first, second, third, fourth], skip_refused=True)
    assert result.message == f"done {first}, {third}"
    assert [row["id"] for row in await rows(result)] == [first, third]
    assert [("done already" in result.warnings[0]), ("bob is at" in result.warnings[1])] == [True, True]
    assert result.exit_code == 0
    assert await desk.standing(fourth) == ("new", None, None)


async def test_where_all_are_refused_the_exit_status_says_so(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await done(ctx, [item_id])
    result = await done(ctx, [item_id], skip_refused=True)
    assert (result.exit_code, result.message) == (4, "nothing was changed")
    result = await reopen(ctx, [item_id, item_id], skip_refused=True)
    assert (result.exit_code, result.message) == (0, f"open again {item_id}")


async def test_no_items_at_all(ctx: Context) -> None:
    for verb in (done, reopen, claim):
        with pytest.raises(UsageError, match="which item"):
            await verb(ctx, [])


async def test_an_item_named_twice_is_done_once(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    result = await done(ctx, [item_id, item_id])
    assert result.message == f"done {item_id}"
    assert [line.kind for line in await desk.log(item_id)] == ["done"]


async def test_many_are_counted_in_the_message_not_listed(ctx: Context, desk: Desk) -> None:
    ids = await desk.comes_in(*(f"c{n}" for n in range(6)))
    assert (await done(ctx, ids)).message == "done 6 items"


@pytest.mark.parametrize("how", ["queued", "leaving", "uncertain", "put off"])
async def test_an_answer_on_its_way_keeps_its_item(ctx: Context, desk: Desk, how: str) -> None:
    item_id = await desk.one()
    (act,) = (await queue(ctx, item_id, "Thank you!", hold=HOLD)).acts
    moves = {"leaving": desk.is_leaving, "uncertain": desk.is_uncertain, "put off": desk.is_put_off}
    if how in moves:
        await moves[how](act)
    stood = await desk.standing(item_id)
    with pytest.raises(RefusedError, match=f"outbox {act}"):
        await done(ctx, [item_id])
    with pytest.raises(RefusedError):
        await reopen(ctx, [item_id])
    assert await desk.standing(item_id) == stood


async def test_a_manual_answer_keeps_its_item_until_posted_or_cancelled(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one(channel=MANUAL_CHANNEL)
    (act,) = (await queue(ctx, item_id, "Thank you!", hold=HOLD)).acts
    with pytest.raises(RefusedError, match="manual"):
        await done(ctx, [item_id])
    await cancel(ctx, act)
    await done(ctx, [item_id])


async def test_after_a_failed_answer_an_item_may_be_done(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await desk.has_failed((await queue(ctx, item_id, "Thank you!", hold=HOLD)).acts[0])
    await done(ctx, [item_id])
    assert await desk.standing(item_id) == ("done", None, None)


async def test_what_waits_for_the_author_may_be_done_or_opened(ctx: Context, desk: Desk) -> None:
    first, second = await desk.comes_in("c1", "c2")
    for item_id in (first, second):
        await desk.is_live((await queue(ctx, item_id, "Which size?", hold=HOLD, wait=True)).acts[0])
    await done(ctx, [first])
    await reopen(ctx, [second])
    assert await desk.standing(first) == ("done", None, None)
    assert await desk.standing(second) == ("open", None, None)


async def test_while_another_is_at_it(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await keep_lease(bob, item_id)
    with pytest.raises(RefusedError, match="bob is at"):
        await done(ctx, [item_id])
    await done(bob, [item_id])
    await keep_lease(bob, item_id)
    with pytest.raises(RefusedError, match="bob is at"):
        await reopen(ctx, [item_id])


async def test_each_change_stands_in_the_log_with_how_it_was(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await done(ctx, [item_id], outcome="ignored")
    line = await desk.last_event()
    assert (line.kind, line.actor, line.item) == ("done", "mina", item_id)
    assert line.values() == {
        "from": {"status": "new", "outcome": None, "assignee": None},
        "to": {"status": "done", "outcome": "ignored", "assignee": None},
    }
