"""A configuration that is changed while the courier runs: it ends what it is at, and begins again with the new one.

The process replaces itself (``execv``, with the words that it was started with), so nothing of the old configuration is
left, and whoever started it (systemd, a screen, a person) keeps the process it knows. Where the new configuration is
wrong it ends as it would at any start: exit 2, a line a mistake.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import NoReturn

from cminbox.domain.config import Places

EVERY = 1.0
"""Seconds between two looks at the files."""


async def changed(places: Places) -> None:
    """Returns once a file of the configuration is another one than at first, and nobody is at work on it."""
    files = [places.config] if places.team is None else [places.config, places.team / "team.toml"]
    first = before = _prints(files)
    while True:
        await asyncio.sleep(EVERY)
        now = _prints(files)
        # twice the same: an editor may write in several steps, and take the file away in between
        if now != first and now == before and None not in now:
            return
        before = now


def start_anew() -> NoReturn:
    """Becomes the same command again, from its first line. The store must have nothing open but what may be lost."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _prints(files: list[Path]) -> list[tuple[int, int, int] | None]:
    return [_print(file) for file in files]


def _print(file: Path) -> tuple[int, int, int] | None:
    try:
        about = file.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino
