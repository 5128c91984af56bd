"""Importing comments from a file: JSON Lines or CSV, packed or not, a line at a time and in bounded memory.

CONTRACT.md ("Import") gives the fields. A line that cannot be read or taken is named with its number and the reason;
the others come in. What was imported before is only changed where its text was: so a file that was cut short, or an
import that was killed, is imported again as a whole.
"""

from __future__ import annotations

import gzip
import io
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from cminbox.channels.base import Comment
from cminbox.courier.door import through_the_door
from cminbox.courier.ingest import Intake
from cminbox.courier.reading import BadLine, Imported, read_csv, read_jsonl
from cminbox.courier.taking import BATCH, Taking
from cminbox.domain.errors import NotFoundError, UsageError
from cminbox.store.protocol import Store

STDIN = "-"
MOST_NAMED = 1_000
"""So many bad lines are named; the others are only counted."""
_GZIP = b"\x1f\x8b"


@dataclass(slots=True)
class ImportReport:
    """What came of a file."""

    added: int = 0
    edited: int = 0
    unchanged: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)
    """(line, why), the first thousand of them in the order of the file."""
    bad_count: int = 0

    def refuse(self, line: int, why: str) -> None:
        """Names a bad line."""
        self.bad_count += 1
        if len(self.bad) < MOST_NAMED:
            self.bad.append((line, why))


async def import_file(
    store: Store,
    source: Path | str | BinaryIO,
    *,
    channel: str | None,
    done: bool = False,
    strict: bool = False,
    actor: str,
    now: datetime,
    brands: Mapping[str, str | None] | None = None,
) -> ImportReport:
    """Takes a file's comments in. ``source`` is a path, ``-`` for standard input, or an open binary stream.

    ``channel`` names the channel of every line; without it each line's own ``channel`` does. ``done``: everything comes
    in as done. ``strict``: nothing is imported if a line is bad. ``brands``: channel → brand, as configured. ``now``
    stands for the time of import. Raises NotFoundError or UsageError for a file that cannot be read at all, StoreError.
    """
    report = ImportReport()
    with _opened(source) as stream:
        if strict:
            stream = _kept(stream)
            for entry in _entries(stream, channel):
                _tried(entry, report, now)
            if report.bad_count:
                return report
            stream.seek(0)
        importer = _Importer(store, report, actor, now, done, brands or {})
        for entry in _entries(stream, channel):
            await importer.add(entry)
        await importer.flush()
    report.bad.sort()
    return report


class _Importer:
    """Collects lines into batches of one channel each."""

    def __init__(
        self,
        store: Store,
        report: ImportReport,
        actor: str,
        now: datetime,
        done: bool,
        brands: Mapping[str, str | None],
    ) -> None:
        self._store = store
        self._report = report
        self._actor = actor
        self._now = now
        self._done = done
        self._brands = brands
        self._waiting: dict[str, list[Imported]] = {}
        self._intakes: dict[str, Intake] = {}

    async def add(self, entry: Imported | BadLine) -> None:
        if isinstance(entry, BadLine):
            self._report.refuse(entry.line, entry.why)
            return
        waiting = self._waiting.setdefault(entry.channel, [])
        waiting.append(entry)
        # many channels in one file must not mean many half-full batches in memory
        if len(waiting) >= BATCH or sum(map(len, self._waiting.values())) >= 4 * BATCH:
            await self._take(entry.channel)

    async def flush(self) -> None:
        for channel in list(self._waiting):
            await self._take(channel)

    async def _take(self, channel: str) -> None:
        entries = self._waiting.pop(channel)
        intake = self._intakes.setdefault(
            channel,
            Intake(channel=channel, brand=self._brands.get(channel), actor=self._actor, settled=self._done),
        )
        taking = Taking(
            store=self._store, intake=intake, refused=lambda place, why: self._report.refuse(entries[place].line, why)
        )
        tally = await taking.take([entry.comment for entry in entries])
        self._report.added += tally.added
        self._report.edited += tally.edited
        self._report.unchanged += tally.unchanged + tally.ours + tally.awaited


def _tried(entry: Imported | BadLine, report: ImportReport, now: datetime) -> None:
    """For ``strict``: everything that can be known of a line without writing it."""
    if isinstance(entry, BadLine):
        report.refuse(entry.line, entry.why)
        return
    try:
        through_the_door(entry.comment, entry.channel, None, now)
    except (ValueError, TypeError, OverflowError) as error:
        report.refuse(entry.line, f"cannot be taken in ({type(error).__name__})")


def _entries(stream: BinaryIO, channel: str | None) -> Iterator[Imported | BadLine]:
    start = stream.read(1024)
    rest = _Prefixed(start, stream)
    head = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head or head[:1] in (b"{", b"["):
        return read_jsonl(rest, channel)
    if b"," in head or b";" in head or b"\t" in head:
        return read_csv(rest, channel)
    # neither: its lines are named one by one, as of a file of JSON Lines
    return read_jsonl(rest, channel)


class _Prefixed(io.RawIOBase):
    """A stream of which the first bytes were looked at already."""

    def __init__(self, start: bytes, stream: BinaryIO) -> None:
        self._start = start
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed: WriteableBuffer
        chunk = self._start[: len(buffer)] or self._stream.read(len(buffer))
        self._start = self._start[len(chunk) :]
        buffer[: len(chunk)] = chunk
        return len(chunk)


@contextmanager
def _opened(source: Path | str | BinaryIO) -> Iterator[BinaryIO]:
    """The content as bytes, unpacked where it is gzip."""
    if isinstance(source, str) and source == STDIN:
        with open(0, "rb", closefd=False) as stdin:
            yield _unpacked(stdin)
    elif isinstance(source, str | Path):
        try:
            stream = Path(source).open("rb")
        except FileNotFoundError:
            raise NotFoundError(f"{source}: there is no such file") from None
        except OSError as error:
            raise UsageError(f"{source}: {error.strerror}") from None
        with stream:
            if Path(source).is_dir():
                raise UsageError(f"{source}: is a folder")
            yield _unpacked(stream)
    else:
        yield _unpacked(source)


def _unpacked(stream: BinaryIO) -> BinaryIO:
    start = stream.read(2)
    whole = io.BufferedReader(_Prefixed(start, stream), 1 << 16)
    return gzip.GzipFile(fileobj=whole, mode="rb") if start == _GZIP else whole  # type: ignore[return-value]


def _kept(stream: BinaryIO) -> BinaryIO:
    """The content on disk (0600, no name, gone with the process), to be read twice."""
    copy = tempfile.TemporaryFile()
    shutil.copyfileobj(stream, copy, 1 << 20)
    copy.seek(0)
    return copy  # type: ignore[return-value]


__all__ = ["STDIN", "Comment", "ImportReport", "import_file"]
