"""The checked configuration as plain JSON values and back, without importing what checked it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from cminbox.domain.config import ChannelConfig, Config, OperatorConfig, Places, SecretSource, UiConfig


def to_plain(config: Config) -> dict[str, Any]:
    """JSON values that :func:`config_from` makes the same configuration of. Durations are seconds."""
    return {
        "operator": _values(config.operator),
        "store_url": config.store_url,
        "places": {name: None if path is None else str(path) for name, path in _values(config.places).items()},
        "channels": [_channel_values(channel) for channel in config.channels],
        "brands": list(config.brands),
        "ui": _values(config.ui),
        "key_preset": config.key_preset,
        "keys": dict(config.keys),
        "dormant": list(config.dormant),
    }


def config_from(plain: Mapping[str, Any]) -> Config:
    """The configuration of :func:`to_plain`'s values. KeyError, TypeError or ValueError where they are none."""
    operator = plain["operator"]
    ui = plain["ui"]
    return Config(
        operator=OperatorConfig(**{**operator, "languages": tuple(operator["languages"])}),
        store_url=plain["store_url"],
        places=_places(plain["places"]),
        channels=tuple(_channel(channel) for channel in plain["channels"]),
        brands=tuple(plain["brands"]),
        ui=UiConfig(**{**ui, "undo": timedelta(seconds=ui["undo"]), "lease": timedelta(seconds=ui["lease"])}),
        key_preset=plain["key_preset"],
        keys=dict(plain["keys"]),
        dormant=tuple(plain["dormant"]),
    )


def _places(plain: Mapping[str, Any]) -> Places:
    values: dict[str, Any] = {name: None if path is None else Path(path) for name, path in plain.items()}
    return Places(**values)


def _values(one: OperatorConfig | UiConfig | Places) -> dict[str, Any]:
    return {field.name: _json(getattr(one, field.name)) for field in fields(one)}


def _channel_values(channel: ChannelConfig) -> dict[str, Any]:
    values = {field.name: _json(getattr(channel, field.name)) for field in fields(channel)}
    if channel.token is not None:
        values["token"] = {field.name: _json(getattr(channel.token, field.name)) for field in fields(channel.token)}
    return values


def _json(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_json(part) for part in value]
    return str(value) if isinstance(value, Path) else value


def _channel(plain: Mapping[str, Any]) -> ChannelConfig:
    return ChannelConfig(
        **{
            **plain,
            "token": None if plain["token"] is None else _source(plain["token"]),
            "poll": timedelta(seconds=plain["poll"]),
            "since": timedelta(seconds=plain["since"]),
            "recheck": timedelta(seconds=plain["recheck"]),
            "can": frozenset(plain["can"]),
        }
    )


def _source(plain: Mapping[str, Any]) -> SecretSource:
    command, file, inline = plain["command"], plain["file"], plain["inline_in"]
    return SecretSource(
        command=None if command is None else tuple(command),
        env=plain["env"],
        file=None if file is None else Path(file),
        inline_in=None if inline is None else (Path(inline[0]), inline[1]),
    )
