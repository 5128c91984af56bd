"""Copies of a store that is in use, and bringing one back."""

from __future__ import annotations

import asyncio
import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cminbox.domain.errors import RefusedError, StoreError
from cminbox.domain.event import NewEvent
from cminbox.domain.item import Status
from cminbox.domain.outgoing import ActState
from cminbox.domain.view import Selection
from cminbox.store.protocol import StoreNewerError
from cminbox.store.sqlite import open_reader, open_store, schema
from cminbox.store.sqlite.aio import SqliteStore, open_sqlite
from cminbox.store.sqlite.backup import restore
from cminbox.store.sqlite.copying import put_new
from tests.store.making import act, add, item, save, send
from tests.store.test_faults import damage
from tests.store.test_log import tell


async def test_a_backup_is_whole_though_the_store_is_written(store: SqliteStore, tmp_path: Path) -> None:
    await store.write(lambda tx: add(tx, *[item(f"first {n}") for n in range(200)]))
    copy = tmp_path / "copies" / "inbox.bak"

    async def write_on() -> None:
        for n in range(60):
            await store.write(lambda tx, n=n: add(tx, *[item(f"{n}-{part}") for part in range(3)]))

    await asyncio.gather(write_on(), store.backup(str(copy)))
    with open_reader(copy) as reader:
        count = reader.tally(Selection())
        assert count is not None
        assert count >= 200
        assert (count - 200) % 3 == 0
        events = reader.events()
        assert len(events) == 1 + (count - 200) // 3
    assert {path.name for path in copy.parent.iterdir()} <= {"inbox.bak", "inbox.bak-shm", "inbox.bak-wal"}


async def test_a_backup_overwrites_only_when_told(store: SqliteStore, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("precious")
    with pytest.raises(RefusedError, match="exists"):
        await store.backup(str(target))
    assert target.read_text() == "precious"
    await store.backup(str(target), overwrite=True)
    with open_reader(target) as reader:
        assert reader.tally(Selection()) == 0
    with pytest.raises(StoreError):
        await store.backup("/proc/nowhere/copy.db")


@pytest.fixture
def fat(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on FAT and exFAT: no links (link(2), EPERM), and no modes but those of the mount (fchmod(2), EPERM)."""

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(os, "fchmod", refused)


async def test_a_backup_onto_a_stick_without_links(store: SqliteStore, tmp_path: Path, fat: None) -> None:
    target = await backed_up(store, tmp_path)
    with open_reader(target) as reader:
        assert reader.tally(Selection()) == 1
    with pytest.raises(RefusedError, match="exists"):
        await store.backup(str(target))
    assert not await asyncio.to_thread(lambda: list(tmp_path.glob(".*")))
    elsewhere = tmp_path / "new" / "inbox.db"
    assert restore(target, elsewhere, state=tmp_path / "state", actor="mina") is None
    with open_reader(elsewhere) as reader:
        assert reader.tally(Selection()) == 1


@pytest.mark.parametrize("links", [True, False])
def test_a_finished_file_overwrites_nothing(tmp_path: Path, request: pytest.FixtureRequest, links: bool) -> None:
    if not links:
        request.getfixturevalue("fat")
    for name in ("part", "target"):
        (tmp_path / name).write_text(name)
    with pytest.raises(FileExistsError):
        put_new(tmp_path / "part", tmp_path / "target")
    assert (tmp_path / "target").read_text() == "target"
    put_new(tmp_path / "part", tmp_path / "free")
    assert (tmp_path / "free").read_text() == "part"


async def backed_up(store: SqliteStore, tmp_path: Path) -> Path:
    target = tmp_path / "backup.db"
    await store.write(lambda tx: add(tx, item("old")))
    await store.backup(str(target))
    return target


async def test_restoring_keeps_the_store_that_was_there(store: SqliteStore, place: Path, tmp_path: Path) -> None:
    backup, journal = await backed_up(store, tmp_path), store.facts()["journal mode"]
    await store.write(lambda tx: add(tx, item("new")))
    await tell(store, *"abc")
    replaced_head = await store.read(lambda r: r.head())
    kept = await asyncio.to_thread(restore, backup, place, state=tmp_path / "state", actor="mina")
    # a screen that has the store open goes on with what was restored
    assert await store.read(lambda r: [r.find_item("blog", x) is not None for x in ("old", "new")]) == [True, False]
    [line] = await store.read(lambda r: r.last_events(limit=1))
    assert (line.kind, line.actor) == ("restored", "mina")
    assert line.values()["replaced_hash"] == replaced_head.hash
    assert line.values()["backup_n"] == 1
    assert store.kept.read() == await store.read(lambda r: r.head())
    assert await store.verify() is None
    await store.write(lambda tx: add(tx, item("after")))
    assert await store.verify() is None
    assert store.facts()["journal mode"] == journal
    assert kept is not None
    assert kept.name.startswith("inbox.db.replaced-")
    with open_reader(kept) as reader:
        assert reader.head() == replaced_head
    # the backup itself was only read
    with open_reader(backup) as reader:
        assert reader.head().n == 1
    again = await asyncio.to_thread(restore, backup, place, state=tmp_path / "state", actor="mina")
    assert again != kept


async def test_restoring_to_where_nothing_is(store: SqliteStore, tmp_path: Path) -> None:
    backup = await backed_up(store, tmp_path)
    target = tmp_path / "fresh" / "inbox.db"
    assert restore(backup, target, state=tmp_path / "s2", actor="mina") is None
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in target.parent.iterdir()] == ["inbox.db"]
    fresh = await open_store(target, state=tmp_path / "s2")
    try:
        assert await fresh.read(lambda r: r.find_item("blog", "old") is not None)
        assert await fresh.verify() is None
    finally:
        await fresh.close()


async def test_restoring_over_a_damaged_store(place: Path, tmp_path: Path) -> None:
    store = await open_store(place, state=tmp_path / "state")
    backup = await backed_up(store, tmp_path)
    await store.write(lambda tx: add(tx, *[item(n) for n in range(3000)]))
    await store.close()
    damaged = damage(place)
    kept = restore(backup, place, state=tmp_path / "state", actor="mina")
    assert kept is not None
    assert await asyncio.to_thread(kept.read_bytes) == damaged
    store = await open_store(place, state=tmp_path / "state")
    try:
        assert await store.read(lambda r: r.tally(Selection())) == 1
        assert await store.verify() is None
    finally:
        await store.close()


@pytest.mark.parametrize("content", [b"", b"no store", b"SQLite format 3\x00" + b"\x00" * 5000])
async def test_what_is_no_backup_changes_nothing(
    store: SqliteStore, place: Path, tmp_path: Path, content: bytes
) -> None:
    await store.write(lambda tx: add(tx, item("mine")))
    bad = tmp_path / "bad.db"
    bad.write_bytes(content)
    with pytest.raises(StoreError):
        restore(bad, place, state=tmp_path / "state", actor="mina")
    with pytest.raises(StoreError):
        restore(tmp_path / "none.db", place, state=tmp_path / "state", actor="mina")
    assert await store.read(lambda r: r.tally(Selection())) == 1
    assert not list(place.parent.glob("*replaced*"))


async def test_a_damaged_or_newer_backup_is_refused(store: SqliteStore, place: Path, tmp_path: Path) -> None:
    await store.write(lambda tx: add(tx, *[item(n) for n in range(3000)]))
    bad = tmp_path / "bad.db"
    await store.backup(str(bad))
    damage(bad)
    with pytest.raises(StoreError, match="damaged"):
        restore(bad, place, state=tmp_path / "state", actor="mina")
    steps = [*schema.shipped(), schema.Migration(2, "CREATE TABLE extra (a TEXT);")]
    newer = await open_sqlite(tmp_path / "newer.db", state=tmp_path, migrations=steps)
    await newer.close()
    with pytest.raises(StoreNewerError):
        restore(tmp_path / "newer.db", place, state=tmp_path / "state", actor="mina")
    assert await store.read(lambda r: r.tally(Selection())) == 3000


async def test_nothing_is_restored_under_a_courier_at_work(place: Path, tmp_path: Path) -> None:
    store = await open_store(place, state=tmp_path / "state")
    try:
        backup = await backed_up(store, tmp_path)
        lease = await store.write(lambda tx: tx.take_process_lease("sync", "courier 77", 60))
        assert lease is not None
        with pytest.raises(RefusedError, match="courier 77"):
            restore(backup, place, state=tmp_path / "state", actor="mina")
        await store.write(lambda tx: tx.drop_process_lease("sync", "courier 77"))
        restore(backup, place, state=tmp_path / "state", actor="mina")
        # a courier that slept through all this cannot write under its fence any more
        with pytest.raises(RefusedError):
            await store.write(lambda tx: tx.check_fence("sync", lease.fence))
        again = await store.write(lambda tx: tx.take_process_lease("sync", "courier 78", 60))
        assert again is not None
        assert again.fence > lease.fence
    finally:
        await store.close()


async def test_what_a_backup_has_queued_may_have_been_sent_since(
    store: SqliteStore, place: Path, tmp_path: Path
) -> None:
    [one, two] = await store.write(lambda tx: add(tx, item(1), item(2)))

    def fn(tx: Any) -> None:
        send(tx, act(one, "q"))
        send(tx, act(two, "live", state=ActState.LIVE))
        save(tx, replace(one, status=Status.WAITING))

    await store.write(fn)
    backup = tmp_path / "backup.db"
    await store.backup(str(backup))
    restore(backup, place, state=tmp_path / "state", actor="mina")
    queued, live = await store.read(lambda r: [r.outgoing(1), r.outgoing(2)])
    assert queued.state is ActState.UNCERTAIN
    assert queued.first_attempt_at is not None
    assert "restored" in queued.error
    assert live.state is ActState.LIVE
    assert await store.read(lambda r: r.outbox_tally()) == {ActState.UNCERTAIN: 1}
    assert await store.read(lambda r: r.item(one.id).status) is Status.OPEN
    told = next(e.values() for e in await store.read(lambda r: r.events()) if e.kind == "uncertain")
    # as the courier tells it (courier/outbox.py)
    assert told == {
        "act": 1, "attempt": 0, "reason": "restored",
        "from": {"status": "waiting", "outcome": None, "assignee": None},
        "to": {"status": "open", "outcome": None, "assignee": None},
    }  # fmt: skip
    assert await store.verify() is None


async def test_an_event_of_a_backup_can_be_told_from_the_lost_ones(
    store: SqliteStore, place: Path, tmp_path: Path
) -> None:
    backup = await backed_up(store, tmp_path)
    await store.write(lambda tx: tx.append(NewEvent("lost", "mina")))
    kept = restore(backup, place, state=tmp_path / "state", actor="jo")
    assert kept is not None
    with open_reader(kept) as reader:
        assert [e.kind for e in reader.events()] == ["ingested", "lost"]
    assert [e.kind for e in await store.read(lambda r: r.events())] == ["ingested", "restored"]
