"""The store: the SQLite under it, the file, its integrity. Nothing is made, migrated or written."""

from __future__ import annotations

from collections.abc import Iterator

from cminbox.cli.examine import Finding, State
from cminbox.domain.config import Config
from cminbox.domain.errors import StoreError
from cminbox.store import engine
from cminbox.store.sqlite import open_reader, path_of
from cminbox.store.sqlite.copying import check_integrity
from cminbox.store.sqlite.filesystem import NETWORK, file_system, told_file_system


def findings(config: Config) -> Iterator[Finding]:
    """Raises StoreError where it cannot be read."""
    facts = engine.facts()
    yield Finding("sqlite", State.OK, f"{facts['engine']}; WAL-reset bug: {facts['wal-reset bug']}")
    path = path_of(config.store_url)
    folder = next((place for place in (path.parent, *path.parents) if place.is_dir()), path.parent)
    if file_system(folder) in NETWORK:
        yield Finding("store", State.BAD, f"{path}: on {told_file_system(folder)}")
    if not path.exists():
        yield Finding("store", State.OK, f"none yet ({path}): the first start makes it")
        return
    with open_reader(config.store_url) as reader:
        check_integrity(reader.db, path)
        mode = str(reader.db.execute("PRAGMA journal_mode").fetchone()[0])
    if mode == "wal" and engine.journal_mode() != "wal":
        raise StoreError(f"the store is in WAL mode, which this SQLite can lose commits in: start cminbox ({path})")
    yield Finding("store", State.OK, f"{path}: whole; journal {mode}, every commit synced")
