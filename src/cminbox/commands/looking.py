"""Looking: lists of items, and one item with all that belongs to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cminbox.commands import jsonform
from cminbox.commands.base import Context, Result
from cminbox.commands.columns import columns
from cminbox.commands.items import found, objects
from cminbox.commands.log import log_line
from cminbox.domain.query import parsed
from cminbox.domain.text import Safe
from cminbox.domain.thread import arranged
from cminbox.domain.view import Order, Selection
from cminbox.domain.view import view as named_view
from cminbox.store.protocol import Place, Reader
from cminbox.text.age import age
from cminbox.text.sanitize import joined, line, safe

BATCH = 500
THREAD_LIMIT = 10_000
LOG_SHOWN = 10
"""Lines of its log that an item is shown with on a terminal; JSON has all, as has ``cminbox log ID``."""


async def listing(
    ctx: Context, *, view: str | None = None, query: str | None = None, limit: int | None = None
) -> Result:
    """Items of a view, or of all where only a query is given; else of the inbox."""
    now = ctx.clock()

    def text(row: Mapping[str, Any]) -> Safe:
        when = age(datetime.fromisoformat(row["created_at"]), now, UTC)
        parts = ((row["id"], -6), (when, -7), (row["status"], 8), (row["channel"], 10), (_name(row["author"]), 18))
        return columns(*parts, rest=row["text"], limit=400)

    return Result(rows=_rows(ctx, selected(view, query, ctx.operator), limit), text=text)


def selected(view_name: str | None, query: str | None, operator: str) -> Selection:
    """What a view and a query mean together: the query narrows the view; a query alone looks at everything."""
    if query is None:
        return named_view(view_name or "inbox", operator).selection
    if view_name is None:
        return parsed(query, operator, Selection(order=Order.NEWEST))
    return parsed(query, operator, named_view(view_name, operator).selection)


async def _rows(ctx: Context, chosen: Selection, limit: int | None) -> AsyncIterator[Mapping[str, Any]]:
    """The items page by page, so that a million of them need no memory."""
    after: Place | None = None
    left = limit
    while left is None or left > 0:
        size = BATCH if left is None else min(BATCH, left)

        def page(reader: Reader, after: Place | None = after, size: int = size) -> tuple[list[Place], list[Any]]:
            places = reader.page(chosen, after=after, limit=size)
            return places, objects(reader, [place.id for place in places])

        places, rows = await ctx.store.read(page)
        for row in rows:
            yield row
        if len(places) < size:
            return
        after = places[-1]
        left = None if left is None else left - len(places)


async def show(ctx: Context, id: int) -> Result:
    """An item with its thread, its answers, what it was made from, and its log."""

    def read(reader: Reader) -> dict[str, Any]:
        item = found(reader, id)
        origin = reader.origin(id)
        order = arranged(reader.thread_nodes(item.thread))[:THREAD_LIMIT]
        depths = dict(order)
        draft = reader.draft(id, ctx.operator)
        entries = reader.thread_entries([key for key, _ in order])
        return {
            **jsonform.item(item, reader.item_lease(id), reader.outgoing_of(id)),
            "draft": None if draft is None else draft.text,
            "raw": None if origin is None else str(origin.raw),
            "extra": {} if origin is None else origin.extra,
            "thread": [{**jsonform.thread_entry(entry), "depth": depths[entry.key]} for entry in entries],
            "log": _log(reader, id),
        }

    return Result(one=await ctx.store.read(read), text=_page)


def _page(one: Mapping[str, Any]) -> Safe:
    """The item as a terminal shows it: a head, the text as it was written, thread, answers, the end of its log."""
    about = one["post"]
    head = (
        f"{one['id']} · {one['channel']} · {_name(one['author'])} · {one['created_at']} · "
        f"{one['outcome'] or one['status']}"
    )
    rows = [line(head)]
    if about:
        rows.append(line(f"on: {about['title'] or about['url'] or about['remote_id']}"))
    if one["url"]:
        rows.append(line(one["url"], 2_000))
    rows += [line(""), safe(one["text"])]
    if len(one["thread"]) > 1:
        rows += [line(""), line("thread")]
        for entry in one["thread"]:
            who = "us" if entry["ours"] else _name(entry["author"])
            rows.append(_indented(f"┆ {entry['created_at']} {who}: {entry['text']}", min(entry["depth"], 8)))
    if one["replies"]:
        rows += [line(""), line("answers")]
        rows += [_indented(f"{act['id']} {act['state']} by {act['operator']}: {act['text']}") for act in one["replies"]]
    rows += [line(""), line("log"), *(joined(safe("  "), log_line(told)) for told in one["log"][-LOG_SHOWN:])]
    feed = safe("\n")
    return joined(*(part for row in rows for part in (row, feed)))


def _indented(text: str, depth: int = 1) -> Safe:
    return joined(safe("  " * depth), line(text, 5_000))


def _name(author: Mapping[str, Any]) -> str:
    return str(author["name"] or author["handle"] or author["remote_id"] or "(no name)")


def _log(reader: Reader, item_id: int) -> list[dict[str, Any]]:
    events = reader.events(item=item_id)
    words = reader.words_of([event.n for event in events])
    return [jsonform.event(event, words.get(event.n)) for event in events]
