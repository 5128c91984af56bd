"""A full disk, a damaged file, a store that somebody else keeps locked."""

from __future__ import annotations

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
from tests.store.making import add, item

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
