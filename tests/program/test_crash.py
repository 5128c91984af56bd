"""An exception that nobody expected: terminal restored, exit 1, a line that names a file, and nothing of what people
wrote or of a secret anywhere (RELIABILITY 5.11)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.program.crashing import TOKEN
from tests.program.home import Home

CRASHING = Path(__file__).with_name("crashing.py")


@pytest.mark.parametrize("where", ["render", "key", "job", "mount"])
def test_crash(home: Home, where: str) -> None:
    seat = home.seat(argv=[sys.executable, "-P", CRASHING, where], cwd=home.folder, env={"PYTHONPATH": ""})
    seat.until("? keys")
    if where != "mount":
        seat.until(lambda: b"\x1b[?2004h" in seat.output)
        seat.send("j")
    assert seat.exit_status() == 1
    seat.assert_terminal_restored()
    (report,) = (home.folder / "crash").iterdir()
    assert seat.outside.strip().splitlines() == [
        f"cminbox: the screen failed; where is told, without any content, in {report}"
    ]
    assert report.stat().st_mode & 0o777 == 0o600 and report.parent.stat().st_mode & 0o777 == 0o700
    told = report.read_text("utf-8")
    assert "__main__.Flaw" in told and "crashing.py" in told and " fail" in told, told
    everything = home.said() + seat.outside
    for content in (TOKEN, "hostile", "ZXZpbA", "nobody has answered", "Author 2", "winter collection"):
        assert content not in everything, content
    assert TOKEN.encode() not in seat.output and b"]52;" not in seat.output
    home.assert_healthy()


def test_a_crash_while_writing_keeps_the_draft(home: Home) -> None:
    """Also what was not on the disk yet."""
    seat = home.seat(argv=[sys.executable, "-P", CRASHING, "writing"], cwd=home.folder)
    seat.until(lambda: b"\x1b[?2004h" in seat.output)
    seat.send("rwritten before the crash!")
    assert seat.exit_status() == 1
    seat.assert_terminal_restored()
    assert home.draft(1) == "written before the crash!"
    assert home.lease(1) is None
    assert "written before" not in home.said() + seat.outside
