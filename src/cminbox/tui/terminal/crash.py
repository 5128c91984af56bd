"""When the program fails: a report (:mod:`cminbox.traces`) is kept, and one line says where it lies."""

from __future__ import annotations

import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cminbox.permissions import make_folder
from cminbox.traces import printable

if TYPE_CHECKING:
    from collections.abc import Callable

_KEPT = 20  # reports


def write_report(folder: Path, text: str) -> Path | None:
    """Keep a report in ``folder`` (made if missing, 0700) as a new file, 0600. None where that is not possible."""
    name = f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{os.getpid()}.txt"
    path = folder / name
    try:
        make_folder(folder)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        for old in sorted(folder.glob("crash-*.txt"))[:-_KEPT]:
            old.unlink()
    except OSError:
        return path if path.exists() else None
    return path


def one_line(report: Path | None) -> str:
    """What stands on stderr afterwards."""
    if report is None:
        return "cminbox: the screen failed, and a report on it could not be written"
    return f"cminbox: the screen failed; where is told, without any content, in {printable(str(report))}"


def catch_threads(report: Callable[[BaseException], None]) -> None:
    """Send what fails in threads to ``report``, and let nothing print a traceback onto the screen."""

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            report(args.exc_value)

    threading.excepthook = in_thread
    # Failures in __del__ and the like: they stop nothing, and their message may hold anything.
    sys.unraisablehook = lambda _args: None
