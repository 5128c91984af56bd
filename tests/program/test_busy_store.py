"""Another process holds the store's write lock: the screen goes on, loses nothing, and leaves no transaction open
(RELIABILITY 5.33)."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cminbox.domain.item import Status
from tests.program.home import Home
from tests.program.seat import wait_until

_HOLD = """
import sys, time
from cminbox.store import engine
db = engine.library().connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
db.execute("ROLLBACK")
"""


@contextmanager
def locked(home: Home, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """The write lock is another's, for so long."""
    holder = subprocess.Popen(
        [sys.executable, "-P", "-c", _HOLD, str(home.store), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        yield holder
    finally:
        holder.kill()
        holder.communicate()


@pytest.mark.parametrize(("keys", "seconds"), [(300, 1.5), pytest.param(1000, 4, marks=pytest.mark.slow)])
def test_keys_mashed_while_the_store_is_locked(home: Home, keys: int, seconds: float) -> None:
    rng = random.Random(33)
    seat = home.opened(columns=130, rows=40)
    with locked(home, seconds) as holder:
        for _ in range(keys // 10):
            seat.send(
                "".join(rng.choices(["j", "k", "G", "gg", "\r", "u", "vd", "vi", " ", "m", "J", "K", "/", "V"], k=10))
            )
            seat._read_once(0.01)
        wait_until(lambda: seat.quiet(0.02) and holder.poll() is not None, "the lock is free again", seconds + 10)
    begin = time.monotonic()
    home.write(lambda tx: tx.take_item_lease(30, "zoe", 60))
    print(f"another process could write {time.monotonic() - begin:.2f} s after the lock was free")
    assert time.monotonic() - begin < 5
    seat.send("vigg")
    seat.until(" 1/30")
    seat.end(signal.SIGTERM)
    assert seat.exit_status() == 143, seat.outside + home.said()
    home.assert_healthy()


def test_work_done_while_the_store_is_locked_is_written_after(home: Home) -> None:
    seat = home.opened()
    with locked(home, 1.5) as holder:
        seat.send("eee")
        seat.until("inbox 27")  # shown at once
        assert home.item(1).status is Status.NEW
        seat.press("j", " 2/27")  # and looking goes on
        wait_until(lambda: seat.quiet(0.02) and holder.poll() is not None, "the lock is free again")
    wait_until(lambda: seat.quiet(0.02) and home.item(3).status is Status.DONE, "all three are written")
    assert [home.item(n).status for n in (1, 2, 3, 4)] == [Status.DONE] * 3 + [Status.NEW]


def test_signal_while_the_store_is_locked(home: Home) -> None:
    """It cannot be waited for long, and what was on the disk before stays as it was."""
    seat = home.opened()
    seat.press("r", "by hand")
    seat.press("kept", "kept")
    wait_until(lambda: home.draft(1) == "kept", "the draft is on disk")
    with locked(home, 30):
        seat.press(", not kept", "not kept")
        assert seat.end(signal.SIGTERM) < 4.5
    assert seat.exit_status() == 143
    seat.assert_terminal_restored()
    assert home.draft(1) == "kept"
    home.assert_healthy()


@pytest.mark.slow
def test_lock_that_is_let_go_in_the_last_moment(home: Home) -> None:
    seat = home.opened()
    seat.press("r", "by hand")
    with locked(home, 1.0):
        seat.press("typed under the lock", "under the lock")
        seat.end(signal.SIGTERM)
    assert home.draft(1) == "typed under the lock"
