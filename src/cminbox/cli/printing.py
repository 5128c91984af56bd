"""How results stand on a terminal, in a pipe and as JSON. Only ``Safe`` text and ASCII JSON are ever written."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cminbox.cli.errors import tell

if TYPE_CHECKING:
    from cminbox.commands.base import Result
    from cminbox.domain.text import Safe


def on_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout.isatty()


def json_line(value: Mapping[str, Any]) -> str:
    """One object on one line: ASCII, so that no control character of anybody is in it; times in UTC."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, default=_plain).replace("\x7f", "\\u007f")


def write_json(value: Mapping[str, Any]) -> None:
    """Prints an object."""
    sys.stdout.write(json_line(value) + "\n")


def write_text(text: Safe, *, cut: bool = False) -> None:
    """Prints text: on a terminal as it can be drawn there, in a pipe as it is. ``cut``: a line no wider than that."""
    if on_terminal():
        from cminbox.text import cells

        text = cells.drawn(text)
        if cut:
            text = cells.cut(text, shutil.get_terminal_size().columns)
    sys.stdout.write(text + "\n")


def write_line(line: str) -> None:
    """Prints a line of our own, which may name what others wrote."""
    from cminbox.text.sanitize import safe

    write_text(safe(line, multiline=False))


async def show(result: Result, *, as_json: bool) -> int:
    """Prints what a command gave back; its exit status. What is talk, not data, goes to stderr."""
    for warning in result.warnings:
        tell(warning)
    printed = await (_json(result) if as_json else _texts(result))
    if result.message and not as_json:
        if printed or result.exit_code:
            tell(result.message)
        else:
            write_line(result.message)
    sys.stdout.flush()
    return result.exit_code


async def _json(result: Result) -> bool:
    if result.rows is not None:
        async for row in _each(result):
            write_json(row)
    elif result.one is not None:
        write_json(result.one)
    return True


async def _texts(result: Result) -> bool:
    if result.text is None:
        return False
    if result.rows is not None:
        cut = on_terminal()
        async for row in _each(result):
            write_text(result.text(row), cut=cut)
        return True
    if result.one is not None:
        write_text(result.text(result.one))
        return True
    return False


async def _each(result: Result) -> AsyncIterator[Mapping[str, Any]]:
    rows = result.rows
    if rows is None:
        return
    if hasattr(rows, "__aiter__"):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be told as JSON")
