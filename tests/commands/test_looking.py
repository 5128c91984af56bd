"""Lists and single items: what is in them, in which order, and how they read on a terminal."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from cminbox.commands import looking
from cminbox.commands.base import Context
from cminbox.commands.claim import claim
from cminbox.commands.looking import listing, selected, show
from cminbox.commands.reply import queue
from cminbox.commands.settle import done, reopen
from cminbox.domain.errors import NotFoundError, UsageError
from cminbox.domain.item import Author, Post, Priority
from cminbox.domain.text import Safe
from tests.commands.desk import NOW, Desk, one, printed, rows
from tests.commands.test_reply import HOLD


async def ids(ctx: Context, view: str | None = None, query: str | None = None, limit: int | None = None) -> list[int]:
    return [row["id"] for row in await rows(await listing(ctx, view=view, query=query, limit=limit))]


@pytest.fixture
async def five(desk: Desk, ctx: Context) -> list[int]:
    """Five comments, the last one the newest; the second urgent, the third mine, the fourth waiting, the fifth done."""
    made = []
    for n in range(5):
        made += await desk.comes_in(
            f"c{n}",
            created_at=NOW + timedelta(minutes=n),
            priority=Priority.HIGH if n == 1 else Priority.NORMAL,
            lang="de" if n < 2 else "en",
            author=Author(f"u{n % 2}", None, Safe("Žiga" if n % 2 else "Vera")),
            text=Safe(f"Where is my größe {n}?"),
        )
    await claim(ctx, [made[2]])
    await queue(ctx, made[3], "Thank you!", hold=HOLD)
    await done(ctx, [made[4]])
    return made


async def test_without_a_word_the_inbox_most_urgent_first(ctx: Context, five: list[int]) -> None:
    a, b, c, _, _ = five
    assert await ids(ctx) == [b, a, c]
    assert await ids(ctx, limit=2) == [b, a]


async def test_each_view(ctx: Context, bob: Context, five: list[int]) -> None:
    a, b, c, d, e = five
    assert await ids(ctx, "inbox") == [b, a, c]
    assert await ids(ctx, "new") == [b, a]
    assert await ids(ctx, "mine") == [c]
    assert await ids(bob, "mine") == []
    assert await ids(ctx, "unassigned") == [b, a]
    assert await ids(ctx, "waiting") == [d]
    assert await ids(ctx, "done") == [e]
    assert await ids(ctx, "all") == [e, d, c, b, a]


async def test_a_query_alone_looks_at_everything_newest_first(ctx: Context, five: list[int]) -> None:
    a, b, c, d, e = five
    assert await ids(ctx, query="größe") == await ids(ctx, query="GROSSE where") == [e, d, c, b, a]
    assert await ids(ctx, query='"my größe 3"') == [d]
    assert await ids(ctx, query="größer") == []
    assert await ids(ctx, query="lang:de") == [b, a]
    assert await ids(ctx, query="author:ziga sort:oldest") == [b, d]
    assert await ids(ctx, query="sort:urgent") == [b, a, c, d, e]
    assert await ids(ctx, query='"sort: of"') == []
    assert await ids(ctx, query=f"id:{c}") == [c]
    assert await ids(ctx, query="") == [e, d, c, b, a]


async def test_a_query_narrows_its_view(ctx: Context, five: list[int]) -> None:
    a, b, c, _, e = five
    assert await ids(ctx, "inbox", "status:done") == []
    assert await ids(ctx, "inbox", "lang:de") == [b, a]
    assert await ids(ctx, "inbox", "is:mine") == [c]
    assert await ids(ctx, "mine", "assignee:bob") == []
    assert await ids(ctx, "unassigned", "is:mine") == []
    assert await ids(ctx, "done", "is:done sort:oldest") == [e]


async def test_mistakes(ctx: Context, five: list[int]) -> None:
    with pytest.raises(UsageError, match=r"no view is called 'nix'.*inbox"):
        await listing(ctx, view="nix")
    with pytest.raises(UsageError, match="query, column 6"):
        await listing(ctx, query="word nix:1")
    with pytest.raises(NotFoundError, match="no item 404"):
        await show(ctx, 404)


async def test_long_lists_come_in_pages_that_neither_repeat_nor_leave_out(
    ctx: Context, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "BATCH", 7)
    # one instant for all: the order within it is by id
    made = await desk.comes_in(*(f"c{n}" for n in range(40)))
    assert await ids(ctx) == made
    assert await ids(ctx, limit=20) == made[:20]
    assert await ids(ctx, limit=14) == made[:14]
    assert await ids(ctx, query="is:new", limit=15) == made[::-1][:15]


def test_views_and_queries_meet_in_one_selection() -> None:
    assert selected("mine", None, "mina").assignee == "mina"
    assert selected(None, None, "mina") == selected("inbox", None, "mina")


async def test_rows_read_on_a_terminal_in_columns_harmless_and_on_one_line(ctx: Context, desk: Desk) -> None:
    await desk.comes_in("plain", text=Safe("Where is it?\nI wait."))
    await desk.comes_in("wide", author=Author("x", None, Safe("田中太郎")), text=Safe("届いた商品"))
    await desk.comes_in("nobody", author=Author(), text=Safe("No name."))
    result = await listing(ctx)
    texts = [printed(result, row) for row in await rows(result)]
    assert all("\n" not in text for text in texts)
    assert "Where is it? I wait." in texts[0]
    assert "(no name)" in texts[2]
    from cminbox.text.cells import width

    def begins(text: str, word: str) -> int:
        return width(text[: text.index(word)])

    assert begins(texts[0], "Where") == begins(texts[1], "届い") == begins(texts[2], "No name")


async def test_an_item_reads_as_it_was_written(ctx: Context, desk: Desk) -> None:
    long = "word " * 1_500 + "end"
    text = Safe(f"First line\n\n    indented code\n{long}")
    item_id = await desk.one(
        text=text,
        url=Safe("https://example.org/post#c1"),
        post=Post("p1", Safe("Winter"), Safe("https://example.org/post")),
    )
    await desk.comes_in("c2", parent_remote_id="c1", text=Safe("Same\nhere"), created_at=NOW + timedelta(minutes=1))
    await desk.comes_in("c3", parent_remote_id="c2", text=Safe("And here"), created_at=NOW + timedelta(minutes=2))
    await queue(ctx, item_id, "Thank you!\nMina", hold=HOLD)
    result = await show(ctx, item_id)
    page = printed(result, one(result))
    assert text in page
    assert page.startswith(
        f"{item_id} · blog · Vera · 2026-11-20T09:30:00Z · waiting\non: Winter\nhttps://example.org/post#c1\n\n"
    )
    assert "\n  ┆ 2026-11-20T09:31:00Z Vera: Same here\n    ┆ 2026-11-20T09:32:00Z Vera: And here\n" in page
    assert "\nanswers\n  1 queued by mina: Thank you! Mina\n" in page
    assert re.search(r"\nlog\n +\d+ +2026\S+ +mina +queued .*\n$", page)


async def test_the_end_of_its_log_is_shown(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    for _ in range(6):
        await done(ctx, [item_id])
        await reopen(ctx, [item_id], reason="again")
    result = await show(ctx, item_id)
    told = one(result)["log"]
    end = printed(result, one(result)).partition("\nlog\n")[2].splitlines()
    assert [int(row.split()[0]) for row in end] == [event["n"] for event in told[-10:]]
    assert "again" in end[-1]


async def test_the_thread_shows_our_own_too(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()
    await desk.is_live((await queue(ctx, item_id, "Thank you!", hold=HOLD)).acts[0])
    told = one(await show(ctx, item_id))
    assert [(entry["text"], entry["ours"], entry["item"], entry["depth"]) for entry in told["thread"]] == [
        ("comment c1", False, item_id, 0),
        ("Thank you!", True, None, 1),
    ]


async def test_a_deep_thread_is_shown(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one()

    chain = [f"e{n}" for n in range(400)]
    for remote_id, parent in zip(chain, ["c1", *chain], strict=False):
        await desk.comes_in(remote_id, parent_remote_id=parent)
    result = await show(ctx, item_id)
    told = one(result)
    assert [entry["depth"] for entry in told["thread"]] == list(range(401))
    assert printed(result, told).count("┆") == 401
