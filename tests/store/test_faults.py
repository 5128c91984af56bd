"""A full disk, a damaged file, a store that somebody else keeps locked."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cminbox.domain.errors import StoreError
from cminbox.domain.text import Safe
from cminbox.domain.view import Selection
from cminbox.store import engine
from cminbox.store.sqlite import connection, open_reader, open_store
from cminbox.store.sqlite.aio import SqliteStore
from cminbox.store.sqlite.copying import check_integrity
from tests.store.making import add, item

ROOT = Path(__file__).resolve().parents[2]
BIG = Safe("a long story " * 2000)


async def test_a_full_disk_is_told_and_the_store_goes_on_when_there_is_room(store: SqliteStore) -> None:
    def room(pages: int) -> Callable[[Any], int]:
        return lambda tx: int(tx.db.execute(f"PRAGMA max_page_count = {pages}").fetchone()[0])

    await store.write(lambda tx: add(tx, item("before")))
    used = await store.read(lambda r: int(r.db.execute("PRAGMA page_count").fetchone()[0]))
    await store.write(room(used + 2))
    for _ in range(3):
        with pytest.raises(StoreError, match="the disk is full") as caught:
            await store.write(lambda tx: add(tx, *[item(n, text=BIG) for n in range(5)]))
        assert "\n" not in str(caught.value)
        assert caught.value.exit_code == 1
    assert await store.read(lambda r: r.tally(Selection())) == 1
    assert not store._writer.db.in_transaction
    await store.write(room(100_000))
    await store.write(lambda tx: add(tx, *[item(n, text=BIG) for n in range(5)]))
    assert await store.read(lambda r: r.tally(Selection())) == 6
    assert await store.verify() is None


async def test_a_damaged_store_is_told(place: Path, tmp_path: Path) -> None:
    store = await open_store(place, state=tmp_path)
    await store.write(lambda tx: add(tx, *[item(n, text=BIG) for n in range(20)]))
    await store.close()
    damage(place)
    store = await open_store(place, state=tmp_path)
    try:
        with pytest.raises(StoreError, match="damaged"):
            await store.read(lambda r: r.items(range(1, 21)))
        with pytest.raises(StoreError, match="damaged"):
            await store.backup(str(tmp_path / "copy.db"))
        assert not (tmp_path / "copy.db").exists()
    finally:
        await store.close()


def damage(path: Path) -> bytes:
    content = bytearray(path.read_bytes())
    # the pages of the long texts lie at the end
    for page in range(len(content) - 4096 * 200, len(content), 4096):
        content[page : page + 64] = b"\xff" * 64
    path.write_bytes(bytes(content))
    return bytes(content)


@pytest.mark.parametrize("content", [b"not a database at all" * 300, b"SQLite format 3\x00" + b"\x07" * 200, b"short"])
async def test_what_is_no_store_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "inbox.db"
    path.write_bytes(content)
    with pytest.raises(StoreError):
        await open_store(path, state=tmp_path)
    with pytest.raises(StoreError), open_reader(path):
        pass
    assert path.read_bytes() == content


async def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    for setup in ("PRAGMA application_id = 77", "CREATE TABLE theirs (x)", "PRAGMA user_version = 1"):
        path.unlink(missing_ok=True)
        db = engine.library().connect(str(path), isolation_level=None)
        db.execute(setup)
        db.execute("CREATE TABLE IF NOT EXISTS more (x)")
        db.close()
        content = path.read_bytes()
        with pytest.raises(StoreError, match="no cminbox store"):
            await open_store(path, state=tmp_path)
        assert path.read_bytes() == content


async def test_a_store_that_stays_locked_is_told(
    store: SqliteStore, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.write(lambda tx: tx.db.execute("PRAGMA busy_timeout = 20"))
    other = connection.open_connection(place)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="busy"):
            await store.write(lambda tx: add(tx, item(1)))
        # reading goes on
        assert await store.read(lambda r: r.tally(Selection())) == 0
        other.execute("ROLLBACK")
        await store.write(lambda tx: add(tx, item(1)))
    finally:
        other.close()


async def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        await open_store(tmp_path / "no" / "inbox.db", state=tmp_path, create=False)
    with pytest.raises(StoreError), open_reader(tmp_path / "inbox.db"):
        pass
    assert not (tmp_path / "no").exists()
    assert not (tmp_path / "inbox.db").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        await open_store(tmp_path / "file" / "inbox.db", state=tmp_path)


NO_ROOM = """
import asyncio, resource, sys
from pathlib import Path
from cminbox.domain.errors import StoreError
from cminbox.domain.text import Safe
from cminbox.store.sqlite import open_store
from tests.store.making import add, item

async def main():
    store = await open_store(Path(sys.argv[1]), state=Path(sys.argv[2]))
    await store.write(lambda tx: add(tx, item("before")))
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    big = Safe("a long story " * 20_000)
    failed = 0
    # no file may grow beyond this: the WAL or journal is cut off in the middle of a write
    for room in range(1000, 400_000, 30_011):
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, most))
        try:
            await store.write(lambda tx: add(tx, item(room, text=big)))
        except StoreError as error:
            failed += 1
            assert "nothing was changed" in str(error), error
            there = False
        else:
            there = True
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        assert await store.read(lambda r: r.find_item("blog", str(room)) is not None) == there
        await store.write(lambda tx: add(tx, item(f"after {room}")))
    assert failed > 5, failed
    assert await store.verify() is None
    await store.close()

asyncio.run(main())
"""


async def test_a_write_that_is_cut_off_at_any_byte_is_undone(place: Path, tmp_path: Path) -> None:
    """A real limit of the system, in a process of its own: writes fail in the middle, as on a disk that is full."""
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", NO_ROOM, str(place), str(tmp_path / "state")],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    store = await open_store(place, state=tmp_path / "state")
    try:
        await store.read(lambda r: check_integrity(r.db, place))
    finally:
        await store.close()
