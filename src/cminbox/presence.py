"""Who is at the screens: a file lock that the kernel drops when its process ends, however it ends.

Every screen holds a shared lock; the courier that a screen started asks whether an exclusive one could be had. Nothing
is written, so a crash leaves nothing behind. ``flock(2)``: locks belong to the open file and go with it.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from cminbox.permissions import make_folder

LOCK_NAME = "screens.lock"


class Presence:
    """A screen is open. Held until :meth:`leave` or the end of the process."""

    def __init__(self, fd: int) -> None:
        self._fd: int | None = fd

    def leave(self) -> None:
        """The screen closes. Safe to call twice."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Presence:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()


def hold_presence(state: Path) -> Presence:
    """Tells couriers that a screen is open. ``state`` is the folder of logs and locks (``Places.state``).

    Waits only for a courier that is asking at this moment, which takes microseconds. Raises OSError.
    """
    make_folder(state)
    fd = _opened(state)
    fcntl.flock(fd, fcntl.LOCK_SH)
    return Presence(fd)


def anyone_there(state: Path) -> bool:
    """Whether a screen is open anywhere on this machine."""
    try:
        fd = _opened(state)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _opened(state: Path) -> int:
    # no inheritance: a courier that a screen starts must not keep that screen's lock alive
    return os.open(state / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
