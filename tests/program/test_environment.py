"""Terminals and environments of all kinds: drawn, or refused in one line (RELIABILITY 1.2, 5.42)."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.program.home import NOBODY, PROGRAM, Home

COLOURS = re.compile(rb"\x1b\[[0-9;]*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;]*m")


def test_dumb_terminal(home: Home) -> None:
    seat = home.seat(env={"TERM": "dumb"})
    assert seat.exit_status() == 2
    assert seat.outside.count("\n") == 1 and "TERM=dumb" in seat.outside and b"\x1b" not in seat.output
    assert seat.modes() == seat.modes_before


def test_no_terminal(home: Home) -> None:
    ran = home.run()
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1 and "needs a terminal" in ran.err


def test_output_is_no_terminal(home: Home) -> None:
    """``cminbox | cat`` in a terminal."""
    seat = home.seat(argv=["sh", "-c", f"{PROGRAM} | cat; exit ${{PIPESTATUS:-0}}"])
    seat.exit_status()
    assert "needs a terminal" in seat.outside and b"\x1b" not in seat.output


def test_term_unset(home: Home) -> None:
    seat = home.seat(argv=["env", "-u", "TERM", PROGRAM])
    seat.until("1/30")
    seat.press("j", "2/30")
    seat.send("q")
    assert seat.exit_status() == 0
    seat.assert_terminal_restored()


@pytest.mark.parametrize(("value", "coloured"), [("1", False), ("", True)])
def test_no_color(home: Home, value: str, coloured: bool) -> None:
    """no-color.org: set and not empty."""
    seat = home.opened(env={"NO_COLOR": value})
    seat.press("j", "2/30")
    seat.press("\r", "received")
    seat.press("r", "by hand")
    assert bool(COLOURS.search(bytes(seat.output))) == coloured
    seat.end(signal.SIGTERM)


@pytest.mark.parametrize(
    "locale",
    [
        {"LANG": "C"},
        pytest.param({"LANG": "", "LC_ALL": "POSIX"}, marks=pytest.mark.slow),
        pytest.param({"LANG": "de_DE.ISO-8859-1"}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_locale_that_is_not_utf_8(home: Home, locale: dict[str, str]) -> None:
    seat = home.opened(env=locale)
    seat.press("r", "by hand")
    seat.press("Grüße, Ø, 日本", "Grüße, Ø, 日本")
    seat.press("\x1b", lambda: "by hand" not in seat.text)
    assert home.draft(1) == "Grüße, Ø, 日本"
    seat.send("q")
    assert seat.exit_status() == 0
    assert "Traceback" not in seat.outside


def test_textuals_own_variables_do_nothing(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    hostile = {
        "TEXTUAL_DEBUG": "1", "TEXTUAL_LOG": str(folder / "textual.log"), "TEXTUAL_PRESS": "e,e,e",
        "TEXTUAL_DRIVER": "evil:Driver", "TEXTUAL": "devtools", "TEXTUAL_SCREENSHOT": "1",
        "TEXTUAL_SCREENSHOT_LOCATION": str(folder), "TEXTUAL_FPS": "1", "TEXTUAL_THEME": "nord",
        "TEXTUAL_SLOW_THRESHOLD": "0",
    }  # fmt: skip
    seat = home.opened(env=hostile, cwd=folder)
    seat.press("r", "by hand")
    seat.press("secret words", "secret words")
    seat.quiet(0.3).end(signal.SIGTERM)
    assert seat.exit_status() == 143
    assert list(folder.iterdir()) == [], "the program wrote into the folder that it was started in"
    assert "inbox 30" in home.opened().text


def test_folder_with_modules_of_the_same_names(home: Home, tmp_path: Path) -> None:
    """Nothing is imported from where one happens to be."""
    folder, mark = tmp_path / "evil", tmp_path / "ran"
    folder.mkdir()
    for name in (
        "click",
        "httpx",
        "sqlite3",
        "aiosqlite",
        "rich",
        "sitecustomize",
        "usercustomize",
        "tomllib",
        "typing",
    ):
        (folder / f"{name}.py").write_text(f"open({str(mark)!r}, 'a').write(__name__)\nraise SystemExit(99)\n")
    for name in ("textual", "cminbox", "asyncio"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(f"open({str(mark)!r}, 'a').write(__name__)\nraise SystemExit(99)\n")
    (folder / ".env").write_text("CMINBOX_OPERATOR__NAME=evil\n")
    (folder / "config.toml").write_text("[operator]\nname = 'evil'\n")
    home.configure("")
    home.write(lambda tx: tx.drop_process_lease("sync", NOBODY))  # a courier is to start from here, too
    seat = home.opened(cwd=folder)
    seat.until(home.courier_lease)
    assert " · mina" in seat.text and "evil" not in seat.text
    seat.press("r", "by hand")
    assert seat.end(signal.SIGTERM) < 3.5
    assert seat.exit_status() == 143
    assert not mark.exists(), mark.read_text()


@pytest.mark.parametrize("gone", ["removed", "unreadable"])
def test_folder_that_is_gone(home: Home, tmp_path: Path, gone: str) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    script = f"cd {folder} && {'rmdir' if gone == 'removed' else 'chmod 0'} {folder} && exec {PROGRAM}"
    seat = home.seat(argv=["sh", "-c", script])
    seat.until("1/30")
    seat.press("j", "2/30")
    seat.send("q")
    assert seat.exit_status() == 0
    folder.chmod(0o700) if folder.exists() else None


def test_lines_and_columns_are_not_believed(home: Home) -> None:
    seat = home.opened(columns=90, rows=30, env={"COLUMNS": "40", "LINES": "10"})
    assert seat.lines[-2].rstrip().endswith("? keys") and len(seat.lines[-2]) == 89


def test_colours_by_what_the_terminal_can(home: Home) -> None:
    for env, sign in (
        ({"TERM": "xterm-256color"}, b"38;5;"), ({"TERM": "xterm", "COLORTERM": "truecolor"}, b"38;2;"),
        ({"TERM": "vt220"}, b""),
    ):  # fmt: skip
        seat = home.seat(env=env)
        seat.until("1/30")
        output = bytes(seat.output)
        assert sign in output and (sign == b"38;2;" or b"38;2;" not in output) and (sign or b"38;5;" not in output)
        seat.end(signal.SIGTERM)


def test_doctor_and_lists_need_no_terminal(home: Home) -> None:
    done = subprocess.run(
        [str(PROGRAM), "list", "--json", "--limit", "2"], env={**home.environment(), "TERM": "dumb", "LANG": "C"},
        stdin=subprocess.DEVNULL, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.count(b"\n") == 2 and done.stdout.isascii()
