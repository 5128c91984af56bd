"""Where every start begins. It imports as little as it can: the screen must not wait, nor ``--version``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

_COMPLETING = "_CMINBOX_COMPLETE"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs what the words after ``cminbox`` say, and gives the exit status."""
    if argv is None:
        _forget_start_folder()
        argv = sys.argv[1:]
    words = list(argv)
    from cminbox.cli.errors import reported

    return reported(lambda: _run(words))


def _run(words: list[str]) -> int:
    if words == ["--version"]:
        from cminbox import __version__

        sys.stdout.write(f"cminbox {__version__}\n")
        return 0
    if _COMPLETING not in os.environ:
        if not words:
            return _screen(None)
        if len(words) == 2 and words[0] == "--config":
            return _screen(words[1])
        if len(words) == 1 and words[0].startswith("--config="):
            return _screen(words[0].partition("=")[2])
    from cminbox.cli.build import run

    return run(words)


def _screen(config_file: str | None) -> int:
    from cminbox.cli.screen import open_screen

    return open_screen(config_file)


def _forget_start_folder() -> None:
    """Takes out of the search path what ``python -P`` would not have put there: the folder of the script, or with
    ``-m`` the one that we were started in, where a file called click.py could lie in wait."""
    if getattr(sys.flags, "safe_path", False) or not sys.path:
        return
    script = sys.argv[0] if sys.argv else ""
    try:
        here = os.getcwd()  # noqa: PTH109 - pathlib is not imported yet
    except OSError:
        here = ""
    if sys.path[0] in ("", here, os.path.dirname(script), os.path.dirname(os.path.realpath(script))):  # noqa: PTH120
        del sys.path[0]


if __name__ == "__main__":
    sys.exit(main())
