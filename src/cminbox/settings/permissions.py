"""Who may read and write what is about to be trusted. As OpenSSH and aerc do, a lax file is refused, not used."""

from __future__ import annotations

import os
import shlex
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cminbox.domain.errors import NotFoundError, UsageError
from cminbox.permissions import is_shared

MAX_BYTES = 1 << 20
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Source:
    """A config file as it was read."""

    path: Path
    text: str = field(repr=False)
    readable_by_others: bool
    shared: bool
    """It lies in a team's folder, and the group is no stranger."""


def read_config(path: Path, *, secret: bool = False) -> Source:
    """The text of a config file, read only where nobody else can write it (nor read it, if it holds a ``secret``).

    NotFoundError where there is none; UsageError with the command that mends it, or where it is no UTF-8 text.
    """
    real = _resolved(path)
    try:
        fd = os.open(real, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    facts = os.fstat(fd)
    if not stat.S_ISREG(facts.st_mode):
        os.close(fd)
        raise UsageError(f"{path}: is no file")
    with os.fdopen(fd, "rb") as stream:
        shared = is_shared(real.parent)
        _check_writers(path, real, facts, shared=shared)
        open_to = stat.S_IROTH if shared else _OTHERS_READ
        if secret and facts.st_mode & open_to:
            raise UsageError(readable_refusal(real, shared=shared))
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UsageError(f"{path}: is larger than {MAX_BYTES >> 20} MiB: no configuration is")
    return Source(path, _decoded(path, content), bool(facts.st_mode & open_to), shared)


def readable_refusal(path: Path, *, shared: bool = False) -> str:
    """The line that refuses a file with a secret, with the command that mends it."""
    return f"{path}: holds a secret and can be read by others: chmod {'660' if shared else '600'} {_quoted(path)}"


def secret_file_problem(path: Path) -> str | None:
    """Why a file that holds nothing but a secret is refused, or None. A file that is not there is no problem here."""
    try:
        facts = path.stat()
    except OSError:
        return None
    shared = is_shared(path.parent)
    if facts.st_mode & ((_OTHERS_READ | _OTHERS_WRITE) if not shared else (stat.S_IROTH | stat.S_IWOTH)):
        return readable_refusal(path, shared=shared)
    return None


def folder_problem(folder: Path) -> str | None:
    """Why nothing in this folder can be trusted (others can put files in), or None."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return None
    # in a sticky folder (/tmp) others can add files but not replace ours; in a team's folder the group may
    bits = stat.S_IWOTH if is_shared(folder) else _OTHERS_WRITE
    if mode & bits and not mode & stat.S_ISVTX:
        return f"{folder}: can be written by others: chmod go-w {_quoted(folder)}"
    return None


def _resolved(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except FileNotFoundError:
        raise NotFoundError(f"{path}: there is no such file (cminbox init writes one)") from None
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{path}: {getattr(error, 'strerror', None) or 'its links go round in a circle'}") from None


def _check_writers(path: Path, real: Path, facts: os.stat_result, *, shared: bool) -> None:
    for folder in dict.fromkeys((path.parent, real.parent)):
        problem = folder_problem(folder)
        if problem:
            raise UsageError(problem)
    if facts.st_mode & (stat.S_IWOTH if shared else _OTHERS_WRITE):
        raise UsageError(f"{path}: can be written by others: chmod go-w {_quoted(real)}")
    # the group of a team's folder is trusted by naming the folder
    if not shared and facts.st_uid not in (0, os.geteuid()):
        raise UsageError(f"{path}: belongs to somebody else: sudo chown {os.geteuid()} {_quoted(real)}")


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}:{line}: is not UTF-8") from None


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
