"""config.toml, a team's team.toml and the environment, checked and made one configuration.

This imports pydantic, a quarter of a second of CPU: the screen never does (:mod:`cminbox.settings.snapshot`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from cminbox.domain.channel import KindFacts
from cminbox.domain.config import Config, OperatorConfig, Places, UiConfig
from cminbox.domain.errors import NotFoundError, UsageError
from cminbox.places import login_name, with_team
from cminbox.settings import channels as channel_settings
from cminbox.settings.complaints import keys_of, said, unknown
from cminbox.settings.models import Environment, Settings
from cminbox.settings.permissions import read_config, readable_refusal
from cminbox.settings.written import ConfigError, File, Written, parsed

TEAMS = frozenset(
    ("store", "brands", "channels", "routes", "rules", "sla", "guard", "filters", "views", "roles", "listener")
)
"""The tables of team.toml; one's own file then holds the others, and own views."""
SLEEPING = ("routes", "rules", "sla", "guard", "filters", "views", "roles", "macros", "listener")
"""Tables that nothing reads yet."""
KeyCheck = Callable[[Mapping[str, str]], Iterable[tuple[str, str]]]
"""Own keys by command → the commands whose key cannot be theirs, each with the reason."""
_SECRET_KEYS = {"channels": ("token", "client_secret"), "routes": ("token", "secret")}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The configuration and the files that it was made of."""

    config: Config
    files: tuple[Path, ...]


def load(
    places: Places,
    facts: Mapping[str, KindFacts],
    command_ids: Collection[str],
    *,
    clashes: KeyCheck | None = None,
    must_exist: bool = False,
) -> Loaded:
    """Reads and checks everything. Without a config file the defaults hold, unless it ``must_exist``. ``clashes`` looks
    over the operator's own keys.

    Raises ConfigError with one line a mistake, or UsageError where a file cannot be trusted or read.
    """
    own = _read(places.config, must_exist=must_exist)
    team = _team_folder(places, own)
    files = [own] if own else []
    if team is not None:
        places = with_team(places, team)
        shared = _read(team / "team.toml", must_exist=True)
        files = [file for file in (shared, own) if file is not None]
    written = Written(files, _environment())
    written.merge()
    _check_tables(written, own, team)
    _check_variables(written)
    _check_key_names(written, command_ids)
    channel_settings.check_tables(written, facts)
    settings = _validated(written)
    written.raise_mistakes()
    _check_secrets(written)
    config = _config(settings, places, written, facts)
    for command_id, why in clashes(config.keys) if clashes else ():
        written.mistake(("keys", command_id), why)
    written.raise_mistakes()
    return Loaded(config, tuple(file.source.path for file in files))


def _read(path: Path, *, must_exist: bool) -> File | None:
    try:
        return parsed(read_config(path))
    except NotFoundError as missing:
        if must_exist:
            raise UsageError(str(missing)) from None
        return None


def _environment() -> Mapping[str, Any]:
    try:
        return Environment(Settings)()
    except SettingsError as error:
        raise UsageError(f"the environment: {error}") from None


def team_name(own: Mapping[str, Any]) -> str | None:
    """What names the team's folder: ``CMINBOX_TEAM``, else ``team`` at the top of one's own file."""
    value = os.environ.get("CMINBOX_TEAM") or own.get("team")
    return value if isinstance(value, str) and value.isprintable() else None


def _team_folder(places: Places, own: File | None) -> Path | None:
    value = team_name(own.values if own else {})
    if not value:
        return None
    folder = places.config.parent / Path(value).expanduser()
    if not folder.is_dir():
        raise UsageError(f"{folder}: the team's folder is not there (team, or CMINBOX_TEAM)")
    return folder.resolve()


def _check_tables(written: Written, own: File | None, team: Path | None) -> None:
    known = keys_of(Settings)
    for file in written.files:
        for key in file.values:
            if key not in known:
                written.mistake((key,), unknown(key, known))
            elif file is own and team is not None and key in TEAMS - {"views"}:
                written.mistake((key,), f"belongs into {team / 'team.toml'}")
            elif file is not own and key not in TEAMS:
                written.mistake((key,), "belongs into one's own config.toml")
    for key in [key for key in written.values if key not in known]:
        # also a guard: pydantic-settings takes arguments of its own whose names begin with an underscore
        del written.values[key]


def _check_variables(written: Written) -> None:
    """A misspelt table in a variable's name would otherwise be passed over in silence."""
    known = [key.upper() for key in keys_of(Settings)]
    for variable in sorted(os.environ):
        name = variable.removeprefix("CMINBOX_")
        table, nested, _ = name.partition("__")
        if name != variable and nested and table.upper() not in known:
            written.mistakes.append((variable, 0, unknown(table.lower(), keys_of(Settings))))


