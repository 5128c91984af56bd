"""Signals and a closed terminal: gone within bounds, the right status, the terminal as it was, nothing typed lost
(RELIABILITY 3.4, 5.30, 5.32)."""

from __future__ import annotations

import json
import signal

import pytest

from tests.program.home import Home
from tests.program.seat import Seat, is_alive, wait_until

SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT]
CLEAN, FORCED = 3.5, 4.5
"""Seconds: RELIABILITY has 0.35 where the program ends cleanly, 1.3 where the terminal is stalled, 4 at the most."""


def writing(home: Home, text: str = "Dear Author 3, ") -> Seat:
    """An answer to item 3 is begun, and what is typed so far is on the disk."""
    seat = home.opened()
    seat.press("jjr", "by hand")
    seat.press(text, text.rstrip())
    wait_until(lambda: home.draft(3) == text, "the draft is on disk")
    return seat


@pytest.mark.parametrize(
    ("number", "target"),
    [
        *((number, "spawned") for number in SIGNALS),
        (signal.SIGTERM, "child"),
        *(pytest.param(number, "child", marks=pytest.mark.slow) for number in SIGNALS[1:]),
    ],
)
def test_signal_while_an_answer_is_written(home: Home, number: signal.Signals, target: str) -> None:
    seat = writing(home)
    seat.press("we are so", "we are so")  # shown, but the draft waits for a pause in the typing
    assert home.draft(3) == "Dear Author 3, ", "this test is too slow to show anything"
    assert seat.end(number, seat.child if target == "child" else None) < CLEAN
    assert seat.exit_status() == 128 + number, seat.outside + home.said()
    seat.assert_terminal_restored()
    assert "Traceback" not in seat.outside
    assert home.draft(3) == "Dear Author 3, we are so"
    assert home.lease(3) is None, "others would have to wait for the lease's end"


def test_the_draft_is_there_again(home: Home) -> None:
    seat = writing(home)
    seat.end(signal.SIGTERM)
    shown = json.loads(home.run("show", "3", "--json").out)
    assert shown["draft"] == "Dear Author 3, "
    again = home.opened()
    again.press("jjr", "Dear Author 3,")
    again.press("hello", "Dear Author 3, hello")
    assert again.end(signal.SIGTERM) < CLEAN


def test_keys_in_the_same_moment_as_the_signal(home: Home) -> None:
    seat = writing(home)
    seat.send("x" * 60)
    assert seat.end(signal.SIGTERM) < CLEAN
    assert home.draft(3) == "Dear Author 3, " + "x" * 60


def test_signal_right_after_the_composer_was_asked_for(home: Home) -> None:
    seat = home.opened()
    seat.send("jjr")
    seat.send("quick words")
    seat.until("quick words")
    seat.end(signal.SIGTERM)
    assert home.draft(3) == "quick words"


def test_signal_while_a_snippet_is_searched(home: Home) -> None:
    seat = writing(home)
    seat.press("\x12", "::")
    assert seat.end(signal.SIGTERM) < CLEAN
    assert seat.exit_status() == 143
    seat.assert_terminal_restored()
    assert home.draft(3) == "Dear Author 3, "


@pytest.mark.parametrize("ignored", [False, True], ids=["hangup", "nohup"])
def test_closed_terminal(home: Home, ignored: bool) -> None:
    seat = writing_in(home, ignore_hangup=ignored)
    child = seat.child
    seat.close_terminal()
    took = wait_until(lambda: seat.process.poll() is not None, "gone", 8)
    print(f"gone {took:.2f} s after its terminal")
    assert took < CLEAN
    assert seat.process.returncode == 129
    assert not is_alive(child)
    assert home.draft(3) == "Dear Author 3, and"
    assert home.lease(3) is None


def writing_in(home: Home, **settings: object) -> Seat:
    seat = home.opened(**settings)
    seat.press("jjr", "by hand")
    seat.press("Dear Author 3, and", "Dear Author 3, and")
    return seat


def test_before_the_screen_is_up(home: Home) -> None:
    seat = home.seat()
    seat.until("? keys")  # the first paint; Textual is not there yet
    assert seat.end(signal.SIGTERM) < CLEAN
    assert seat.exit_status() == 143
    seat.assert_terminal_restored()
    home.assert_healthy()


def test_stop_and_continue(home: Home) -> None:
    seat = writing(home)
    child = seat.child
    seat.signal(signal.SIGTSTP)
    wait_until(lambda: seat.quiet(0.02).modes() == seat.modes_before, "the terminal is the shell's")
    seat.signal(signal.SIGCONT, child)
    seat.until(lambda: seat.modes() != seat.modes_before)
    seat.press("more", "Dear Author 3, more")
    seat.end(signal.SIGTERM)
    seat.assert_terminal_restored()
    assert home.draft(3) == "Dear Author 3, more"
