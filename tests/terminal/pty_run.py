"""A program in a real pty: spawn it, type, read what it writes, signal it, look at the terminal's modes.

Only the standard library, so that any test may use it; the picture is made by :mod:`tests.terminal.screen`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
APPS = Path(__file__).parent / "apps"
# Becomes the leader of a new session with the pty as its controlling terminal, then the program. SIGHUP may be ignored.
_LAUNCH = (
    "import fcntl,os,signal,sys,termios\n"
    "fcntl.ioctl(0,termios.TIOCSCTTY,0)\n"
    "if sys.argv[1]=='ignore': signal.signal(signal.SIGHUP,signal.SIG_IGN)\n"
    "os.execvp(sys.argv[2],sys.argv[2:])"
)
_PATIENCE = 20.0  # seconds; only a broken program takes so long


class PtyRun:
    """One run. Use as a context manager: it leaves no process behind."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        ignore_hangup: bool = False,
        cwd: Path | None = None,
    ) -> None:
        self.output = bytearray()
        """Everything the program wrote so far."""
        self.master, self.slave = os.openpty()
        self.resize(columns, rows)
        self.modes_before = self.modes()
        environment = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "PYTHONPATH")}
        environment |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"} | dict(env or {})
        launcher = [sys.executable, "-ISE", "-c", _LAUNCH, "ignore" if ignore_hangup else "keep", *map(str, argv)]
        self.spawned = time.monotonic()
        self.process = subprocess.Popen(
            launcher,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env=environment,
            cwd=cwd or ROOT,
            start_new_session=True,
            close_fds=True,
        )

    def __enter__(self) -> PtyRun:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_terminal()
        for pid in self.tree():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)
        self.process.wait(_PATIENCE)
        os.close(self.slave)

    @property
    def pid(self) -> int:
        """The process that was spawned."""
        return self.process.pid

    def tree(self) -> list[int]:
        """The spawned process and its descendants that are alive, parents first."""
        lines = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True)
        table = [line.split() for line in lines.stdout.splitlines()]
        parents = {int(pid): int(parent) for pid, parent, state in table if not state.startswith("Z")}
        found = [self.pid] if self.pid in parents else []
        for pid in found:
            found.extend(child for child, parent in parents.items() if parent == pid)
        return found

    @property
    def child(self) -> int:
        """The one child of the spawned process."""
        (child,) = self.tree()[1:2]
        return child

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def modes(self) -> list[Any]:
        """The terminal's modes, as tcgetattr gives them."""
        return termios.tcgetattr(self.slave)

    def send(self, keys: str | bytes) -> None:
        """Type."""
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def read(self, seconds: float) -> bytes:
        """Read until nothing has come for ``seconds``; what came."""
        start = len(self.output)
        while self._read_once(seconds):
            pass
        return bytes(self.output[start:])

    def wait_for(self, what: str | bytes | Callable[[], object], *, since: int = 0, patience: float = _PATIENCE) -> int:
        """Read until ``what`` stands in the output after byte ``since``, or is true; the length of the output then."""
        sought = what.encode() if isinstance(what, str) else what
        until = time.monotonic() + patience
        while True:
            found = bool(sought()) if callable(sought) else sought in self.output[since:]
            if found:
                return len(self.output)
            if time.monotonic() > until:
                tail = bytes(self.output[-800:])
                raise AssertionError(f"not seen within {patience} s: {what!r}; the output ends with {tail!r}")
            self._read_once(0.02)

    def exit_status(self, patience: float = _PATIENCE, *, reading: bool = True) -> int:
        """Wait for the end; the status, negative for a signal. ``reading``: go on reading what it writes meanwhile."""
        until = time.monotonic() + patience
        while self.process.poll() is None:
            if time.monotonic() > until:
                raise AssertionError(f"still running after {patience} s; it wrote {bytes(self.output[-400:])!r}")
            if reading and self.master >= 0:
                self._read_once(0.02)
            else:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(0.02)
        if reading and self.master >= 0:
            self.read(0.05)
        return self.process.returncode

    def signal(self, number: int, pid: int | None = None) -> None:
        """Send a signal, to the spawned process unless another is named."""
        os.kill(self.pid if pid is None else pid, number)

    def close_terminal(self) -> None:
        """Close the terminal, as when its window is closed."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def _read_once(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        data = os.read(self.master, 65536)
        self.output += data
        return bool(data)
