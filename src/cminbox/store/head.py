"""The head of the log, kept outside the store, so that a tail cut off the log is found.

One small file a store in the state folder. It only ever moves forward, and only along the chain that it stands on: a
store whose log was cut or replaced does not overwrite what tells on it. Losing the file is harmless; failing to write
it never fails a commit.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from cminbox.domain.errors import StoreError
from cminbox.domain.event import Head
from cminbox.permissions import make_folder

TRIES = 5
PAUSE = 0.001


class KeptHead:
    """The file that holds the head of one store's log."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, database: Path, state: Path) -> KeptHead:
        """The file for a store, named by the store's name and a short hash of where it lies."""
        where = hashlib.sha256(os.fsencode(database.resolve())).hexdigest()[:12]
        return cls(state / f"{database.name}-{where}.head")

    def read(self) -> Head | None:
        """What was kept; None where nothing was. StoreError where the file cannot be read or understood."""
        try:
            text = self.path.read_text("ascii")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"the head kept outside the store cannot be read: {self.path}") from error
        head = _parsed(text)
        if head is None and text.strip():
            raise StoreError(f"the head kept outside the store is damaged: {self.path}")
        return head

    def advance(self, before: Head, now: Head, known: Callable[[int], Head | None]) -> bool:
        """Moves the kept head to ``now`` if it stands on the same chain; whether it did. Never raises OSError.

        ``before`` was the head when the transaction began, ``known`` gives line n of the store's log.
        """
        try:
            handle = self._open()
        except OSError:
            return False
        try:
            if not _locked(handle):
                return False
            kept = _parsed(os.pread(handle, 4096, 0).decode("ascii", "replace"))
            if kept is not None and (kept.n >= now.n or not (kept == before or kept.n == 0 or known(kept.n) == kept)):
                return False
            return _written(handle, now)
        except OSError:
            return False
        finally:
            os.close(handle)

    def reset(self, now: Head) -> None:
        """Sets the head whatever it was: after a restore, which the log tells of. OSError where that fails."""
        handle = self._open()
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            _written(handle, now)
        finally:
            os.close(handle)

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.open(self.path, flags, 0o600)
        except FileNotFoundError:
            make_folder(self.path.parent)
            return os.open(self.path, flags, 0o600)


def _locked(handle: int) -> bool:
    # bounded: whoever holds the lock may have been stopped, and a commit must not wait for that
    for attempt in range(TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if attempt < TRIES - 1:
                time.sleep(PAUSE)
    return False


def _written(handle: int, head: Head) -> bool:
    # one write of constant length, so that a kill leaves the old line or the new one
    line = json.dumps({"hash": head.hash, "n": head.n}).ljust(127) + "\n"
    return os.pwrite(handle, line.encode("ascii"), 0) == len(line)


def _parsed(text: str) -> Head | None:
    try:
        data = json.loads(text)
        return Head(int(data["n"]), str(data["hash"]))
    except (ValueError, KeyError, TypeError):
        return None
