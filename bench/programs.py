"""The programs of the terminal bench and the keys that are pressed in each of them, as ttybench takes them.

A step's keys are the same for all where they can be. ``startup`` ends with the first screen that can be read; ``keys``
is the first ``j`` after it, and ends when the cursor has moved: what is typed early must not be lost.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import inboxes

QUICK = 5.0
"""Milliseconds of silence after the first screen before the first key: as soon as a person could."""
SETTLE = 80.0
CALM = 900.0
"""Milliseconds of pause before the steps, so that no work of the start is counted to a key."""
PATIENCE = 30_000.0
REPEATS = {"j": 15, "scroll": 15, "page": 10, "open": 8}
EDGE = 60
"""So many ``j`` bring the cursor to the lower edge of any screen we measure."""


def steps(tty: Any, *, back: str, moved: Any) -> list[Any]:
    """The steps of one program. ``moved``: how its screen looks when the first ``j`` was done; ``back``: the key that
    closes what Enter opened."""
    first = tty.Step("keys", "j", moved, settle_ms=SETTLE)
    return [
        first,
        tty.Step("calm", "k", sleep_ms=CALM, settle_ms=SETTLE, measure=False),
        tty.Step("j", "j", repeat=REPEATS["j"], settle_ms=SETTLE),
        tty.Step("to the edge", "j" * EDGE, settle_ms=300.0, measure=False),
        tty.Step("scroll", "j", repeat=REPEATS["scroll"], settle_ms=SETTLE),
        tty.Step("page", "<PageDown>", repeat=REPEATS["page"], settle_ms=SETTLE),
        # the next one each time, so that none was open before
        tty.Step("open", "<Enter>", repeat=REPEATS["open"], settle_ms=SETTLE, undo=back + "j"),
    ]


def cminbox(tty: Any, home: Path, name: str, *, beside: bool, at_start_only: bool = False) -> Any:
    """cminbox over the inbox in ``home``. ``beside``: the terminal is so wide that the open item stands beside the list
    and follows the cursor; then ``j`` opens, and Enter has nothing to do."""
    # the status bar: position and count
    pressed = steps(tty, back="u", moved={"regex": r"^ ?2/[\d ]+"})
    if beside:
        pressed = [step for step in pressed if step.name != "open"]
    return tty.Program(
        name,
        inboxes.command(),
        {"regex": r"^.[ ▌]?[●·] .*\S{3}"},
        pressed[:1] if at_start_only else pressed,
        env=inboxes.surroundings(home),
        settle_ms=QUICK,
        timeout_ms=PATIENCE,
    )


def bare_textual(tty: Any, rows: Path) -> Any:
    """Textual and a list."""
    script = Path(__file__).parent / "peers" / "bare_textual.py"
    # a row other than the first is the highlighted one
    moved = {"changed": True}
    return tty.Program(
        "bare Textual", [sys.executable, str(script), str(rows)], {"regex": r"\d+ rows"},
        steps(tty, back="q", moved=moved), settle_ms=QUICK, timeout_ms=PATIENCE,
    )  # fmt: skip


def neomutt(tty: Any, rc: Path) -> Any | None:
    """neomutt over a maildir; None where it is not installed."""
    if shutil.which("neomutt") is None:
        return None
    return tty.Program(
        "neomutt", ["neomutt", "-n", "-F", str(rc)], {"regex": r"^ *\d+ .*\n.*\n"},
        steps(tty, back="q", moved={"changed": True}),
        env={"HOME": str(rc.parent)}, settle_ms=QUICK, timeout_ms=PATIENCE,
    )  # fmt: skip
