"""The names and formats of CONTRACT.md, "An item, as JSON", and what we add to them: nothing else."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from cminbox.commands.base import Context
from cminbox.commands.claim import claim
from cminbox.commands.drafts import keep
from cminbox.commands.log import listing as log
from cminbox.commands.looking import listing, show
from cminbox.commands.outbox import listing as outbox
from cminbox.commands.reply import queue
from cminbox.domain.item import Author, Kind, Media, Post
from cminbox.domain.text import Raw, Safe
from cminbox.store.protocol import Origin
from tests.commands.desk import NOW, Clock, Desk, one, rows
from tests.commands.test_reply import HOLD
from tests.store.making import item

ITEM = {
    "id", "channel", "brand", "kind", "remote_id", "url", "post", "parent_remote_id", "author", "text", "lang",
    "rating", "created_at", "received_at", "edited_at", "removed_at", "held", "status", "outcome", "assignee",
    "intent", "priority", "due_at", "due_kind", "snoozed_until", "lease", "media", "tags", "notes", "replies",
    "follow_ups",
}  # fmt: skip
OURS_IN_ITEM = {"seen", "altered"}
SHOWN = {"raw", "extra", "log", "thread"}
OURS_SHOWN = {"draft"}
THREAD = {"remote_id", "parent_remote_id", "author", "text", "created_at", "ours", "item"}
OURS_IN_THREAD = {"depth"}
ACT = {
    "id", "item", "kind", "route", "text", "snippet", "operator", "state", "remote_id", "attempts", "error",
    "queued_at", "live_at",
}  # fmt: skip
OURS_IN_ACT = {"channel", "url", "due_at"}
LINE = {"n", "at", "actor", "kind", "item", "data", "hash"}
OURS_IN_LINE = {"hashed_at", "words"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def instants(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every value under a key that ends in ``at`` or ``until``, but for what the hash was made over."""
    if isinstance(value, dict):
        found = []
        for key, inner in value.items():
            if (key == "at" or key.endswith(("_at", "until"))) and key != "hashed_at":
                found.append((f"{path}.{key}", inner))
            found += instants(inner, f"{path}.{key}")
        return found
    if isinstance(value, list):
        return [pair for n, inner in enumerate(value) for pair in instants(inner, f"{path}[{n}]")]
    return []


@pytest.fixture
async def full(desk: Desk, ctx: Context, clock: Clock) -> int:
    """An item of which every field says something, in a thread, with a live answer and a queued one."""
    made = item(
        "c1",
        brand="acme",
        kind=Kind.REVIEW,
        parent_remote_id="c0",
        url=Safe("https://example.org/1"),
        post=Post("p1", Safe("Winter"), Safe("https://example.org/p1")),
        author=Author("u7", Safe("@vera"), Safe("Vera")),
        text=Safe("Where is it? 👩‍🔧"),
        marks=frozenset({"control", "bidi"}),
        lang="en",
        rating=2,
        edited_at=NOW.replace(microsecond=654321),
        media=(Media("image", Safe("https://example.org/1.png"), Safe("a box")), Media("video", Safe("https://v"))),
    )

    def work(tx: Any) -> int:
        from cminbox.domain.event import NewEvent

        stored = tx.add_item(made, Origin(Raw("Where is it? \x1b[31m👩‍🔧"), {"likes": 3, "flags": ["a"]}))
        tx.append(NewEvent("received", "courier", stored.id, {}))
        return int(stored.id)

    await desk.comes_in("c0")
    item_id = await desk.store.write(work)
    await desk.is_live((await queue(ctx, item_id, "Thank you!", hold=HOLD, snippet="thanks")).acts[0])
    clock.go(seconds=90.5)
    await queue(ctx, item_id, "And one thing more.", hold=HOLD)
    await claim(ctx, [item_id])
    await keep(ctx, item_id, text="third")
    return item_id


