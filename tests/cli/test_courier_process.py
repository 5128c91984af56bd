"""The courier that a screen starts: another one whenever none works, and never a heap of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from cminbox.cli import courier_process
from cminbox.cli.courier_process import CourierProcess


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(courier_process, "monotonic", made)
    return made


@pytest.fixture
def courier() -> Iterator[CourierProcess]:
    made = CourierProcess("timeit", "-n", "1", "-r", "1", "import time; time.sleep(60)")
    yield made
    made.stop(patience=0.1)


def pids(courier: CourierProcess) -> list[int]:
    return [child.pid for child in courier._children]


def test_one_that_has_just_been_started_is_given_time(courier: CourierProcess, clock: Clock) -> None:
    courier.start()
    (first,) = pids(courier)
    clock.now += courier_process.STARTS_WITHIN - 1
    courier.start()
    assert pids(courier) == [first] and courier.is_alive


def test_one_that_died_is_followed_at_once_and_reaped(courier: CourierProcess, clock: Clock) -> None:
    courier.start()
    (first,) = pids(courier)
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert not courier.is_alive
    courier.start()
    (second,) = pids(courier)
    assert second != first
    with pytest.raises(ChildProcessError):
        os.waitpid(first, os.WNOHANG)


def test_however_many_are_stopped_there_is_a_successor_and_no_heap(courier: CourierProcess, clock: Clock) -> None:
    seen: list[int] = []
    for _ in range(5):
        courier.start()
        newest = pids(courier)[-1]
        assert newest not in seen
        seen.append(newest)
        os.kill(newest, signal.SIGSTOP)
        clock.now += courier_process.STARTS_WITHIN + 1
    # the one before may wake up and see that it was replaced
    assert pids(courier) == seen[-2:]
    for gone in seen[:-2]:
        with pytest.raises(ChildProcessError):
            os.waitpid(gone, os.WNOHANG)
