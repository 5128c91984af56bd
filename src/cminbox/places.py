"""Where things lie on this machine, and how files with content or secrets are made.

The places are those of the XDG Base Directory Specification 0.8, or one folder where ``CMINBOX_HOME`` names one.
Nothing is created by naming it; what is created is made for its owner alone (files 0600, folders 0700), or in a team's
folder, which is told by its setgid bit and group permissions, for the group (files 0660, folders 2770).
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from cminbox.domain.config import Places
from cminbox.domain.errors import UsageError

_PRIVATE_FOLDER, _TEAM_FOLDER = 0o700, 0o2770
_PRIVATE_FILE, _TEAM_FILE = 0o600, 0o660
_SHARED_BITS = stat.S_ISGID | stat.S_IRGRP | stat.S_IWGRP


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


def is_shared(folder: Path) -> bool:
    """Whether this folder is a group's: setgid, and the group may read and write."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return mode & _SHARED_BITS == _SHARED_BITS


def make_folder(folder: Path) -> Path:
    """The folder, made where it is missing, with its parents; for its owner alone, or for the group inside a team's."""
    if folder.is_dir():
        return folder
    if folder.parent != folder:
        make_folder(folder.parent)
    mode = _TEAM_FOLDER if is_shared(folder.parent) else _PRIVATE_FOLDER
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return folder
    if mode != _PRIVATE_FOLDER:
        folder.chmod(mode)
    return folder


def file_mode(folder: Path) -> int:
    """The mode of files with content or secrets in that folder."""
    return _TEAM_FILE if is_shared(folder) else _PRIVATE_FILE


def write_private(file: Path, content: bytes) -> None:
    """The whole file or none of it: written beside, synced, moved into its place.

    A link that stands in its place is replaced, not followed, and the file is at no moment readable by others.
    """
    make_folder(file.parent)
    beside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        create_private(beside, content)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def create_private(file: Path, content: bytes) -> None:
    """A new file with that content. FileExistsError where there is anything of that name already, also a link."""
    make_folder(file.parent)
    mode = file_mode(file.parent)
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _PRIVATE_FILE)
    with os.fdopen(fd, "wb") as stream:
        if mode != _PRIVATE_FILE:
            os.fchmod(fd, mode)
        stream.write(content)
        stream.flush()
        os.fsync(fd)
