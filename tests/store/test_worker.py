"""The two names of aiosqlite that it does not promise: a release that changes them fails here, not at work."""

from __future__ import annotations

import threading
from importlib.metadata import version

from cminbox.store import engine
from cminbox.store.sqlite.aio import Worker


def test_the_release_is_the_one_that_was_read() -> None:
    assert version("aiosqlite") == "0.22.1"


async def test_a_function_runs_whole_in_the_threads_own_queue() -> None:
    worker = Worker(lambda: engine.library().connect(":memory:", check_same_thread=False))
    await worker.open()
    try:
        thread = worker._inner._thread
        assert thread.daemon
        assert await worker.run(threading.current_thread) is thread
        assert await worker.run(lambda: worker.db.execute("SELECT 7").fetchone()[0]) == 7
    finally:
        await worker.close()
    thread.join(10)
    assert not thread.is_alive()
