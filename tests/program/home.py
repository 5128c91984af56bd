"""A home with some thirty comments, and all that can be done in it: the program's commands, screens, couriers."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from cminbox.domain.draft import Draft
from cminbox.domain.item import Item, ItemLease
from cminbox.domain.lease import ProcessLease
from cminbox.domain.outgoing import Outgoing
from cminbox.store.protocol import Reader, Tx
from cminbox.store.sqlite import open_reader, open_store
from tests.program.seat import Seat

T = TypeVar("T")
PROGRAM = Path(sys.executable).parent / "cminbox"
COMMENTS = 30
NOBODY = "sync@elsewhere:1:00"
"""A courier's lease is this one's where none is to be started."""
NOBODY_THERE = "http://127.0.0.1:9"
"""discard: nothing listens there, and a connection is refused at once."""


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


class Home:
    """A ``CMINBOX_HOME`` of a test's own. Items 1 to 30 are in the order of the inbox."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "inbox.db"
        self.config: Path | None = None
        self._seats: list[Seat] = []
        folder.mkdir(mode=0o700)

    # -- filling -------------------------------------------------------------------------------------------------------

    def comments(self, first: int, last: int, channel: str = "shop") -> None:
        """Imports comments by these numbers, with the program's own command."""
        written = self.folder.parent / f"comments-{first}-{last}.jsonl"
        written.write_text("".join(json.dumps(a_comment(number)) + "\n" for number in range(first, last + 1)), "utf-8")
        ran = self.run("import", written, "--channel", channel)
        assert (ran.code, ran.err) == (0, ""), ran

    def configure(self, text: str) -> None:
        """A config.toml, checked once, so that the screen starts from what was kept of that."""
        self.config = self.folder / "config.toml"
        self.config.write_text(text, "utf-8")
        self.config.chmod(0o600)
        assert self.run("list", "--limit", "1").code == 0

    def employ_nobody(self) -> None:
        """Screens of this home start no courier: its duty is taken, for an hour, by somebody who does not exist."""
        self.write(lambda tx: tx.take_process_lease("sync", NOBODY, 3600))

    # -- doing ---------------------------------------------------------------------------------------------------------

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "CMINBOX_HOME": str(self.folder), "HOME": str(self.folder.parent), "LOGNAME": "mina",
            "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8", **more,
        }  # fmt: skip

    def _words(self, words: Sequence[object]) -> list[str]:
        before = [] if self.config is None else ["--config", str(self.config)]
        return [str(PROGRAM), *before, *map(str, words)]

    def run(self, *words: object, **more: str) -> Ran:
        """A command, in a process of its own."""
        done = subprocess.run(
            self._words(words), env=self.environment(**more), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def seat(self, *, argv: Sequence[object] | None = None, env: dict[str, str] | None = None, **settings: Any) -> Seat:
        """Opens the screen in a pty. Closed with the home, if not before."""
        words = self._words(()) if argv is None else list(map(str, argv))
        seat = Seat(words, env=self.environment(**(env or {})), **settings)
        self._seats.append(seat)
        return seat

    def opened(self, **settings: Any) -> Seat:
        """A seat whose screen shows the inbox and has taken keys, so that it reads the store already."""
        seat = self.seat(**settings)
        seat.until("? keys")
        seat.press("j", " 2/")
        seat.press("k", " 1/")
        return seat

    # -- looking -------------------------------------------------------------------------------------------------------

    def read(self, fn: Callable[[Reader], T]) -> T:
        """Looks into the store."""
        with open_reader(self.store) as reader:
            return fn(reader)

    def write(self, fn: Callable[[Tx], T]) -> T:
        """Does something in the store, as another process would."""

        async def work() -> T:
            async with await open_store(self.store, state=self.folder) as store:
                return await store.write(fn)

        return asyncio.run(work())

    def item(self, number: int) -> Item:
        found = self.read(lambda r: r.item(number))
        assert found is not None
        return found

    def draft(self, number: int, operator: str = "mina") -> str | None:
        """The text of a draft."""
        found: Draft | None = self.read(lambda r: r.draft(number, operator))
        return None if found is None else found.text

    def lease(self, number: int) -> ItemLease | None:
        return self.read(lambda r: r.item_lease(number))

    def answers(self, number: int) -> list[Outgoing]:
        return list(self.read(lambda r: r.outgoing_of(number)))

    def courier_lease(self) -> ProcessLease | None:
        return self.read(lambda r: r.process_lease("sync"))

    def couriers(self) -> list[int]:
        """The sync processes of this home: its config file stands in their command line."""
        assert self.config is not None, "couriers are told apart by --config"
        table = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,stat=,args="], capture_output=True, text=True, check=True
        )
        rows = [line.split(maxsplit=2) for line in table.stdout.splitlines()]
        return [
            int(pid) for pid, state, words in rows
            if not state.startswith("Z") and str(self.config) in words and " sync" in words
        ]  # fmt: skip

    def said(self) -> str:
        """Everything that was written beside the store: log and crash files."""
        files = [self.folder / "cminbox.log", *(self.folder / "crash").glob("*")]
        return "".join(file.read_text("utf-8") for file in files if file.exists())

    def log_lines(self) -> list[str]:
        """The log for programmers."""
        file = self.folder / "cminbox.log"
        return file.read_text("utf-8").splitlines() if file.exists() else []

    def assert_healthy(self) -> None:
        """Store, logs and their settings are as they should be."""
        for line in self.log_lines():
            assert line.isascii() and isinstance(json.loads(line), dict), line
        verified = self.run("log", "verify")
        assert verified.code == 0, verified
        told = self.run("doctor", "--json")
        bad = [found for found in map(json.loads, told.out.splitlines()) if found["state"] == "bad"]
        assert not [found for found in bad if not found["check"].startswith("channel")], bad

    def close(self) -> None:
        """Leaves no process behind."""
        for seat in self._seats:
            seat.__exit__()
        if self.config is not None:
            for pid in self.couriers():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def a_comment(number: int) -> dict[str, Any]:
    """A comment as for ``cminbox import``; higher numbers are younger."""
    at = datetime.now(UTC) - timedelta(days=9) + timedelta(minutes=number)
    return {
        "id": f"c{number}", "text": f"This is comment {number}, and nobody has answered it yet.",
        "author": {"id": f"a{number}", "name": f"Author {number}"}, "created_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "post": {"id": "p1", "title": "The winter collection"}, "lang": "en",
    }  # fmt: skip


ISSO = f"""
[[channels]]
name = "shop"
kind = "isso"
brand = "acme"
url = "{NOBODY_THERE}"
account = "Acme"
"""
"""A channel that can send and that nobody answers."""
