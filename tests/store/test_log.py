"""The append-only log, and what its chain finds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cminbox.domain.errors import StoreError
from cminbox.domain.event import GENESIS, Head, NewEvent, digest
from cminbox.store.head import KeptHead
from cminbox.store.protocol import UnstorableError
from cminbox.store.sqlite import connection, open_store
from cminbox.store.sqlite.aio import SqliteStore
from tests.store.making import NOW, add, item


async def tell(store: SqliteStore, *kinds: str, item_id: int | None = None, actor: str = "mina") -> None:
    for kind in kinds:
        await store.write(lambda tx, k=kind: tx.append(NewEvent(k, actor, item_id, {"was": "ü", "n": 1})))


async def test_lines_come_in_order_and_by_item_and_actor(store: SqliteStore) -> None:
    assert await store.read(lambda r: r.head()) == Head(0, GENESIS)
    [one] = await store.write(lambda tx: add(tx, item(1)))
    await tell(store, "opened", "closed", item_id=one.id)
    await tell(store, "other", actor="jo")
    lines = await store.read(lambda r: r.events())
    assert [(e.n, e.kind, e.actor, e.item) for e in lines] == [
        (1, "ingested", "sync", None), (2, "opened", "mina", 1), (3, "closed", "mina", 1), (4, "other", "jo", None),
    ]  # fmt: skip
    assert lines[1].values() == {"was": "ü", "n": 1}
    assert lines[1].at == "2026-11-20T09:30:00.000000Z"
    assert await store.read(lambda r: list(r.every_event())) == lines
    assert await store.read(lambda r: r.events(after=1, limit=2)) == lines[1:3]
    assert await store.read(lambda r: r.events(item=1)) == lines[1:3]
    assert await store.read(lambda r: r.events(item=1, after=2)) == lines[2:3]
    assert await store.read(lambda r: r.last_events(limit=2)) == [lines[3], lines[2]]
    assert await store.read(lambda r: r.last_events(actor="mina")) == [lines[2], lines[1]]
    assert await store.read(lambda r: r.last_events(item=1, limit=1)) == [lines[2]]
    assert await store.read(lambda r: r.last_events(item=1, actor="jo")) == []
    assert await store.read(lambda r: (r.event(3), r.event(9))) == (lines[2], None)
    assert await store.read(lambda r: r.head()) == Head(4, lines[3].hash)
    assert await store.verify() is None


async def test_several_lines_of_one_transaction_are_chained(store: SqliteStore) -> None:
    def fn(tx: Any) -> None:
        for n in range(2500):
            assert tx.append(NewEvent("k", "mina", n)).n == n + 1
        assert tx.head().n == 2500
        assert tx.events(after=2499)[0].item == 2499

    await store.write(fn)
    assert await store.verify() is None
    assert len(await store.read(lambda r: list(r.every_event()))) == 2500


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE log SET actor = 'jo' WHERE n = 2",
        "UPDATE log SET hash = hash",
        "DELETE FROM log WHERE n = 3",
        "DELETE FROM log",
        "INSERT OR REPLACE INTO log SELECT 2, at, 'jo', kind, item, data, hash FROM log WHERE n = 2",
        "INSERT INTO log SELECT 9, at, actor, kind, item, data, hash FROM log WHERE n = 2",
    ],
)
async def test_the_log_cannot_be_changed_by_sql(store: SqliteStore, sql: str) -> None:
    await tell(store, "a", "b", "c")
    with pytest.raises(StoreError, match="append-only"):
        await store.write(lambda tx: tx.db.execute(sql))
    assert await store.verify() is None


def by_hand(path: Path, *statements: str) -> None:
    """What somebody does who may write the file and knows about the triggers."""
    db = connection.open_connection(path)
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        assert db.execute(statement).rowcount > 0
    db.close()


TAMPERED = [
    (["UPDATE log SET data = replace(data, '1', '2') WHERE n = 2"], "line 2 was changed"),
    (["UPDATE log SET actor = 'jo' WHERE n = 4"], "line 4 was changed"),
    (["UPDATE log SET at = replace(at, '2026', '2025') WHERE n = 1"], "line 1 was changed"),
    (["DELETE FROM log WHERE n = 3"], "line 3 is missing"),
    (["DELETE FROM log WHERE n = 1"], "line 1 is missing"),
    (["DELETE FROM log WHERE n = 3", "UPDATE log SET n = n - 1 WHERE n > 3"], "line 3 was changed"),
    (
        [
            "UPDATE log SET n = n + 100 WHERE n > 2",
            "INSERT INTO log SELECT 3, at, actor, kind, item, data, hash FROM log WHERE n = 2",
            "UPDATE log SET n = n - 99 WHERE n > 100",
        ],
        "line 3 was changed",
    ),
    (["DELETE FROM log WHERE n = 5"], "its end was cut off"),
    (["DELETE FROM log WHERE n > 2"], "its end was cut off"),
    (["DELETE FROM log"], "its end was cut off"),
]


@pytest.mark.parametrize(("statements", "found"), TAMPERED)
async def test_tampering_is_found(store: SqliteStore, place: Path, statements: list[str], found: str) -> None:
    await tell(store, *"abcde")
    assert await store.verify() is None
    by_hand(place, *statements)
    assert found in str(await store.verify())


def change_byte(path: Path) -> None:
    content = path.read_bytes()
    assert content.count(b"findme") == 1
    path.write_bytes(content.replace(b"findme", b"findmf"))


async def test_a_byte_changed_in_the_file_is_found(place: Path, tmp_path: Path) -> None:
    store = await open_store(place, state=tmp_path)
    await tell(store, "a", "findme", "c")
    await store.close()
    change_byte(place)
    store = await open_store(place, state=tmp_path)
    try:
        assert "line 2 was changed" in str(await store.verify())
    finally:
        await store.close()


async def test_a_cut_log_that_grows_again_does_not_overwrite_the_kept_head(store: SqliteStore, place: Path) -> None:
    await tell(store, *"abcde")
    kept = store.kept.read()
    by_hand(place, "DELETE FROM log WHERE n > 3")
    await tell(store, *"xyzuvw")
    assert store.kept.read() == kept
    assert "line 5 is not the one whose hash was kept" in str(await store.verify())


async def test_the_head_is_kept_outside_and_only_there(store: SqliteStore, place: Path, tmp_path: Path) -> None:
    await tell(store, "a", "b")
    head = await store.read(lambda r: r.head())
    [file] = (tmp_path / "state").iterdir()
    assert file.name.startswith("inbox.db-")
    assert file.suffix == ".head"
    assert json.loads(file.read_text()) == {"n": 2, "hash": head.hash}
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    await store.write(lambda tx: tx.head())
    assert KeptHead.of(place, tmp_path / "state").read() == head


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"n": "x"}', "\xff" * 50])
async def test_a_broken_kept_head_is_told_and_mended_by_the_next_commit(store: SqliteStore, content: str) -> None:
    await tell(store, "a")
    store.kept.path.write_bytes(content.encode("latin-1"))
    if content:
        assert "head kept outside" in str(await store.verify())
    await tell(store, "b")
    assert await store.verify() is None


async def test_a_head_that_cannot_be_kept_never_fails_a_commit(place: Path, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    store = await open_store(place, state=tmp_path / "state")
    try:
        await tell(store, "a", "b")
        assert await store.read(lambda r: r.head().n) == 2
    finally:
        await store.close()


def test_the_kept_head_only_moves_forward_on_its_own_chain(tmp_path: Path) -> None:
    kept = KeptHead(tmp_path / "deep" / "x.head")
    a, b, c = Head(1, "a" * 64), Head(2, "b" * 64), Head(3, "c" * 64)
    lines = {1: a, 2: b, 3: c}
    assert kept.read() is None
    assert kept.advance(Head(0, GENESIS), a, lines.get)
    assert kept.advance(b, c, lines.get)
    assert not kept.advance(a, b, lines.get)
    kept.reset(b)
    assert kept.read() == b
    assert not kept.advance(Head(2, "x" * 64), Head(3, "y" * 64), {2: Head(2, "x" * 64)}.get)
    assert kept.read() == b


def test_a_lock_held_by_a_stopped_process_is_not_waited_for(tmp_path: Path) -> None:
    import fcntl

    kept = KeptHead(tmp_path / "x.head")
    a, b = Head(1, "a" * 64), Head(2, "b" * 64)
    assert kept.advance(Head(0, GENESIS), a, {}.get)
    with kept.path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not kept.advance(a, b, {}.get)
    assert kept.advance(a, b, {}.get)


async def test_texts_and_names_are_not_in_the_log(store: SqliteStore) -> None:
    [one] = await store.write(lambda tx: add(tx, item(1)))
    columns = await store.read(lambda r: list(r.db.execute("SELECT * FROM log")))
    assert one.text not in str(columns)
    assert one.received_at == NOW


async def test_what_people_said_lies_beside_the_log_and_can_be_erased(store: SqliteStore) -> None:
    said = ["called her, all settled", "ü" * 5000]
    for words in said:
        await store.write(lambda tx, w=words: tx.append(NewEvent("done", "mina", None, {"reason": True}, w)))
    await tell(store, "silent")
    lines = await store.read(lambda r: r.events())
    assert await store.read(lambda r: r.words_of([3, 1, 2, 99])) == {1: said[0], 2: said[1]}
    assert await store.read(lambda r: r.words_of([])) == {}
    assert all(words not in line.data for words in said for line in lines)
    salt = await store.read(lambda r: r.db.execute("SELECT salt FROM remark WHERE n = 1").fetchone()[0])
    assert lines[0].values() == {"reason": True, "words": digest(said[0], salt)}
    with pytest.raises(UnstorableError):
        await store.write(lambda tx: tx.append(NewEvent("done", "mina", None, {}, "half \ud800")))
    await store.write(lambda tx: tx.db.execute("DELETE FROM remark"))
    assert await store.verify() is None
