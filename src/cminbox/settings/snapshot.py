"""The checked configuration, kept beside the log so that the screen can start without checking it again.

A snapshot counts only for what it was made of: the same files (place, inode, times, size, mode), the same environment,
the same program. Anything else, and it is as if there were none. No secret is in it, only where to get them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cminbox import __version__
from cminbox.domain.config import Config, OperatorConfig, Places
from cminbox.permissions import write_private
from cminbox.places import login_name
from cminbox.settings.plain import config_from, to_plain

_PACKAGE = Path(__file__).resolve().parents[1]


def file_of(places: Places) -> Path:
    """Where the snapshot of this config file lies."""
    return places.state / f"config-{hashlib.sha256(str(places.config).encode()).hexdigest()[:16]}.json"


def default_config(places: Places) -> Config:
    """What holds where nobody wrote a configuration."""
    name = login_name()
    return Config(
        operator=OperatorConfig(name=name, display_name=name),
        store_url=f"sqlite:///{places.data / 'inbox.db'}",
        places=places,
    )


def is_bare(places: Places) -> bool:
    """Whether there is neither a config file nor a setting in the environment: the defaults hold."""
    return not os.path.lexists(places.config) and not any(_settings_in_environment())


def load_snapshot(places: Places) -> Config | None:
    """The configuration as it was checked, if nothing has changed since; the defaults where nothing is configured."""
    if is_bare(places):
        return default_config(places)
    try:
        file = file_of(places)
        facts = file.stat()
        if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or facts.st_uid != os.geteuid():
            return None
        kept = json.loads(file.read_bytes())
        if kept["key"] != _key(places, [Path(path) for path in kept["files"]]):
            return None
        return config_from(kept["config"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def save_snapshot(places: Places, config: Config, files: list[Path]) -> None:
    """Keeps it, where the state folder lets us: without it the next start is slower, nothing more."""
    with contextlib.suppress(OSError):
        kept = {"key": _key(places, files), "files": [str(path) for path in files], "config": to_plain(config)}
        write_private(file_of(places), json.dumps(kept).encode("ascii"))


def _key(places: Places, files: list[Path]) -> str:
    """A digest of all that decides what the configuration is."""
    parts: list[Any] = [
        __version__, str(places.config), str(places.data), str(places.state), login_name(),
        os.path.lexists(places.config), [_state_of(path) for path in files],
        sorted(_settings_in_environment()), list(_program()),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


def _state_of(path: Path) -> list[int | str]:
    real = path.resolve()
    facts = real.stat()
    return [str(path), str(real), facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, facts.st_mode,
            facts.st_uid, path.parent.stat().st_mode, real.parent.stat().st_mode]  # fmt: skip


def _settings_in_environment() -> Iterator[tuple[str, str]]:
    """What pydantic-settings may look at, a mistyped table too. CMINBOX_HOME and the like are no settings."""
    for variable, value in os.environ.items():
        name = variable.upper()
        if name.startswith("CMINBOX_") and ("__" in name or name.removeprefix("CMINBOX_") in TABLES):
            yield name, value


TABLES = frozenset(
    ("TEAM", "OPERATOR", "BRANDS", "STORE", "CHANNELS", "ROUTES", "RULES", "SLA", "GUARD", "FILTERS", "VIEWS", "ROLES",
     "MACROS", "LISTENER", "KEYS", "UI")
)  # fmt: skip
"""What stands at the top of a configuration; a test holds it against the models."""


def _program() -> Iterator[tuple[str, int, int]]:
    """The code that decides what is allowed: kinds of channel, commands and their keys, and these settings."""
    for folder in ("channels", "commands", "settings"):
        with os.scandir(_PACKAGE / folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.endswith(".py"):
                    facts = entry.stat()
                    yield entry.name, facts.st_mtime_ns, facts.st_size
