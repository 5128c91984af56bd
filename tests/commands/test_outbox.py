"""The outbox: what a person may say about an act in each of its states, and what that does to the item."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from cminbox.commands.base import Context, Result
from cminbox.commands.claim import claim, keep_lease
from cminbox.commands.outbox import cancel, listing, posted, retry
from cminbox.commands.reply import queue
from cminbox.commands.settle import done
from cminbox.domain.errors import NotFoundError, RefusedError, UsageError
from cminbox.domain.outgoing import ActState
from tests.commands.desk import MANUAL_CHANNEL, Clock, Desk, one, printed, rows
from tests.commands.test_reply import HOLD

Verb = Callable[[Context, int], Awaitable[Result]]
MOVES = {
    ActState.SENDING: "is_leaving",
    ActState.LIVE: "is_live",
    ActState.UNCERTAIN: "is_uncertain",
    ActState.FAILED: "has_failed",
}


async def act_in(ctx: Context, desk: Desk, state: ActState) -> tuple[int, int]:
    """An item and its answer, in that state."""
    (item_id,) = await desk.comes_in(state.value, channel=MANUAL_CHANNEL if state is ActState.MANUAL else "blog")
    (act,) = (await queue(ctx, item_id, "Thank you!", hold=HOLD)).acts
    if state is ActState.CANCELLED:
        await cancel(ctx, act)
    if state in MOVES:
        await getattr(desk, MOVES[state])(act)
    assert (await desk.act(act)).state is state
    return item_id, act


ALLOWED: dict[str, tuple[Verb, dict[ActState, tuple[ActState, tuple[str, str | None]]]]] = {
    # from → to, and the status and outcome of the item then
    "retry": (retry, {
        ActState.FAILED: (ActState.QUEUED, ("waiting", None)),
        ActState.UNCERTAIN: (ActState.QUEUED, ("waiting", None)),
    }),
    "cancel": (cancel, {
        ActState.QUEUED: (ActState.CANCELLED, ("new", None)),
        ActState.MANUAL: (ActState.CANCELLED, ("new", None)),
        ActState.FAILED: (ActState.CANCELLED, ("open", None)),
        ActState.UNCERTAIN: (ActState.CANCELLED, ("open", None)),
    }),
    "posted": (posted, {
        ActState.MANUAL: (ActState.LIVE, ("done", "answered")),
        ActState.UNCERTAIN: (ActState.LIVE, ("done", "answered")),
    }),
}  # fmt: skip
REACHED = (
    ActState.QUEUED,
    ActState.SENDING,
    ActState.LIVE,
    ActState.UNCERTAIN,
    ActState.FAILED,
    ActState.CANCELLED,
    ActState.MANUAL,
)


@pytest.mark.parametrize("state", REACHED)
@pytest.mark.parametrize("word", ALLOWED)
async def test_each_word_in_each_state(ctx: Context, desk: Desk, word: str, state: ActState) -> None:
    verb, allowed = ALLOWED[word]
    item_id, act = await act_in(ctx, desk, state)
    before, lines = await desk.act(act), len(await desk.log())
    stood = await desk.standing(item_id)
    if state not in allowed:
        with pytest.raises(RefusedError, match=rf"{act} is {state}"):
            await verb(ctx, act)
        assert await desk.act(act) == before
        assert await desk.standing(item_id) == stood
        assert len(await desk.log()) == lines
        return
    to, ends = allowed[state]
    result = await verb(ctx, act)
    assert one(result)["state"] == to
    assert (await desk.act(act)).state is to
    assert (await desk.standing(item_id))[:2] == ends
    line = await desk.last_event()
    assert (line.actor, line.item, line.values()["act"]) == ("mina", item_id, act)
    assert (line.values()["was"], line.values()["state"]) == (state, to)


@pytest.mark.parametrize("verb", [retry, cancel, posted])
async def test_an_unknown_act(ctx: Context, verb: Verb) -> None:
    with pytest.raises(NotFoundError, match="no outgoing act 404"):
        await verb(ctx, 404)


async def test_sent_again_with_the_same_key_and_text(ctx: Context, desk: Desk, clock: Clock) -> None:
    _, act = await act_in(ctx, desk, ActState.FAILED)
    before = await desk.act(act)
    clock.go(minutes=5)
    await retry(ctx, act)
    again = await desk.act(act)
    assert (again.key, again.text, again.attempts) == (before.key, before.text, 1)
    assert (again.not_before, again.error) == (clock(), None)


async def test_sending_again_is_refused_as_a_new_answer_would_be(ctx: Context, bob: Context, desk: Desk) -> None:
    first, second, third, fourth = await desk.comes_in("c1", "c2", "c3", "c4")
    acts = [(await queue(ctx, n, "Thank you!", hold=HOLD)).acts[0] for n in (first, second, third, fourth)]
    for act in acts:
        await desk.has_failed(act)
    await desk.is_removed(first)
    with pytest.raises(RefusedError, match="removed by its author"):
        await retry(ctx, acts[0])
    await queue(ctx, second, "Thanks!", hold=HOLD)
    with pytest.raises(RefusedError, match="queued already"):
        await retry(ctx, acts[1])
    await desk.is_live((await queue(ctx, third, "Thank you!", hold=HOLD)).acts[0])
    with pytest.raises(RefusedError, match="same answer"):
        await retry(ctx, acts[2])
    await keep_lease(bob, fourth)
    with pytest.raises(RefusedError, match="bob is at"):
        await retry(ctx, acts[3])
    assert {(await desk.act(act)).state for act in acts} == {ActState.FAILED}


async def test_what_cannot_be_sent_any_more_is_not_queued_for_ever(ctx: Context, desk: Desk) -> None:
    _, act = await act_in(ctx, desk, ActState.FAILED)
    without = replace(ctx, config=replace(ctx.config, channels=()))
    with pytest.raises(RefusedError, match="blog cannot send"):
        await retry(without, act)


async def test_cancelling_an_old_failure_leaves_the_new_answer_alone(ctx: Context, desk: Desk) -> None:
    item_id, failed = await act_in(ctx, desk, ActState.FAILED)
    (act,) = (await queue(ctx, item_id, "Thanks!", hold=HOLD)).acts
    await cancel(ctx, failed)
    assert await desk.standing(item_id) == ("waiting", None, None)
    assert (await desk.act(act)).state is ActState.QUEUED


async def test_cancelling_an_old_failure_does_not_open_what_is_done(ctx: Context, desk: Desk) -> None:
    item_id, failed = await act_in(ctx, desk, ActState.FAILED)
    await done(ctx, [item_id], outcome="ignored")
    await cancel(ctx, failed)
    assert await desk.standing(item_id) == ("done", "ignored", None)


async def test_cancelling_takes_nobodys_item_away(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id, act = await act_in(ctx, desk, ActState.QUEUED)
    await claim(bob, [item_id])
    await cancel(ctx, act)
    assert await desk.standing(item_id) == ("open", None, "bob")


async def test_taken_back_after_another_try_it_stands_as_before_that_try(ctx: Context, desk: Desk) -> None:
    item_id, act = await act_in(ctx, desk, ActState.UNCERTAIN)
    await retry(ctx, act)
    await cancel(ctx, act)
    assert await desk.standing(item_id) == ("open", None, None)


async def test_a_done_item_is_done_again_when_a_further_answer_is_taken_back(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await done(ctx, [item_id], outcome="ignored")
    (act,) = (await queue(ctx, item_id, "Thank you!", hold=HOLD)).acts
    await cancel(ctx, act)
    assert await desk.standing(item_id) == ("done", "ignored", None)


async def test_posted_keeps_the_link_and_the_wish_to_wait(ctx: Context, desk: Desk, clock: Clock) -> None:
    item_id = await desk.one(channel=MANUAL_CHANNEL)
    (act,) = (await queue(ctx, item_id, "Which size?", hold=HOLD, wait=True)).acts
    clock.go(minutes=3)
    told = one(await posted(ctx, act, url="https://example.org/thread#c9"))
    assert (told["url"], told["live_at"]) == ("https://example.org/thread#c9", "2026-11-20T09:33:00Z")
    assert await desk.standing(item_id) == ("waiting", None, None)


@pytest.mark.parametrize(
    "url", ["", "example.org", "javascript:alert(1)", "https://a b", "https://a\x1b[2J", "https://a\u202eb", "ftp://a"]
)
async def test_a_link_is_a_link(ctx: Context, desk: Desk, url: str) -> None:
    _, act = await act_in(ctx, desk, ActState.MANUAL)
    with pytest.raises(UsageError, match="--url"):
        await posted(ctx, act, url=url)
    assert (await desk.act(act)).state is ActState.MANUAL


async def test_the_list_shows_what_is_not_over_newest_first(ctx: Context, desk: Desk) -> None:
    acts = {state: (await act_in(ctx, desk, state))[1] for state in REACHED}
    unfinished = [
        acts[s] for s in (ActState.MANUAL, ActState.FAILED, ActState.UNCERTAIN, ActState.SENDING, ActState.QUEUED)
    ]
    assert [row["id"] for row in await rows(await listing(ctx))] == unfinished
    assert [row["id"] for row in await rows(await listing(ctx, all=True))] == sorted(acts.values(), reverse=True)


async def test_an_error_of_a_server_is_printed_harmless(ctx: Context, desk: Desk) -> None:
    _, act = await act_in(ctx, desk, ActState.QUEUED)
    await desk.has_failed(act, "no \x1b]0;owned\x07\u202e entry")
    result = await listing(ctx)
    (row,) = await rows(result)
    text = printed(result, row)
    assert "\x1b" not in text and "\u202e" not in text and "\n" not in text
    assert "failed" in text and "Thank you!" in text
