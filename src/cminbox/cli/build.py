"""The command line, made from the one table of commands: words, arguments, help, exit status."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from cminbox.cli.environment import Environment, arguments_of
from cminbox.cli.errors import INTERRUPTED
from cminbox.cli.values import parameter
from cminbox.commands.base import Command
from cminbox.commands.table import ACTING, COMMANDS, LOOKING, OUTBOX, RUNNING
from cminbox.domain.errors import UsageError

TITLES = {"snippets": "the library of answers"}
ALONE = {"outbox": "list", "snippets": "list"}
"""What a group of commands does without a further word; ``log`` and ``channels`` are commands themselves."""
HELP = """The comments of your brands from all their channels, in one inbox.

cminbox alone opens the screen; cminbox demo shows it with an invented brand."""
_SECTIONS = (("Answer and settle", (*ACTING, *OUTBOX)), ("Look", LOOKING), ("Run and keep", RUNNING))
COMPLETING = "_CMINBOX_COMPLETE"
"""Set by the shells' scripts (``cminbox completion``) when they ask for the words that may follow."""
_ON_TERMINAL: dict[str, dict[str, Any]] = {"list": {"limit": 50}}
"""Bounds that hold on a terminal where none was given: nobody reads a million lines there."""


def run(words: Sequence[str]) -> int:
    """Runs what the words say; the exit status. Raises CminboxError."""
    top = program()
    if COMPLETING in os.environ:
        top.main(list(words), prog_name="cminbox", complete_var=COMPLETING)
    try:
        # not main(): it would print a line of its own at an interrupt
        with top.make_context("cminbox", list(words)) as ctx:
            code = top.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.ClickException as error:
        raise UsageError(_said(error)) from None
    except click.Abort:
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def program() -> click.Group:
    """The whole command line."""
    top = Sections(
        "cminbox",
        help=HELP,
        params=[
            click.Option(["--config"], metavar="FILE", help="the configuration, instead of the usual one"),
            click.Option(["--version"], is_flag=True, help="the version, and no more"),
        ],
        callback=_remember,
        invoke_without_command=True,
        no_args_is_help=False,
        context_settings=_SETTINGS,
    )
    for entry in COMMANDS:
        if entry.on_line:
            first, _, second = entry.id.partition(" ")
            if second:
                _group(top, first).add_command(_command(entry, second))
            elif any(other.on_line and other.id.startswith(first + " ") for other in COMMANDS):
                group = _group(top, first)
                group.add_command(_command(entry, _SELF))
                group.default = _SELF
            else:
                top.add_command(_command(entry, first))
    return top


_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_SELF = "(alone)"


class Sections(click.Group):
    """A group whose help keeps the order of the table, in sections."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the table's order."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A section each for what is alike."""
        for title, entries in _SECTIONS:
            names = dict.fromkeys(entry.id.partition(" ")[0] for entry in entries if entry.on_line)
            rows = [(name, self.commands[name].get_short_help_str(90)) for name in names]
            with formatter.section(title):
                formatter.write_dl(rows)


class Words(click.Group):
    """A group that does something on its own too: ``log``, ``log 4711``, ``log verify``."""

    default: str | None = None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts the default in where no sub-command is named."""
        named = bool(args) and (args[0] in self.commands or args[0] in ("-h", "--help"))
        if self.default and not named and not ctx.resilient_parsing:  # that is: not while a shell completes words
            alone = self.commands[self.default]
            takes_words = any(isinstance(each, click.Argument) for each in alone.params)
            if not args or takes_words or args[0].startswith("-"):
                args = [self.default, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Without the one that has no word of its own."""
        return [name for name in self.commands if name != _SELF]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """What may follow, with and without a further word."""
        if not self.default:
            return super().collect_usage_pieces(ctx)
        return [*self.commands[self.default].collect_usage_pieces(ctx), "|", "COMMAND …"]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options of the group alone, then its commands."""
        alone = self.commands[self.default] if self.default else self
        options = [each for each in alone.get_params(ctx) if isinstance(each, click.Option)]
        records = [record for each in options if (record := each.get_help_record(ctx)) is not None]
        with formatter.section("Options"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)


def _group(top: click.Group, name: str) -> Words:
    found = top.commands.get(name)
    if isinstance(found, Words):
        return found
    title = next((entry.help for entry in COMMANDS if entry.id == name), TITLES.get(name, name))
    group = Words(name, help=_sentence(title), short_help=title, context_settings=_SETTINGS, no_args_is_help=False)
    group.default = ALONE.get(name)
    top.add_command(group)
    return group


def _command(entry: Command, name: str) -> click.Command:
    def call(**given: Any) -> int:
        return execute(entry, click.get_current_context().find_object(Environment) or Environment(), given)

    return click.Command(
        name,
        callback=call,
        params=[parameter(argument) for argument in entry.arguments],
        help=_sentence(entry.help),
        short_help=entry.help,
        hidden=name == _SELF,
        context_settings=_SETTINGS,
    )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


@click.pass_context
def _remember(ctx: click.Context, config: str | None, version: bool) -> int:
    ctx.obj = Environment(config)
    if version:
        from cminbox import __version__

        click.echo(f"cminbox {__version__}")
        ctx.exit(0)
    if ctx.invoked_subcommand is None:
        # only --config twice or the like comes here: the plain starts are told apart before click is imported
        from cminbox.cli.screen import open_screen

        return open_screen(config)
    return 0


def execute(entry: Command, environment: Environment, given: dict[str, Any]) -> int:
    """Runs an entry of the table with the arguments that were typed."""
    as_json = bool(given.get("json"))
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper, or a test's twin
    if entry.run is None:
        raise UsageError(f"{entry.id} is done in the screen only")
    module, _, function = entry.run.partition(":")
    target = getattr(importlib.import_module(module), function)
    if module.startswith("cminbox.cli."):
        takes_json = {"as_json": as_json} if "as_json" in inspect.signature(target).parameters else {}
        outcome = target(environment, **arguments_of(given), **takes_json)
        if isinstance(outcome, int):
            return outcome
        from cminbox.cli.results import finish

        return finish(outcome, as_json=as_json)
    if not as_json and sys.stdout.isatty():
        given = {**given, **{k: v for k, v in _ON_TERMINAL.get(entry.id, {}).items() if given.get(k) is None}}
    from cminbox.cli.results import run_command

    return run_command(environment, target, arguments_of(given), as_json=as_json)


def _said(error: click.ClickException) -> str:
    """click's complaint as one line of ours."""
    said = " ".join(error.format_message().split())
    ctx = getattr(error, "ctx", None)
    where = f" ({ctx.command_path.replace(f' {_SELF}', '')} --help)" if ctx is not None else ""
    return said[:1].lower() + said[1:].rstrip(".") + where
