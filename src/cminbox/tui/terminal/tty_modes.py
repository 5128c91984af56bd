"""Terminal modes (termios), the terminal's size, and giving both back."""

from __future__ import annotations

import contextlib
import os
import termios

TYPE_CHECKING = False  # not from typing: it costs 4 ms before the first paint

if TYPE_CHECKING:
    from typing import Any

    Modes = list[Any]

_INPUT, _LOCAL, _CONTROL = 0, 3, 6  # places in what tcgetattr returns


def save(descriptor: int) -> Modes | None:
    """The modes as they are, or None where it is no terminal or is closed."""
    try:
        return termios.tcgetattr(descriptor)
    except termios.error:
        return None


def set_raw(descriptor: int) -> None:
    """Every key as it comes: no echo, no lines, no signals from keys, no flow control.

    Keys that were typed before stay in the queue. Does nothing where it is no terminal.
    """
    modes = save(descriptor)
    if modes is None:
        return
    modes[_LOCAL] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    modes[_INPUT] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    modes[_CONTROL][termios.VMIN] = 1
    restore(descriptor, modes)


def restore(descriptor: int, modes: Modes | None) -> None:
    """Set modes that :func:`save` gave. Waits for nothing, drops nothing, raises nothing."""
    if modes is not None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, modes)


def drop_typed(descriptor: int) -> None:
    """Throw away keys (and late answers of the terminal) that nobody has read."""
    with contextlib.suppress(termios.error):
        termios.tcflush(descriptor, termios.TCIFLUSH)


def drop_written(descriptor: int) -> None:
    """Throw away output that the terminal has not taken yet."""
    with contextlib.suppress(termios.error):
        termios.tcflush(descriptor, termios.TCOFLUSH)


def size(descriptor: int) -> tuple[int, int]:
    """Columns and rows from the terminal itself, never from COLUMNS and LINES; 80x24 where it does not say."""
    try:
        columns, rows = os.get_terminal_size(descriptor)
    except OSError:
        return 80, 24
    return columns or 80, rows or 24
