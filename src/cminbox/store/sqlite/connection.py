"""Opening one connection: file and its permissions, settings, errors told in one line, and the two kinds of
transaction. Nothing here knows asyncio."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from cminbox.domain.errors import StoreError
from cminbox.permissions import create_file, file_mode
from cminbox.store import engine
from cminbox.store.sqlite.base import Clock
from cminbox.store.sqlite.folding import folded
from cminbox.store.sqlite.values import instant

T = TypeVar("T")
BUSY_MS = 5000
TRIES = 3
"""So often a transaction is begun when the store stays busy for :data:`BUSY_MS`."""
NOW = (
    "SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000"
)
SETTINGS = (
    f"PRAGMA busy_timeout = {BUSY_MS}",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = FAST",
    "PRAGMA cache_size = -16000",
    # 16 MB: a busy hour writes the same pages again and again; taking in is half as fast again as with 4 MB
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA journal_size_limit = 67108864",
)
TOLD = {
    "SQLITE_FULL": "the disk is full: make room, then go on; nothing was changed",
    "SQLITE_BUSY": "the store is busy: another process keeps it locked; try again",
    "SQLITE_LOCKED": "the store is busy: try again",
    "SQLITE_CORRUPT": "the store is damaged: restore a backup (cminbox restore FILE)",
    "SQLITE_NOTADB": "this is no cminbox store, or it is damaged: restore a backup (cminbox restore FILE)",
    "SQLITE_READONLY": "the store cannot be written: check the permissions of the file and its folder",
    "SQLITE_CANTOPEN": "the store cannot be opened: check the path and its permissions",
    "SQLITE_PERM": "the store cannot be opened: check its permissions",
    "SQLITE_IOERR": "the disk failed while reading or writing the store; nothing was changed",
    "SQLITE_NOMEM": "out of memory in the store; nothing was changed",
    "SQLITE_TOOBIG": "a text is too large for the store; nothing was changed",
}


def told(error: Exception, path: Path | str) -> StoreError:
    """An error of SQLite as one line for a person."""
    name = str(getattr(error, "sqlite_errorname", "") or "")
    for known, line in TOLD.items():
        if name == known or name.startswith(known + "_"):
            return StoreError(f"{line} ({path})")
    return StoreError(f"the store failed: {error} ({path})")


def is_busy(error: Exception) -> bool:
    """Whether somebody else's lock is in the way."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


@contextmanager
def errors_told(path: Path | str) -> Iterator[None]:
    """Turns SQLite's errors into StoreError."""
    try:
        yield
    except engine.library().Error as error:
        raise told(error, path) from error


def open_connection(path: Path, *, read_only: bool = False, query_only: bool = False, any_thread: bool = False) -> Any:
    """A connection with every setting on it. ``read_only`` opens the file so, ``query_only`` forbids writing only."""
    lib = engine.library()
    mode = "ro" if read_only else "rw"
    db = lib.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_MS / 1000,
        cached_statements=400,
        check_same_thread=not any_thread,
    )
    try:
        for setting in SETTINGS:
            db.execute(setting)
        if query_only or read_only:
            db.execute("PRAGMA query_only = ON")
        db.create_function("folded", 1, folded, deterministic=True)
    except BaseException:
        db.close()
        raise
    return db


def sqlite_clock(db: Any) -> Clock:
    """The store's clock: SQLite's, in milliseconds."""

    def now() -> datetime:
        return instant(db.execute(NOW).fetchone()[0])

    return now


def set_journal(db: Any) -> None:
    """The journal mode that is safe with this library. Changing to or from WAL needs the file for itself: while
    others have it open, it stays as they made it, and the next who opens it alone changes it."""
    wanted = engine.journal_mode()
    try:
        if db.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
            db.execute(f"PRAGMA journal_mode = {wanted}")
    except engine.library().OperationalError as error:
        if not is_busy(error):
            raise


def begin(db: Any) -> None:
    """BEGIN IMMEDIATE, tried again a bounded number of times where the store stays locked."""
    for attempt in range(1, TRIES + 1):
        try:
            db.execute("BEGIN IMMEDIATE")
            return
        except engine.library().OperationalError as error:
            if attempt == TRIES or not is_busy(error):
                raise


def commit(db: Any) -> None:
    """COMMIT; with a rollback journal readers may be in its way, and the transaction stays open for another try."""
    for attempt in range(1, TRIES + 1):
        try:
            db.execute("COMMIT")
            return
        except engine.library().OperationalError as error:
            if attempt == TRIES or not is_busy(error) or not db.in_transaction:
                raise


def rollback(db: Any) -> None:
    """ROLLBACK where a transaction is open: on a full disk SQLite has rolled back by itself."""
    if db.in_transaction:
        db.execute("ROLLBACK")


def reading(db: Any, path: Path, fn: Callable[[], T]) -> T:
    """Runs ``fn`` over one consistent state."""
    with errors_told(path):
        db.execute("BEGIN")
        try:
            return fn()
        finally:
            rollback(db)


def make_file(path: Path) -> None:
    """An empty file with the right permissions, where there is none; one of ours that is too open is closed."""
    try:
        os.close(create_file(path))
    except FileExistsError:
        tighten(path, file_mode(path.parent))


def tighten(path: Path, wanted: int) -> None:
    """Takes away what others may not have; where the file is another user's, doctor tells."""
    found = path.stat()
    if found.st_mode & 0o777 & ~wanted and found.st_uid == os.geteuid():
        path.chmod(stat.S_IMODE(found.st_mode) & wanted)
