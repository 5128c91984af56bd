"""The checked configuration, as plain frozen values.

:mod:`cminbox.settings` makes it (with pydantic) from config.toml and the environment; a snapshot of it lets the screen
start without pydantic. Secrets are never in it, only where to get them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorConfig:
    name: str
    display_name: str
    signature: str = ""
    languages: tuple[str, ...] = ()
    role: str = "lead"
    timezone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretSource:
    """Where a secret comes from. Exactly one of the four is set."""

    command: tuple[str, ...] | None = None
    env: str | None = None
    file: Path | None = None
    inline_in: tuple[Path, str] | None = None
    """It stands in this config file itself, in the table of the channel of this name:
    :func:`cminbox.settings.inline.read_inline` gets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfig:
    name: str
    kind: str
    brand: str | None = None
    url: str | None = None
    account: str | None = None
    token: SecretSource | None = None
    poll: timedelta = timedelta(seconds=30)
    since: timedelta = timedelta(days=7)
    recheck: timedelta = timedelta(days=3)
    options: dict[str, Any] = field(default_factory=dict)
    """What only this kind knows (Isso: uris, email, website)."""
    can: frozenset[str] = frozenset()
    """From the kind's facts: what it may offer at best. Without ``reply`` answers are manual."""
    max_length: int | None = None
    min_length: int = 0
    counts: str = "characters"


@dataclass(frozen=True, slots=True, kw_only=True)
class UiConfig:
    theme: str = "cminbox-dark"
    undo: timedelta = timedelta(seconds=10)
    lease: timedelta = timedelta(minutes=15)
    mouse: bool | None = None
    """None: on, but off over SSH."""
    colour: Literal["auto", "16", "256", "truecolor"] = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where things lie on this machine. Nothing is created by naming it."""

    config: Path
    data: Path
    state: Path
    log: Path
    snippets: Path
    themes: Path
    keys: Path
    team: Path | None = None
    """The folder that a team shares, if one is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    operator: OperatorConfig
    store_url: str
    places: Places
    channels: tuple[ChannelConfig, ...] = ()
    brands: tuple[str, ...] = ()
    ui: UiConfig = UiConfig()
    key_preset: str = "gmail"
    keys: dict[str, str] = field(default_factory=dict)
    """Command id → key, where the user changed one."""
    dormant: tuple[str, ...] = ()
    """Settings that were checked but that nothing in this version reads yet; ``doctor`` names them."""

    def channel(self, name: str) -> ChannelConfig | None:
        """The configured channel of that name, if any: an imported channel need not be configured."""
        return next((c for c in self.channels if c.name == name), None)
