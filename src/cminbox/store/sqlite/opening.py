"""Opening the connection that writes: nothing is touched before the file is known to be ours and not newer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cminbox.domain.errors import StoreError
from cminbox.store.sqlite import connection, schema


def open_writer(path: Path, migrations: Sequence[schema.Migration], *, create: bool, any_thread: bool = False) -> Any:
    """The connection that writes: checks the file before anything is written, then makes, migrates and sets it."""
    known = schema.newest(migrations)
    if path.exists():
        schema.check_header(path, known)
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
