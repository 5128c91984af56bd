"""Drafts and the mark of what was seen: both without a line in the log."""

from __future__ import annotations

import pytest

from cminbox.commands.base import Context
from cminbox.commands.drafts import keep
from cminbox.commands.looking import show
from cminbox.commands.marks import seen, toggle, unseen
from cminbox.domain.errors import CminboxError, NotFoundError, UsageError
from cminbox.domain.view import Selection
from tests.commands.desk import Desk, one


async def test_a_draft_belongs_to_an_item_and_an_operator(ctx: Context, bob: Context, desk: Desk) -> None:
    item_id = await desk.one()
    lines = len(await desk.log())
    result = await keep(ctx, item_id, text="Dear Vera,\n\n  half ", cursor=7)
    assert one(result) == {"item": item_id, "operator": "mina", "text": "Dear Vera,\n\n  half "}
    await keep(bob, item_id, text="Bob's")
    assert await desk.draft(item_id) == "Dear Vera,\n\n  half "
    assert await desk.draft(item_id, "bob") == "Bob's"
    assert one(await show(ctx, item_id))["draft"] == "Dear Vera,\n\n  half "
    await keep(ctx, item_id, text="Dear Vera, done")
    assert await desk.draft(item_id) == "Dear Vera, done"
    assert len(await desk.log()) == lines
    assert await desk.standing(item_id) == ("new", None, None)


@pytest.mark.parametrize("text", ["", "  \n\t"])
async def test_an_empty_draft_is_dropped(ctx: Context, desk: Desk, text: str) -> None:
    item_id = await desk.one()
    await keep(ctx, item_id, text="something")
    result = await keep(ctx, item_id, text=text)
    assert result.message == f"no draft for {item_id}"
    assert await desk.draft(item_id) is None


async def test_what_must_not_leave_may_stand_in_a_draft(ctx: Context, desk: Desk) -> None:
    """It is refused at sending; until then what was typed or pasted is kept."""
    item_id = await desk.one()
    await keep(ctx, item_id, text="pasted \x1b[31m\u202e")
    assert await desk.draft(item_id) == "pasted \x1b[31m\u202e"


async def test_what_no_store_takes_is_an_error_of_one_line(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    with pytest.raises(CminboxError, match="NUL or half a character"):
        await keep(ctx, item_id, text="half \ud83d")


async def test_drafts_need_an_item_and_a_text(ctx: Context, desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        await keep(ctx, 404, text="a")
    with pytest.raises(UsageError, match="--text"):
        await keep(ctx, await desk.one())


async def test_seen_and_not_seen(ctx: Context, desk: Desk) -> None:
    first, second = await desk.comes_in("c1", "c2")
    lines = len(await desk.log())
    assert (await seen(ctx, [first, first, second])).message == "seen: 2"
    assert (await seen(ctx, [first])).message == "seen: 0"
    assert (await unseen(ctx, [second])).message == "not seen: 1"
    assert [(await desk.item(n)).seen for n in (first, second)] == [True, False]
    await toggle(ctx, [first, second])
    assert [(await desk.item(n)).seen for n in (first, second)] == [False, False]
    await toggle(ctx, [second])
    assert [(await desk.item(n)).seen for n in (first, second)] == [False, True]
    assert len(await desk.log()) == lines
    assert await desk.store.read(lambda r: r.tally(Selection())) == 2


async def test_marks_need_items_that_are_there(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    for verb in (seen, unseen, toggle):
        with pytest.raises(UsageError, match="which item"):
            await verb(ctx, [])
        with pytest.raises(NotFoundError):
            await verb(ctx, [item_id, 404])
    assert not (await desk.item(item_id)).seen
