"""Opening the connection that writes: nothing is touched before the file is known to be ours and not newer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from cminbox.domain.errors import StoreError
from cminbox.store.sqlite import connection, schema


def open_writer(path: Path, migrations: Sequence[schema.Migration], *, create: bool, any_thread: bool = False) -> Any:
    """The connection that writes: checks the file before anything is written, then makes, migrates and sets it."""
    known = schema.newest(migrations)
    if path.exists():
        schema.check_header(path, known)
        _check_wal(path, known)
    elif not create:
        raise StoreError(f"there is no store: {path}")
    with connection.errors_told(path):
        if create:
            try:
                connection.make_file(path)
            except OSError as error:
                raise StoreError(f"the store cannot be made: {error.strerror} ({path})") from error
        db = connection.open_connection(path, any_thread=any_thread)
        try:
            schema.identify(db, path, known)
            connection.set_journal(db)
            schema.migrate(db, path, migrations)
        except BaseException:
            db.close()
            raise
    return db


def _check_wal(path: Path, known: int) -> None:
    # a newer version may stand in the WAL only. A connection that may write would fold the WAL into the file when it
    # closes, so this is looked up with one that may not
    if path.with_name(path.name + "-wal").exists():
        with connection.errors_told(path), closing(connection.open_connection(path, read_only=True)) as db:
            schema.identify(db, path, known)
