"""A screen that nobody touches costs next to nothing: no bytes, no work (PERFORMANCE; RELIABILITY 5.30)."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.program.home import Home
from tests.program.seat import Seat

MOST = 0.06
"""Seconds of CPU per second. It looks for changes four times a second and counts once: well under a hundredth here."""


def cpu_of(seat: Seat) -> float:
    """Seconds of CPU of the screen and its guardian (proc(5), stat: utime, stime)."""
    ticks = 0
    for pid in seat.tree()[:2]:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
@pytest.mark.parametrize(
    ("where", "seconds"),
    [("composer", 3), *(pytest.param(where, 25, marks=pytest.mark.slow) for where in ("feed", "item", "composer"))],
)
def test_nothing_is_written_and_little_is_done(home: Home, where: str, seconds: float) -> None:
    seat = home.opened(columns=160, rows=50)
    seat.until(lambda: home.item(1).seen)  # it stood open for a moment: that is shown, and then nothing is to come
    if where == "composer":
        seat.press("r", "by hand")
        seat.press("words", "words")
        seat.until(lambda: home.draft(1))
    elif where == "item":
        seat.press("\r", "received")
    seat.quiet(1.0)
    before, begin, cpu = len(seat.output), time.monotonic(), cpu_of(seat)
    while (left := begin + seconds - time.monotonic()) > 0:
        seat._read_once(left)
    share = (cpu_of(seat) - cpu) / seconds
    said = bytes(seat.output[before:])
    print(f"{len(said)} bytes and {share:.1%} of a core in {seconds} s")
    # the comments are days old: their ages stand as they are
    assert said == b""
    assert share < MOST
