"""Bytes to the terminal without ever waiting for it.

A terminal that is not read (a sleeping laptop, a half-open SSH) takes a few kilobytes and then blocks the writer; a
closed one answers EIO. Neither may hold up the program's loop (RELIABILITY §0.6, 3.4).
"""

from __future__ import annotations

import errno
import os
import select
import threading

from cminbox.tui.terminal import tty_modes

TYPE_CHECKING = False  # not from typing: it costs 4 ms before the first paint

if TYPE_CHECKING:
    from collections.abc import Callable

_GONE = {errno.EIO, errno.EBADF, errno.ENXIO, errno.EPIPE, errno.ENODEV}
_SLICE = 256  # bytes at a time where writing can block: select() promises room for some, not for all
_LOOK_AGAIN = 0.25  # seconds; how soon a waiting thread sees that it is to end


def _nothing() -> None:
    return None


class TerminalWriter:
    """Writes at once what the terminal takes and keeps the rest for a thread, in order."""

    def __init__(self, descriptor: int) -> None:
        """``descriptor``: an open terminal. It is left as it is: not made non-blocking, not closed."""
        self.on_drained: Callable[[], None] = _nothing
        """Called, from any thread, when everything that had to wait is written."""
        self.on_gone: Callable[[], None] = _nothing
        """Called once, from any thread, when the terminal is closed."""
        self._lock = threading.RLock()  # a signal handler may write while this thread is writing
        self._left = bytearray()
        self._work = threading.Event()
        self._empty = threading.Event()
        self._empty.set()
        self._thread: threading.Thread | None = None
        self._ended = False
        self.is_gone = False
        self._own = open_again(descriptor)
        self._fd = descriptor if self._own is None else self._own

    @property
    def is_waiting(self) -> bool:
        """Whether something waits for the terminal to take it."""
        return not self._empty.is_set()

    def write(self, data: bytes) -> None:
        """Write ``data`` after all that came before. Never blocks, never raises; nothing is written once it is gone."""
        if self.is_gone or self._ended or not data:
            return
        with self._lock:
            if not self._left and self._own is not None:
                try:
                    data = data[os.write(self._own, data) :]
                except BlockingIOError:
                    pass
                except OSError as error:
                    data = b""
                    self._failed(error)
            if not data:
                return
            self._left += data
            self._empty.clear()
        self._wake()

    def drain(self, patience: float) -> bool:
        """Wait at most ``patience`` seconds until all is written. False when the terminal did not take it."""
        return self._empty.wait(patience)

    def cut(self) -> bool:
        """Throw away what waits, here and in the kernel. True when output was cut off, perhaps inside a sequence."""
        with self._lock:
            was_cut = bool(self._left)
            self._left = bytearray()
            self._empty.set()
        if was_cut:
            tty_modes.drop_written(self._fd)
        return was_cut

    def close(self) -> None:
        """End. What waits is dropped; the thread, if there is one, ends by itself."""
        self._ended = True
        self._work.set()
        with self._lock:
            self._left.clear()
            self._empty.set()
            if self._own is not None and self._thread is None:
                os.close(self._own)
                self._own = None

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="terminal-writer", daemon=True)
            self._thread.start()
        self._work.set()

    def _run(self) -> None:
        while not self._ended:
            self._work.wait()
            self._work.clear()
            while self._left and not self._ended and not self.is_gone:
                self._step()
        if self._own is not None:
            os.close(self._own)
            self._own = None

    def _step(self) -> None:
        try:
            if not select.select([], [self._fd], [], _LOOK_AGAIN)[1]:
                return
            with self._lock:
                left = self._left
                piece = bytes(left[:_SLICE]) if self._own is None else bytes(left)
                if self._own is not None and piece:
                    self._written(left, os.write(self._own, piece))
                    return
            if piece:  # without the lock: this may block, and cut() must not wait for it
                written = os.write(self._fd, piece)
                with self._lock:
                    self._written(left, written)
        except BlockingIOError:
            return
        except (OSError, ValueError) as error:
            self._failed(error)

    def _written(self, left: bytearray, count: int) -> None:
        del left[:count]
        if not self._left and self.is_waiting:
            self._empty.set()
            self.on_drained()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, OSError) and error.errno not in _GONE:
            return
        self._left.clear()
        self._empty.set()
        if not self.is_gone:
            self.is_gone = True
            self.on_gone()


def open_again(descriptor: int) -> int | None:
    """The same terminal, opened anew and non-blocking: the flag then is ours alone and not the shell's as well.

    None where it cannot be opened or is no terminal; the caller closes it.
    """
    try:
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None  # another user's terminal, as after su: the thread writes, so that only it can block
