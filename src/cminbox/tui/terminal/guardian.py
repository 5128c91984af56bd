"""A small process that waits beside the screen and gives the terminal back when the screen dies hard.

SIGKILL, a segmentation fault or the memory killer leave no time to restore anything (RELIABILITY 3.4). So the program
forks before it imports anything large: the child becomes the screen, the parent waits, passes signals on, restores the
terminal if need be and ends with the right status. Both stay in one process group, so that the shell sees one job.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import resource
import signal
import sys

from cminbox.tui.terminal import tty_modes

TYPE_CHECKING = False  # not from typing: it costs 4 ms before the first paint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

STDIN, STDOUT = 0, 1
_LAST_WORD = 3.6  # seconds after SIGTERM or SIGHUP until the screen is killed; its own limit is 3
_PASSED_ON = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGTSTP, signal.SIGCONT)
_WITH_LIMIT = (signal.SIGHUP, signal.SIGTERM)
_EXPECTED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
_MOST_FAULT_TEXT = 65_536

# In the guarded process: the guardian's pid and the end of a pipe that is closed when the guardian dies.
_guardian = 0
_lifeline: int | None = None


def guardian() -> int:
    """The pid of the process that guards this one; 0 where none does."""
    return _guardian


def lifeline() -> int | None:
    """A descriptor that becomes readable when the guardian dies; None where none guards."""
    return _lifeline


def run_guarded(main: Callable[[], int], crash_folder: Callable[[], Path] | None = None) -> int:
    """Run ``main`` in a child and return its exit status, 128+n where signal n ended it.

    Returns **twice**, once in each process; the caller ends both with ``sys.exit`` and does nothing else. Call it
    before anything large is imported and before there is a thread. Without a terminal ``main`` runs unguarded.
    ``crash_folder``: where a report goes when the child dies of a fault.
    """
    global _guardian, _lifeline
    if not os.isatty(STDIN) or not os.isatty(STDOUT):
        return main()
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))  # a core would hold what people wrote
    modes = tty_modes.save(STDIN)
    life_read, life_write = os.pipe()
    fault_read, fault_write = os.pipe()
    gc.freeze()  # pages of what lives now stay shared
    # Nothing may arrive between fork and the handlers: the one would die, the other live on.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)
    parent = os.getpid()
    child = os.fork()
    if child:
        os.close(life_read)
        os.close(fault_write)
        try:
            return _Guardian(child, modes, fault_read, crash_folder).wait(before)
        finally:
            os.close(life_write)
    os.close(life_write)
    os.close(fault_read)
    _guardian, _lifeline = parent, life_read
    faulthandler.enable(file=fault_write)
    for number in _EXPECTED:  # until signals.py takes over: die quietly, the guardian restores
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED_ON)
    return main()


class _Guardian:
    """The parent's side."""

    def __init__(
        self, child: int, modes: tty_modes.Modes | None, faults: int, crash_folder: Callable[[], Path] | None
    ) -> None:
        self._child = child
        self._modes = modes
        self._faults = faults
        self._crash_folder = crash_folder
        self._child_is_stopped = False
        # Without a shell above us nobody would continue us: follow the child only where there is one.
        self._has_shell = os.getsid(0) != os.getpid()

    def wait(self, mask: set[int]) -> int:
        """Wait for the child's end; its exit status."""
        for number in _PASSED_ON:
            signal.signal(number, self._pass_on)
        signal.signal(signal.SIGALRM, self._kill)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask - set(_PASSED_ON))
        while True:
            _, status = os.waitpid(self._child, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                break
            self._child_is_stopped = True
            if self._has_shell:
                os.kill(os.getpid(), signal.SIGSTOP)
        self._child = 0
        signal.setitimer(signal.ITIMER_REAL, 0)
        code = os.waitstatus_to_exitcode(status)
        if code < 0 or tty_modes.save(STDIN) != self._modes:
            self._give_back(code < 0)
        if code >= 0:
            return code
        if -code not in _EXPECTED:
            self._tell(-code)
        return 128 - code

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        if not self._child:
            return
        if number == signal.SIGCONT:
            if not self._child_is_stopped:
                return  # the child wakes us too: passing that back would never end
            self._child_is_stopped = False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._child, number)
        if number in _WITH_LIMIT:
            signal.setitimer(signal.ITIMER_REAL, _LAST_WORD)

    def _kill(self, _number: int, _frame: FrameType | None) -> None:
        if self._child:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGKILL)

    def _give_back(self, died: bool) -> None:
        from cminbox.tui.terminal.give_back import give_back

        with contextlib.suppress(OSError):
            if os.tcgetpgrp(STDIN) != os.getpgrp():
                return  # in the background: the terminal is someone else's
        give_back(STDOUT, self._modes, after_cut=died)

    def _tell(self, number: int) -> None:
        name = signal.Signals(number).name if number in signal.valid_signals() else str(number)
        line = f"cminbox: the screen was ended by {name}; the terminal is restored"
        os.set_blocking(self._faults, False)
        faults = b""
        with contextlib.suppress(BlockingIOError):
            faults = os.read(self._faults, _MOST_FAULT_TEXT)
        if faults and self._crash_folder is not None:
            from cminbox.traces import describe_fault
            from cminbox.tui.terminal.crash import write_report

            report = write_report(self._crash_folder(), describe_fault(name, faults.decode("utf-8", "replace")))
            line += f", where it was is told in {report}" if report else ""
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
