"""Whole or not at all: errors, cancellation (T1 to T5 of the study behind the rules), closing."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cminbox.domain.errors import StoreError
from cminbox.domain.event import NewEvent
from cminbox.domain.item import Status
from cminbox.domain.view import Selection
from cminbox.store import engine
from cminbox.store.protocol import Origin
from cminbox.store.sqlite import connection, open_reader, open_store
from cminbox.store.sqlite.aio import SqliteStore
from tests.store.making import add, item

EVERYTHING = Selection()


async def test_a_change_that_the_log_was_not_told_of_is_rolled_back(store: SqliteStore) -> None:
    [one] = await store.write(lambda tx: add(tx, item(1)))
    silent = [
        lambda tx: tx.add_item(item(2), Origin(item(2).text, {})),
        lambda tx: tx.save_item(replace(one, status=Status.DONE)),
        lambda tx: tx.save_item(replace(one, seen=True, lang="de")),
        lambda tx: tx.save_origin(one.id, Origin(one.text, {})),
    ]
    for fn in silent:
        with pytest.raises(AssertionError, match="the log was not told"):
            await store.write(fn)
    assert await store.read(lambda r: r.item(one.id)) == one
    assert await store.read(lambda r: r.tally(EVERYTHING)) == 1
    await store.write(lambda tx: tx.save_item(replace(one, seen=True)))
    await store.write(lambda tx: tx.save_item(replace(one, seen=True)))
    assert await store.read(lambda r: r.head().n) == 1


async def test_what_a_function_raises_comes_out_and_nothing_stays(store: SqliteStore) -> None:
    def fails(tx: Any) -> None:
        add(tx, item(1))
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await store.write(fails)
    assert await store.read(lambda r: (r.tally(EVERYTHING), r.head().n, r.thread_head(1))) == (0, 0, 0)
    with pytest.raises(ZeroDivisionError):
        await store.read(lambda r: 1 / 0)
    await store.write(lambda tx: add(tx, item(1)))


async def test_a_transaction_cannot_be_used_after_its_end(store: SqliteStore) -> None:
    kept = list[Any]()

    def fails(tx: Any) -> None:
        kept.append(tx)
        raise ValueError

    await store.write(kept.append)
    with pytest.raises(ValueError):
        await store.write(fails)
    for tx in kept:
        with pytest.raises(AttributeError):
            tx.append(NewEvent("late", "mina"))


@pytest.mark.skipif(engine.journal_mode() != "wal", reason="with a rollback journal a commit waits for readers")
async def test_a_reader_sees_one_state_while_the_writer_goes_on(store: SqliteStore) -> None:
    await store.write(lambda tx: add(tx, item(1)))
    begun, go_on = threading.Event(), threading.Event()

    def slow(reader: Any) -> tuple[int, int]:
        before = reader.tally(EVERYTHING)
        begun.set()
        assert go_on.wait(20)
        return before, reader.tally(EVERYTHING)

    task = asyncio.create_task(store.read(slow))
    await asyncio.to_thread(begun.wait, 20)
    await store.write(lambda tx: add(tx, item(2)))
    # the other reader is free meanwhile, and sees the newer state
    assert await store.read(lambda r: r.tally(EVERYTHING)) == 2
    go_on.set()
    assert await task == (1, 1)


async def test_a_reader_cannot_write(store: SqliteStore) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        await store.read(lambda r: r.db.execute("DELETE FROM draft"))


async def test_the_version_moves_with_every_commit_of_anyone(store: SqliteStore, place: Path, tmp_path: Path) -> None:
    first = await store.version()
    assert await store.version() == first
    await store.write(lambda tx: add(tx, item(1)))
    second = await store.version()
    assert second != first
    await store.read(lambda r: r.item(1))
    await store.write(lambda tx: tx.item(1))
    assert await store.version() == second
    other = await open_store(place, state=tmp_path / "state")
    try:
        await other.write(lambda tx: add(tx, item(2)))
    finally:
        await other.close()
    assert await store.version() != second


async def test_cancelling_between_begin_and_commit_leaves_no_transaction(store: SqliteStore, place: Path) -> None:
    """T1, T2, T3: the caller is cancelled while the function runs; it runs to its end, whole."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(tx: Any) -> None:
        add(tx, item("first half"))
        begun.set()
        assert go_on.wait(20)
        add(tx, item("second half"))

    task = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    other = asyncio.create_task(store.write(lambda tx: add(tx, item("another's"))))
    go_on.set()
    await other
    assert await store.read(lambda r: r.tally(EVERYTHING)) == 3
    assert not store._writer.db.in_transaction
    # nobody else is locked out
    db = connection.open_connection(place)
    db.execute("PRAGMA busy_timeout = 0")
    db.execute("BEGIN IMMEDIATE")
    db.execute("ROLLBACK")
    db.close()


