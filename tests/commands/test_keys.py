"""The one table: keys as CONTRACT.md has them, no clash, and a function behind every word."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import replace

import pytest

from cminbox.commands.base import Command, Context, Takes, Where
from cminbox.commands.bindings import clashes
from cminbox.commands.keys import listing
from cminbox.commands.table import COMMANDS, command
from cminbox.domain.errors import UsageError
from cminbox.tui.keymap import Keymap
from tests.commands.desk import printed, rows

CONTRACT = {
    "j": "next", "k": "previous", "g g": "first", "G": "last", "ctrl+d": "half-page-down", "ctrl+u": "half-page-up",
    "ctrl+f": "page-down", "ctrl+b": "page-up", "pagedown": "page-down", "pageup": "page-up", "enter": "open",
    "u": "back", "escape": "back", "J": "thread-next", "K": "thread-previous", "r": "reply", "a": "claim", "A": "take",
    "e": "done", "z": "undo", "V": "raw", "{": "scroll-up", "}": "scroll-down", "m": "toggle-seen", "y": "copy-link",
    "space": "arrivals", "v": "view", ":": "command", "ctrl+p": "palette", "tab": "pane", "O": "outbox", "?": "help",
    "q": "quit",
}  # fmt: skip
"""Keys of the preset gmail in list and open item whose commands this version has."""
COMPOSER = {
    "ctrl+r": "snippet", "ctrl+s": "send", "ctrl+enter": "send", "ctrl+o": "send-and-wait", "ctrl+g": "editor",
    "ctrl+t": "twin", "escape": "leave",
}  # fmt: skip


def bound(place: Where) -> dict[str, str]:
    """Key → command in a place; a clash fails."""
    keys: dict[str, str] = {}
    for entry in COMMANDS:
        if place in entry.where:
            for key in entry.keys:
                assert key not in keys, f"{key} is {keys[key]} and {entry.id} in {place}"
                keys[key] = entry.id
    return keys


def test_list_and_open_item_have_the_keys_of_the_contract() -> None:
    feed, item = bound(Where.FEED), bound(Where.ITEM)
    assert {key: feed.get(key) for key in CONTRACT} == CONTRACT
    # in the open item enter has nothing to open
    assert {key: item.get(key) for key in CONTRACT if key != "enter"} == {
        k: c for k, c in CONTRACT.items() if k != "enter"
    }
    assert bound(Where.COMPOSER) == COMPOSER
    bound(Where.OUTBOX)


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.id)
def test_each_command_has_a_line_of_help_and_what_it_names_is_there(entry: Command) -> None:
    assert entry.title and entry.help and "\n" not in entry.help
    assert entry.on_line or entry.keys or Where.LINE not in entry.where, "it can be reached"
    if entry.on_line:
        assert entry.run is not None
    if entry.run is None:
        return
    module, _, name = entry.run.partition(":")
    if not module.startswith("cminbox.commands"):
        return
    run = getattr(importlib.import_module(module), name)
    takes = inspect.signature(run).parameters
    for argument in entry.arguments:
        if argument.name == "json":
            continue
        given = takes[argument.name.replace("-", "_")]
        if argument.takes is Takes.FLAG:
            assert given.default is False
        assert (given.default is inspect.Parameter.empty) == (argument.required and not argument.option), argument.name


def test_the_shipped_keys_do_not_clash() -> None:
    assert list(clashes({})) == []


@pytest.mark.parametrize(
    ("own", "key", "with_", "place"),
    [
        ({"done": "j"}, "j", "next", "feed"),
        ({"done": "g"}, "g", "first", "feed"),
        ({"next": "e"}, "e", "done", "feed"),
        ({"next": "esc"}, "escape", "back", "feed"),
        ({"outbox retry": "c"}, "c", "outbox cancel", "outbox"),
        ({"send": "esc"}, "escape", "leave", "composer"),
    ],
)
def test_a_clash_names_the_command_whose_key_was_changed(own: dict[str, str], key: str, with_: str, place: str) -> None:
    (changed,) = own
    (clash,) = clashes(own)
    assert clash.command == changed
    assert f"by {changed} " in clash.said
    assert f"by {with_} " in clash.said
    assert f"({place})" in clash.said
    assert key in clash.said
    with pytest.raises(UsageError, match="asked for"):
        Keymap(own)


def test_a_key_that_another_gave_up_is_free() -> None:
    assert list(clashes({"done": "j", "next": "n"})) == []


def test_ids_are_words_and_stand_once() -> None:
    ids = [entry.id for entry in COMMANDS]
    assert len(ids) == len(set(ids))
    assert command("outbox retry").run == "cminbox.commands.outbox:retry"
    with pytest.raises(KeyError):
        command("nix")


def test_what_leaves_the_house_says_so() -> None:
    assert {entry.id for entry in COMMANDS if entry.leaves} == {"reply", "send", "send-and-wait", "outbox retry"}


async def test_the_list_of_keys(ctx: Context) -> None:
    result = await listing(ctx)
    listed = await rows(result)
    assert {key: row["command"] for row in listed for key in row["keys"] if "feed" in row["where"]} == bound(Where.FEED)
    assert all(row.keys() == {"command", "keys", "where", "help"} for row in listed)
    reply = next(row for row in listed if row["command"] == "reply")
    assert reply == {"command": "reply", "keys": ["r"], "where": ["feed", "item"], "help": "answer it"}
    assert "answer it" in printed(result, reply)


async def test_a_key_of_ones_own_replaces_the_default(ctx: Context) -> None:
    own = replace(ctx, config=replace(ctx.config, keys={"reply": "R", "reopen": "o"}))
    keys = {row["command"]: row["keys"] for row in await rows(await listing(own))}
    assert keys["reply"] == ["R"]
    assert keys["reopen"] == ["o"]
