"""The thread that reads keys: asleep unless there is something to read, and the first to see a closed terminal."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING

from textual import constants
from textual._xterm_parser import XTermParser

from cminbox.tui.terminal.pasted import PastedApart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.message import Message

_CHUNK = 4096
_JOIN = 1.0  # seconds; select() is woken, so only a read() that another process emptied under us can take longer


class KeyReader:
    """Reads the terminal's input and hands on what it means, as Textual's messages."""

    def __init__(
        self,
        descriptor: int,
        deliver: Callable[[Message], None],
        on_gone: Callable[[], None],
        lifeline: int | None = None,
    ) -> None:
        """``on_gone`` is called in this thread when the terminal, or the process behind ``lifeline``, is no more.

        ``lifeline``: the reading end of a pipe whose other end the guardian holds (see ``guardian.py``).
        """
        self._fd = descriptor
        self._deliver = deliver
        self._on_gone = on_gone
        self._lifeline = lifeline
        self._ended = False
        self._woken, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._run, name="terminal-keys", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End reading. Keys that are not read yet stay in the terminal's queue."""
        self._ended = True
        with contextlib.suppress(OSError):
            os.write(self._wake, b".")
        if self._thread is not threading.current_thread():
            self._thread.join(_JOIN)
        if not self._thread.is_alive():
            os.close(self._wake)
            os.close(self._woken)

    def _run(self) -> None:
        parser, pasted = _parsers()
        decode = getincrementaldecoder("utf-8")("replace").decode
        watched = [self._fd, self._woken, *([] if self._lifeline is None else [self._lifeline])]
        # A lone Esc is told from the start of a sequence by time: look again once after every read, then sleep.
        soon = constants.ESCAPE_DELAY + 0.002
        timeout: float | None = None
        while not self._ended:
            try:
                ready = select.select(watched, [], [], timeout)[0]
                if self._woken in ready:
                    return
                data = os.read(self._fd, _CHUNK) if self._fd in ready else None
            except (OSError, ValueError):  # EIO, or the descriptor was closed
                data = b""
            if data == b"" or (self._lifeline is not None and self._lifeline in ready):
                self._on_gone()
                return
            try:
                self._hand_on(parser.tick() if data is None else pasted.messages(decode(data)))
            except Exception:  # whatever a terminal sends, this thread lives on
                parser, pasted = _parsers()
            timeout = None if data is None else soon

    def _hand_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._deliver(message)


def _parsers() -> tuple[XTermParser, PastedApart]:
    parser = XTermParser()
    return parser, PastedApart(parser.feed)
