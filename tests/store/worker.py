"""What another process does with a store: ``python -m tests.store.worker WHAT PATH STATE …``.

Each line on stdout is one thing that was committed.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from cminbox.domain.event import NewEvent
from cminbox.store.sqlite import open_store
from cminbox.store.sqlite.aio import SqliteStore
from tests.store.making import add, item


async def claim(store: SqliteStore, name: str, count: int) -> None:
    """Tries to lease every item; prints those that it got."""
    for n in range(1, count + 1):
        lease = await store.write(lambda tx, n=n: tx.take_item_lease(n, name, 600))
        if lease.holder == name:
            print(n, flush=True)


async def count_up(store: SqliteStore, name: str, count: int) -> None:
    """Reads and writes one number in the log, as fast as it can."""

    def fn(tx: Any) -> int:
        last = tx.last_events(limit=1)
        return tx.append(NewEvent("count", name, None, {"to": last[0].values()["to"] + 1 if last else 1})).n

    for _ in range(count):
        print(await store.write(fn), flush=True)


async def ingest(store: SqliteStore, name: str, count: int) -> None:
    """Adds items one batch after another, and tells each after its commit; waits to be killed at the end."""
    for n in range(count):
        rows = [item(f"{name}-{n}-{part}", parent_remote_id=f"{name}-{n - 1}-0") for part in range(3)]
        await store.write(lambda tx, rows=rows: add(tx, *rows))
        print(f"{name}-{n}", flush=True)


async def duty(store: SqliteStore, name: str, count: int) -> None:
    """Wants the duty ``sync`` for a short time; while it has it, writes under its fence and counts what it wrote."""
    for n in range(count):
        lease = await store.write(lambda tx: tx.take_process_lease("sync", name, 0.05))
        if lease is None:
            await asyncio.sleep(0.003)
            continue
        if n % 5 == 4:
            # sleeps past its time, as a stopped process does
            await asyncio.sleep(0.08)

        def fn(tx: Any, fence: int = lease.fence) -> None:
            tx.check_fence("sync", fence)
            tx.append(NewEvent("worked", name, None, {"fence": fence}))

        try:
            await store.write(fn)
            print(lease.fence, flush=True)
        except Exception as error:
            print(f"refused {type(error).__name__}", file=sys.stderr, flush=True)


async def main(what: str, path: str, state: str, name: str, count: str) -> None:
    store = await open_store(Path(path), state=Path(state))
    try:
        await {"claim": claim, "count": count_up, "ingest": ingest, "duty": duty}[what](store, name, int(count))
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
