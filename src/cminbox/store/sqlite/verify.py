"""Checking the whole log against itself and against the head kept outside the store."""

from __future__ import annotations

from pathlib import Path

from cminbox.domain.errors import StoreError
from cminbox.domain.event import first_break
from cminbox.store.head import KeptHead
from cminbox.store.sqlite.connection import errors_told, open_connection, sqlite_clock
from cminbox.store.sqlite.log import LogReader


def verify_file(path: Path, kept: KeptHead) -> str | None:
    """What is wrong, in one line, or None.

    The kept head is read first: the log may grow meanwhile, but not shrink. Lines are read in short steps, so that a
    long log pins no WAL.
    """
    try:
        head = kept.read()
    except StoreError as error:
        return str(error)
    with errors_told(path):
        db = open_connection(path, query_only=True)
        try:
            return first_break(LogReader(db, sqlite_clock(db)).every_event(), head)
        finally:
            db.close()
