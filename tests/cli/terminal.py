"""A program in a pseudo-terminal: what it writes, what is typed, how it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

PATIENCE = 30.0


class Terminal:
    """``cminbox WORDS`` on a terminal of 80x24. What it writes is read whenever something is waited for."""

    def __init__(self, words: list[str], env: Mapping[str, str]) -> None:
        self.out = b""
        self.code: int | None = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            command = [sys.executable, "-P", "-m", "cminbox", *words]
            os.execve(command[0], command, {"TERM": "xterm-256color", **env})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def wait_for(self, what: Callable[[], object]) -> None:
        """Reads until it holds. AssertionError with the output where it does not in time."""
        until = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < until, self.out[-2000:]
            self._read(0.05)

    def wait_for_text(self, text: str) -> None:
        self.wait_for(lambda: text.encode() in self.out)

    def type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def wait_for_end(self) -> int:
        """The exit status as a shell would tell it."""
        self.wait_for(self._ended)
        assert self.code is not None
        return self.code

    def hang_up(self) -> None:
        """The terminal goes away."""
        os.close(self.fd)
        self.fd = -1

    def close(self) -> None:
        if not self._ended():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        if self.fd >= 0:
            os.close(self.fd)

    def _ended(self) -> bool:
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                self.code = code if code >= 0 else 128 - code
                while self._read(0):
                    pass
        return self.code is not None

    def _read(self, seconds: float) -> bool:
        if self.fd < 0:
            time.sleep(seconds)
            return False
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # Linux says EIO when nobody has the other side open any more
            return False
        self.out += data
        return bool(data)


@contextlib.contextmanager
def terminal(*words: str | Path, **variables: str) -> Iterator[Terminal]:
    """The program, ended at the end."""
    env = {**os.environ, **variables}
    for size in ("COLUMNS", "LINES"):
        env.pop(size, None)
    opened = Terminal([str(word) for word in words], env)
    try:
        yield opened
    finally:
        opened.close()


def processes(mark: str) -> list[str]:
    """The command lines of living processes whose command line or environment holds the mark."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                command = (folder / "cmdline").read_bytes()
                if command and mark.encode() in command + (folder / "environ").read_bytes():
                    found.append(command.replace(b"\0", b" ").decode("utf-8", "replace").strip())
    return found
