"""Answering: what is queued, what is refused, and that a refusal leaves no trace."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cminbox.commands.base import Context
from cminbox.commands.claim import claim, keep_lease
from cminbox.commands.drafts import keep
from cminbox.commands.outbox import posted
from cminbox.commands.reply import ThreadChangedError, counted, queue, reply, unsendable
from cminbox.commands.settle import done
from cminbox.domain.errors import NotFoundError, RefusedError, UsageError
from cminbox.domain.event import digest
from cminbox.domain.outgoing import ActState
from cminbox.domain.text import Safe
from tests.commands.desk import MANUAL_CHANNEL, NOW, Clock, Desk, one

HOLD = timedelta(seconds=10)


async def untouched(desk: Desk, item_id: int, *, lines: int) -> None:
    """Nothing was written: no act, no line of the log."""
    assert await desk.acts(item_id) == []
    assert len(await desk.log()) == lines


async def test_an_answer_is_written_with_its_event_before_anything_leaves(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await keep(ctx, item_id, text="half of it")
    await keep_lease(ctx, item_id)

    result = await queue(ctx, item_id, "Thank you, Vera!", hold=HOLD, snippet="thanks")

    (act,) = await desk.acts(item_id)
    assert result.acts == (act.id,)
    assert (act.state, act.text, act.operator, act.snippet) == (ActState.QUEUED, "Thank you, Vera!", "mina", "thanks")
    assert (act.queued_at, act.not_before) == (NOW, NOW + HOLD)
    assert (act.attempts, act.first_attempt_at, act.remote_id) == (0, None, None)
    assert await desk.standing(item_id) == ("waiting", None, None)
    assert (await desk.item(item_id)).seen
    assert await desk.draft(item_id) is None
    assert await desk.holder(item_id) is None
    assert "10 s" in result.message

    line = await desk.last_event()
    assert (line.kind, line.actor, line.item) == ("queued", "mina", item_id)
    salt = await desk.store.read(lambda r: r.salt(item_id))
    assert line.values()["text"] == digest("Thank you, Vera!", salt)
    assert "Thank you" not in line.data


async def test_the_drafts_of_others_stay(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await keep(bob, item_id, text="Bob's words")
    await queue(ctx, item_id, "Thank you!", hold=HOLD)
    assert await desk.draft(item_id, "bob") == "Bob's words"


async def test_each_answer_has_a_key_of_its_own(ctx: Context, desk: Desk) -> None:
    first, second = await desk.comes_in("c1", "c2")
    keys = [(await desk.act((await queue(ctx, n, "Thank you!", hold=HOLD)).acts[0])).key for n in (first, second)]
    assert len(set(keys)) == 2


async def test_from_the_line_it_is_due_at_once_unless_after_says_otherwise(ctx: Context, desk: Desk) -> None:
    first, second = await desk.comes_in("c1", "c2")
    at_once = one(await reply(ctx, first, text="Thank you!"))
    held = one(await reply(ctx, second, text_file="Thank you!", after=timedelta(minutes=1)))
    assert at_once["due_at"] == "2026-11-20T09:30:00Z"
    assert held["due_at"] == "2026-11-20T09:31:00Z"


async def test_a_private_answer_is_refused_rather_than_made_public(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    with pytest.raises(RefusedError, match="blog has no private answers"):
        await reply(ctx, item_id, text="Thank you!", private=True)
    await untouched(desk, item_id, lines=1)
    with pytest.raises(NotFoundError):
        await reply(ctx, 404, text="Thank you!", private=True)


async def test_a_channel_that_cannot_send_makes_it_manual(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one(channel=MANUAL_CHANNEL)
    result = await queue(ctx, item_id, "Thank you!", hold=HOLD)
    (act,) = await desk.acts(item_id)
    assert act.state is ActState.MANUAL
    assert await desk.standing(item_id) == ("waiting", None, None)
    assert (await desk.last_event()).kind == "manual"
    assert f"outbox posted {act.id}" in result.message


async def test_a_configured_channel_without_reply_makes_it_manual(ctx: Context, desk: Desk) -> None:
    (blog,) = ctx.config.channels
    mute = replace(ctx, config=replace(ctx.config, channels=(replace(blog, can=frozenset({"like"})),)))
    item_id = await desk.one()
    await queue(mute, item_id, "Thank you!", hold=HOLD)
    assert [act.state for act in await desk.acts(item_id)] == [ActState.MANUAL]


async def test_live_answers_end_an_item_or_let_it_wait(ctx: Context, desk: Desk) -> None:
    ends, waits = await desk.comes_in("c1", "c2")
    await desk.is_live((await queue(ctx, ends, "Thank you!", hold=HOLD)).acts[0])
    await desk.is_live((await queue(ctx, waits, "Which size?", hold=HOLD, wait=True)).acts[0])
    assert await desk.standing(ends) == ("done", "answered", None)
    assert await desk.standing(waits) == ("waiting", None, None)


@pytest.mark.parametrize("text", ["", " ", "\n\t\n", "\u200b", "\u2060\u2060"])
async def test_what_shows_nothing_is_refused(ctx: Context, desk: Desk, text: str) -> None:
    item_id = await desk.one()
    with pytest.raises(RefusedError, match=r"empty|invisible"):
        await queue(ctx, item_id, text, hold=HOLD)
    await untouched(desk, item_id, lines=1)


HOSTILE = {
    "escape": "Hello \x1b]52;c;aGk=\x07",
    "c1": "Hello \x9b31m",
    "bidi": "Hello \u202egnp.exe",
    "invisible": "Hel\u200blo",
    "tags": "Hello\U000e0041",
    "surrogate": "Hello \ud800",
    "nul": "Hello \x00",
    "marks": "Z" + "\u0301" * 40,
    "carriage return": "Hello\rVera",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_what_must_not_leave_is_refused_and_never_rewritten(ctx: Context, desk: Desk, text: str) -> None:
    item_id = await desk.one()
    with pytest.raises(RefusedError, match="take it out"):
        await queue(ctx, item_id, text, hold=HOLD)
    await untouched(desk, item_id, lines=1)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Hello\n\nVe\u202era", r"line 3, character 3 \(U\+202E\): a change of the reading direction"),
        ("a\n\n\n\n\n\n\x1b[31m", r"line 7, character 1 \(U\+001B\): a control character"),
        ("Hello\r\nVera", r"line 1, character 6 \(U\+000D\): a line end of another kind"),
        ("Z" + "\u0301" * 9, r"line 1, character 8 \(U\+0301\): too many marks"),
        ("end\u2060", r"line 1, character 4 \(U\+2060\): an invisible"),
        ("\u2800", "nothing that can be seen"),
        ("a" * 100_001, "at most 100000 characters"),
    ],
)
def test_a_refused_text_is_told_the_place_and_the_reason(text: str, place: str) -> None:
    assert re.search(place, unsendable(text) or "")


ORDINARY = (
    "Živjo Žiga, hvala za pohvalo! ❤️",
    "Спасибо, Вера. Мы проверим заказ № 12.",
    "شكراً لك، سنرد غداً",
    "תודה רבה!",
    "आपका धन्यवाद 🙏🏽",
    "ขอบคุณค่ะ",
    "안녕하세요",
    "Familie 👨‍👩‍👧‍👦 aus 🇩🇪 und 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "Zeile eins\n\nZeile zwei\n  eingerückt\tTab",
    "https://example.org/a?b=c&d=%20",
    "Hello\n\n\n\n\n\nVera\n \n\t\n\n\n\nbye",
)


@pytest.mark.parametrize("text", ORDINARY)
async def test_ordinary_text_leaves_as_it_was_written(ctx: Context, desk: Desk, text: str) -> None:
    item_id = await desk.one()
    await queue(ctx, item_id, text, hold=HOLD)
    (act,) = await desk.acts(item_id)
    assert act.text == text


async def test_the_length_of_the_channel_is_kept_to(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    with pytest.raises(RefusedError, match="too long for blog: 501 of 500"):
        await queue(ctx, item_id, "a" * 501, hold=HOLD)
    with pytest.raises(RefusedError, match="too short for blog"):
        await queue(ctx, item_id, "ab \n", hold=HOLD)
    await untouched(desk, item_id, lines=1)
    await queue(ctx, item_id, "a" * 500, hold=HOLD)


@pytest.mark.parametrize(
    ("unit", "text", "length"),
    [
        ("characters", "e\u0301👍🏽", 4),
        ("utf16", "é👍", 3),
        ("bytes", "é👍", 6),
        ("graphemes", "e\u0301👍🏽👨‍👩‍👧‍👦", 3),
        ("graphemes", "plain", 5),
    ],
)
def test_length_is_counted_as_the_platform_counts(unit: str, text: str, length: int) -> None:
    assert counted(text, unit) == length


def test_a_text_with_half_a_character_is_counted_and_refused_not_a_crash() -> None:
    assert counted("a\ud800", "utf16") == 2
    assert counted("a\ud800", "bytes") == 4
    assert unsendable("a\ud800") is not None


async def test_what_the_author_removed_is_not_answered(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await desk.is_removed(item_id)
    with pytest.raises(RefusedError, match="removed by its author"):
        await queue(ctx, item_id, "Thank you!", hold=HOLD)
    await untouched(desk, item_id, lines=2)


async def test_while_another_is_at_it(ctx: Context, bob: Context, desk: Desk, clock: Clock) -> None:
    item_id = await desk.one()
    await keep_lease(bob, item_id)
    with pytest.raises(RefusedError, match=f"bob is at {item_id} until 09:45 UTC.*cminbox take {item_id}"):
        await queue(ctx, item_id, "Thank you!", hold=HOLD)
    await untouched(desk, item_id, lines=1)
    clock.go(minutes=15)
    await queue(ctx, item_id, "Thank you!", hold=HOLD)


@pytest.mark.parametrize("how", ["queued", "sending", "uncertain", "put off"])
async def test_no_second_answer_beside_one_that_may_come_to_stand_there(
    ctx: Context, bob: Context, desk: Desk, how: str
) -> None:
    item_id = await desk.one()
    (act,) = (await queue(ctx, item_id, "Thank you!", hold=HOLD)).acts
    moves: dict[str, Any] = {"sending": desk.is_leaving, "uncertain": desk.is_uncertain, "put off": desk.is_put_off}
    if how in moves:
        await moves[how](act)
    with pytest.raises(RefusedError, match=rf"an answer to {item_id} is \w+ already, by mina \(outbox {act}\)"):
        await queue(bob, item_id, "Thanks!", hold=HOLD)
    assert len(await desk.acts(item_id)) == 1


async def test_no_second_answer_beside_a_manual_one(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one(channel=MANUAL_CHANNEL)
    await queue(ctx, item_id, "Thank you!", hold=HOLD)
    with pytest.raises(RefusedError, match="manual already"):
        await queue(bob, item_id, "Thanks!", hold=HOLD)


async def test_the_same_answer_is_not_given_twice_but_another_is(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await desk.is_live((await queue(ctx, item_id, "Thank you!", hold=HOLD)).acts[0])
    with pytest.raises(RefusedError, match="same answer"):
        await queue(ctx, item_id, "Thank you!", hold=HOLD)
    await queue(ctx, item_id, "And one thing more.", hold=HOLD)
    assert await desk.standing(item_id) == ("waiting", None, None)


async def test_after_a_failure_another_answer_may_go(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await desk.has_failed((await queue(ctx, item_id, "Thank you!", hold=HOLD)).acts[0])
    assert await desk.standing(item_id) == ("open", None, None)
    await queue(ctx, item_id, "Thank you!", hold=HOLD)
    assert [act.state for act in await desk.acts(item_id)] == [ActState.FAILED, ActState.QUEUED]


async def test_a_thread_that_changed_while_one_wrote_is_shown_first(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    thread = (await desk.item(item_id)).thread
    head = await desk.store.read(lambda r: r.thread_head(thread))
    await desk.comes_in("c2", parent_remote_id="c1", text=Safe("Same here."))
    with pytest.raises(ThreadChangedError):
        await queue(ctx, item_id, "Thank you!", hold=HOLD, thread_head=head)
    await untouched(desk, item_id, lines=2)
    head = await desk.store.read(lambda r: r.thread_head(thread))
    await queue(ctx, item_id, "Thank you!", hold=HOLD, thread_head=head)


async def test_an_edit_changes_the_thread_and_a_claim_does_not(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    thread = (await desk.item(item_id)).thread
    head = await desk.store.read(lambda r: r.thread_head(thread))
    await claim(ctx, [item_id])
    assert await desk.store.read(lambda r: r.thread_head(thread)) == head
    await desk.is_edited(item_id)
    with pytest.raises(ThreadChangedError):
        await queue(ctx, item_id, "Thank you!", hold=HOLD, thread_head=head)


async def test_what_is_done_may_still_be_answered(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await done(ctx, [item_id])
    await queue(ctx, item_id, "Thank you!", hold=HOLD)
    assert await desk.standing(item_id) == ("waiting", None, None)


async def test_a_posted_manual_answer_ends_its_item(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one(channel=MANUAL_CHANNEL)
    (act,) = (await queue(ctx, item_id, "Thank you!", hold=HOLD)).acts
    await posted(ctx, act, url="https://example.org/thread#c9")
    assert await desk.standing(item_id) == ("done", "answered", None)


async def test_an_unknown_item(ctx: Context) -> None:
    with pytest.raises(NotFoundError, match="no item 404"):
        await queue(ctx, 404, "Thank you!", hold=HOLD)


@pytest.mark.parametrize("given", [{}, {"text": "a", "snippet": "thanks"}, {"text": "a", "text_file": "b"}])
async def test_the_answer_is_given_once(ctx: Context, desk: Desk, given: dict[str, str]) -> None:
    item_id = await desk.one()
    with pytest.raises(UsageError, match="once"):
        await reply(ctx, item_id, **given)


async def test_a_snippet_that_nobody_approved_is_not_sent_as_one(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    with pytest.raises(RefusedError, match="thanks is draft, not approved"):
        await reply(ctx, item_id, snippet="thanks")
    with pytest.raises(NotFoundError):
        await reply(ctx, item_id, snippet="no-such")
    await untouched(desk, item_id, lines=1)


async def test_yes_is_never_more_than_a_yes_to_warnings(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    with pytest.raises(RefusedError):
        await reply(ctx, item_id, text="Hello \x1b[2J", yes=True)


async def test_a_library_that_is_missing_does_not_stand_in_the_way_of_an_answer(
    ctx: Context, desk: Desk, tmp_path: Path
) -> None:
    def broken() -> Any:
        raise AssertionError("the library was asked for")

    item_id = await desk.one()
    await reply(replace(ctx, library=broken), item_id, text="Thank you!")
