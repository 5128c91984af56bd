"""The terminal as it was before, by force: for a process that dies, and for the one that finds it dead."""

from __future__ import annotations

import os
import select
import time

from cminbox.tui.terminal import tty_modes
from cminbox.tui.terminal.sequences import CUT_OFF, LEAVE
from cminbox.tui.terminal.writer import open_again


def give_back(
    descriptor: int, modes: tty_modes.Modes | None, patience: float = 0.5, *, after_cut: bool = False
) -> None:
    """Restore ``modes`` and leave every mode of ours, waiting at most ``patience`` seconds twice. Never raises.

    ``after_cut``: the last output may have ended inside a sequence. Where the terminal does not take ours, what waits
    in the kernel is dropped to make room.
    """
    tty_modes.restore(descriptor, modes)
    own = open_again(descriptor)
    try:
        if not _write_within(own, descriptor, CUT_OFF + LEAVE if after_cut else LEAVE, patience):
            tty_modes.drop_written(descriptor)
            _write_within(own, descriptor, CUT_OFF + LEAVE, patience)
    finally:
        if own is not None:
            os.close(own)


def _write_within(own: int | None, descriptor: int, data: str, patience: float) -> bool:
    """True when all was written, or never can be. Short enough not to block once select() promises room."""
    fd = descriptor if own is None else own
    left = data.encode("ascii")
    until = time.monotonic() + patience
    try:
        while left and (rest := until - time.monotonic()) > 0:
            if select.select([], [fd], [], rest)[1]:
                left = left[os.write(fd, left) :]
    except BlockingIOError:
        return False
    except (OSError, ValueError):
        return True
    return not left
