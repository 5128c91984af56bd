"""The append-only log: read, and checked against the head that is kept outside the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

from cminbox.commands import jsonform
from cminbox.commands.base import Context, Result
from cminbox.commands.columns import columns
from cminbox.commands.items import found
from cminbox.domain.event import Event
from cminbox.domain.text import Safe
from cminbox.store.protocol import Reader
from cminbox.text.sanitize import line

BATCH = 1000


async def listing(ctx: Context, id: int | None = None) -> Result:
    """Every line, oldest first; of one item where its number is given."""
    if id is not None:
        item_id = id
        await ctx.store.read(lambda reader: found(reader, item_id))
    return Result(rows=_rows(ctx, id), text=log_line)


async def _rows(ctx: Context, item_id: int | None) -> AsyncIterator[Mapping[str, Any]]:
    after = 0
    while True:
        events, words = await ctx.store.read(partial(_read, after, item_id))
        for event in events:
            yield jsonform.event(event, words.get(event.n))
        if len(events) < BATCH:
            return
        after = events[-1].n


def _read(after: int, item_id: int | None, reader: Reader) -> tuple[list[Event], dict[int, str]]:
    events = reader.events(after=after, item=item_id, limit=BATCH)
    return events, reader.words_of([event.n for event in events])


async def verify(ctx: Context) -> Result:
    """Whether a line was changed, removed, put in, or the end was cut off since it was written."""
    broken = await ctx.store.verify()
    head = await ctx.store.read(lambda reader: reader.head())
    if broken is None:
        told = {"ok": True, "n": head.n, "hash": head.hash, "broken": None}
        return Result(message=f"the log is whole: {head.n} lines, head {head.hash[:12]}", one=told)
    told = {"ok": False, "n": head.n, "hash": head.hash, "broken": broken}
    return Result(message="", one=told, text=lambda _: line(f"the log is broken: {broken}"), exit_code=1)


def log_line(row: Mapping[str, Any]) -> Safe:
    """A line of the log as it reads on a terminal."""
    data = " ".join(f"{key}={value}" for key, value in row["data"].items() if _readable(value))
    parts = ((row["n"], -6), (row["at"], 20), (row["actor"], 10), (row["kind"], 18), (row["item"], -6))
    return columns(*parts, rest=f"{data} {row['words'] or ''}".strip(), limit=400)


def _readable(value: object) -> bool:
    """Neither nothing, nor a digest, nor a standing: these are in the JSON."""
    return value is not None and not isinstance(value, dict) and not (isinstance(value, str) and len(value) == 64)