async def test_a_listed_item(ctx: Context, full: int) -> None:
    (told,) = await rows(await listing(ctx, query=f"id:{full}"))
    assert told.keys() == ITEM | OURS_IN_ITEM
    assert told["author"] == {"remote_id": "u7", "handle": "@vera", "name": "Vera"}
    assert told["post"] == {"remote_id": "p1", "title": "Winter", "url": "https://example.org/p1"}
    assert told["media"] == [
        {"kind": "image", "url": "https://example.org/1.png", "alt": "a box"},
        {"kind": "video", "url": "https://v", "alt": None},
    ]
    assert told["lease"] == {"holder": "mina", "until": "2026-11-20T09:46:30Z"}
    assert (told["kind"], told["priority"], told["status"], told["assignee"]) == ("review", "normal", "waiting", "mina")
    assert (told["text"], told["altered"]) == ("Where is it? 👩‍🔧", ["bidi", "control"])
    assert told["edited_at"] == "2026-11-20T09:30:00Z"
    assert [reply["state"] for reply in told["replies"]] == ["live", "queued"]
    assert (told["tags"], told["notes"], told["follow_ups"]) == ([], [], [])


async def test_a_shown_item(ctx: Context, full: int) -> None:
    told = one(await show(ctx, full))
    assert told.keys() == ITEM | OURS_IN_ITEM | SHOWN | OURS_SHOWN
    assert told["raw"] == "Where is it? \x1b[31m👩‍🔧"
    assert told["extra"] == {"likes": 3, "flags": ["a"]}
    assert told["draft"] == "third"
    assert [entry.keys() for entry in told["thread"]] == [THREAD | OURS_IN_THREAD] * 3
    assert [entry["remote_id"] for entry in told["thread"]] == ["c0", "c1", "r1"]
    assert [line["kind"] for line in told["log"]] == ["received", "queued", "sending", "live", "queued", "claimed"]


async def test_an_outgoing_act(ctx: Context, full: int) -> None:
    queued, live = await rows(await outbox(ctx, all=True))
    assert queued.keys() == live.keys() == ACT | OURS_IN_ACT
    assert live == {
        "id": 1, "item": full, "channel": "blog", "kind": "reply", "route": None, "text": "Thank you!",
        "snippet": "thanks", "operator": "mina", "state": "live", "remote_id": "r1", "url": None, "attempts": 1,
        "error": None, "queued_at": "2026-11-20T09:30:00Z", "due_at": "2026-11-20T09:30:10Z",
        "live_at": "2026-11-20T09:30:00Z",
    }  # fmt: skip
    assert queued["live_at"] is None


async def test_a_line_of_the_log(ctx: Context, full: int) -> None:
    lines = await rows(await log(ctx))
    assert [line["n"] for line in lines] == list(range(1, len(lines) + 1))
    assert all(line.keys() == LINE | OURS_IN_LINE for line in lines)
    assert all(re.fullmatch("[0-9a-f]{64}", line["hash"]) for line in lines)
    assert lines[-1]["at"] == "2026-11-20T09:31:30Z"
    assert lines[-1]["hashed_at"] == "2026-11-20T09:31:30.500000Z"


async def test_every_instant_is_utc_to_the_second(ctx: Context, full: int) -> None:
    told = instants(one(await show(ctx, full)))
    assert len(told) > 20
    assert [pair for pair in told if pair[1] is not None and not INSTANT.fullmatch(pair[1])] == []
    assert {path.rpartition(".")[2] for path, _ in told} >= {"created_at", "until", "queued_at", "at"}
    assert datetime.fromisoformat(told[0][1]).tzinfo == UTC


async def test_bare_items_have_the_same_names(ctx: Context, desk: Desk) -> None:
    item_id = await desk.one(author=Author(), post=None)
    told = one(await show(ctx, item_id))
    assert told.keys() == ITEM | OURS_IN_ITEM | SHOWN | OURS_SHOWN
    assert told["author"] == {"remote_id": None, "handle": None, "name": None}
    assert [told[name] for name in ("post", "lease", "outcome", "assignee", "url", "edited_at", "rating")] == [None] * 7


async def test_all_of_it_is_json(ctx: Context, full: int) -> None:
    for told in (one(await show(ctx, full)), *await rows(await log(ctx)), *await rows(await outbox(ctx, all=True))):
        assert json.loads(json.dumps(told, allow_nan=False)) == told
