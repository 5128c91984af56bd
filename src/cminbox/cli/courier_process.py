"""Starting the sync process: its own process, its own session, nothing of the terminal in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from time import monotonic

COURIER = "sync"
"""The name of its lease, and the word by which ``ps`` shows it."""

STARTS_WITHIN = 10.0
"""Seconds after which one that lives and does no work (it was stopped) no longer stands in another's way. No longer
than its lease runs, so that one that is stopped as soon as it works is followed as soon as that is over."""
MOST = 2
"""So many may live at once; of more that do no work the oldest is ended, with the signal that a stopped process obeys
too. A courier may be killed at any moment: what it was at is read back by the next."""


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
        self._children: list[subprocess.Popen[bytes]] = []
        self._started = float("-inf")

    @property
    def is_alive(self) -> bool:
        """Whether one that was started here is still there."""
        return any(child.poll() is None for child in self._children)

    def start(self) -> None:
        """Starts one, unless one that was started here is about to work. Which of several does, its lease decides.

        To be called whenever no courier is at work, however many were started before.
        """
        self._children = [child for child in self._children if child.poll() is None]
        if self._children and monotonic() - self._started < STARTS_WITHIN:
            return
        while len(self._children) >= MOST:
            idle = self._children.pop(0)
            idle.kill()
            idle.wait()
        self._started = monotonic()
        self._children.append(
            subprocess.Popen(
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
                env=surroundings(os.environ),
            )
        )

    def stop(self, patience: float = 3.0) -> None:
        """Ends what was started here, and waits for its end."""
        for child in self._children:
            child.terminate()
        for child in self._children:
            try:
                child.wait(patience)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


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
