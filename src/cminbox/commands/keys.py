"""The keys, as the table has them with the operator's own changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cminbox.commands.base import Context, Result, Where
from cminbox.commands.bindings import keys_of
from cminbox.commands.columns import columns
from cminbox.commands.table import COMMANDS
from cminbox.domain.text import Safe


async def listing(ctx: Context) -> Result:
    """Every command that has a key, with the places where the key means it."""
    return Result(rows=rows(ctx.config.keys), text=_line)


def rows(own: Mapping[str, str]) -> list[dict[str, Any]]:
    """The table of keys; ``own`` maps a command's id to the key that replaces its default ones."""
    listed = []
    for entry in COMMANDS:
        keys = list(keys_of(entry, own))
        if keys and Where.LINE not in entry.where:
            places = sorted(place.value for place in entry.where)
            listed.append({"command": entry.id, "keys": keys, "where": places, "help": entry.help})
    return listed


def _line(row: Mapping[str, Any]) -> Safe:
    return columns(("  ".join(row["keys"]), 22), (row["command"], 20), rest=row["help"])
