"""How the screen ends: by key, signal, closed or stalled terminal, failure (RELIABILITY 3.4, 5.30 to 32)."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.terminal.pty_run import PtyRun
from tests.terminal.screen import Screen

APP = [sys.executable, "-m", "tests.terminal.apps.list_app"]
LEFT = b"\x1b[?1049l\x1b[?25h"
ALONE_TOO = pytest.mark.parametrize(
    "guard", [pytest.param((), marks=pytest.mark.slow), ("--guarded",)], ids=["alone", "guarded"]
)


def started(*options: str, **settings: object) -> PtyRun:
    run = PtyRun([*APP, *options], **settings)  # type: ignore[arg-type]
    run.wait_for("1/300")
    return run


def highlighted(screen: Screen) -> int:
    """The number in the row whose background differs from those of the others."""
    backgrounds = [row[79][1][2] for row in screen.cells[:23]]
    (row,) = [y for y, background in enumerate(backgrounds) if backgrounds.count(background) == 1]
    return int(screen.lines()[row][3:7])


def assert_restored(run: PtyRun) -> None:
    """Modes as before, main screen, cursor and wrapping on, whatever was switched on switched off."""
    assert run.modes() == run.modes_before
    screen = Screen()
    entered = bytes(run.output).rpartition(b"\x1b[?1049h")[2]  # the last time; a guest may have written before that
    screen.feed(b"\x1b[?1049h" + entered.rpartition(LEFT)[0] + LEFT)
    assert screen.modes == {"7", "25"}


@ALONE_TOO
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_signal_ends_cleanly(guard: tuple[str, ...], number: signal.Signals, tmp_path: Path) -> None:
    mark = tmp_path / "unmounted"
    with started(*guard, env={"UNMOUNTED": str(mark)}) as run:
        run.signal(number)
        assert run.exit_status() == 128 + number
        assert_restored(run)
        assert mark.exists(), "the app did not get to save anything"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_to_the_guarded_process_itself(number: signal.Signals) -> None:
    with started("--guarded") as run:
        run.signal(number, run.child)
        assert run.exit_status() == 128 + number
        assert_restored(run)


@ALONE_TOO
def test_status_of_the_app_is_the_programs(guard: tuple[str, ...]) -> None:
    with started(*guard) as run:
        run.send("q")
        assert run.exit_status() == 7
        assert_restored(run)


@ALONE_TOO
@pytest.mark.parametrize("ignored", [False, True], ids=["hangup", "nohup"])
def test_closed_terminal_ends_it(guard: tuple[str, ...], ignored: bool, tmp_path: Path) -> None:
    mark = tmp_path / "unmounted"
    with started(*guard, ignore_hangup=ignored, env={"UNMOUNTED": str(mark)}) as run:
        run.close_terminal()
        assert run.exit_status(5, reading=False) == 129
        assert mark.exists()


def test_stalled_terminal_stops_nothing_and_is_painted_anew(tmp_path: Path) -> None:
    beats = tmp_path / "beats"
    with started("--busy", env={"HEARTBEAT": str(beats)}) as run:
        time.sleep(1.5)  # nobody reads meanwhile: the stall itself
        times = [float(line) for line in beats.read_text().split()]
        gaps = [later - sooner for sooner, later in itertools.pairwise(times)]
        assert len(times) > 20 and max(gaps) < 1.0, "the loop waited for the terminal"
        run.send("P")
        run.read(0.5)
        screen = Screen()
        screen.feed(bytes(run.output))
        shown = [int(line[3:7]) for line in screen.lines()[:23]]
        assert shown == list(range(shown[0], shown[0] + 23)), "frames that were dropped have to be made up for"
        assert screen.lines()[23] == f" {highlighted(screen) + 1}/300"
        run.send("q")
        assert run.exit_status() == 7
        assert_restored(run)


@ALONE_TOO
def test_stalled_terminal_and_sigterm(guard: tuple[str, ...]) -> None:
    with started("--busy", *guard) as run:
        time.sleep(0.6)
        begin = time.monotonic()
        run.signal(signal.SIGTERM)
        assert run.exit_status(6, reading=False) == 143
        assert time.monotonic() - begin < 4.0
        assert run.modes() == run.modes_before
        assert LEFT in run.read(0.2)


@ALONE_TOO
def test_stuck_program_and_sigterm(guard: tuple[str, ...]) -> None:
    with started(*guard) as run:
        run.send("B")
        run.read(0.3)
        begin = time.monotonic()
        run.signal(signal.SIGTERM)
        assert run.exit_status(6) == 143
        assert time.monotonic() - begin < 4.2
        assert_restored(run)


@pytest.mark.parametrize(("key", "status"), [("K", 137), ("S", 139), ("D", 3)])
def test_guardian_restores_after_a_hard_death(key: str, status: int, tmp_path: Path) -> None:
    with started("--guarded", env={"CRASHES": str(tmp_path)}) as run:
        run.send(key)
        assert run.exit_status() == status
        assert_restored(run)
        said = bytes(run.output).rpartition(LEFT)[2]
        assert (b"ended by SIG" in said) == (status > 128)
        reports = list(tmp_path.glob("crash-*.txt"))
        assert len(reports) == (1 if key == "S" else 0)
        if reports:
            assert "press_S" in reports[0].read_text()
            assert reports[0].stat().st_mode & 0o777 == 0o600


def test_death_of_the_guardian_ends_the_screen() -> None:
    with started("--guarded") as run:
        child = run.child
        run.signal(signal.SIGKILL)
        assert run.exit_status() == -signal.SIGKILL
        run.wait_for(LEFT)
        run.wait_for(lambda: not _alive(child))
        assert run.modes() == run.modes_before


@ALONE_TOO
def test_stop_and_continue(guard: tuple[str, ...]) -> None:
    with started(*guard) as run:
        screen = Screen()
        run.signal(signal.SIGTSTP)
        run.wait_for(LEFT)
        target = run.child if guard else run.pid
        run.wait_for(lambda: _state(target) == "T")
        assert run.modes() == run.modes_before
        since = len(run.output)
        run.signal(signal.SIGCONT, target)
        run.wait_for("continued", since=since)
        run.read(0.2)
        screen.feed(bytes(run.output[since:]))
        assert screen.lines()[1].startswith(" ●    1m  ivan_k"), "the whole screen has to be painted again"
        assert run.modes() != run.modes_before
        run.send("q")
        assert run.exit_status() == 7
        assert_restored(run)


def test_stopped_hard_and_continued_is_painted_anew() -> None:
    with started("--guarded") as run:
        run.signal(signal.SIGSTOP, run.child)
        run.wait_for(lambda: _state(run.child) == "T")
        since = len(run.output)
        run.signal(signal.SIGCONT, run.child)
        run.wait_for("continued", since=since)
        run.send("q")
        assert run.exit_status() == 7


@pytest.mark.parametrize("key", ["x", "w", "t", *(pytest.param(key, marks=pytest.mark.slow) for key in "hps")])
def test_failure_leaves_a_report_without_content(key: str, tmp_path: Path) -> None:
    with started(env={"CRASHES": str(tmp_path / "crashes")}) as run:
        run.send(key)
        assert run.exit_status() == 1
        assert_restored(run)
        said = bytes(run.output).rpartition(LEFT)[2].decode()
    (report,) = (tmp_path / "crashes").iterdir()
    text = report.read_text()
    assert said.strip().splitlines() == [f"cminbox: the screen failed; where is told, without any content, in {report}"]
    assert "SECRET" not in text + bytes(run.output).decode()
    assert report.stat().st_mode & 0o777 == 0o600 and report.parent.stat().st_mode & 0o777 == 0o700
    if key not in "hp":
        assert "ValueError" in text and "tests/terminal/apps/feed.py" in text and " fail" in text


def test_guest_program_has_the_terminal_and_gives_it_back() -> None:
    guest = "\x1f".join([sys.executable, "-c", "import sys; print('guest:', sys.stdin.readline()); sys.exit(5)"])
    with started(env={"GUEST": guest}) as run:
        run.send("e")
        run.wait_for(LEFT)
        assert run.modes() == run.modes_before
        run.read(0.2)
        run.send("hello\n")
        run.wait_for("guest: hello")
        since = len(run.output)
        run.wait_for("guest 5 NoneType", since=since - 40)
        run.read(0.2)
        assert b"Petra Vogel" in run.output[since - 40 :]
        run.send("jq")
        assert run.exit_status() == 7
        assert_restored(run)


def test_guest_that_cannot_be_run_breaks_nothing() -> None:
    with started(env={"GUEST": "/no/such/program"}) as run:
        run.send("e")
        run.wait_for("guest None FileNotFoundError")
        run.send("q")
        assert run.exit_status() == 7
        assert_restored(run)


def test_signal_while_a_guest_has_the_terminal() -> None:
    with started(env={"GUEST": "sleep\x1f60"}) as run:
        run.send("e")
        run.wait_for(LEFT)
        run.signal(signal.SIGTERM)
        assert run.exit_status() == 143
        assert run.modes() == run.modes_before
        assert bytes(run.output).endswith(LEFT), "the screen must not come back for a moment"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return _state(pid) != "Z"


def _state(pid: int) -> str:
    import subprocess

    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip()[:1]
