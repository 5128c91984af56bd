"""The docs pages that are made from the table: ``python -m cminbox.commands.pages docs``."""

from __future__ import annotations

import sys
from pathlib import Path

from cminbox.commands.base import Argument, Command, Takes, Where
from cminbox.commands.table import COMMANDS

PLACES = {
    Where.FEED: "In the list",
    Where.ITEM: "In the open item",
    Where.OUTBOX: "In the outbox",
    Where.COMPOSER: "While you write",
}


def keys_page() -> str:
    """docs/keys.md."""
    lines = [
        "# Keys",
        "",
        "The same key means the same in the list and in the open item. `?` shows the keys of the place you are in,",
        "`Ctrl+p` finds every command by what it does. A sequence is typed one key after the other (`g g`); a prefix",
        'shows what may follow. Any key can be changed in `[keys]` of config.toml, by the id: `done = "D"`.',
    ]
    for where, title in PLACES.items():
        lines += ["", f"## {title}", "", "| key | does | id |", "|---|---|---|"]
        for entry in COMMANDS:
            if where in entry.where and entry.keys:
                keys = " ".join(f"`{key}`" if key != "|" else "`\\|`" for key in entry.keys)
                lines.append(f"| {keys} | {entry.help} | {entry.id} |")
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """docs/commands.md."""
    lines = [
        "# Commands",
        "",
        "`cminbox` alone opens the screen. `--config FILE` stands before the command. With `--json` lists are one",
        "object a line. Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 no such thing, 4 refused by a",
        "rule, 5 could not be reached (the work is kept), 130 interrupted.",
    ]
    for entry in COMMANDS:
        if entry.on_line:
            lines += [
                "",
                f"## cminbox {entry.id}",
                "",
                f"`{usage(entry)}`",
                "",
                f"{entry.help[0].upper()}{entry.help[1:]}.",
            ]
            if entry.arguments:
                lines += ["", *(f"- `{written(argument)}`: {argument.help}" for argument in entry.arguments)]
    return "\n".join(lines) + "\n"


def usage(entry: Command) -> str:
    """The command as it is written."""
    parts = [written(a) if a.required else f"[{written(a)}]" for a in entry.arguments]
    return " ".join(("cminbox", entry.id, *parts))


def written(argument: Argument) -> str:
    """An argument as it is written."""
    name = argument.metavar or argument.name.upper()
    if not argument.option:
        return name.strip("[]")
    if argument.takes is Takes.FLAG:
        return f"--{argument.name}"
    value = "|".join(argument.choices) or name
    return f"--{argument.name} {value}"


def main(folder: str) -> None:
    """Writes both pages into a folder."""
    (Path(folder) / "keys.md").write_text(keys_page(), "utf-8")
    (Path(folder) / "commands.md").write_text(commands_page(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
