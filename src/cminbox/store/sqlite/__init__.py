"""The store on SQLite. Importing this costs neither asyncio nor aiosqlite; opening a store for asyncio does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cminbox.domain.errors import StoreError, UsageError
from cminbox.store.sqlite import connection, schema
from cminbox.store.sqlite.session import SqliteReader

if TYPE_CHECKING:
    from cminbox.store.sqlite.aio import SqliteStore

SCHEME = "sqlite:///"


def path_of(url: str | Path) -> Path:
    """The file that a store's URL names: ``sqlite:///relative/path`` or ``sqlite:////absolute/path`` (as SQLAlchemy
    writes them). A plain path stands for itself. UsageError for anything else."""
    if isinstance(url, Path):
        return url
    if url.startswith(SCHEME):
        return Path(url.removeprefix(SCHEME)).expanduser()
    if "://" in url:
        raise UsageError(f"store.url: only sqlite:///PATH can be opened, not {url.split('://', maxsplit=1)[0]}://")
    return Path(url).expanduser()


async def open_store(
    url: str | Path, *, state: Path, create: bool = True, clock: Callable[[], datetime] | None = None
) -> SqliteStore:
    """Opens the store at a URL or path, made and migrated where needed. ``state`` is the folder in which the head of
    the log is kept; ``clock`` stands for the store's clock in tests.

    StoreError where it cannot be used, StoreNewerError (exit 2) where a newer program wrote it.
    """
    from cminbox.store.sqlite.aio import open_sqlite

    return await open_sqlite(path_of(url), state=state, create=create, clock=clock)


@contextmanager
def open_reader(url: str | Path) -> Iterator[SqliteReader]:
    """A reader without asyncio, over one consistent state, for the first paint. Writes nothing and migrates nothing:
    StoreError where the store is not there, not ours, or of another version."""
    path = path_of(url)
    known = schema.newest(schema.shipped())
    schema.check_header(path, known)
    with connection.errors_told(path):
        db = connection.open_connection(path, read_only=True)
        try:
            db.execute("BEGIN")
            if schema.identify(db, path, known) != known:
                raise StoreError(f"the store is older than this program: {path}")
            yield SqliteReader(db, connection.sqlite_clock(db))
        finally:
            db.close()
