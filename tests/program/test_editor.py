"""``$EDITOR``: the draft goes out and comes back, and whatever the editor does, the terminal is right afterwards."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.program.home import Home
from tests.program.seat import Seat, is_alive, wait_until

EDIT = "\x07"


def with_editor(home: Home, script: str, tmp_path: Path, **env: str) -> Seat:
    """The composer on item 1, with an editor that does as this shell script says."""
    editor = tmp_path / "the editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    seat = home.opened(env={"EDITOR": f"'{editor}' --wait", **env})
    seat.press("r", "by hand")
    seat.press("before", "before")
    return seat


def assert_goes_on(home: Home, seat: Seat, text: str) -> None:
    """The composer is there again, the picture is right, keys are taken, and it ends as always."""
    seat.press(" more", text.rpartition("\n")[2] + " more")
    picture = seat.quiet(0.1).picture()
    seat.resize(81, 25)
    seat.quiet(0.2)
    seat.resize(80, 24)
    seat.until(lambda: seat.quiet(0.1).picture() == picture, patience=5)
    seat.end(signal.SIGTERM)
    assert seat.exit_status() == 143
    seat.assert_terminal_restored()
    assert home.draft(1) == f"{text} more"


def test_round_trip(home: Home, tmp_path: Path) -> None:
    script = 'echo "in the editor: $1 $(basename "$2")"; stat -c %a "$2"; echo "a line more: grüß" >> "$2"'
    seat = with_editor(home, script, tmp_path)
    seat.press(EDIT, "a line more: grüß")
    assert "in the editor: --wait answer.txt" in seat.outside.replace("\r\n", "\n")
    assert_goes_on(home, seat, "before\na line more: grüß")
    assert "600" in seat.outside, "others can read the draft while the editor has it"


def test_editor_has_the_terminal_as_it_was(home: Home, tmp_path: Path) -> None:
    seat = with_editor(home, 'read -r line; echo "read: $line"; echo "$line" > "$2"', tmp_path)
    seat.send(EDIT)
    wait_until(lambda: seat.quiet(0.02).modes() == seat.modes_before, "the terminal is the editor's")
    seat.send("typed for the editor\n")
    seat.until("typed for the editor")
    assert "read: typed for the editor" in seat.outside
    assert_goes_on(home, seat, "typed for the editor")


@pytest.mark.parametrize(
    ("script", "text", "told"),
    [
        ("exit 3", "before", "ended with 3"),
        pytest.param('echo saved > "$2"; exit 3', "saved", "ended with 3", marks=pytest.mark.slow),
        ('echo saved > "$2"; kill -9 $$', "saved", "the editor"),
        ('rm "$2"', "before", "your text is as it was"),
    ],
    ids=["fails", "saves and fails", "saves and is killed", "removes the file"],
)  # fmt: skip
def test_editor_that_fails(home: Home, tmp_path: Path, script: str, text: str, told: str) -> None:
    """What was saved counts; that something went wrong is said."""
    seat = with_editor(home, script, tmp_path)
    seat.send(EDIT)
    seat.until(lambda: told in seat.lines[-1])
    assert_goes_on(home, seat, text)


@pytest.mark.slow
def test_editor_that_writes_no_utf_8(home: Home, tmp_path: Path) -> None:
    seat = with_editor(home, "printf 'caf\\351' > \"$2\"", tmp_path)
    seat.press(EDIT, "not UTF-8")
    assert_goes_on(home, seat, "caf\ufffd")


def test_editor_that_is_not_there(home: Home) -> None:
    seat = home.opened(env={"EDITOR": "/no/such/editor"})
    seat.press("r", "by hand")
    seat.press("before", "before")
    seat.send(EDIT)
    seat.until(lambda: "editor" in seat.lines[-1])
    assert_goes_on(home, seat, "before")


@pytest.mark.slow
@pytest.mark.parametrize("editor", ["'unfinished", "   ", "sleep"])
def test_editor_that_cannot_be_understood(home: Home, editor: str) -> None:
    seat = home.opened(env={"EDITOR": editor})
    seat.press("r", "by hand")
    seat.press("before", "before")
    seat.send(EDIT)
    if editor.strip():
        seat.until(lambda: "editor" in seat.lines[-1] or "as it was" in seat.lines[-1])
        assert_goes_on(home, seat, "before")
    else:
        seat.quiet(1.0)  # falls back to vi, which may not be there: nothing may break
        seat.end(signal.SIGTERM)
        assert seat.exit_status() == 143
        assert home.draft(1) == "before"


def test_control_characters_from_an_editor(home: Home, tmp_path: Path) -> None:
    """What an editor writes is text like any other: it steers no terminal, and what cannot leave is not sent."""
    seat = with_editor(home, "printf 'a\\033]52;c;ZXZpbA==\\007b\\033[2J' > \"$2\"", tmp_path)
    seat.send(EDIT)
    seat.until(lambda: "ZXZpbA" in seat.text or "editor" in seat.lines[-1])
    assert b"\x1b]52;" not in seat.output and not seat.screen.clipboard


def test_signal_while_the_editor_runs(home: Home, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    seat = with_editor(home, f'echo $$ > "{pid_file}"; sleep 60 & wait', tmp_path)
    seat.send(EDIT)
    wait_until(lambda: seat.quiet(0.02) and pid_file.exists() and pid_file.read_text().strip(), "the editor runs")
    assert seat.end(signal.SIGTERM) < 4.5
    assert seat.exit_status() == 143
    seat.assert_terminal_restored()
    assert not is_alive(int(pid_file.read_text()))
    assert home.draft(1) == "before"


def test_hangup_while_the_editor_runs(home: Home, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    seat = with_editor(home, f'echo $$ > "{pid_file}"; exec sleep 60', tmp_path)
    seat.send(EDIT)
    wait_until(lambda: seat.quiet(0.02) and pid_file.exists() and pid_file.read_text().strip(), "the editor runs")
    seat.close_terminal()
    took = wait_until(lambda: seat.process.poll() is not None, "gone", 8)
    print(f"gone {took:.2f} s after its terminal, with an editor in it")
    assert seat.process.returncode == 129
    wait_until(lambda: not is_alive(int(pid_file.read_text())), "the editor is gone too")
    assert home.draft(1) == "before"


def test_temporary_files_do_not_stay(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    seat = with_editor(home, 'echo edited > "$2"', tmp_path, TMPDIR=str(folder))
    seat.press(EDIT, "edited")
    wait_until(lambda: not list(folder.iterdir()), "the temporary folder is empty")
