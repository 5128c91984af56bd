"""The courier that screens start: one a store, gone after the last of them, followed when it dies or hangs (RELIABILITY
5.28; ISSUE 3.6)."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.program.home import Home
from tests.program.seat import Seat, is_alive, state_of, wait_until

LEASE = 10.0
TAKEOVER = LEASE + 5.0
AFTER_THE_LAST = 10.0
"""Seconds: it looks whether somebody is there two seconds after it began and then every second, and ends in order."""


def holder(home: Home) -> int | None:
    """The process that holds the courier's lease now."""
    with_time = home.read(lambda r: (r.process_lease("sync"), r.now()))
    lease, now = with_time
    if lease is None or not lease.held(now):
        return None
    return int(lease.owner.rpartition(":")[0].rpartition(":")[2])


def at_work(home: Home) -> int:
    """Waits for a courier; its process."""
    wait_until(lambda: holder(home), "a courier works")
    pid = holder(home)
    assert pid is not None
    return pid


def assert_one_for(home: Home, seconds: float) -> None:
    """Others that were started in the same moment find it and end."""
    wait_until(lambda: len(home.couriers()) == 1, "one courier")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert len(home.couriers()) == 1 and home.couriers() == [holder(home)]


def test_one_for_two_screens_and_gone_after_both(staffed: Home) -> None:
    first, second = staffed.seat(), staffed.seat()
    for seat in (first, second):
        seat.until("? keys")
    began = time.monotonic()
    pid = at_work(staffed)
    print(f"at work {time.monotonic() - began:.2f} s after the first picture")
    assert_one_for(staffed, 1)
    first.beside = [second]
    first.press("j", " 2/")
    first.end(signal.SIGTERM)
    assert_one_for(staffed, 1)
    assert holder(staffed) == pid
    second.end(signal.SIGTERM)
    took = wait_until(lambda: not staffed.couriers(), "the courier ends", AFTER_THE_LAST)
    print(f"gone {took:.1f} s after the last screen")
    wait_until(lambda: not is_alive(pid), "its process has ended")
    assert staffed.courier_lease() is None, "it puts its lease down, so that the next need not wait"
    staffed.assert_healthy()


@pytest.mark.slow
def test_it_outlives_its_screen_while_an_answer_is_on_its_way(staffed: Home) -> None:
    seat = staffed.opened()
    pid = at_work(staffed)
    seat.press("r", "as Acme")
    seat.send("Thanks\x13")
    seat.until("goes out in")
    seat.end(signal.SIGKILL, seat.child)
    end = time.monotonic() + 4
    while time.monotonic() < end:
        assert staffed.couriers() == [pid]
    again = staffed.opened()
    again.until("out 1")
    again.press("z", lambda: "out 1" not in again.text)
    again.end(signal.SIGTERM)
    wait_until(lambda: not staffed.couriers(), "the courier ends once nothing is on its way", AFTER_THE_LAST)


@pytest.mark.slow
def test_a_screen_that_finds_one_at_work_starts_none(staffed: Home) -> None:
    first = staffed.opened()
    pid = at_work(staffed)
    second = staffed.opened(env={"LOGNAME": "zoe"})
    second.beside = [first]
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        assert staffed.couriers() == [pid]
        second.quiet(0.05)


@pytest.mark.parametrize("wait", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["run out", "waited for"])
def test_after_kill_a_screen_starts_the_next(staffed: Home, wait: bool) -> None:
    seat = staffed.opened()
    first = at_work(staffed)
    lease = staffed.courier_lease()
    assert lease is not None
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not is_alive(first), "it is dead")
    if not wait:
        staffed.write(lambda tx: tx.drop_process_lease("sync", lease.owner))
    took = assert_followed(staffed, seat, first)
    print(f"another works {took:.1f} s after " + ("SIGKILL" if wait else "the lease had run out"))
    now = staffed.courier_lease()
    assert now is not None and now.fence > lease.fence


@pytest.mark.slow
def test_after_stop_a_screen_starts_the_next_and_the_first_yields(staffed: Home) -> None:
    seat = staffed.opened()
    first = at_work(staffed)
    os.kill(first, signal.SIGSTOP)
    took = assert_followed(staffed, seat, first)
    print(f"another works {took:.1f} s after SIGSTOP")
    second = holder(staffed)
    os.kill(first, signal.SIGCONT)
    wait_until(lambda: not is_alive(first), "the first sees that it was replaced, and ends")
    assert holder(staffed) == second
    seat.end(signal.SIGTERM)
    wait_until(lambda: not staffed.couriers(), "the courier ends", AFTER_THE_LAST)
    staffed.assert_healthy()


@pytest.mark.slow
def test_killed_and_stopped_again_and_again(staffed: Home) -> None:
    """A screen that stays for a day finds a courier each time."""
    seat = staffed.opened()
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGKILL):
        pid = at_work(staffed)
        os.kill(pid, number)
        assert_followed(staffed, seat, pid)
    working = [pid for pid in staffed.couriers() if state_of(pid) != "T"]
    assert working == [holder(staffed)]


def assert_followed(home: Home, seat: Seat, first: int) -> float:
    """Another process holds the lease, in time; the screen is read meanwhile."""
    return wait_until(
        lambda: (seat.quiet(0.02), holder(home) not in (None, first))[1], "a successor works", TAKEOVER
    )  # fmt: skip
