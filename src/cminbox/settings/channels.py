"""The channels of a configuration: what all have in common, and what each kind asks for besides."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from cminbox.domain.channel import KindFacts
from cminbox.domain.config import ChannelConfig, SecretSource
from cminbox.domain.duration import parse_duration
from cminbox.settings.complaints import keys_of, unknown
from cminbox.settings.models import Channel, Settings
from cminbox.settings.permissions import secret_file_problem
from cminbox.settings.written import Written

_TOKENS = ("token", "token_command", "token_env", "token_file")


def _text(value: Any) -> bool:
    return isinstance(value, str) and (not value or value.isprintable())


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _duration(value: Any) -> bool:
    try:
        return isinstance(value, str) and parse_duration(value) >= timedelta()
    except ValueError:
        return False


_TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "list of str": (lambda value: isinstance(value, list) and all(map(_text, value)), 'a list such as ["a", "b"]'),
    "str": (_text, "one line of text, in quotes"),
    "int": (_whole, "a whole number"),
    "float": (lambda value: _whole(value) or isinstance(value, float), "a number"),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "duration": (_duration, "a duration such as 30s, 5m or 7d, in quotes"),
}


def check_tables(written: Written, facts: Mapping[str, KindFacts]) -> None:
    """What can be said of the channels as they were written, before their values are looked at one by one."""
    tables = written.effective("channels")
    names: dict[str, int] = {}
    for number, table in enumerate(tables if isinstance(tables, list) else []):
        if not isinstance(table, dict):
            continue
        path = ("channels", number)
        name, kind = table.get("name"), table.get("kind")
        if isinstance(name, str) and names.setdefault(name.casefold(), number) != number:
            written.mistake((*path, "name"), f"is the name of channel {names[name.casefold()] + 1} already")
        if isinstance(kind, str) and kind in facts:
            _check_kind(table, facts[kind], written, path)
        elif isinstance(kind, str):
            written.mistake((*path, "kind"), f"{unknown(kind, facts)} (there are: {', '.join(sorted(facts))})")


def _check_kind(table: Mapping[str, Any], kind: KindFacts, written: Written, path: tuple[str | int, ...]) -> None:
    if kind.needs_url and "url" not in table:
        written.mistake((*path, "url"), f"is missing: {kind.kind} needs the address of the server")
    given = [key for key in _TOKENS if key in table]
    if kind.needs_token and not given:
        written.mistake((*path, "token_command"), f"is missing: {kind.kind} needs it, or token_env, or token_file")
    for key in given[1:]:
        written.mistake((*path, key), f"there is {given[0]} already: only one of {', '.join(_TOKENS)}")
    common = keys_of(Channel)
    for name, value in table.items():
        if name in common:
            continue
        described = kind.options.get(name)
        if described is None:
            written.mistake((*path, name), unknown(name, (*common, *kind.options)))
            continue
        for start, (fits, allowed) in _TYPES.items():
            if described.startswith(start) and not fits(value):
                written.mistake((*path, name), f"must be {allowed}")


def checked(settings: Settings, written: Written, facts: Mapping[str, KindFacts]) -> tuple[ChannelConfig, ...]:
    """Every channel as the courier takes it. Mistakes are noted in ``written``."""
    made = []
    for number, channel in enumerate(settings.channels):
        path = ("channels", number)
        if channel.brand and settings.brands and channel.brand not in settings.brands:
            written.mistake((*path, "brand"), unknown(channel.brand, settings.brands))
        made.append(_channel(channel, facts[channel.kind], _secret(channel, written, path)))
    return tuple(made)


def _secret(channel: Channel, written: Written, path: tuple[str | int, ...]) -> SecretSource | None:
    if channel.token_command is not None:
        return SecretSource(command=tuple(shlex.split(channel.token_command)))
    if channel.token_env is not None:
        return SecretSource(env=channel.token_env)
    source = written.source((*path, "token_file" if channel.token_file is not None else "token"))
    if channel.token_file is not None:
        base = source.path.parent if source else Path.cwd()
        file = base / Path(channel.token_file).expanduser()
        problem = secret_file_problem(file)
        if problem:
            written.mistake((*path, "token_file"), problem)
        return SecretSource(file=file)
    if channel.token is not None and source is not None:
        return SecretSource(inline_in=(source.path, channel.name))
    return None


def _channel(channel: Channel, kind: KindFacts, token: SecretSource | None) -> ChannelConfig:
    times = {name: getattr(channel, name) for name in ("poll", "since", "recheck")}
    return ChannelConfig(
        name=channel.name, kind=channel.kind, brand=channel.brand, url=channel.url, account=channel.account,
        token=token, options=dict(channel.model_extra or {}), can=kind.can,
        max_length=kind.max_length, min_length=kind.min_length, counts=kind.counts,
        **{name: value for name, value in times.items() if value is not None},
    )  # fmt: skip
