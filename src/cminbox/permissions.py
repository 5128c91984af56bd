"""How files with content or secrets are made, whatever the umask is.

For their owner alone (files 0600, folders 0700), or in a team's folder, which is told by its setgid bit and group
permissions, for the group (files 0660, folders 2770).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

_PRIVATE_FOLDER, _TEAM_FOLDER = 0o700, 0o2770
_PRIVATE_FILE, _TEAM_FILE = 0o600, 0o660
_SHARED_BITS = stat.S_ISGID | stat.S_IRGRP | stat.S_IWGRP


def is_shared(folder: Path) -> bool:
    """Whether this folder is a group's: setgid, and the group may read and write."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return mode & _SHARED_BITS == _SHARED_BITS


def file_mode(folder: Path) -> int:
    """The mode of files with content or secrets in that folder."""
    return _TEAM_FILE if is_shared(folder) else _PRIVATE_FILE


def make_folder(folder: Path) -> Path:
    """The folder, made where it is missing, with its parents; for its owner alone, or for the group inside a team's."""
    if folder.is_dir():
        return folder
    if folder.parent != folder:
        make_folder(folder.parent)
    mode = _TEAM_FOLDER if is_shared(folder.parent) else _PRIVATE_FOLDER
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER)
    except FileExistsError:
        return folder
    # a file system without modes (FAT) refuses some; there the mount decides
    with contextlib.suppress(PermissionError):
        folder.chmod(mode)
    return folder


def create_file(file: Path) -> int:
    """A new, empty file, open for reading and writing; its descriptor. The folder is made where it is missing.

    FileExistsError where there is anything of that name already, also a link.
    """
    make_folder(file.parent)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(file, flags, _PRIVATE_FILE)
    set_mode(fd, file.parent)
    return fd


def set_mode(fd: int, folder: Path) -> None:
    """Gives an open file of that folder its mode, where the file system has modes."""
    with contextlib.suppress(PermissionError):
        os.fchmod(fd, file_mode(folder))


def create_private(file: Path, content: bytes) -> None:
    """A new file with that content. FileExistsError where there is anything of that name already, also a link."""
    with os.fdopen(create_file(file), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def write_private(file: Path, content: bytes) -> None:
    """The whole file or none of it: written beside, synced, moved into its place.

    A link that stands in its place is replaced, not followed, and the file is at no moment readable by others.
    """
    beside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        create_private(beside, content)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
