"""A terminal that is not read (sleeping laptop, half-open SSH): nothing stops but the picture (RELIABILITY 5.31)."""

from __future__ import annotations

import fcntl
import signal
import struct
import termios
import time

import pytest

from tests.program.home import COMMENTS, Home
from tests.program.seat import Seat, wait_until


def keep_unread(home: Home, seat: Seat, seconds: float) -> int:
    """Fills the terminal and leaves it unread while comments arrive; the number of the last comment."""
    last, until = COMMENTS, time.monotonic() + seconds
    taken: list[int] = []
    while time.monotonic() < until or not taken:
        for _ in range(20):  # whole pages to draw: far more than a terminal's buffer takes
            seat.send("Ggg")
        home.comments(last + 1, last + 3)
        last += 3
        taken.append(unread(seat))
    assert taken[-1] and taken[-1] == unread(seat), f"the terminal took all of it, nothing was stalled: {taken}"
    return last


def unread(seat: Seat) -> int:
    """Bytes that the terminal has taken and nobody has read."""
    return struct.unpack("i", fcntl.ioctl(seat.master, termios.FIONREAD, b"\0\0\0\0"))[0]


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [5, 60])
def test_signal_to_a_stalled_screen(home: Home, seconds: float) -> None:
    seat = home.opened(columns=200, rows=50)
    seat.press("jjr", "by hand")
    seat.press("kept in spite of it", "kept in spite of it")
    seat.press("\x1b", "the draft is kept")
    keep_unread(home, seat, seconds)
    assert seat.end(signal.SIGTERM, reading=False) < 4.5
    assert seat.exit_status(reading=False) == 143
    assert seat.modes() == seat.modes_before
    seat.quiet(0.1)
    seat.assert_terminal_restored()
    assert home.draft(3) == "kept in spite of it"


@pytest.mark.parametrize("seconds", [8, pytest.param(60, marks=pytest.mark.slow)])
def test_read_again_the_picture_is_right(home: Home, seconds: float) -> None:
    seat = home.opened(columns=120, rows=40)
    last = keep_unread(home, seat, seconds)
    begin = time.monotonic()
    seat.until(f"new {last}")
    print(f"right again {time.monotonic() - begin:.2f} s after it was read again")
    seat.press(" gg", f"1/{last} ")
    seat.until(lambda: "new · Space" not in seat.lines[0])
    fresh = home.opened(columns=120, rows=40)
    fresh.until(f"1/{last} ")
    wait_until(lambda: fresh.quiet(0.1).picture() == seat.quiet(0.1).picture(), "both show the same")


def test_work_goes_on_while_nobody_reads(home: Home) -> None:
    seat = home.opened(columns=200, rows=50)
    keep_unread(home, seat, 2)
    seat.send("gg" + "r")
    seat.send("written blind")
    wait_until(lambda: home.draft(1) == "written blind", "the draft is on disk though nobody reads the terminal")
    seat.send(", to the end")
    wait_until(lambda: unread(seat) and queued(seat) == 0, "the program has read its keys")
    wait_until(lambda: home.draft(1) == "written blind, to the end", "they are on disk, too")
    assert seat.end(signal.SIGTERM, reading=False) < 4.5
    assert home.draft(1) == "written blind, to the end"
    assert home.lease(1) is None


def queued(seat: Seat) -> int:
    """Keys that were typed and the program has not read."""
    return struct.unpack("i", fcntl.ioctl(seat.slave, termios.FIONREAD, b"\0\0\0\0"))[0]
