"""The terminal: what the screen will find there."""

from __future__ import annotations

import locale
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from cminbox.cli.examine import Finding, State
from cminbox.tui.terminal.places import colours, is_remote

_PATIENCE = 2.0


def findings() -> Iterator[Finding]:
    """Kind, colours, encoding, and whether tmux passes the clipboard on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield Finding("terminal", State.OK, "none here: commands work, the screen needs one")
    else:
        yield _kind()
    encoding = locale.getencoding().upper().replace("-", "")
    if encoding != "UTF8" and not sys.flags.utf8_mode:
        yield Finding("terminal", State.WARN, f"the locale is {encoding}, not UTF-8: export LC_ALL=C.UTF-8")
    if os.environ.get("TMUX"):
        yield from _tmux()


def _kind() -> Finding:
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        return Finding("terminal", State.BAD, f"TERM={term or '(not set)'}: the screen cannot be drawn on it")
    size = shutil.get_terminal_size()
    told = f"{term}, {colours('auto', os.environ)} colours, {size.columns}x{size.lines}"
    if size.columns < 80 or size.lines < 24:
        return Finding("terminal", State.WARN, f"{told}: 80x24 is the least in which all has its place")
    return Finding("terminal", State.OK, f"{told}{', over a network' if is_remote(os.environ) else ''}")


def _tmux() -> Iterator[Finding]:
    """OSC 52 passes through tmux unless ``set-clipboard`` is off (tmux(1), Options)."""
    try:
        asked = subprocess.run(
            ["tmux", "show-options", "-sv", "set-clipboard"], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=_PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return
    if asked.returncode == 0 and asked.stdout.strip() == "off":
        yield Finding("terminal", State.WARN, "tmux keeps the clipboard: tmux set -s set-clipboard on, for y to work")
    else:
        yield Finding("terminal", State.OK, "tmux passes the clipboard on")
