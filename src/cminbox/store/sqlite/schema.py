"""Numbered migrations. ``user_version`` tells which were applied; ``application_id`` that the file is ours."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cminbox.domain.errors import StoreError
from cminbox.store import engine
from cminbox.store.protocol import StoreNewerError
from cminbox.store.sqlite import connection
from cminbox.store.sqlite.copying import write_copy

APPLICATION_ID = 0x636D6278
"""``cmbx``; stands at offset 68 of the file (sqlite.org/fileformat2.html)."""
FOLDER = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: its number and its statements."""

    number: int
    sql: str


def shipped() -> list[Migration]:
    """The migrations of this version of the program, in order."""
    return [Migration(int(file.name.split("_")[0]), file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.sql"))]


def newest(migrations: Sequence[Migration]) -> int:
    return migrations[-1].number


def check_header(path: Path, known: int) -> None:
    """Refuses a file that is not ours or is newer, by its first bytes, without opening it as a database."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise StoreError(f"the store cannot be opened: {error.strerror} ({path})") from error
    if not header:
        return
    if len(header) < 100 or not header.startswith(b"SQLite format 3\x00"):
        raise StoreError(f"this is no cminbox store, or it is damaged: restore a backup ({path})")
    version, application = struct.unpack(">I4xI", header[60:72])
    check_version(path, known, version, application)


def check_version(path: Path, known: int, version: int, application: int) -> None:
    """StoreNewerError where a newer program wrote the file, StoreError where it was not ours."""
    if application not in (0, APPLICATION_ID) or (version and application != APPLICATION_ID):
        raise StoreError(f"this is no cminbox store: another program's database lies there ({path})")
    if version > known:
        raise StoreNewerError(
            f"the store is newer than this program (its version {version}, known is {known}): update cminbox ({path})"
        )


def identify(db: Any, path: Path, known: int) -> int:
    """The store's version, asked of SQLite; refuses as :func:`check_header` does. Writes nothing."""
    if db.in_transaction:
        return _identified(db, path, known)
    # over one state: another process may be making the store at this moment
    return connection.reading(db, path, lambda: _identified(db, path, known))


def _identified(db: Any, path: Path, known: int) -> int:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    application = int(db.execute("PRAGMA application_id").fetchone()[0])
    check_version(path, known, version, application)
    if version == 0 and db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
        raise StoreError(f"this is no cminbox store: another program's database lies there ({path})")
    return version


def migrate(db: Any, path: Path, migrations: Sequence[Migration]) -> None:
    """Brings a store up to the newest version, each step in a transaction of its own.

    Before an existing store is changed, a copy is kept beside it as ``NAME.before-N``.
    """
    version = identify(db, path, newest(migrations))
    for step in migrations:
        if step.number <= version:
            continue
        if version:
            keep_copy(db, path, step.number)
        version = _apply(db, path, step, newest(migrations))


def _apply(db: Any, path: Path, step: Migration, known: int) -> int:
    connection.begin(db)
    try:
        # another process may have been quicker
        version = identify(db, path, known)
        if version < step.number:
            for statement in statements(step.sql):
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {step.number}")
            version = step.number
        connection.commit(db)
    except BaseException:
        connection.rollback(db)
        raise
    return version


def statements(sql: str) -> list[str]:
    """A script's statements. ``executescript`` would commit the transaction that they have to be in."""
    found, current = list[str](), ""
    complete = engine.library().complete_statement
    for line in sql.splitlines(keepends=True):
        current += line
        if complete(current):
            found.append(current)
            current = ""
    if current.strip():
        raise StoreError("a migration ends in the middle of a statement")
    return found


def keep_copy(db: Any, path: Path, number: int) -> Path:
    """An online copy of the store as it is before migration ``number``."""
    target = path.with_name(f"{path.name}.before-{number}")
    if target.exists():
        return target
    write_copy(db, target)
    return target
