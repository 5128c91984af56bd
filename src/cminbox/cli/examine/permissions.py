"""Who else can read or change our files."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from cminbox.cli.examine import Finding, State
from cminbox.domain.config import Config, Places
from cminbox.permissions import is_shared
from cminbox.settings.permissions import folder_problem


def findings(places: Places, config: Config | None) -> Iterator[Finding]:
    """Folders that others can write, files that others can read."""
    problems = list(_problems(config.places if config else places, config))
    yield from problems
    if not problems:
        yield Finding("files", State.OK, "nobody else can read or change them")


def _problems(places: Places, config: Config | None) -> Iterator[Finding]:
    for folder in dict.fromkeys((places.config.parent, places.data, places.state, places.snippets)):
        problem = folder_problem(folder)
        if problem:
            yield Finding("files", State.BAD, problem)
    if _readable(places.config):
        # no secret is in it, or it would have been refused; but it tells where they are
        yield Finding("files", State.WARN, f"{places.config}: others can read it: {_closing(places.config)}")
    for file in _private_files(places, config):
        if _readable(file):
            yield Finding("files", State.BAD, f"{file}: others can read it: {_closing(file)}")


def _private_files(places: Places, config: Config | None) -> Iterator[Path]:
    yield places.log
    if config is not None and config.store_url.startswith("sqlite:///"):
        store = config.store_url.removeprefix("sqlite:///")
        yield from (Path(store + ending) for ending in ("", "-wal", "-shm", "-journal"))


def _readable(file: Path) -> bool:
    try:
        mode = file.stat().st_mode
    except OSError:
        return False
    return bool(mode & (stat.S_IRWXO if is_shared(file.parent) else stat.S_IRWXG | stat.S_IRWXO))


def _closing(file: Path) -> str:
    return f"chmod {'660' if is_shared(file.parent) else '600'} {shlex.quote(os.fspath(file))}"
