"""``python -m tests.terminal.apps.list_app [--guarded] [--first-paint] [--slow-start] [--stock] [--busy]``"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def main() -> int:
    """The screen's process."""
    painted = None
    if "--first-paint" in sys.argv:
        from cminbox.tui.terminal.first_paint import FirstPaint

        painted = FirstPaint()
        if "--slow-start" in sys.argv:  # so that a test can type before Textual is there
            time.sleep(1)
        painted.show(*first_rows())
        if "--slow-start" in sys.argv:
            time.sleep(1)
    from tests.terminal.apps.feed import run

    return run(painted)


def first_rows() -> tuple[list[list[tuple[str, str]]], dict[str, str], str]:
    """The screen that the app will paint first, as plain rows (256 colours)."""
    rows = [[("●  here comes the list", "text")] for _ in range(23)]
    return rows, {"text": "38;5;252;48;5;16", "base": "48;5;16"}, "base"


def crash_folder() -> Path:
    return Path(os.environ.get("CRASHES", "crashes"))


if __name__ == "__main__":
    if "--guarded" in sys.argv:
        from cminbox.tui.terminal.guardian import run_guarded

        sys.exit(run_guarded(main, crash_folder))
    sys.exit(main())
