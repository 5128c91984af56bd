"""What failed and where, without anything that people wrote: for crash reports and for the log.

Told are types, files, lines and functions. No local variables, no source lines and no messages of exceptions, since
these may quote comments, addresses or tokens; only our own errors are quoted (their text is ours).
"""

from __future__ import annotations

import contextlib
import os
import platform
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cminbox import __version__
from cminbox.domain.errors import CminboxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

_FRAMES = 60  # of one exception, the innermost ones
_LINE = 300


def describe(error: BaseException) -> str:
    """The report on an exception and what led to it."""
    return _report(_chain(error, set()))


def describe_fault(name: str, trace: str) -> str:
    """The report on a process that a fault ended: ``trace`` is faulthandler's, which holds places and nothing else."""
    return _report([f"ended by {name}", *(printable(line) for line in trace.splitlines())])


def _report(what: Iterable[str]) -> str:
    lines = [
        f"cminbox {__version__} crash report",
        f"time: {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        f"python: {platform.python_version()} ({platform.python_implementation()})",
        f"platform: {platform.platform()}",
        f"textual: {_version('textual')}  rich: {_version('rich')}",
        f"terminal: {printable(os.environ.get('TERM', ''))}",
        "",
        *what,
    ]
    return "\n".join(line[:_LINE] for line in lines) + "\n"


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
    name = printable(f"{kind.__module__}.{kind.__qualname__}")
    return f"{name}: {printable(str(error))}" if isinstance(error, CminboxError) else name


def _frames(trace: TracebackType | None) -> Iterator[str]:
    frames = list(traceback.walk_tb(trace))
    if len(frames) > _FRAMES:
        yield f"  ({len(frames) - _FRAMES} frames left out)"
    for frame, line in frames[-_FRAMES:]:
        code = frame.f_code
        yield f"  {_place(code.co_filename)}:{line} {printable(code.co_name)}"


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
    return printable(path)


def printable(text: str) -> str:
    """The text without what could steer a terminal."""
    return "".join(char for char in text if char.isprintable())


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
