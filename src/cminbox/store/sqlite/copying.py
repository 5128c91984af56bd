"""Whole copies of a store: made online, checked, moved into place at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cminbox.domain.errors import RefusedError, StoreError
from cminbox.permissions import create_file
from cminbox.store import engine
from cminbox.store.sqlite.connection import errors_told


def write_copy(db: Any, target: Path, *, overwrite: bool = False) -> None:
    """An online copy (backup API) of a whole store, in one file.

    RefusedError where the target exists, StoreError where the copy could not be made or is damaged.
    """
    if target.exists() and not overwrite:
        raise RefusedError(f"{target} exists: choose another name")
    with temporary_copy(target) as part:
        with errors_told(target):
            _copied(db, part)
        _synced(part)
        if overwrite:
            part.replace(target)
        else:
            put_new(part, target)
        sync_folder(target.parent)


def put_new(part: Path, target: Path) -> None:
    """Gives a finished file its name, and overwrites nothing. FileExistsError where somebody was quicker.

    The file may keep its old name beside the new one.
    """
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:
        # FAT, exFAT and some network folders have no links: the name is taken by an empty file, then by the whole one
        os.close(create_file(target))
        part.replace(target)


@contextmanager
def temporary_copy(target: Path) -> Iterator[Path]:
    """An empty file beside the target with a store's permissions, gone at the end. OSError becomes StoreError."""
    part = target.with_name(f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}")
    try:
        os.close(create_file(part))
        yield part
    except FileExistsError as error:
        raise RefusedError(f"{target} exists: choose another name") from error
    except OSError as error:
        raise StoreError(f"the copy could not be written: {error.strerror} ({target})") from error
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                part.with_name(part.name + end).unlink()


def _copied(db: Any, part: Path) -> None:
    copy = engine.library().connect(str(part), isolation_level=None)
    try:
        db.backup(copy)
        # one file that can be carried away, without a WAL beside it
        copy.execute("PRAGMA journal_mode = DELETE")
        check_integrity(copy, part)
    finally:
        copy.close()


def check_integrity(db: Any, path: Path) -> None:
    """StoreError where SQLite finds the file damaged."""
    with errors_told(path):
        found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(3)")]
        broken = db.execute("PRAGMA foreign_key_check").fetchone()
    if found != ["ok"]:
        raise StoreError(f"the store is damaged: {found[0]} ({path})")
    if broken:
        raise StoreError(f"the store is damaged: a row of {broken[0]} belongs to nothing ({path})")


def _synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Makes a new name in a folder last."""
    _synced(folder)
