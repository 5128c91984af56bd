"""A person at the program: a pty with a little terminal behind it, so that tests can wait for what stands there."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Sequence
from typing import Any

from tests.terminal.pty_run import PtyRun
from tests.terminal.screen import Cell, Screen

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
_CUT_SHORT = re.compile("\x1b(?:\\[[?<>=]?[0-9;]*[ -/]*|\\][^\x07\x1b]*\x1b?)?$")
_CANCELLED = re.compile("\x1b(?:\\[[?<>=]?[0-9;]*)?\x18")  # CAN ends a sequence that was cut off
_SWITCH = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
PATIENCE = 20.0
"""Seconds; only a broken program takes so long."""


class Seat(PtyRun):
    """One run of the program in a pty, with the picture that a terminal would show.

    ``beside``: other seats that are read too while this one waits, as other people's terminals would be.
    """

    def __init__(self, argv: Sequence[Any], **settings: Any) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._pending = ""
        self._inside = False
        self._size = (settings.get("columns", 80), settings.get("rows", 24))
        self.screen = Screen(*self._size)
        self.outside = ""
        """What stands on the main screen: what came outside of the alternate one."""
        self.beside: list[Seat] = []
        super().__init__(argv, **settings)

    def resize(self, columns: int, rows: int) -> None:
        """Another size; what stood there is gone, as in the harshest of terminals."""
        super().resize(columns, rows)
        if (columns, rows) != self._size:
            self._size = (columns, rows)
            self.screen = Screen(columns, rows)

    # -- reading -------------------------------------------------------------------------------------------------------

    def _read_once(self, seconds: float) -> bool:
        everyone = [seat for seat in (self, *self.beside) if seat.master >= 0]
        ready = select.select([seat.master for seat in everyone], [], [], seconds)[0]
        for seat in everyone:
            if seat.master in ready:
                try:
                    data = os.read(seat.master, 65536)
                except OSError:  # EIO: nobody has the other end any more
                    continue
                seat.output += data
                seat._show(data)
        return self.master in ready

    def _show(self, data: bytes) -> None:
        self._pending += self._decode(data)
        self._pending = _CANCELLED.sub("", self._pending)
        cut = _CUT_SHORT.search(self._pending)
        whole, self._pending = (self._pending, "") if cut is None else _parted(self._pending, cut.start())
        while whole:
            before, mark, after = whole.partition(LEAVE if self._inside else ENTER)
            if self._inside:
                self.screen.feed(before + mark)
            else:
                self.outside += before.replace("\x1b[?25h", "")
                self.screen.feed(mark)
            self._inside ^= bool(mark)
            whole = after

    # -- looking -------------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return self.screen.text()

    @property
    def lines(self) -> list[str]:
        """Line by line."""
        return self.screen.lines()

    def until(self, ready: str | Callable[[], object], patience: float = PATIENCE) -> float:
        """Reads until this text stands on the screen, or this is so; the seconds that it took."""
        begin = time.monotonic()
        while not (ready in self.text if isinstance(ready, str) else ready()):
            assert time.monotonic() - begin < patience, f"not so after {patience} s: {ready!r}\n{self._told()}"
            if not self._read_once(0.01) and isinstance(ready, str):
                assert self.process.poll() is None, f"{ready!r} will never come\n{self._told()}"
        return time.monotonic() - begin

    def quiet(self, seconds: float = 0.25, patience: float = PATIENCE) -> Seat:
        """Reads until nothing has come for a while."""
        end = time.monotonic() + patience
        while self._read_once(seconds):
            assert time.monotonic() < end, f"never quiet\n{self._told()}"
        return self

    def press(self, keys: str, then: str | Callable[[], object]) -> float:
        """Types, and waits for what comes of it."""
        self.send(keys)
        return self.until(then)

    def picture(self) -> list[list[Cell]]:
        """The cells of the screen, without the line of messages at the bottom."""
        return self.screen.picture()[:-1]

    def _told(self) -> str:
        state = "alive" if self.process.poll() is None else f"ended with {self.process.returncode}"
        return f"{state}; the screen:\n{self.text}\noutside: {self.outside[-500:]!r}"

    # -- ending --------------------------------------------------------------------------------------------------------

    def end(self, number: int, pid: int | None = None, *, reading: bool = True, patience: float = 8.0) -> float:
        """Sends a signal and waits for the end; the seconds that it took. ``exit_status`` gives the status."""
        begin = time.monotonic()
        self.signal(number, pid)
        self.exit_status(patience, reading=reading)
        took = time.monotonic() - begin
        print(f"gone {took:.2f} s after {signal.Signals(number).name}")
        return took

    def assert_terminal_restored(self) -> None:
        """Modes as before, main screen, cursor on, wrapping on; paste, mouse, keyboard protocol, bidi as they were."""
        assert self.modes() == self.modes_before
        output = bytes(self.output)
        on = {b"7", b"25"}
        for numbers, switch in _SWITCH.findall(output):
            (on.update if switch == b"h" else on.difference_update)(numbers.split(b";"))
        assert on == {b"7", b"25"}
        for pushed, popped in ((b"\x1b[>1u", b"\x1b[<u"), (b"\x1b[8l", b"\x1b[8h")):
            assert output.rfind(popped) > output.rfind(pushed), f"{popped!r} does not follow {pushed!r}"
        assert not self._inside


def _parted(text: str, at: int) -> tuple[str, str]:
    return text[:at], text[at:]


def is_alive(pid: int) -> bool:
    """Whether this process runs; a zombie does not."""
    return state_of(pid) not in ("", "Z")


def state_of(pid: int) -> str:
    """The letter by which ps shows its state; empty where there is none."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip()[:1]


def wait_until(ready: Callable[[], object], what: str, patience: float = PATIENCE) -> float:
    """Waits until something outside of any screen is so; the seconds that it took."""
    begin = time.monotonic()
    while not ready():
        assert time.monotonic() - begin < patience, f"not so after {patience} s: {what}"
        time.sleep(0.02)
    return time.monotonic() - begin
