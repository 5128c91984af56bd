"""Restoring a store from a backup, with a check first and without losing the store that was there."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cminbox.domain.errors import RefusedError, StoreError
from cminbox.domain.event import Head, NewEvent
from cminbox.domain.item import Standing, Status, answer_needs_person
from cminbox.domain.lease import ProcessLease
from cminbox.domain.outgoing import ActState
from cminbox.store.head import KeptHead
from cminbox.store.protocol import StoreNewerError, Tx
from cminbox.store.sqlite import schema
from cminbox.store.sqlite.connection import begin, errors_told, open_connection, rollback, sqlite_clock
from cminbox.store.sqlite.copying import check_integrity, put_new, sync_folder, temporary_copy, write_copy
from cminbox.store.sqlite.opening import open_writer
from cminbox.store.sqlite.outbox import COURIER
from cminbox.store.sqlite.session import SqliteReader, SqliteTx, transact

LAY_DOWN = (
    "INSERT INTO process_lease (name, owner, until, fence) VALUES (?, '', 0, ?) ON CONFLICT DO UPDATE"
    " SET owner = '', until = 0, fence = max(fence, excluded.fence)"
)
SIDE_FILES = ("", "-wal", "-shm", "-journal")


def restore(source: Path, target: Path, *, state: Path, actor: str) -> Path | None:
    """Puts a backup in the place of a store; gives where the store that was there is kept now, if there was one.

    The backup is checked first (whole, ours, not newer). Other processes that have the store open go on with what was
    restored. What the backup has queued may have been sent since: it becomes ``uncertain``, so that it is looked for
    before any second try. The log tells of all this, and the head kept outside the store is set anew.

    StoreError for a backup that cannot be used, RefusedError while a courier is at work on the store.
    """
    source, target = source.absolute(), target.absolute()
    _check(source)
    old = _standing(target)
    if old is not None and old.lease is not None:
        raise RefusedError(f"a courier ({old.lease.owner}) is at work on {target}: stop it first")
    with temporary_copy(target) as part, errors_told(target):
        with closing(open_connection(source, read_only=True)) as db, closing(open_connection(part)) as copy:
            db.backup(copy)
        head = _made_ready(part, old, actor)
        kept = _put_in_place(part, target, old)
    KeptHead.of(target, state).reset(head)
    return kept


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is known of the store that is to be replaced."""

    healthy: bool
    """Whether SQLite can read all of it."""
    lease: ProcessLease | None = None
    """The courier's, while it runs."""
    fences: dict[str, int] = field(default_factory=dict)
    head: Head | None = None


def _check(source: Path) -> None:
    known = schema.newest(schema.shipped())
    schema.check_header(source, known)
    with errors_told(source), closing(open_connection(source, read_only=True)) as db:
        if schema.identify(db, source, known) == 0:
            raise StoreError(f"this is no backup of a cminbox store: it is empty ({source})")
        check_integrity(db, source)


def _standing(target: Path) -> _Standing | None:
    if not target.exists() or target.stat().st_size == 0:
        return None
    try:
        known = schema.newest(schema.shipped())
        schema.check_header(target, known)
        with errors_told(target), closing(open_connection(target, query_only=True)) as db:
            schema.identify(db, target, known)
            reader = SqliteReader(db, sqlite_clock(db))
            lease = reader.process_lease(COURIER)
            held = lease if lease is not None and lease.held(reader.now()) else None
            return _Standing(_is_whole(db, target), held, _fences(db), reader.head())
    except StoreNewerError:
        raise
    except StoreError:
        return _Standing(healthy=False)


def _is_whole(db: Any, target: Path) -> bool:
    try:
        check_integrity(db, target)
    except StoreError:
        return False
    return True


def _made_ready(part: Path, old: _Standing | None, actor: str) -> Head:
    """Brings the copy up to date and writes down what happens; its head afterwards."""
    with closing(open_writer(part, schema.shipped(), create=False)) as db:
        nowhere = KeptHead(part.with_name(part.name + ".head"))

        def write(tx: SqliteTx) -> Head:
            restored_from = tx.head()
            _doubt_what_was_queued(tx, actor)
            # a courier that was stopped must not wake up with a fence that counts again
            for name, fence in [*_fences(db).items(), *(old.fences.items() if old else ())]:
                tx.db.execute(LAY_DOWN, (name, fence + 1))
            data: dict[str, Any] = {"backup_n": restored_from.n, "backup_hash": restored_from.hash}
            if old is not None and old.head is not None:
                data |= {"replaced_n": old.head.n, "replaced_hash": old.head.hash}
            tx.append(NewEvent("restored", actor, None, data))
            return tx.head_now

        head = transact(db, part, sqlite_clock(db), nowhere, write)
        nowhere.path.unlink(missing_ok=True)
        db.execute("PRAGMA journal_mode = DELETE")
        return head


def _fences(db: Any) -> dict[str, int]:
    return dict(db.execute("SELECT name, fence FROM process_lease").fetchall())


def _doubt_what_was_queued(tx: Tx, actor: str) -> None:
    while acts := tx.outbox(frozenset({ActState.QUEUED, ActState.SENDING})):
        for act in acts:
            tx.save_outgoing(
                replace(
                    act,
                    state=ActState.UNCERTAIN,
                    error="the store was restored from a backup: this may have been sent since",
                    first_attempt_at=act.first_attempt_at or act.queued_at,
                    last_attempt_at=act.last_attempt_at or act.queued_at,
                )
            )
            told: dict[str, Any] = {"act": act.id, "attempt": act.attempts, "reason": "restored"}
            item = tx.item(act.item)
            if item is not None:
                waits = item.removed_at is None and item.status is Status.WAITING
                after = answer_needs_person(item) if waits else item
                tx.save_item(after)
                told |= {"from": Standing.of(item).to_json(), "to": Standing.of(after).to_json()}
            tx.append(NewEvent("uncertain", actor, act.item, told))


def _put_in_place(part: Path, target: Path, old: _Standing | None) -> Path | None:
    kept = None
    if old is not None:
        kept = _unused(target, datetime.now().astimezone())
    if old is not None and kept is not None and old.healthy:
        # into the file that is there: who has it open sees the restored store, and writes into no orphan
        with closing(open_connection(target)) as db, closing(open_connection(part, read_only=True)) as new:
            write_copy(db, kept)
            # told here if somebody keeps the store locked: the copying below would wait for ever
            begin(db)
            rollback(db)
            new.backup(db)
        return kept
    if kept is not None:
        for end in SIDE_FILES:
            side = target.with_name(target.name + end)
            if side.exists():
                side.replace(kept.with_name(kept.name + end))
    put_new(part, target)
    sync_folder(target.parent)
    return kept


def _unused(target: Path, now: datetime) -> Path:
    name = f"{target.name}.replaced-{now:%Y%m%dT%H%M%S}"
    number = 0
    while (kept := target.with_name(name + (f"-{number}" if number else ""))).exists():
        number += 1
    return kept
