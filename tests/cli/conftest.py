"""A home of its own for every test, and two ways to run a command line in it: here, and as a process."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from cminbox.__main__ import main
from cminbox.cli.logfile import LogFile


@dataclass(frozen=True)
class Ran:
    """What a command line left behind."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[Any]:
        """Standard output as JSON, an object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Run(Protocol):
    """Runs the words after ``cminbox``."""

    def __call__(self, *words: str | Path) -> Ran: ...


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in list(os.environ):
        if variable.startswith(("CMINBOX_", "XDG_", "_CMINBOX")):
            monkeypatch.delenv(variable)
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("CMINBOX_HOME", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOGNAME", "mina")
    return folder


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """In this process: quick, and what it prints is no terminal's."""

    def work(*words: str | Path) -> Ran:
        capsys.readouterr()
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    root = logging.getLogger()
    level, raising = root.level, logging.raiseExceptions
    yield work
    for handler in [handler for handler in root.handlers if isinstance(handler, LogFile)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.raiseExceptions = raising


def as_process(*words: str | Path, cwd: Path | None = None, stdin: str = "") -> Ran:
    """In a process of its own, as a user's shell would."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "cminbox", *map(str, words)],
        input=stdin, capture_output=True, text=True, cwd=cwd, check=False, timeout=60,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def write_config(home: Path, text: str, mode: int = 0o600) -> Path:
    """Puts config.toml there."""
    file = home / "config.toml"
    file.write_text(text, "utf-8")
    file.chmod(mode)
    return file


def write_comments(folder: Path, *lines: dict[str, Any] | str) -> Path:
    """A file of JSON Lines."""
    file = folder / "comments.jsonl"
    file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines), "utf-8")
    return file
