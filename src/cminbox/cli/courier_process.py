"""Starting the sync process: its own process, its own session, nothing of the terminal in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

COURIER = "sync"
"""The name of its lease, and the word by which ``ps`` shows it."""


def usual_courier(config_file: str | None) -> CourierProcess:
    """The one of a screen. ``config_file`` is what ``--config`` named."""
    named = [] if config_file is None else ["--config", config_file]
    return CourierProcess("cminbox", *named, COURIER, "--for-screens")


class CourierProcess:
    """A courier that this process starts when asked to; it outlives us and ends when the last screen has gone.

    ``words``: the module that ``python -m`` runs, and its arguments.
    """

    def __init__(self, *words: str) -> None:
        self._words = [sys.executable, "-P", "-m", *words]
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the one that was started here is still there."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Starts one, unless the one that was started here still lives. Which of several works, its lease decides."""
        if self.is_alive:
            return
        self._child = subprocess.Popen(
            self._words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env=surroundings(os.environ),
        )

    def stop(self, patience: float = 3.0) -> None:
        """Ends the one that was started here, and waits for its end."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process that runs in another folder: places are named in full."""
    env = dict(environ)
    for variable in ("CMINBOX_HOME", "CMINBOX_TEAM"):
        if env.get(variable):
            env[variable] = _in_full(env[variable])
    if env.get("PYTHONPATH"):
        env["PYTHONPATH"] = os.pathsep.join(_in_full(entry) for entry in env["PYTHONPATH"].split(os.pathsep) if entry)
    return env


def _in_full(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 - Path.resolve would follow links
