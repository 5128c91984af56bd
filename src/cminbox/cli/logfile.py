"""The log: one file, JSON a line, ASCII, for its owner alone, rotated, without secrets and without what people wrote.

Screens and the courier write to the same file, each line in one append; whoever finds it too large moves it away under
a lock, and the others notice that their file is another one by now.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import sys
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cminbox.permissions import make_folder, set_mode

LARGEST = 2 * 1024 * 1024
KEPT = 3
"""So many older files stay: ``cminbox.log.1`` is the youngest."""
_LONGEST_MESSAGE = 2000


class LogFile(logging.Handler):
    """Appends to a log file, which it makes when the first line comes. A log that cannot be written stops nothing."""

    def __init__(self, path: Path, secrets: Collection[str] = ()) -> None:
        super().__init__()
        self.path = path
        self._secrets = secrets
        self._fd: int | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self._line(record).encode("ascii")
            os.write(self._current(), line)
        except Exception:  # a log that fails must not take the program with it, nor print onto the screen
            self.close_file()

    def close(self) -> None:
        self.close_file()
        super().close()

    def close_file(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _line(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "pid": record.process,
            "logger": record.name,
            "message": self._without_secrets(record.getMessage())[:_LONGEST_MESSAGE],
        }
        if record.exc_info and record.exc_info[1] is not None:
            from cminbox.traces import describe

            # types, files, lines and functions: an exception's message may quote anything
            told["trace"] = self._without_secrets(describe(record.exc_info[1])).splitlines()
        return json.dumps(told, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n"

    def _without_secrets(self, text: str) -> str:
        if "cminbox.http" not in sys.modules and not self._secrets:
            return text  # a process without network has fetched no secret; the screen's shall not import that room
        from cminbox.http.redact import redact

        # a copy: another thread may be fetching one
        return redact(text, tuple(self._secrets))

    def _current(self) -> int:
        """The open file, opened anew where it was moved away meanwhile."""
        if self._fd is not None:
            ours = os.fstat(self._fd)
            try:
                there = self.path.stat()
            except FileNotFoundError:
                there = None
            if there is None or (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino):
                self.close_file()
            elif ours.st_size > LARGEST:
                self._rotate()
        if self._fd is None:
            make_folder(self.path.parent)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._fd = os.open(self.path, flags, 0o600)
            set_mode(self._fd, self.path.parent)
        return self._fd

    def _rotate(self) -> None:
        assert self._fd is not None
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        ours, there = os.fstat(self._fd), self.path.stat()
        if ours.st_ino == there.st_ino:  # nobody was quicker
            for number in range(KEPT, 0, -1):
                older = self.path if number == 1 else self._older(number - 1)
                if older.exists():
                    older.replace(self._older(number))
        self.close_file()

    def _older(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


def open_log(path: Path, secrets: Collection[str] = ()) -> LogFile:
    """Sends everything that is logged in this process to the file and nowhere else.

    ``secrets`` never stand in it; they are looked at anew with each line, so a set that grows is followed.
    """
    handler = LogFile(path, secrets)
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, LogFile)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("cminbox").setLevel(logging.INFO)
    logging.raiseExceptions = False
    return handler


def keep_failure(path: Path, error: BaseException) -> None:
    """One line about what nobody expected. OSError where it cannot be written."""
    make_folder(path.parent)
    handler = LogFile(path)
    record = logging.LogRecord("cminbox", logging.ERROR, "", 0, "failed unexpectedly", None, None)
    record.exc_info = (type(error), error, error.__traceback__)
    handler.emit(record)
    handler.close()
    if not path.exists():
        raise OSError(f"{path} could not be written")
