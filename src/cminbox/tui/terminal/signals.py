"""Ending on signals: cleanly if the program still can, by force within seconds if it cannot (RELIABILITY 3.4).

``signal.signal`` and not ``loop.add_signal_handler``: a handler of the loop never runs when the loop is stuck.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator
    from types import FrameType

ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
_FROM_KEYS = (signal.SIGINT, signal.SIGQUIT)
PATIENCE = 3.0  # seconds that a clean end may take


class ExitSignals:
    """Turns signals into exit status 128+n: 129 hang-up, 130 interrupt, 131 quit, 143 terminate."""

    def __init__(self, restore: Callable[[], None], *, patience: float = PATIENCE) -> None:
        """``restore`` gives the terminal back when the process has to end by force; it must neither wait nor raise."""
        self._restore = restore
        self._patience = patience
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave: Callable[[int], None] | None = None
        self._stop: Callable[[], None] | None = None
        self._continued: Callable[[], None] | None = None
        self._held = False
        self._timer: threading.Timer | None = None
        self._guardian = 0

    def install(self, guardian: int = 0) -> None:
        """Take the signals over, also those that were inherited as ignored or blocked (nohup, sudo, some launchers).

        ``guardian``: the process that waits for this one and is to be woken with it (see ``guardian.py``).
        """
        self._guardian = guardian
        for number in ENDING:
            signal.signal(number, self._on_ending)
        signal.signal(signal.SIGTSTP, self._on_stop)
        signal.signal(signal.SIGCONT, self._on_continue)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {*ENDING, signal.SIGTSTP, signal.SIGCONT})

    def attach(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        leave: Callable[[int], None],
        stop: Callable[[], None],
        continued: Callable[[], None],
    ) -> None:
        """From now on end, stop and go on by callbacks on this loop; until then signals end the process at once."""
        self._leave, self._stop, self._continued = leave, stop, continued
        self._loop = loop

    def detach(self) -> None:
        """The loop is done. A forced end that was armed stays armed."""
        self._loop = None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Leave Ctrl+C and Ctrl+\\ to a program that has the terminal meanwhile, as ``system(3)`` does."""
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def end(self, status: int) -> None:
        """Begin to end with ``status``, from any thread: cleanly through the loop, by force when it takes too long."""
        if self._timer is not None:
            return
        self._timer = threading.Timer(self._patience, self._force, [status])
        self._timer.daemon = True
        self._timer.start()
        if self._leave is None or not self._call(lambda: self._leave and self._leave(status)):
            self._force(status)

    def _call(self, callback: Callable[[], object]) -> bool:
        loop = self._loop
        if loop is None:
            return False
        try:
            loop.call_soon_threadsafe(callback)
        except RuntimeError:  # the loop was closed meanwhile
            return False
        return True

    def _force(self, status: int) -> None:
        try:
            self._restore()
        finally:
            os._exit(status)

    def _on_ending(self, number: int, _frame: FrameType | None) -> None:
        if not (self._held and number in _FROM_KEYS):
            self.end(128 + number)

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        if self._stop is None or not self._call(self._stop):
            os.kill(os.getpid(), signal.SIGSTOP)

    def _on_continue(self, _number: int, _frame: FrameType | None) -> None:
        if self._guardian:
            with contextlib.suppress(OSError):
                os.kill(self._guardian, signal.SIGCONT)
        if self._continued is not None:
            self._call(self._continued)
