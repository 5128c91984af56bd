"""The kinds of value that settings have, each with the line that says what is allowed."""

from __future__ import annotations

import re
import shlex
import unicodedata
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator

from cminbox.domain.duration import ALLOWED, parse_duration

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY_NAME = re.compile(r"[!-~]|[a-z0-9_+-]{2,30}")
_TIMES = r"\d{2}:\d{2}-\d{2}:\d{2}(?:, ?\d{2}:\d{2}-\d{2}:\d{2})*"
_DAYS = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:[-,](?:Mo|Tu|We|Th|Fr|Sa|Su|PH))*"
_HOURS = re.compile(rf"24/7|{_DAYS} (?:{_TIMES}|off)(?:; ?{_DAYS} (?:{_TIMES}|off))*")
_TIMES_OR_OFF = re.compile(rf"off|{_TIMES}")
_CLOCK = re.compile(r"\d{2}:\d{2}")


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError(f"must be {ALLOWED}, in quotes")
    return parse_duration(value)


def _some_duration(value: timedelta) -> timedelta:
    if value < timedelta(seconds=1):
        raise ValueError("must be at least 1s")
    return value


def _name(value: str) -> str:
    # isprintable: no control, no direction mark, no space but the common one
    if not value.isprintable() or value != value.strip() or not 1 <= len(value) <= 64:
        raise ValueError("must be 1 to 64 visible characters on one line")
    if sum(unicodedata.combining(char) > 0 for char in value) > len(value) // 2:
        raise ValueError("must not consist of combining marks")
    return value


def _line(value: str) -> str:
    if value != "" and not value.isprintable():
        raise ValueError("must be one line of visible characters")
    return value


def _matching(pattern: re.Pattern[str], allowed: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"must be {allowed}")
        return value

    return AfterValidator(check)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        raise ValueError("must be a time zone such as Europe/Berlin or UTC") from None
    return value


def _valid_times(value: str) -> str:
    if any(int(time[:2]) > 48 or int(time[3:]) > 59 for time in _CLOCK.findall(value)):
        raise ValueError("has a time that no clock shows: hours 00 to 48, minutes 00 to 59")
    return value


def _day(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a day such as 2026-12-24") from None
    return value


def _address(value: str) -> str:
    """An http or https address. One with a password is refused: it would be shown and logged with it."""
    said = "must be an address such as https://blog.example"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError(said) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError(said)
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a name or password: write account, and token_command, token_env or token_file")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(f"{said}, in ASCII without spaces")
    return value


def _argv(value: str) -> str:
    try:
        words = shlex.split(value)
    except ValueError:
        raise ValueError("has a quote that is not closed") from None
    if not words:
        raise ValueError('must be a command such as "pass show cminbox/blog"')
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
PositiveDuration = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_some_duration)]
Name = Annotated[str, AfterValidator(_name)]
Line = Annotated[str, AfterValidator(_line)]
Word = Annotated[str, _matching(_WORD, "a word of letters, digits, - and _")]
Variable = Annotated[str, _matching(_VARIABLE, "the name of an environment variable")]
KeyName = Annotated[str, _matching(_KEY_NAME, "a key: one character, or a name such as enter, ctrl+d, f5")]
Language = Annotated[str, _matching(_LANGUAGE, 'a language such as "de" or "pt-BR"')]
Zone = Annotated[str, AfterValidator(_zone)]
Hours = Annotated[
    str, _matching(_HOURS, 'opening hours such as "Mo-Fr 08:00-20:00; Sa 10:00-14:00"'), AfterValidator(_valid_times)
]
TimesOrOff = Annotated[str, _matching(_TIMES_OR_OFF, '"off" or times such as "10:00-12:00"'),
                       AfterValidator(_valid_times)]  # fmt: skip
Day = Annotated[str, AfterValidator(_day)]
Address = Annotated[str, AfterValidator(_address)]
Argv = Annotated[str, AfterValidator(_argv)]
