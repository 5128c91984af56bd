"""SIGKILL, of the screen and of everything: the terminal is given back where somebody is left to do it, the store is
whole, and what was written is there again (RELIABILITY 3.4, 5.32, 5.35)."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from cminbox.domain.item import Status
from tests.program.home import COMMENTS, ISSO, PROGRAM, Home
from tests.program.seat import Seat, is_alive, wait_until


def with_draft(home: Home) -> Seat:
    """Item 1 is done, an answer to item 3 is begun, and both are on the disk."""
    seat = home.opened()
    seat.press("e", "inbox 29")
    wait_until(lambda: home.item(1).status is Status.DONE, "done is written")
    seat.press("jr", "by hand")
    seat.press("half a thought", "half a thought")
    wait_until(lambda: home.draft(3) == "half a thought", "the draft is on disk")
    return seat


def assert_kept(home: Home) -> None:
    """Nothing that was on the disk is lost, and the next screen opens with it."""
    home.assert_healthy()
    assert home.item(1).status is Status.DONE
    again = home.opened()
    again.until("inbox 29")
    again.press("jr", "half a thought")
    again.end(signal.SIGTERM)


def test_kill_of_the_screen(home: Home) -> None:
    seat = with_draft(home)
    begin = time.monotonic()
    seat.signal(signal.SIGKILL, seat.child)
    assert seat.exit_status(5) == 137
    print(f"given back {time.monotonic() - begin:.2f} s after SIGKILL")
    seat.assert_terminal_restored()
    assert "ended by SIGKILL; the terminal is restored" in seat.outside
    assert_kept(home)


def test_kill_of_both(home: Home) -> None:
    seat = with_draft(home)
    guardian, child = seat.tree()[:2]
    for pid in (guardian, child):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(child) and seat.process.poll() is not None, "both are gone")
    assert seat.process.returncode == -signal.SIGKILL
    assert_kept(home)


def test_kill_of_the_guardian_alone(home: Home) -> None:
    seat = with_draft(home)
    child = seat.child
    seat.send(", and more")
    seat.until(", and more")
    seat.signal(signal.SIGKILL)
    seat.exit_status(5)
    wait_until(lambda: not seat.quiet(0.02) or not is_alive(child), "the screen goes with its guardian")
    seat.assert_terminal_restored()
    assert home.draft(3) == "half a thought, and more"


@pytest.mark.slow
def test_kills_at_any_moment_lose_nothing_that_was_shown(tmp_path: Path) -> None:
    """The screen said "done": then it is done, whenever the process dies afterwards."""
    rng = random.Random(31)
    home = Home(tmp_path / "home")
    home.comments(1, 200)
    home.employ_nobody()
    finished = 0
    try:
        for _ in range(12):
            seat = home.opened()
            for _ in range(rng.randrange(1, 8)):
                finished += 1
                seat.press("e", f"done {finished} ")
            time.sleep(rng.random() * 0.05)  # any moment will do
            seat.signal(signal.SIGKILL, seat.child)
            assert seat.exit_status(5) == 137
            seat.close_terminal()
            undone = [n for n in range(1, finished + 1) if home.item(n).status is not Status.DONE]
            assert not undone
        home.assert_healthy()
    finally:
        home.close()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize(("calls", "most"), [("pwrite64", 72), ("fsync,fdatasync", 8)])
def test_kill_inside_the_nth_write(tmp_path: Path, calls: str, most: int) -> None:
    """RELIABILITY 5.35, for a command that answers: the store is whole, and what was acknowledged is there.

    An answer takes some 64 writes and 5 syncs; ``most`` is a little more, so that some come through.
    """
    home = Home(tmp_path / "home")
    home.configure(ISSO)
    home.comments(1, COMMENTS)
    home.employ_nobody()
    acknowledged = 0
    try:
        for number in range(1, COMMENTS + 1):
            strace = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={calls}"]
            inject = ["-e", f"inject={calls}:signal=KILL:when={1 + number * 7 % most}"]
            reply = [str(PROGRAM), "--config", str(home.config), "reply", str(number), "--text", f"answer {number}"]
            ran = subprocess.run(
                [*strace, *inject, *reply], env=home.environment(), capture_output=True, check=False, timeout=60
            )
            there = home.answers(number)
            assert len(there) <= 1
            if b"answered" in ran.stdout:
                acknowledged += 1
                assert there
            assert ran.returncode in (0, -signal.SIGKILL, 128 + signal.SIGKILL), ran
        assert home.run("log", "verify").code == 0
        home.assert_healthy()
        print(f"{acknowledged} of {COMMENTS} answers were acknowledged")
        assert 0 < acknowledged < COMMENTS
    finally:
        home.close()
