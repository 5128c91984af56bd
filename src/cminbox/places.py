"""Where things lie on this machine.

The places are those of the XDG Base Directory Specification 0.8, or one folder where ``CMINBOX_HOME`` names one.
Nothing is created by naming it (:mod:`cminbox.permissions`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from cminbox.domain.config import Places
from cminbox.domain.errors import UsageError


def find_places(config: str | None = None, environ: Mapping[str, str] | None = None) -> Places:
    """The places for this environment. ``config`` is what stood after ``--config``.

    UsageError where a variable names a place that can be none (relative, or with a NUL in it).
    """
    env = os.environ if environ is None else environ
    home = env.get("CMINBOX_HOME")
    if home:
        base = _absolute(home, "CMINBOX_HOME")
        config_file, data, state = base / "config.toml", base, base
    else:
        config_file = _xdg(env, "XDG_CONFIG_HOME", ".config") / "config.toml"
        data = _xdg(env, "XDG_DATA_HOME", ".local/share")
        state = _xdg(env, "XDG_STATE_HOME", ".local/state")
    if config is not None:
        config_file = _absolute(config, "--config")
    beside = config_file.parent
    return Places(
        config=config_file, data=data, state=state, log=state / "cminbox.log",
        snippets=beside / "snippets", themes=beside / "themes", keys=beside / "keys",
    )  # fmt: skip


def with_team(places: Places, team: Path) -> Places:
    """The places of somebody who works in a team: its folder is also that of the store."""
    return replace(places, team=team, data=team)


def login_name() -> str:
    """The name one is logged in with (as :func:`getpass.getuser` finds it), or the number where there is no name."""
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        name = os.environ.get(variable, "").strip()
        if name and name.isprintable():
            return name[:64]
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _xdg(env: Mapping[str, str], variable: str, default: str) -> Path:
    value = env.get(variable, "")
    # the specification: relative paths are invalid and have to be ignored
    base = Path(value) if value.startswith("/") else _user_home(env) / default
    return base / "cminbox"


def _user_home(env: Mapping[str, str]) -> Path:
    value = env.get("HOME", "")
    if value.startswith("/"):
        return Path(value)
    try:
        return Path.home()
    except RuntimeError:
        raise UsageError("no home folder is known: set HOME, or CMINBOX_HOME to a folder of cminbox's own") from None


def _absolute(value: str, said: str) -> Path:
    if "\x00" in value or not value.strip():
        raise UsageError(f"{said}: names no file or folder")
    return Path(os.path.abspath(Path(value).expanduser()))  # noqa: PTH100 - Path.resolve would follow links
