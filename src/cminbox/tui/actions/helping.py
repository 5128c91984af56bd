"""Help, palette, the ``:`` line, and leaving."""

from __future__ import annotations

from collections.abc import Sequence

from cminbox.commands.base import Command, Where
from cminbox.commands.table import COMMANDS
from cminbox.tui.actions import composing
from cminbox.tui.desk import Desk
from cminbox.tui.runs import Run, own
from cminbox.tui.widgets.picker import Choice

TITLES = {Where.FEED: "keys in the list", Where.ITEM: "keys in the open item", Where.OUTBOX: "keys in the outbox",
          Where.COMPOSER: "keys while you write"}  # fmt: skip


def help_(desk: Desk, _: str | None) -> None:
    """The keys of this place."""
    screen = desk.screen
    if screen.help.display:
        screen.help.display = False
        return
    where = screen.where
    listed = [(keys, entry.title) for keys, entry in screen.keyboard.keymap.listed(where) if keys]
    screen.help.open(TITLES[where], listed, screen.help_width)


def palette(desk: Desk, _: str | None) -> None:
    """Every command by what it does."""
    entries = _offered(desk)

    async def source(typed: str) -> Sequence[Choice]:
        return [_choice(desk, entry) for entry in _fitting(entries, typed)]

    desk.screen.picker.open("palette", "do what?", source)


def command_line(desk: Desk, _: str | None) -> None:
    """A command by its words, as on the command line."""
    entries = _offered(desk)

    async def source(typed: str) -> Sequence[Choice]:
        return [_choice(desk, entry) for entry in entries if typed and entry.id.startswith(typed.strip())]

    desk.screen.picker.open("command", ":", source)


def _offered(desk: Desk) -> list[Command]:
    where = desk.screen.where
    here = [entry for entry in COMMANDS if where in entry.where]
    return [entry for entry in here if entry.id not in ("palette", "command", "view")]


def _fitting(entries: list[Command], typed: str) -> list[Command]:
    """Every typed word must begin a word of the title or help; a hit in the title comes first."""
    words = typed.casefold().split()

    def rank(entry: Command) -> int | None:
        title, rest = entry.title.casefold().split(), f"{entry.id} {entry.help}".casefold().split()
        if all(any(part.startswith(word) for part in title) for word in words):
            return 0
        if all(any(part.startswith(word) for part in (*title, *rest)) for word in words):
            return 1
        return None

    ranked = [(rank(entry), index, entry) for index, entry in enumerate(entries)]
    return [entry for _, _, entry in sorted((r, i, e) for r, i, e in ranked if r is not None)]


def _choice(desk: Desk, entry: Command) -> Choice:
    keys = "  ".join(desk.screen.keyboard.keymap.keys_of.get(entry.id, ()))
    return Choice(
        entry.id,
        (
            Run(own(f"{keys:>14}  "), "bar-accent"),
            Run(own(f"{entry.title:<24}"), "bar"),
            Run(own(entry.help), "bar-muted"),
        ),
    )


def chosen(desk: Desk, purpose: str, value: str, typed: str) -> None:
    """One was chosen in the picker."""
    if purpose == "snippet":
        composing.insert_snippet(desk, value)
    elif value:
        desk.screen.run_command(value)
    elif typed.strip():
        desk.screen.say(f"no command is called {typed.strip()!r} (Ctrl+p finds them)", "alarm")


def quit_(desk: Desk, _: str | None) -> None:
    """Leaves; what is on its way goes on with the courier."""
    desk.screen.leave()


ACTIONS = {"help": help_, "palette": palette, "command": command_line, "quit": quit_}
