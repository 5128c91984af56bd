"""Data in and out: import, export, backup, restore."""

from __future__ import annotations

import asyncio
import csv
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from cminbox.cli.environment import Environment
from cminbox.cli.printing import on_terminal, write_json
from cminbox.commands import looking
from cminbox.commands.base import Result
from cminbox.domain.errors import NotFoundError, UsageError
from cminbox.text.sanitize import line

COLUMNS = (
    "id", "channel", "brand", "kind", "remote_id", "parent_remote_id", "url", "post_title", "post_url", "author_id",
    "author_handle", "author_name", "text", "lang", "rating", "created_at", "received_at", "edited_at", "removed_at",
    "status", "outcome", "assignee", "intent", "priority", "due_at",
)  # fmt: skip
"""The columns of an export as CSV."""
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


async def import_(
    environment: Environment, file: str, *, channel: str | None = None, done: bool = False, strict: bool = False
) -> Result:
    """JSON Lines or CSV into the inbox. A bad line is named and skipped, exit 1 then; ``strict``: nothing comes in."""
    from cminbox.courier.importing import import_file
    from cminbox.courier.reading import LONGEST_CHANNEL, valid_channel

    if channel is not None and not valid_channel(channel):
        raise UsageError(f"--channel {channel!r}: is no name: one word of at most {LONGEST_CHANNEL} letters")
    config = environment.config
    async with environment.open_store() as store:
        report = await import_file(
            store,
            file,
            channel=channel,
            done=done,
            strict=strict,
            actor=config.operator.name,
            now=await store.read(lambda reader: reader.now()),
            brands={each.name: each.brand for each in config.channels},
        )
    warnings = [f"{file}:{number}: {why}" for number, why in report.bad]
    if report.bad_count > len(report.bad):
        warnings.append(f"{file}: {report.bad_count - len(report.bad)} more bad lines")
    told = {"added": report.added, "edited": report.edited, "unchanged": report.unchanged, "bad": report.bad_count}
    said = f"{report.added} new, {report.edited} edited, {report.unchanged} as they were, {report.bad_count} bad"
    nothing = "; nothing was imported" if strict and report.bad_count else ""
    return Result(
        one=told, text=lambda _: line(f"{said}{nothing}"), warnings=warnings, exit_code=int(report.bad_count > 0)
    )  # fmt: skip


async def export(environment: Environment, format: str = "jsonl") -> int:
    """Every item, newest first, to standard output."""
    async with environment.context() as ctx:
        listed = await looking.listing(ctx, view="all")
        rows = listed.rows
        assert isinstance(rows, AsyncIterator)
        if format == "csv":
            await _write_csv(rows)
        else:
            async for row in rows:
                write_json(row)
    sys.stdout.flush()
    return 0


async def _write_csv(rows: AsyncIterator[Mapping[str, Any]]) -> None:
    """As RFC 4180 has it; what a spreadsheet would take for a formula is made text (RELIABILITY.md, 1.2)."""
    drawn = on_terminal()
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    async for row in rows:
        writer.writerow([_cell(value, drawn) for value in _values(row)])


def _values(row: Mapping[str, Any]) -> list[Any]:
    author, post = row["author"] or {}, row["post"] or {}
    flat = {
        **row,
        "post_title": post.get("title"),
        "post_url": post.get("url"),
        "author_id": author.get("remote_id"),
        "author_handle": author.get("handle"),
        "author_name": author.get("name"),
    }
    return [flat[column] for column in COLUMNS]


def _cell(value: Any, drawn: bool) -> Any:
    if not isinstance(value, str):
        return value
    text = f"'{value}" if value.lstrip(" \u00a0\u3000")[:1] in _FORMULA or value[:1] in _FORMULA else value
    if drawn:
        from cminbox.text.cells import drawn as drawable
        from cminbox.text.sanitize import safe

        return drawable(safe(text))
    return text


async def backup(environment: Environment, file: str) -> Result:
    """A checked copy of the store while it is in use. RefusedError where the file exists."""
    target = _absolute(file)
    async with environment.open_store(create=False) as store:
        await store.backup(str(target))
    return Result(message=f"{target} is written and checked")


async def restore(environment: Environment, file: str) -> Result:
    """Puts a backup in the store's place, after a check; the store that was there is kept beside it."""
    from cminbox.store.sqlite import path_of
    from cminbox.store.sqlite.backup import restore as put_back

    source = _absolute(file)
    _check_there(source)
    config = environment.config
    target = path_of(config.store_url)
    state, actor = environment.places.state, config.operator.name
    kept = await asyncio.to_thread(lambda: put_back(source, target, state=state, actor=actor))
    before = f"; what was there before is kept as {kept}" if kept else ""
    return Result(message=f"{target} is restored from {source}{before}")


def _absolute(file: str) -> Path:
    return Path(file).expanduser().absolute()


def _check_there(file: Path) -> None:
    if not file.is_file():
        raise NotFoundError(f"{file}: there is no such file")
