"""The program with a flaw: on the key ``m`` a method of a widget fails, with a comment and a token among its locals.

Run as ``python crashing.py WHERE``: ``render`` fails while drawing, ``key`` in a key's handler, ``job`` in what a
key asked for, ``mount`` before the screen is up, ``writing`` when an exclamation mark is typed in the composer.
"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

TOKEN = "SECRET-TOKEN-12345"
HOSTILE = "hostile \x1b]52;c;ZXZpbA==\x07 comment \x1b[2J"


class Flaw(Exception):
    """Not one of ours: its text must not be quoted."""


def fail(*_: Any, **__: Any) -> NoReturn:
    token, comment = TOKEN, HOSTILE
    raise Flaw(f"{comment} with {token}")


def spoil(where: str) -> None:
    """Puts the flaw in. Runs in the screen's process, where Textual may be imported."""
    if where == "render":
        from cminbox.tui.widgets.feed import Feed

        sound = Feed.line

        def line(self: Any, y: int) -> Any:
            return fail() if self.model is not None and self.model.cursor == 1 else sound(self, y)

        Feed.line = line
    elif where == "writing":
        from cminbox.tui.draft_keeper import DraftKeeper

        typed = DraftKeeper.typed

        def once(self: Any) -> None:
            fail() if "!" in self._screen.composer.text else typed(self)

        DraftKeeper.typed = once
    elif where == "mount":
        from cminbox.tui.main_screen import MainScreen

        MainScreen.on_mount = fail
    else:
        from cminbox.tui.actions import ACTIONS

        async def job() -> None:
            fail()

        ACTIONS["next"] = fail if where == "key" else lambda desk, _: desk.do(job)


def main() -> int:
    """As ``cminbox`` alone, spoilt."""
    where = sys.argv[1]
    from cminbox.tui import start

    sound = start.run_screen

    def run_screen(*given: Any, **named: Any) -> int:
        from cminbox.tui.terminal.base_app import TerminalApp

        run = TerminalApp.run_terminal

        def run_terminal(app: TerminalApp) -> int:
            spoil(where)
            return run(app)

        TerminalApp.run_terminal = run_terminal
        return sound(*given, **named)

    start.run_screen = run_screen
    from cminbox.__main__ import main as program

    return program([])


if __name__ == "__main__":
    sys.exit(main())
