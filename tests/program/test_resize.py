"""Windows change their size: whatever happens on the way, the picture at the end is right (ISSUE 3.8)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from tests.program.home import Home
from tests.program.seat import Seat, wait_until


def assert_as_fresh(home: Home, seat: Seat, keys: str = "") -> None:
    """The picture is that of a screen that was opened at this size."""
    seat.quiet(0.3)
    columns, rows = seat.screen.columns, seat.screen.rows
    fresh = home.opened(columns=columns, rows=rows)
    fresh.beside = [seat]
    if keys:
        fresh.send(keys)
    if not soon(lambda: fresh.quiet(0.3).picture() == seat.picture()):
        pytest.fail("\n".join(differences(seat, fresh)))
    fresh.send("q")
    fresh.exit_status()


def soon(ready: Callable[[], bool], patience: float = 5.0) -> bool:
    """Whether this comes to be so."""
    until = time.monotonic() + patience
    while not (now := ready()) and time.monotonic() < until:
        pass
    return now


def differences(seat: Seat, fresh: Seat) -> list[str]:
    """Where two pictures differ."""
    return [
        f"{y}: {''.join(cell[0] for cell in one)!r}\n   {''.join(cell[0] for cell in other)!r}\n"
        f"   {[(x, a, b) for x, (a, b) in enumerate(zip(one, other, strict=True)) if a != b][:4]}"
        for y, (one, other) in enumerate(zip(seat.picture(), fresh.picture(), strict=True)) if one != other
    ]  # fmt: skip


def test_small_and_large(home: Home) -> None:
    seat = home.opened()
    for columns, rows in ((20, 6), (200, 50), (80, 24)):
        seat.resize(columns, rows)
        seat.until(lambda: "1/30" in seat.text and len(seat.lines[1]) > 3)
        if columns != 20:
            assert_as_fresh(home, seat)
    seat.press("jj", "3/30")


@pytest.mark.parametrize("storms", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_a_storm_of_resizes(home: Home, storms: int) -> None:
    rng = random.Random(1140)
    seat = home.opened()
    for _ in range(storms):
        for number in range(40):
            seat.resize(rng.randrange(15, 240), rng.randrange(4, 80))
            if number % 5 == 0:
                seat.send("jk")
            until = time.monotonic() + 0.05
            while (left := until - time.monotonic()) > 0:
                seat._read_once(left)
        seat.resize(132, 43)
        seat.until("1/30")
        assert_as_fresh(home, seat)


def test_resized_while_an_answer_is_written(home: Home) -> None:
    words = "A sentence that is long enough to be wrapped again at another width, and then some more of it."
    seat = home.opened(columns=100, rows=30)
    seat.press("r", "by hand")
    seat.press(words, "more of it.")
    for size in ((40, 12), (160, 50), (100, 30)):
        seat.resize(*size)
        seat.until(lambda: "more of it." in seat.text.replace("\n", " ") or "it." in seat.text)
    assert words in " ".join(" ".join(seat.lines).split())
    wait_until(lambda: home.draft(1) == words, "the draft is on disk")


@pytest.mark.slow
def test_resized_before_the_screen_is_up(home: Home) -> None:
    seat = home.seat()
    seat.until("? keys")
    seat.resize(120, 40)
    seat.until("1/30")
    assert_as_fresh(home, seat)
