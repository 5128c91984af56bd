"""When the program fails: a report that holds where it failed and nothing of what was on the screen.

A report names types, files, lines and functions. It holds no local variables, no source lines and no messages of
exceptions, since these may quote comments, addresses or tokens; only our own errors are quoted (their text is ours).
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cminbox import __version__
from cminbox.domain.errors import CminboxError
from cminbox.tui.terminal.cells import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

_KEPT = 20  # reports
_FRAMES = 60  # of one exception, the innermost ones
_LINE = 300
_unprintable = re.compile(f"[{FORBIDDEN}]+")


def describe(error: BaseException) -> str:
    """The report on an exception and what led to it."""
    return _report(_chain(error, set()))


def describe_fault(name: str, trace: str) -> str:
    """The report on a process that a fault ended: ``trace`` is faulthandler's, which holds places and nothing else."""
    return _report([f"ended by {name}", *(_clean(line) for line in trace.splitlines())])


def _report(what: Iterable[str]) -> str:
    lines = [
        f"cminbox {__version__} crash report",
        f"time: {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        f"python: {platform.python_version()} ({platform.python_implementation()})",
        f"platform: {platform.platform()}",
        f"textual: {_version('textual')}  rich: {_version('rich')}",
        f"terminal: {_clean(os.environ.get('TERM', ''))}",
        "",
        *what,
    ]
    return "\n".join(line[:_LINE] for line in lines) + "\n"


def write_report(folder: Path, text: str) -> Path | None:
    """Keep a report in ``folder`` (made if missing, 0700) as a new file, 0600. None where that is not possible."""
    name = f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{os.getpid()}.txt"
    path = folder / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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
    return f"cminbox: the screen failed; where is told, without any content, in {_clean(str(report))}"


def catch_threads(report: Callable[[BaseException], None]) -> None:
    """Send what fails in threads to ``report``, and let nothing print a traceback onto the screen."""

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            report(args.exc_value)

    threading.excepthook = in_thread
    # Failures in __del__ and the like: they stop nothing, and their message may hold anything.
    sys.unraisablehook = lambda _args: None


def _chain(error: BaseException, seen: set[int]) -> Iterator[str]:
    """The exception, then what it holds and what it came from."""
    if id(error) in seen:
        return
    seen.add(id(error))
    yield _name(error)
    yield from _frames(error.__traceback__)
    if isinstance(error, BaseExceptionGroup):
        for number, inner in enumerate(error.exceptions, 1):
            yield f"within it, {number}:"
            yield from _chain(inner, seen)
    # Textual's WorkerFailed keeps what happened as `error`.
    wrapped = getattr(error, "error", None)
    for cause in (wrapped, error.__cause__, error.__context__):
        if isinstance(cause, BaseException) and id(cause) not in seen:
            yield "because of:"
            yield from _chain(cause, seen)


def _name(error: BaseException) -> str:
    kind = type(error)
    name = _clean(f"{kind.__module__}.{kind.__qualname__}")
    return f"{name}: {_clean(str(error))}" if isinstance(error, CminboxError) else name


def _frames(trace: TracebackType | None) -> Iterator[str]:
    frames = list(traceback.walk_tb(trace))
    if len(frames) > _FRAMES:
        yield f"  ({len(frames) - _FRAMES} frames left out)"
    for frame, line in frames[-_FRAMES:]:
        code = frame.f_code
        yield f"  {_place(code.co_filename)}:{line} {_clean(code.co_name)}"


def _place(file: str) -> str:
    """A file's place without the user's home."""
    path = file
    with contextlib.suppress(RuntimeError):
        home = str(Path.home())
        if path.startswith(home + os.sep):
            path = "~" + path[len(home) :]
    for root in ("site-packages", "dist-packages"):
        _, found, rest = path.rpartition(f"{os.sep}{root}{os.sep}")
        if found:
            path = rest
    return _clean(path)


def _clean(text: str) -> str:
    return _unprintable.sub("", text)


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
