"""Which library and journal, whose permissions, which migrations; the reader without asyncio."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from cminbox.domain.errors import StoreError, UsageError
from cminbox.domain.event import NewEvent
from cminbox.domain.view import Selection, view
from cminbox.store import engine
from cminbox.store.protocol import StoreNewerError
from cminbox.store.sqlite import connection, open_reader, open_store, path_of, schema
from cminbox.store.sqlite.aio import SqliteStore, Worker, open_sqlite
from cminbox.store.sqlite.filesystem import file_system, told_file_system
from tests.store.making import add, item


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# the library


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 3), False), ((3, 50, 6), False),
        ((3, 50, 7), True), ((3, 51, 0), False), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)  # fmt: skip
def test_wal_only_without_the_wal_reset_bug(version: tuple[int, ...], safe: bool) -> None:
    assert engine.wal_is_safe(version) is safe


async def test_one_library_and_its_settings_on_every_connection(store: SqliteStore) -> None:
    assert sys.modules["sqlite3"] is engine.library()
    assert aiosqlite.core.__dict__["sqlite3"] is engine.library()
    wanted = {
        "journal_mode": engine.journal_mode(), "synchronous": 2, "busy_timeout": 5000, "foreign_keys": 1,
        "trusted_schema": 0, "cell_size_check": 1, "secure_delete": 2,
    }  # fmt: skip

    def settings_of(session: Any) -> dict[str, Any]:
        return {name: session.db.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}

    assert await store.write(settings_of) == wanted
    for _ in range(2):
        found = await store.read(settings_of)
        if engine.journal_mode() == "truncate":
            found["journal_mode"] = "truncate"
        assert found == wanted
    facts = store.facts()
    assert facts["journal mode"] in ("wal", "delete", "truncate")
    assert facts["durability"].startswith("every commit is synced")
    assert facts["schema"] == "1"
    assert engine.library().sqlite_version in facts["engine"]
    assert facts["permissions"] == "0600"


def test_the_private_calls_of_aiosqlite_are_where_they_were() -> None:
    """Worker runs whole functions through them. aiosqlite is pinned; this tells what to look at when it moves."""
    inner = aiosqlite.Connection(lambda: None, 64)  # type: ignore[arg-type,return-value]
    assert isinstance(inner._thread, threading.Thread)
    assert callable(inner._execute)


async def test_a_worker_runs_functions_in_its_own_thread_in_order() -> None:
    worker = Worker(lambda: engine.library().connect(":memory:", check_same_thread=False))
    await worker.open()
    threads = [await worker.run(threading.get_ident) for _ in range(3)]
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()
    await worker.close()


# where it lies


def test_the_file_that_a_url_names() -> None:
    assert path_of("sqlite:///inbox.db") == Path("inbox.db")
    assert path_of("sqlite:////var/inbox.db") == Path("/var/inbox.db")
    assert path_of(Path("/x")) == Path("/x")
    with pytest.raises(UsageError, match="postgresql"):
        path_of("postgresql://user:secret@host/db")
    with pytest.raises(UsageError) as caught:
        path_of("postgresql://user:secret@host/db")
    assert "secret" not in str(caught.value)


async def test_files_and_folders_are_ours_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    place = tmp_path / "a" / "b" / "inbox.db"
    store = await open_store(place, state=tmp_path / "state")
    try:
        await store.write(lambda tx: add(tx, item(1)))
        await store.backup(str(tmp_path / "c" / "copy.db"))
        found = {path.name: mode(path) for path in [*place.parent.iterdir(), *(tmp_path / "c").iterdir()]}
        assert found.keys() >= {"inbox.db", "copy.db"}
        assert set(found.values()) == {0o600}
        for folder in (tmp_path / "a", place.parent, tmp_path / "c", tmp_path / "state"):
            assert mode(folder) == 0o700
        assert [mode(path) for path in (tmp_path / "state").iterdir()] == [0o600]
    finally:
        await store.close()


async def test_in_a_folder_that_a_group_shares_the_group_may_write(tmp_path: Path, umask: int) -> None:
    team = tmp_path / "team"
    team.mkdir()
    team.chmod(0o2770)
    store = await open_store(team / "inbox.db", state=tmp_path / "state")
    try:
        await store.write(lambda tx: add(tx, item(1)))
        await store.backup(str(team / "copy.db"))
        assert {path.name for path in team.iterdir()} >= {"inbox.db", "copy.db"}
        assert {mode(path) for path in team.iterdir()} == {0o660}
    finally:
        await store.close()


async def test_a_store_that_others_could_read_is_closed_to_them(place: Path, tmp_path: Path) -> None:
    await (await open_store(place, state=tmp_path)).close()
    await asyncio.to_thread(place.chmod, 0o644)
    await (await open_store(place, state=tmp_path)).close()
    assert mode(place) == 0o600


def test_network_file_systems_are_told_by_facts(tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        f"1 0 9:9 / / rw - ext4 /dev/a rw\n2 1 {number} / {tmp_path.parent} rw shared:1 - nfs4 host:/x rw\n"
        f"3 1 9:8 / {tmp_path}-other rw - tmpfs none rw\n4 1 9:7 / /with\\040space rw - tmpfs none rw\n"
    )
    assert file_system(tmp_path, mounts) == "nfs4"
    assert file_system(tmp_path, tmp_path / "none") is None
    assert told_file_system(tmp_path)


# migrations


def header(path: Path) -> tuple[int, int]:
    version, application = struct.unpack(">I4xI", path.read_bytes()[60:72])
    return version, application


SECOND = schema.Migration(
    2, "CREATE TABLE extra (a TEXT);\n-- a comment; with a semicolon\nINSERT INTO extra VALUES ('x;y');\n"
)
FAILS = schema.Migration(2, "CREATE TABLE extra (a TEXT);\nINSERT INTO nowhere VALUES (1);\n")
STEPS = schema.shipped()


async def test_a_new_store_is_made_by_the_shipped_migrations(place: Path, tmp_path: Path) -> None:
    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))
    await (await open_store(place, state=tmp_path)).close()
    assert header(place) == (len(STEPS), schema.APPLICATION_ID)
    assert not list(place.parent.glob("*before*"))


async def test_a_copy_is_kept_before_a_store_is_migrated(place: Path, tmp_path: Path) -> None:
    store = await open_sqlite(place, state=tmp_path, migrations=STEPS[:1])
    await store.write(lambda tx: add(tx, item(1)))
    await store.close()
    store = await open_sqlite(place, state=tmp_path, migrations=[STEPS[0], SECOND])
    try:
        assert await store.read(lambda r: r.db.execute("SELECT a FROM extra").fetchall()) == [("x;y",)]
        assert await store.read(lambda r: r.tally(Selection())) == 1
    finally:
        await store.close()
    kept = place.with_name("inbox.db.before-2")
    assert header(kept)[0] == 1
    assert mode(kept) == 0o600
    db = connection.open_connection(kept, read_only=True)
    assert db.execute("SELECT remote_id FROM item").fetchall() == [("1",)]
    db.close()


async def test_a_migration_that_fails_leaves_the_store_as_it_was(place: Path, tmp_path: Path) -> None:
    store = await open_sqlite(place, state=tmp_path, migrations=STEPS[:1])
    await store.write(lambda tx: add(tx, item(1)))
    await store.close()
    with pytest.raises(StoreError):
        await open_sqlite(place, state=tmp_path, migrations=[STEPS[0], FAILS])
    store = await open_sqlite(place, state=tmp_path, migrations=STEPS[:1])
    try:
        assert await store.read(lambda r: r.tally(Selection())) == 1
        tables = await store.read(lambda r: r.db.execute("SELECT name FROM sqlite_schema").fetchall())
        assert ("extra",) not in tables
    finally:
        await store.close()


async def test_a_newer_store_is_refused_and_not_touched(place: Path, tmp_path: Path) -> None:
    store = await open_sqlite(place, state=tmp_path / "state", migrations=[STEPS[0], SECOND])
    await store.write(lambda tx: add(tx, item(1)))
    await store.close()
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns, mode(path)) for path in place.parent.iterdir()}
    with pytest.raises(StoreNewerError, match="newer than this program") as caught:
        await open_store(place, state=tmp_path / "state")
    assert caught.value.exit_code == 2
    with pytest.raises(StoreNewerError), open_reader(place):
        pass
    after = {path.name: (path.read_bytes(), path.stat().st_mtime_ns, mode(path)) for path in place.parent.iterdir()}
    assert after == before


def left_by_a_kill(place: Path, left: Path, *, newer_in_file: bool) -> dict[str, bytes]:
    """A copy of a store whose newer version lies in the file, with a WAL beside it, or in the WAL only."""
    db = connection.open_connection(place)
    db.execute("PRAGMA user_version = 99")
    if newer_in_file:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("CREATE TABLE later (x)")
    left.mkdir()
    for name in ("inbox.db", "inbox.db-wal"):
        shutil.copyfile(place.with_name(name), left / name)
    db.close()
    return {path.name: path.read_bytes() for path in left.iterdir()}


@pytest.mark.skipif(engine.journal_mode() != "wal", reason="only WAL keeps news beside the file")
@pytest.mark.parametrize("newer_in_file", [True, False])
async def test_a_newer_store_that_was_killed_is_not_touched(place: Path, tmp_path: Path, newer_in_file: bool) -> None:
    await (await open_store(place, state=tmp_path)).close()
    left = tmp_path / "left"
    before = left_by_a_kill(place, left, newer_in_file=newer_in_file)
    assert len(before["inbox.db-wal"]) > 0
    with pytest.raises(StoreNewerError):
        await open_store(left / "inbox.db", state=tmp_path)
    after = await asyncio.to_thread(lambda: {path.name: path.read_bytes() for path in left.iterdir()})
    if not newer_in_file:
        # looking into the WAL leaves its index beside it
        after.pop("inbox.db-shm", None)
    assert after == before


@pytest.mark.skipif(engine.journal_mode() != "wal", reason="only WAL keeps news beside the file")
async def test_a_newer_version_that_is_still_in_the_wal_is_seen(place: Path, tmp_path: Path) -> None:
    await (await open_store(place, state=tmp_path)).close()
    newer = connection.open_connection(place)
    newer.execute("PRAGMA user_version = 99")
    try:
        assert header(place)[0] == 1
        wal = place.with_name("inbox.db-wal").read_bytes()
        with pytest.raises(StoreNewerError):
            await open_store(place, state=tmp_path)
        with pytest.raises(StoreNewerError), open_reader(place):
            pass
        assert place.with_name("inbox.db-wal").read_bytes() == wal
        assert header(place)[0] == 1
    finally:
        newer.close()


@pytest.mark.skipif(engine.journal_mode() != "wal", reason="with a rollback journal the other one waits")
def test_a_store_that_is_being_made_is_not_taken_for_a_foreign_one(tmp_path: Path) -> None:
    """The other process commits its first migration between two questions of this one."""
    place = tmp_path / "inbox.db"
    connection.make_file(place)
    other, db = connection.open_connection(place), connection.open_connection(place)
    connection.set_journal(other)

    def makes(statement: str) -> None:
        if "sqlite_schema" in statement:
            schema.migrate(other, place, STEPS)

    db.set_trace_callback(makes)
    assert schema.identify(db, place, len(STEPS)) == 0
    db.set_trace_callback(None)
    assert schema.identify(db, place, len(STEPS)) == len(STEPS)
    db.close()
    other.close()


def test_statements_of_a_script() -> None:
    assert len(schema.statements(SECOND.sql)) == 2
    with pytest.raises(StoreError):
        schema.statements("CREATE TABLE x (a")


# the reader without asyncio


def test_the_reader_needs_neither_asyncio_nor_aiosqlite(place: Path, tmp_path: Path) -> None:
    fill = (
        "import asyncio, sys, pathlib\n"
        "from cminbox.store.sqlite import open_store\n"
        "from tests.store.making import add, item\n"
        "async def main():\n"
        "    s = await open_store(pathlib.Path(sys.argv[1]), state=pathlib.Path(sys.argv[2]))\n"
        "    await s.write(lambda tx: add(tx, item(1)))\n"
        "    await s.close()\n"
        "asyncio.run(main())\n"
    )
    read = (
        "import json, sys\n"
        "from cminbox.store.sqlite import open_reader\n"
        "from cminbox.domain.view import view\n"
        "with open_reader('sqlite:///' + sys.argv[1]) as r:\n"
        "    page = r.page(view('inbox', 'mina').selection)\n"
        "    rows = r.feed_rows([p.id for p in page])\n"
        "print(json.dumps([rows[0].preview, sorted(sys.modules)]))\n"
    )
    root = Path(__file__).resolve().parents[2]
    for code in (fill, read):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code, str(place), str(tmp_path)],
            capture_output=True, text=True, cwd=root, check=True,
        )  # fmt: skip
    preview, modules = json.loads(done.stdout)
    assert preview == "comment 1"
    assert not {"asyncio", "aiosqlite", "pydantic", "httpx", "textual", "logging", "threading", "tempfile"} & {*modules}


def test_the_reader_writes_nothing(place: Path, tmp_path: Path, store: SqliteStore) -> None:
    with open_reader(place) as reader:
        assert reader.tally(view("inbox", "mina").selection) == 0
        with pytest.raises(engine.library().OperationalError):
            reader.db.execute("INSERT INTO thread (size, head) VALUES (1, 1)")


async def test_the_reader_reads_what_a_killed_writer_left(place: Path, tmp_path: Path) -> None:
    store = await open_store(place, state=tmp_path)
    await store.write(lambda tx: add(tx, item(1)))
    left = tmp_path / "left"
    shutil.copytree(place.parent, left)
    await store.close()
    with open_reader(left / "inbox.db") as reader:
        assert reader.tally(Selection()) == 1


async def test_the_reader_refuses_an_older_store(place: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.db").write_bytes(b"")
    with pytest.raises(StoreError), open_reader(tmp_path / "empty.db"):
        pass


async def test_the_stores_own_clock_is_the_machines(place: Path, tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    store = await open_store(place, state=tmp_path)
    try:
        before = datetime.now(UTC) - timedelta(milliseconds=2)
        now = await store.read(lambda r: r.now())
        assert before <= now <= datetime.now(UTC) + timedelta(milliseconds=2)
        line = await store.write(lambda tx: tx.append(NewEvent("k", "mina")))
        assert line.at >= now.isoformat().replace("+00:00", "Z")[:23]
    finally:
        await store.close()
