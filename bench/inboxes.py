"""What the terminal bench reads: inboxes of N comments and the same comments for the peers, made once and kept."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import fill
from cminbox.store.sqlite import open_reader
from peers.maildir import write_maildir, write_rc

CONFIG = '[operator]\nname = "mina"\ndisplay_name = "Mina"\n'
COURIER = "sync"
PATIENCE = 20.0
"""Seconds that a courier may take to be at work."""


def command() -> list[str]:
    """cminbox as it is installed beside this Python, else as a module."""
    installed = Path(sys.executable).with_name("cminbox")
    return [str(installed)] if installed.exists() else [sys.executable, "-P", "-m", "cminbox"]


def surroundings(home: Path) -> dict[str, str]:
    """The environment of a cminbox that lives in this folder."""
    return {"CMINBOX_HOME": str(home)}


@dataclass(frozen=True, slots=True)
class Kept:
    """The folder in which inboxes are kept between runs. What made them is part of their names."""

    root: Path

    def home(self, items: int, *, copy: str = "") -> Path:
        """A CMINBOX_HOME with an inbox of so many comments, the newest of them now."""
        home = self._place(f"home-{items}{copy}")
        if not (home / "inbox.db").exists():
            print(f"filling {home} …", file=sys.stderr)
            making = home.with_name(home.name + ".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(parents=True, mode=0o700)
            rate = asyncio.run(fill.fill(making / "inbox.db", items))
            print(f"  {rate:.0f} a second", file=sys.stderr)
            config = making / "config.toml"
            config.write_text(CONFIG, "utf-8")
            config.chmod(0o600)
            # the log's head is kept under the store's full name
            for head in making.glob("*.head"):
                head.unlink()
            making.rename(home)
        return home

    def rows(self, items: int) -> Path:
        """The same comments as lines of text, for the bare list."""
        path = self._place(f"rows-{items}.txt")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = (
                f"{item.created_at:%d %b} {item.channel:8} {item.author.name!s:16} {' '.join(item.text.split())[:300]}"
                for item in fill.comments(items)
            )
            path.write_text("\n".join(lines), "utf-8")
        return path

    def maildir(self, items: int) -> Path:
        """The same comments as a maildir; its muttrc."""
        place = self._place(f"mail-{items}")
        rc = place / "muttrc"
        if not rc.exists():
            write_maildir(place / "mail", list(fill.comments(items)))
            write_rc(rc, place / "mail")
        return rc

    def _place(self, name: str) -> Path:
        source = Path(fill.__file__).parent
        migrations = Path(sys.modules["cminbox"].__file__ or "").parent / "store" / "sqlite" / "migrations"
        digest = hashlib.sha256()
        for file in (source / "fill.py", source / "peers" / "maildir.py", *sorted(migrations.glob("*.sql"))):
            digest.update(file.read_bytes())
        return self.root / digest.hexdigest()[:10] / name


@contextlib.contextmanager
def courier(home: Path) -> Iterator[None]:
    """A sync process at work for that inbox, so that no screen starts one in the middle of a measurement."""
    words = [*command(), COURIER]
    child = subprocess.Popen(
        words, env=os.environ | surroundings(home), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        _await_lease(home)
        yield
    finally:
        child.terminate()
        try:
            child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _await_lease(home: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with open_reader(home / "inbox.db") as reader:
            lease = reader.process_lease(COURIER)
            if lease is not None and lease.held(reader.now()):
                return
        time.sleep(0.1)
    raise TimeoutError(f"no courier is at work in {home}")
