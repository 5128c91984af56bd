"""Keys land where they were meant for, however fast they come and whatever is still starting (CONTRACT, Keys)."""

from __future__ import annotations

import pytest

from cminbox.domain.item import Status
from tests.program.home import COMMENTS, Home
from tests.program.seat import wait_until


@pytest.mark.parametrize("moment", ["spawned", "painted"])
def test_typed_ahead(home: Home, moment: str) -> None:
    seat = home.seat()
    if moment == "painted":
        seat.until("? keys")
    else:
        wait_until(lambda: seat.modes() != seat.modes_before, "the terminal is taken: nothing is echoed any more")
    seat.send("jjrhello before the screen was there")
    seat.until("hello before the screen was there")
    seat.until("→ Author 3")
    wait_until(lambda: home.draft(3) == "hello before the screen was there", "the draft is on disk")
    assert seat.outside == "", "a key was echoed onto the main screen"


def test_typed_before_the_program_runs_at_all(home: Home) -> None:
    seat = home.seat()
    seat.send("jje")
    seat.until("inbox 29")
    wait_until(lambda: home.item(3).status is Status.DONE, "item 3 is done")


def test_a_burst_of_moves_ends_where_it_should(home: Home) -> None:
    seat = home.opened()
    seat.send("j" * 90 + "k" * 100 + "jjjjj" + "jkjkj")
    seat.send("O")  # after all of it: the outbox shows when every move was made
    seat.until("Nothing is on its way")
    seat.send("u")
    seat.until(f"7/{COMMENTS} ")
    seat.until(lambda: seat.lines[7].startswith("▌"))


def test_a_burst_of_text_arrives_whole_and_in_order(home: Home) -> None:
    words = " ".join(f"word{number}" for number in range(40))
    seat = home.opened()
    seat.send(f"jjr{words}")
    wait_until(lambda: seat.quiet(0.05) and home.draft(3), "a draft is on disk")
    seat.until("word39")
    wait_until(lambda: home.draft(3) == words, f"all is on disk: {home.draft(3)!r}", 5)


@pytest.mark.parametrize("rounds", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_words_typed_the_moment_the_composer_shows(home: Home, rounds: int) -> None:
    """Neither lost nor out of order, at any of the moments between the key that opens and the focus."""
    seat = home.opened()
    for number in range(1, rounds + 1):
        seat.send("r")
        seat.wait_for("by hand", since=max(0, len(seat.output) - 20))
        seat.send("abcdef")
        seat.until("abcdef")
        seat.send("\x1b")
        wait_until(lambda n=number: seat.quiet(0.02) and home.draft(n) == "abcdef", "the draft is on disk")
        seat.press("j", f"{number + 1}/{COMMENTS} ")


@pytest.mark.parametrize("rounds", [2, pytest.param(12, marks=pytest.mark.slow)])
def test_answers_written_and_sent_in_one_burst(blog: Home, rounds: int) -> None:
    """Everything at once: opened, written, sent, the next one; what is typed goes to its item and nowhere else."""
    seat = blog.opened()
    seat.send("".join(f"rAnswer to {number}\x13" for number in range(1, rounds + 1)))
    wait_until(lambda: seat.quiet(0.05) and blog.answers(rounds), "the last answer is queued")
    assert [[act.text for act in blog.answers(n)] for n in range(1, rounds + 2)] == [
        *([f"Answer to {n}"] for n in range(1, rounds + 1)), []
    ]  # fmt: skip


def test_editing_in_one_burst(home: Home) -> None:
    seat = home.opened()
    seat.send("rhllo\x1b[D\x1b[D\x1b[De\x1b[F there\x1b[H> ")
    wait_until(lambda: seat.quiet(0.05) and home.draft(1) == "> hello there", "the draft is on disk")


def test_snippet_in_one_burst(home: Home) -> None:
    seat = home.opened()
    seat.send("rHi ::refund\rbye")
    wait_until(lambda: seat.quiet(0.05) and (home.draft(1) or "").endswith("bye"), "the snippet is in")
    text = home.draft(1) or ""
    assert text.startswith("Hi ") and "Author 1" in text and "::" not in text, text


def test_palette_in_one_burst(home: Home) -> None:
    seat = home.opened()
    seat.send("jj:done\rj")
    seat.until("4/29 ")
    wait_until(lambda: home.item(3).status is Status.DONE, "item 3 is done")
    assert [home.item(n).status for n in (2, 3, 4)] == [Status.NEW, Status.DONE, Status.NEW]
