"""The app in a real pty: it takes over the first paint, answers keys and sizes, and sends little."""

from __future__ import annotations

import re
import sys

import pytest

from tests.terminal.pty_run import PtyRun
from tests.terminal.screen import Screen

APP = [sys.executable, "-m", "tests.terminal.apps.list_app"]
LIST = "tests.terminal.apps.list_app"


def started(*options: str, **settings: object) -> PtyRun:
    run = PtyRun([*APP, *options], **settings)  # type: ignore[arg-type]
    run.wait_for("1/300")
    run.read(0.2)
    return run


def screen_of(run: PtyRun, columns: int = 80, rows: int = 24) -> Screen:
    screen = Screen(columns, rows)
    screen.feed(bytes(run.output))
    return screen


def wait_to_see(run: PtyRun, text: str) -> Screen:
    """Wait until ``text`` stands on the screen; what is sent are differences, so the bytes alone do not tell."""
    screen, fed = Screen(), 0

    def stands_there() -> bool:
        nonlocal fed
        screen.feed(bytes(run.output[fed:]))
        fed = len(run.output)
        return text in screen.text()

    run.wait_for(stands_there)
    return screen


def test_keys_cost_few_bytes_and_a_scroll_is_the_terminals() -> None:
    with started() as run:
        screen = screen_of(run)

        def press(key: str) -> bytes:
            run.send(key)
            data = run.read(0.2)
            screen.feed(data)
            return data

        assert max(len(press("j")) for _ in range(5)) < 300
        press("j" * 20)
        scrolled = press("j")
        assert b"M" in scrolled and len(scrolled) < 320
        assert "   26m" in screen.lines()[22] and screen.lines()[23] == " 27/300"


def test_nothing_is_sent_when_nothing_happens() -> None:
    with started() as run:
        assert run.read(1.0) == b""


def test_first_paint_is_taken_over_without_clearing_and_keys_are_kept() -> None:
    with PtyRun([*APP, "--first-paint", "--slow-start"]) as run:
        run.wait_for("\x1b[2J")  # the terminal is taken; nothing is painted yet
        run.send("jjj")
        run.wait_for("here comes the list")
        assert b"300" not in run.output
        run.send("jj")
        screen = wait_to_see(run, " 6/300")
        assert "Petra Vogel" in screen.lines()[0] and "here comes" not in screen.text()
        assert run.output.count(b"\x1b[2J") == 1 and run.output.count(b"\x1b[?1049h") == 1
        assert b"jjj" not in run.output, "typed keys must not be echoed"
        run.send("q")
        assert run.exit_status() == 7
        assert run.modes() == run.modes_before


def test_sizes_follow_the_terminal() -> None:
    with started() as run:
        for columns, rows in ((120, 40), (40, 10), (120, 40), (80, 24)):
            since = len(run.output)
            run.resize(columns, rows)
            run.wait_for("1/300", since=since)
            run.read(0.2)
            screen = Screen(columns, rows)
            screen.feed(bytes(run.output[since:]))
            assert screen.lines()[rows - 1] == " 1/300"
            assert "Petra Vogel" in screen.lines()[0] and "ivan_k" in screen.lines()[1]


def test_a_size_that_comes_and_goes_at_once_is_painted_anew() -> None:
    """The terminal may have moved what stood there, although the app sees no new size."""
    with started() as run:
        since = len(run.output)
        run.resize(100, 30)
        run.resize(80, 24)
        run.wait_for("1/300", since=since)
        run.read(0.3)
        screen = Screen()
        screen.feed(bytes(run.output[since:]))
        assert "Petra Vogel" in screen.lines()[0] and "D. Okafor" in screen.lines()[20]


def test_columns_and_lines_in_the_environment_count_for_nothing() -> None:
    with started(env={"COLUMNS": "33", "LINES": "5"}) as run:
        assert screen_of(run).lines()[23] == " 1/300"


def test_escape_is_not_waited_for_long() -> None:
    with started() as run:
        run.send("\x1b")
        wait_to_see(run, "key escape")
        run.send("\x1b[A")
        wait_to_see(run, "key up")
        run.send("\x1b[13;5u")  # kitty's Ctrl+Enter
        wait_to_see(run, "key ctrl+enter")


def test_rubbish_as_input_ends_nothing() -> None:
    with started() as run:
        run.send(b"\x1b[1089::99;5u\xff\xfe\x1b[200~\x1b[<0;0;0M\x1b[201~\x1b]52;c;x\x07\x1b[?2048;99$y")
        run.read(0.3)
        run.send("q")
        assert run.exit_status() == 7


def test_synchronized_output_where_the_terminal_has_it() -> None:
    with started() as run:
        run.send("\x1b[?2026;2$y")
        run.read(0.2)
        run.send("j")
        assert b"\x1b[?2026h" not in run.read(0.2), "a small frame arrives in one piece anyway"
        run.send("\x1b[6~")
        frame = run.read(0.2)
        assert frame.count(b"\x1b[?2026h") == 1 and frame.endswith(b"\x1b[?2026l")


def test_clipboard_and_title_are_clean_and_the_title_comes_back() -> None:
    with started() as run:
        run.send("y")
        run.wait_for("sent to the terminal")
        run.send("T")
        run.wait_for("\x1b\\", since=len(run.output))
        screen = screen_of(run)
        assert screen.clipboard == ["c;Y29waWVkIHRleHQbXTA7ZXZpbAc="]
        assert screen.titles == ["cminbox]0;evil inbox"]
        run.send("q")
        assert run.exit_status() == 7
        assert b"\x1b[22;2t" in run.output and b"\x1b[23;2t" in run.output


def test_the_mouse_is_off_over_ssh_and_can_be_on() -> None:
    with started(env={"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}) as run:
        assert not screen_of(run).modes & {"1000", "1002", "1003", "1006"}
    with started() as run:
        assert {"1000", "1002", "1006"} <= screen_of(run).modes


def test_no_color_sends_no_colour() -> None:
    with started(env={"NO_COLOR": "1"}) as run:
        codes = re.findall(rb"\x1b\[([0-9;]*)m", bytes(run.output))
        assert not any(re.search(rb"(^|;)[34]8;", code) for code in codes)


@pytest.mark.slow
def test_far_fewer_bytes_than_stock() -> None:
    costs = []
    for options in ((), ("--stock",)):
        with started(*options) as run:
            start = len(run.output)
            for key in "j" * 26:
                run.send(key)
                run.read(0.05)
            costs.append((start, len(run.output) - start))
    (our_start, our_keys), (stock_start, stock_keys) = costs
    assert our_start * 3 < stock_start and our_keys * 2 < stock_keys
