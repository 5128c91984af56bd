"""Importing comments from a file: JSON Lines or CSV, packed or not, a line at a time and in bounded memory.

CONTRACT.md ("Import") gives the fields. A line that cannot be read or taken is named with its number and the reason;
the others come in. What was imported before is only changed where its text was: so a file that was cut short, or an
import that was killed, is imported again as a whole.
"""

from __future__ import annotations

import gzip
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from cminbox.courier.door import through_the_door
from cminbox.courier.ingest import Intake
from cminbox.courier.reading import BadLine, Bytes, Imported, is_header, read_csv, read_jsonl
from cminbox.courier.taking import BATCH, Taking
from cminbox.domain.errors import NotFoundError, UsageError
from cminbox.store.protocol import Store

STDIN = "-"
MOST_NAMED = 1_000
"""So many bad lines are named; the others are only counted."""
_LONG = 1 << 20
_GZIP = b"\x1f\x8b"
_LONGEST_HEADER = 1 << 16


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
    source: Path | str | Bytes,
    *,
    channel: str | None,
    done: bool = False,
    strict: bool = False,
    actor: str,
    now: datetime,
    brands: Mapping[str, str | None] | None = None,
) -> ImportReport:
    """Takes a file's comments in. ``source`` is a path, ``-`` for standard input, or an open binary stream.

    It is CSV where it is called so (``.csv``) or its first line is a header that has ``id`` and ``text``, else JSON
    Lines. ``channel`` names the channel of every line; without it each line's own ``channel`` does. ``done``:
    everything comes in as done. ``strict``: nothing is imported if a line is bad. ``brands``: channel → brand, as
    configured. ``now`` stands for the time of import. Raises NotFoundError or UsageError for a file that cannot be
    read at all, StoreError.
    """
    report = ImportReport()
    is_csv = isinstance(source, str | Path) and Path(source).name.lower().endswith((".csv", ".csv.gz"))
    importer = _Importer(store, report, actor, now, done, brands or {})
    with _opened(source) as stream:
        if not strict:
            await importer.add_all(_entries(stream, channel, is_csv))
            return report
        with _kept(stream) as copy:
            for entry in _entries(copy, channel, is_csv):
                _tried(entry, report, now)
            if not report.bad_count:
                copy.seek(0)
                await importer.add_all(_entries(copy, channel, is_csv))
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

    async def add_all(self, entries: Iterator[Imported | BadLine]) -> None:
        held = 0
        for entry in entries:
            if isinstance(entry, BadLine):
                self._report.refuse(entry.line, entry.why)
                continue
            waiting = self._waiting.setdefault(entry.channel, [])
            if entry.comment.created_at is None:
                entry = replace(entry, comment=replace(entry.comment, created_at=self._now))
            waiting.append(entry)
            held += 1
            # many channels in one file, or long texts, must not mean many half-full batches in memory
            if len(waiting) >= BATCH or held >= 4 * BATCH or len(entry.comment.text) > _LONG:
                for channel in list(self._waiting):
                    await self._take(channel)
                held = 0
        for channel in list(self._waiting):
            await self._take(channel)
        self._report.bad.sort()

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


def _entries(stream: Bytes, channel: str | None, is_csv: bool) -> Iterator[Imported | BadLine]:
    start = b""
    while b"\n" not in start and len(start) < _LONGEST_HEADER and (more := _first(stream, 1024)):
        start += more
    rest = _Prefixed(start, stream)
    if is_csv and start.strip():
        return read_csv(rest, channel)
    return read_csv(rest, channel) if is_header(start.partition(b"\n")[0]) else read_jsonl(rest, channel)


def _first(stream: Bytes, size: int) -> bytes:
    """So many bytes from the front, or all that there are; of a damaged file what can be had."""
    start = b""
    try:
        while len(start) < size and (more := stream.read(size - len(start))):
            start += more
    except (EOFError, OSError, zlib.error):
        # it shows again, with the number of the line, when that is read
        pass
    return start


class _Prefixed:
    """A stream of which the first bytes were looked at already."""

    def __init__(self, start: bytes, stream: Bytes) -> None:
        self._start = start
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        if not self._start:
            return self._stream.read(size)
        taken = self._start if size < 0 else self._start[:size]
        self._start = self._start[len(taken) :]
        return taken


@contextmanager
def _opened(source: Path | str | Bytes) -> Iterator[Bytes]:
    """The content as bytes, unpacked where it is gzip."""
    if source == STDIN:
        with open(0, "rb", closefd=False) as stdin:
            yield _unpacked(stdin)
    elif isinstance(source, str | Path):
        with _file(Path(source)) as stream:
            yield _unpacked(stream)
    else:
        yield _unpacked(source)


def _file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise NotFoundError(f"{path}: there is no such file") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def _unpacked(stream: Bytes) -> Bytes:
    start = _first(stream, len(_GZIP))
    whole = _Prefixed(start, stream)
    # reading from the front, gzip asks for nothing but read()
    return gzip.GzipFile(fileobj=cast(BinaryIO, whole), mode="rb") if start == _GZIP else whole


@contextmanager
def _kept(stream: Bytes) -> Iterator[BinaryIO]:
    """The content on disk (0600, no name, gone with the process), to be read twice."""
    with tempfile.TemporaryFile() as copy:
        while chunk := stream.read(1 << 20):
            copy.write(chunk)
        copy.seek(0)
        yield copy


__all__ = ["STDIN", "ImportReport", "import_file"]
