"""The log as a command: all of it, of one item, checked, and without a word of what people wrote."""

from __future__ import annotations

import re
import sqlite3

import pytest

from cminbox.commands import log
from cminbox.commands.base import Context
from cminbox.commands.claim import claim, release, take
from cminbox.commands.drafts import keep
from cminbox.commands.log import listing, verify
from cminbox.commands.looking import show
from cminbox.commands.outbox import cancel, posted, retry
from cminbox.commands.reply import queue
from cminbox.commands.settle import done, reopen
from cminbox.commands.undo import undo
from cminbox.domain.errors import NotFoundError
from cminbox.domain.item import Author
from cminbox.domain.text import Safe
from cminbox.store.sqlite.aio import SqliteStore
from tests.commands.desk import Desk, one, printed, rows
from tests.commands.test_reply import HOLD


async def test_everything_and_one_item(ctx: Context, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "BATCH", 3)
    first, second = await desk.comes_in("c1", "c2")
    for _ in range(4):
        await claim(ctx, [first, second])
        await release(ctx, [first, second])
    lines = await rows(await listing(ctx))
    assert [line["n"] for line in lines] == list(range(1, 18))
    assert [line["kind"] for line in await rows(await listing(ctx, second))] == ["claimed", "released"] * 4
    assert {line["item"] for line in await rows(await listing(ctx, second))} == {second}
    with pytest.raises(NotFoundError):
        await listing(ctx, 404)


async def test_a_line_reads_on_a_terminal(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await queue(ctx, item_id, "Thank you!", hold=HOLD)
    result = await listing(ctx, item_id)
    (row,) = await rows(result)
    text = printed(result, row)
    assert "2026-11-20T09:30:00Z" in text and "mina" in text and "queued" in text
    assert "\n" not in text


async def test_a_whole_log(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await done(ctx, [item_id])
    result = await verify(ctx)
    head = await desk.store.read(lambda r: r.head())
    assert one(result) == {"ok": True, "n": 2, "hash": head.hash, "broken": None}
    assert result.exit_code == 0
    assert "the log is whole: 2 lines" in result.message


async def test_a_log_that_was_touched(ctx: Context, desk: Desk, store: SqliteStore) -> None:
    item_id = await desk.one()
    await done(ctx, [item_id])
    with sqlite3.connect(store.path) as other:
        other.execute("DROP TRIGGER log_is_never_changed")
        other.execute("UPDATE log SET actor = 'bob' WHERE n = 2")
    other.close()
    result = await verify(ctx)
    assert result.exit_code == 1
    assert (one(result)["ok"], "line 2" in one(result)["broken"]) == (False, True)
    assert printed(result, one(result)).startswith("the log is broken: line 2")


PRIVATE = ("Hildegard", "hilde@example.org", "secretword", "answerword", "draftword", "linkword", "reasonword")


async def test_no_word_of_author_or_answer_stands_in_it(ctx: Context, bob: Context, desk: Desk) -> None:
    author = Author("hilde@example.org", Safe("@Hildegard"), Safe("Hildegard"))
    made = await desk.comes_in(*(f"c{n}" for n in range(4)), author=author, text=Safe("a secretword"))
    there, _, gone, edited = made
    await keep(ctx, there, text="draftword")
    await claim(ctx, made)
    await take(bob, made)
    await release(bob, made)
    acts = [(await queue(ctx, n, f"answerword {n}", hold=HOLD)).acts[0] for n in made]
    await desk.is_live(acts[0])
    await desk.is_uncertain(acts[1])
    await retry(ctx, acts[1])
    await desk.is_uncertain(acts[1])
    await posted(ctx, acts[1], url="https://linkword.example.org/")
    await cancel(ctx, acts[2])
    await desk.has_failed(acts[3], "answerword is not allowed")
    await done(ctx, [gone], outcome="spam", reason="Hildegard's reasonword")
    await reopen(ctx, [gone], reason="reasonword")
    await undo(ctx)
    await desk.is_edited(edited)
    await desk.is_removed(gone)
    written = " ".join(f"{line.kind} {line.actor} {line.data}" for line in await desk.log())
    assert [word for word in PRIVATE if word in written] == []
    assert {line.kind for line in await desk.log()} >= {
        "claimed", "taken", "released", "queued", "sending", "live", "uncertain", "retried", "posted", "cancelled",
        "failed", "done", "reopened", "undone",
    }  # fmt: skip
    assert await ctx.store.verify() is None


async def test_what_an_operator_says_about_it_stands_beside_the_log_which_has_its_digest(
    ctx: Context, desk: Desk
) -> None:
    item_id = await desk.one()
    await done(ctx, [item_id], outcome="answered", reason="phone, to Hildegard")
    await reopen(ctx, [item_id])
    lines = await rows(await listing(ctx, item_id))
    assert [line["words"] for line in lines] == ["phone, to Hildegard", None]
    assert re.fullmatch("[0-9a-f]{64}", lines[0]["data"]["words"])
    assert [line["words"] for line in one(await show(ctx, item_id))["log"]] == ["phone, to Hildegard", None]
    assert "phone, to Hildegard" in printed(await listing(ctx), lines[0])


async def test_names_that_stand_in_it_are_those_of_operators(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await claim(ctx, [item_id])
    (line,) = await desk.log(item_id)
    assert line.values()["to"]["assignee"] == line.actor == "mina"