def _check_key_names(written: Written, command_ids: Collection[str]) -> None:
    tables = (written.values.get("keys"), written.environment.get("keys"))
    for name in {name for table in tables if isinstance(table, dict) for name in table}:
        if name != "preset" and name not in command_ids:
            written.mistake(("keys", name), unknown(name, (*command_ids, "preset")))


def _validated(written: Written) -> Settings:
    try:
        return Settings(**written.values)
    except ValidationError as invalid:
        for error in invalid.errors(include_input=False, include_url=False):
            written.mistake(*said(error, Settings))
    written.raise_mistakes()
    raise AssertionError("a mistake without a line")


def _check_secrets(written: Written) -> None:
    for path in _plain_secrets(written.values):
        source = written.source(path)
        if source is not None and source.readable_by_others:
            raise ConfigError([readable_refusal(source.path.resolve(), shared=source.shared)])
    for path in _plain_secrets(written.environment):
        written.mistake(path, f"a secret is not read from here: name its variable in {path[-1]}_env")


def _plain_secrets(values: Mapping[str, Any]) -> Iterator[tuple[str | int, ...]]:
    for table, keys in _SECRET_KEYS.items():
        entries = values.get(table)
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            yield from ((table, number, key) for key in keys if isinstance(entry, dict) and key in entry)


def _config(settings: Settings, places: Places, written: Written, facts: Mapping[str, KindFacts]) -> Config:
    name = settings.operator.name or login_name()
    undo, lease = settings.ui.undo, settings.ui.lease
    defaults = UiConfig()
    return Config(
        operator=OperatorConfig(
            name=name,
            display_name=settings.operator.display_name or name,
            signature=settings.operator.signature,
            languages=tuple(settings.operator.languages),
            role=settings.operator.role,
            timezone=settings.operator.timezone or settings.sla.timezone,
        ),
        store_url=_store_url(settings.store.url, places, written),
        places=places,
        channels=channel_settings.checked(settings, written, facts),
        brands=tuple(settings.brands),
        ui=UiConfig(
            theme=settings.ui.theme,
            undo=defaults.undo if undo is None else undo,
            lease=defaults.lease if lease is None else lease,
            mouse=settings.ui.mouse,
            colour=settings.ui.colour,
        ),
        key_preset=settings.keys.preset,
        keys={name: key for name, key in (settings.keys.model_extra or {}).items() if key is not None},
        dormant=tuple(_dormant(settings, written)),
    )


def _store_url(url: str, places: Places, written: Written) -> str:
    path = ("store", "url")
    if url.startswith(("postgresql://", "postgres://")):
        written.mistake(path, "PostgreSQL is not there yet: sqlite:///inbox.db")
        return url
    file = url.removeprefix("sqlite:///")
    if file == url or not file or file.endswith("/") or "?" in file or "#" in file:
        written.mistake(path, "must be sqlite:///FILE, relative to the data folder, or sqlite:////FOLDER/FILE")
        return url
    return f"sqlite:///{places.data / file}"


def _dormant(settings: Settings, written: Written) -> Iterator[str]:
    yield from (table for table in SLEEPING if table in {**written.values, **written.environment})
    yield from (f"brands.{name}.approval" for name, brand in settings.brands.items() if brand.approval != "free")
    yield from (f"channels.{channel.name}.sla" for channel in settings.channels if channel.sla is not None)
    yield from (f"channels.{channel.name}.client_id" for channel in settings.channels if channel.client_id)
    if settings.operator.role != "lead":
        yield "operator.role"
    if settings.keys.preset != "gmail":
        yield "keys.preset"