async def test_two_tasks_never_share_a_transaction(store: SqliteStore) -> None:
    """T4: one fails, the other's row stays."""

    def fails(tx: Any) -> None:
        add(tx, item("gone"))
        raise ValueError

    results = await asyncio.gather(
        *(store.write(fails if n % 2 else lambda tx, n=n: add(tx, item(n))) for n in range(20)), return_exceptions=True
    )
    assert [type(r) for r in results[1::2]] == [ValueError] * 10
    assert await store.read(lambda r: r.tally(EVERYTHING)) == 10


async def test_a_storm_of_cancellations(store: SqliteStore, tmp_path: Path) -> None:
    """T5: whole transactions of three rows, cancelled at any moment: all three are there or none."""
    rng = random.Random(5)

    async def one(n: int) -> bool:
        def fn(tx: Any) -> None:
            for part in "abc":
                add(tx, item(f"{n}-{part}"))
            if n % 7 == 0:
                raise ValueError

        try:
            await store.write(fn)
        except ValueError:
            return False
        return True

    tasks = [asyncio.create_task(one(n)) for n in range(150)]
    while pending := [t for t in tasks if not t.done()]:
        # sometimes the one that is at work, sometimes one that waits
        rng.choice([pending[0], *pending]).cancel()
        for _ in range(rng.randrange(6)):
            await store.read(lambda r: r.head())
    results = await asyncio.gather(*tasks, return_exceptions=True)
    # what was cancelled while it waited still has its turn: behind all of them is the end
    await store.write(lambda tx: None)

    def there(reader: Any) -> list[int]:
        return [sum(reader.find_item("blog", f"{n}-{part}") is not None for part in "abc") for n in range(150)]

    found = await store.read(there)
    assert set(found) <= {0, 3}
    for n, result in enumerate(results):
        if result is True:
            assert found[n] == 3
        if n % 7 == 0:
            assert found[n] == 0
    assert await store.read(lambda r: r.tally(EVERYTHING)) == sum(found)
    assert await store.verify() is None
    assert any(isinstance(r, asyncio.CancelledError) for r in results)


def open_files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
async def test_cancelling_an_opening_leaks_nothing(place: Path, tmp_path: Path) -> None:
    """T8: twenty openings cancelled at different moments."""
    await (await open_store(place, state=tmp_path)).close()
    before, threads = open_files(), threading.active_count()
    cancelled = 0
    for turns in range(30):
        task = asyncio.create_task(open_store(place, state=tmp_path))
        for _ in range(turns // 2):
            await asyncio.sleep(0)
        task.cancel()
        try:
            await (await task).close()
        except asyncio.CancelledError:
            cancelled += 1
    while rest := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(rest)
    assert cancelled > 5
    assert (open_files(), threading.active_count()) == (before, threads)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
def test_a_loop_that_ends_while_a_store_opens_leaves_nothing(place: Path, tmp_path: Path) -> None:
    async def interrupted(turns: int) -> None:
        task = asyncio.create_task(open_store(place, state=tmp_path))
        for _ in range(turns):
            await asyncio.sleep(0)
        if task.done():
            await task.result().close()

    before, threads = open_files(), threading.active_count()
    for turns in range(12):
        # asyncio.run cancels whatever is still going on, the opening too
        asyncio.run(interrupted(turns))
    assert (open_files(), threading.active_count()) == (before, threads)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
async def test_a_failed_opening_leaks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 4080)
    before, threads = open_files(), threading.active_count()
    for _ in range(5):
        with pytest.raises(StoreError):
            await open_store(path, state=tmp_path)
    assert (open_files(), threading.active_count()) == (before, threads)


async def test_a_closed_store_says_so(place: Path, tmp_path: Path) -> None:
    store = await open_store(place, state=tmp_path)
    queued = [asyncio.create_task(store.write(lambda tx, n=n: add(tx, item(n)))) for n in range(5)]
    await asyncio.sleep(0)
    await store.close()
    await store.close()
    await asyncio.gather(*queued)
    for use in (store.read(lambda r: r.head()), store.write(lambda tx: tx.head()), store.version(), store.backup("x")):
        with pytest.raises(StoreError, match="closed"):
            await use
    assert not place.with_name("inbox.db-wal").exists()
    with open_reader(place) as reader:
        assert reader.tally(EVERYTHING) == 5
