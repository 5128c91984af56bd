"""The kinds of value on the command line, and the line that says what is allowed."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cminbox.commands.base import Argument, Takes
from cminbox.domain.duration import parse_duration

if TYPE_CHECKING:
    from click import Context, Parameter

    ParamType = click.ParamType[Any]
else:
    # a generic class only since click 8.5
    ParamType = click.ParamType

LARGEST_ID = 2**63 - 1
_LONGEST_INPUT = 4 * 1024 * 1024


class Text(ParamType):
    """Words as they were typed; bytes that are no UTF-8 are refused here, since no store takes them."""

    name = "text"

    def convert(self, value: Any, param: Parameter | None, ctx: Context | None) -> str:
        text = str(value)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            self.fail("is not UTF-8", param, ctx)
        if "\x00" in text:
            self.fail("holds a NUL character", param, ctx)
        return text


class Number(ParamType):
    """A whole number from ``least`` on."""

    name = "number"

    def __init__(self, what: str, least: int = 1) -> None:
        self._what = what
        self._least = least

    def convert(self, value: Any, param: Parameter | None, ctx: Context | None) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) < 20 and self._least <= int(text) <= LARGEST_ID):
            self.fail(f"{text!r} is no {self._what}", param, ctx)
        return int(text)


class Duration(ParamType):
    """``10s``, ``4h``, ``2d``."""

    name = "duration"

    def convert(self, value: Any, param: Parameter | None, ctx: Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Content(ParamType):
    """The lines of a text file, ``-`` for standard input: read whole, as UTF-8, up to a size that no answer has."""

    name = "file"

    def convert(self, value: Any, param: Parameter | None, ctx: Context | None) -> str:
        try:
            if value == "-":
                content = sys.stdin.buffer.read(_LONGEST_INPUT + 1)
            else:
                with Path(value).open("rb") as stream:
                    content = stream.read(_LONGEST_INPUT + 1)
        except (OSError, ValueError) as error:
            self.fail(f"{value}: {getattr(error, 'strerror', None) or 'cannot be read'}", param, ctx)
        if len(content) > _LONGEST_INPUT:
            self.fail(f"{value}: is too large to be an answer", param, ctx)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.fail(f"{value}: is not UTF-8", param, ctx)
        # lines are lines, however the editor ended them, and one line end at the end is its, not the author's
        return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")


def parameter(argument: Argument) -> click.Parameter:
    """The click parameter for an argument of the table."""
    if argument.option:
        return _option(argument)
    many = argument.takes in (Takes.ITEMS, Takes.WORDS)
    return click.Argument(
        [argument.name.replace("-", "_")],
        type=_type(argument),
        nargs=-1 if many else 1,
        required=argument.required,
        metavar=argument.metavar or argument.name.upper() + ("…" if many else ""),
    )


def _option(argument: Argument) -> click.Option:
    names = [f"--{argument.name}", argument.name.replace("-", "_")]
    if argument.takes is Takes.FLAG:
        return click.Option(names, is_flag=True, help=argument.help)
    return click.Option(
        names, type=_type(argument), required=argument.required, help=argument.help, metavar=argument.metavar
    )


def _type(argument: Argument) -> ParamType:
    match argument.takes:
        case Takes.ITEM | Takes.ITEMS:
            return Number("item number")
        case Takes.ACT:
            return Number("number of an outgoing act")
        case Takes.NUMBER:
            return Number("whole number above 0")
        case Takes.DURATION:
            return Duration()
        case Takes.CHOICE:
            return click.Choice(argument.choices)
        case Takes.FILE if argument.option:
            return Content()
        case _:
            return Text()
