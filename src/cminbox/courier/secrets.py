"""Where a channel's secret comes from. It lives in this process only, and in no log, error or child's environment.

A command is run as aerc, mbsync and msmtp do it: its words and no shell, nothing on its standard input, a session of
its own (so that it cannot ask on the terminal), ten seconds, first line only.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import stat
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from cminbox.domain.config import ChannelConfig, SecretSource
from cminbox.domain.errors import CminboxError

PATIENCE = 10.0
"""Seconds that a command may take."""
FETCHED: set[str] = set()
"""Every secret that was fetched in this process, forgotten ones too: the log takes their exact values out."""
_LONGEST = 64 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class SecretError(CminboxError):
    """The secret could not be had; the message says what to do and holds nothing of it."""

    exit_code = 2


class Secrets:
    """The secrets of all channels, each fetched when first needed and kept until :meth:`forget`.

    ``inline`` reads a token that stands in the config file itself (:func:`cminbox.settings.inline.read_inline`).
    """

    def __init__(self, channels: Iterable[ChannelConfig], inline: Callable[[Path, str], str] | None = None) -> None:
        self._inline = inline
        self._sources = {channel.name: channel.token for channel in channels}
        self._known: dict[str, str] = {}
        # out of the environment at once, before any child could inherit it (/proc/PID/environ, RELIABILITY.md 4)
        self._env = {
            source.env: os.environ.pop(source.env, None) for source in self._sources.values() if source and source.env
        }

    async def of(self, channel: str) -> str | None:
        """The channel's secret, or None where it has none. Raises SecretError."""
        source = self._sources.get(channel)
        if source is None:
            return None
        if channel not in self._known:
            self._known[channel] = await asyncio.to_thread(self._fetch, source)
            FETCHED.add(self._known[channel])
        return self._known[channel]

    def forget(self, channel: str) -> None:
        """It was refused: fetched anew next time, since a command or file may give another by then."""
        self._known.pop(channel, None)

    def _fetch(self, source: SecretSource) -> str:
        if source.command is not None:
            return _of_command(source.command)
        if source.file is not None:
            return _of_file(source.file)
        if source.inline_in is not None and self._inline is not None:
            return _checked(self._inline(*source.inline_in), "the token in the config file is empty")
        return _checked(self._env.get(source.env or "") or "", f"the environment variable {source.env} is not set")


def _of_file(file: Path) -> str:
    """The first line of a file that nobody else can read."""
    try:
        fd = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        raise SecretError(f"token_file {file}: {error.strerror}") from None
    with os.fdopen(fd, "rb") as stream:
        # asked of what was opened, not of the name: a link could be turned in between
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise SecretError(f"token_file {file}: not a file")
        if found.st_mode & _OTHERS:
            raise SecretError(f"token_file {file} can be read by others: chmod 600 {shlex.quote(str(file))}")
        content = stream.read(_LONGEST)
    return _first_line(content, f"token_file {file} is empty")


def _of_command(command: tuple[str, ...]) -> str:
    """The first line that the command prints. What it says on stderr is not repeated: it may hold anything."""
    name = shlex.quote(command[0]) if command else ""
    try:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except (OSError, ValueError, IndexError) as error:
        why = error.strerror if isinstance(error, OSError) else "no such command"
        raise SecretError(f"token_command {name}: {why}; check it in a shell") from None
    try:
        output, _ = child.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise SecretError(f"token_command {name} took longer than {PATIENCE:g} s: does it ask for something?") from None
    finally:
        _end(child)
    if child.returncode != 0:
        raise SecretError(f"token_command {name} failed (status {child.returncode}): check it in a shell")
    return _first_line(output[:_LONGEST], f"token_command {name} printed nothing")


def _end(child: subprocess.Popen[bytes]) -> None:
    """Nothing of it is left behind, children of its own included."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdout is not None:
        child.stdout.close()


def _first_line(content: bytes, otherwise: str) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise SecretError("the token is not text in UTF-8") from None
    return _checked(text.partition("\n")[0].rstrip("\r"), otherwise)


def _checked(secret: str, otherwise: str) -> str:
    if not secret.strip():
        raise SecretError(otherwise)
    if not secret.isprintable():
        raise SecretError("the token holds a control character")
    return secret
