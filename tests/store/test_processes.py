"""Several processes on one store, and processes that are killed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cminbox.domain.view import Selection
from cminbox.store.sqlite import open_store
from cminbox.store.sqlite.aio import SqliteStore
from cminbox.store.sqlite.copying import check_integrity
from tests.store.making import add, item

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def workers(place: Path, what: str, count: int, *names: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes of worker.py; none is left at the end."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.store.worker", what, str(place), str(place.parent / name), name, str(count)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )
        for name in names
    ]  # fmt: skip
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def lines(processes: list[subprocess.Popen[str]]) -> list[list[str]]:
    told = [process.communicate(timeout=60) for process in processes]
    assert [p.returncode for p in processes] == [0] * len(processes), [err for _, err in told]
    return [out.split() for out, _ in told]


async def test_no_item_is_claimed_twice(store: SqliteStore, place: Path) -> None:
    await store.write(lambda tx: add(tx, *[item(n) for n in range(100)]))
    with workers(place, "claim", 100, "a", "b") as processes:
        got = await asyncio.to_thread(lines, processes)
    claimed = Counter(n for one in got for n in one)
    assert sorted(map(int, claimed)) == list(range(1, 101))
    assert set(claimed.values()) == {1}


async def test_what_several_write_is_one_chain(place: Path, tmp_path: Path) -> None:
    """They also make the store, all at once."""
    with workers(place, "count", 60, "a", "b", "c") as processes:
        got = await asyncio.to_thread(lines, processes)
    assert sorted(int(n) for one in got for n in one) == list(range(1, 181))
    store = await open_store(place, state=tmp_path / "state")
    try:
        assert await store.verify() is None
        events = await store.read(lambda r: r.events())
        assert [e.values()["to"] for e in events] == list(range(1, 181))
    finally:
        await store.close()


async def test_only_the_newest_fence_writes(place: Path, tmp_path: Path) -> None:
    with workers(place, "duty", 25, "a", "b") as processes:
        got = await asyncio.to_thread(lines, processes)
    store = await open_store(place, state=tmp_path / "state")
    try:
        events = await store.read(lambda r: r.events())
    finally:
        await store.close()
    fences = [e.values()["fence"] for e in events]
    assert fences == sorted(fences)
    owner = dict[int, str]()
    for event in events:
        assert owner.setdefault(event.values()["fence"], event.actor) == event.actor
    assert sorted(map(int, got[0] + got[1])) == fences
    assert len(set(owner.values())) == 2


def check_after_kill(reader: Any, acknowledged: list[str]) -> None:
    check_integrity(reader.db, Path("inbox.db"))
    for name in acknowledged:
        for part in range(3):
            assert reader.find_item("blog", f"{name}-{part}") is not None, name
    # whole batches only, and the tallies agree with the rows
    rows = reader.db.execute("SELECT remote_id FROM item").fetchall()
    batches = Counter(remote_id.rsplit("-", 1)[0] for (remote_id,) in rows)
    assert set(batches.values()) <= {3}
    assert reader.tally(Selection()) == len(rows)
    sizes = reader.db.execute(
        "SELECT thread.id FROM thread WHERE size <> (SELECT count(*) FROM item WHERE item.thread = thread.id)"
    )
    assert sizes.fetchall() == []


async def look_after_kill(place: Path, state: Path, acknowledged: list[str]) -> None:
    store = await open_store(place, state=state)
    try:
        await store.read(lambda r: check_after_kill(r, acknowledged))
        assert await store.verify() is None
    finally:
        await store.close()


def killed(process: subprocess.Popen[str], *, after: int, pause: float) -> list[str]:
    """What a process had told until it was killed: so many lines at least, and what came in a moment more."""
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(after)]
    time.sleep(pause)
    process.kill()
    return told + process.stdout.read().split()


async def test_a_kill_loses_nothing_that_was_acknowledged(place: Path, tmp_path: Path) -> None:
    """SIGKILL at a random moment of the stream of commits, with another process writing on; a dozen times."""
    acknowledged = list[str]()
    for turn in range(6):
        with workers(place, "ingest", 100_000, f"a{turn}", f"b{turn}") as processes:
            for which, process in enumerate(processes):
                acknowledged += killed(process, after=5 + 7 * turn + 3 * which, pause=0.001 * turn)
        await look_after_kill(place, tmp_path / "state", acknowledged)
    assert len(acknowledged) > 200


@pytest.mark.slow
async def test_a_kill_loses_nothing_over_many_turns(place: Path, tmp_path: Path) -> None:
    acknowledged = list[str]()
    for turn in range(60):
        with workers(place, "ingest", 100_000, f"a{turn}", f"b{turn}") as processes:
            for process in processes:
                acknowledged += killed(process, after=1, pause=0.0037 * (turn % 17))
        await look_after_kill(place, tmp_path / "state", acknowledged)
