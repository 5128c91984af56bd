"""The store as an open thing for asyncio: one writer, two readers, each in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from cminbox.domain.errors import StoreError
from cminbox.store import engine
from cminbox.store.head import KeptHead
from cminbox.store.protocol import Reader, Tx
from cminbox.store.sqlite import connection, copying, schema
from cminbox.store.sqlite.base import Clock
from cminbox.store.sqlite.filesystem import told_file_system
from cminbox.store.sqlite.opening import open_writer
from cminbox.store.sqlite.session import SqliteReader, transact

engine.library()
import aiosqlite  # noqa: E402  (binds the SQLite library that was just chosen)

T = TypeVar("T")
READERS = 2


class Worker:
    """One connection in its own thread, run one whole function at a time.

    aiosqlite 0.22 has no public call that runs a function in its thread, so its private ``_execute`` and ``_thread``
    are used; here and nowhere else (tests/store/test_worker.py pins them). The function is queued as one piece:
    cancelling the caller neither stops it half-way nor leaves a transaction open.
    """

    def __init__(self, connector: Callable[[], Any]) -> None:
        self.db: Any = None

        def connected() -> Any:
            self.db = connector()
            return self.db

        self._inner = aiosqlite.Connection(connected, 64)
        # a program that dies without closing must not be kept alive by this thread; a kill is safe for SQLite
        self._inner._thread.daemon = True
        self.waiting = 0

    async def open(self) -> None:
        """Connects. Where that fails or is cancelled, thread and connection are gone before this raises."""
        try:
            await self._inner
        except BaseException:
            # aiosqlite told the thread to stop, but neither waits for it nor closes what it had just opened
            # (aiosqlite issue 259); a thread that outlives the event loop dies with a traceback
            self._inner._thread.join()
            if self.db is not None:
                self.db.close()
            raise

    async def run(self, fn: Callable[[], T]) -> T:
        """Runs ``fn`` in the thread and gives its result."""
        self.waiting += 1
        try:
            execute: Any = self._inner._execute
            result: T = await execute(fn)
            return result
        finally:
            self.waiting -= 1

    async def close(self) -> None:
        await self._inner.close()


class SqliteStore:
    """:class:`cminbox.store.protocol.Store` over a file. Made by :func:`open_sqlite`."""

    def __init__(self, path: Path, kept: KeptHead, workers: Sequence[Worker], watch: Any, clock: Clock | None) -> None:
        self.path = path
        self.kept = kept
        self._workers = list(workers)
        self._writer, *self._readers = self._workers
        self._watch = watch
        self._version = 0
        self._clock = clock
        self._closing: asyncio.Task[None] | None = None

    async def read(self, fn: Callable[[Reader], T]) -> T:
        """Runs ``fn`` over one consistent state, in a reader's thread. StoreError where the store fails."""
        self._check_open()
        worker = min(self._readers, key=lambda w: w.waiting)

        def job() -> T:
            db = worker.db
            reader = SqliteReader(db, self._clock or connection.sqlite_clock(db))
            return connection.reading(db, self.path, lambda: fn(reader))

        return await worker.run(job)

    async def write(self, fn: Callable[[Tx], T]) -> T:
        """Runs ``fn`` as one transaction, in the writer's thread. StoreError where the store fails; what ``fn``
        raises is raised here, after everything was rolled back."""
        self._check_open()
        worker = self._writer

        def job() -> T:
            db = worker.db
            return transact(db, self.path, self._clock or connection.sqlite_clock(db), self.kept, fn)

        return await worker.run(job)

    async def version(self) -> int:
        """A number that changes when any process has committed; costs microseconds, and no thread."""
        self._check_open()
        try:
            self._version = int(self._watch.execute("PRAGMA data_version").fetchone()[0])
        except engine.library().Error as error:
            # with a rollback journal a commit may be in the way just now: it will show at the next look
            if not connection.is_busy(error):
                raise connection.told(error, self.path) from error
        return self._version

    async def backup(self, target: str, *, overwrite: bool = False) -> None:
        """An online copy, checked, moved into place at the end. RefusedError where the target exists."""
        self._check_open()

        def job() -> None:
            db = connection.open_connection(self.path, query_only=True)
            try:
                copying.write_copy(db, Path(target), overwrite=overwrite)
            finally:
                db.close()

        await asyncio.to_thread(job)

    async def verify(self) -> str | None:
        """What is wrong with the log, in one line, or None. Streams, and keeps neither readers nor writer waiting."""
        self._check_open()
        from cminbox.store.sqlite.verify import verify_file

        return await asyncio.to_thread(verify_file, self.path, self.kept)

    def facts(self) -> dict[str, str]:
        """What doctor tells: engine, version, journal mode, durability, where it lies."""
        self._check_open()
        pragma = {
            name: str(self._watch.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("journal_mode", "synchronous", "user_version")
        }
        return {
            "store": str(self.path),
            **engine.facts(),
            "schema": pragma["user_version"],
            "journal mode": pragma["journal_mode"],
            "durability": "every commit is synced (FULL)" if pragma["synchronous"] == "2" else pragma["synchronous"],
            "permissions": f"{self.path.stat().st_mode & 0o777:04o}",
            "file system": told_file_system(self.path),
            "head kept in": str(self.kept.path),
        }

    async def close(self) -> None:
        """Waits for what is queued, then closes every connection. May be called twice."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def __aenter__(self) -> SqliteStore:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _close(self) -> None:
        self._watch.close()
        # the writer last: it is then the last connection, and folds the WAL into the file
        for worker in reversed(self._workers):
            await worker.close()

    def _check_open(self) -> None:
        if self._closing is not None:
            raise StoreError("the store is closed")


async def open_sqlite(
    path: Path,
    *,
    state: Path,
    create: bool = True,
    clock: Clock | None = None,
    migrations: Sequence[schema.Migration] | None = None,
) -> SqliteStore:
    """Opens a store, made and migrated where needed. A cancelled or failed opening leaves nothing open."""
    opening = asyncio.ensure_future(_opened(path, state, create, clock, migrations))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_abandoned)
        raise


async def _opened(
    path: Path, state: Path, create: bool, clock: Clock | None, migrations: Sequence[schema.Migration] | None
) -> SqliteStore:
    steps = schema.shipped() if migrations is None else migrations

    def writer() -> Any:
        return open_writer(path, steps, create=create, any_thread=True)

    def reader() -> Any:
        with connection.errors_told(path):
            return connection.open_connection(path, query_only=True, any_thread=True)

    opened = list[Worker]()
    try:
        for connector in (writer, *[reader] * READERS):
            worker = Worker(connector)
            await worker.open()
            opened.append(worker)
        with connection.errors_told(path):
            watch = connection.open_connection(path, query_only=True)
            watch.execute("PRAGMA busy_timeout = 0")
    except BaseException:
        for worker in reversed(opened):
            await worker.close()
        raise
    return SqliteStore(path, KeptHead.of(path, state), opened, watch, clock)


_closers = set[asyncio.Future[None]]()


def _abandoned(opening: asyncio.Future[SqliteStore]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        closer = asyncio.ensure_future(opening.result().close())
        _closers.add(closer)
        closer.add_done_callback(_closers.discard)
