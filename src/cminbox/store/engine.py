"""Which SQLite library is used, and which journal mode is safe with it.

SQLite 3.7.0 to 3.51.2 can lose committed transactions in WAL mode when several processes write and checkpoint at once
("WAL-reset bug", fixed in 3.51.3, back in 3.50.7 and 3.44.6; sqlite.org/wal.html). Screen and courier are just that.
So the library of pysqlite3 is taken where there is a wheel, and otherwise the system's with a rollback journal, which
the bug does not touch.

Two SQLite libraries in one process must never open the same file: closing one drops the POSIX locks of the other
(sqlite.org/howtocorrupt.html, 2.2.1). Everything here therefore asks :func:`library`, and so does aiosqlite, because
the chosen module stands as ``sqlite3`` in ``sys.modules`` before aiosqlite is imported.
"""

from __future__ import annotations

import importlib
import os
import sys
from types import ModuleType

SYSTEM = "CMINBOX_SQLITE"
"""Set to ``system``, this environment variable makes the program use the SQLite that Python came with."""

_chosen: ModuleType | None = None


def library() -> ModuleType:
    """The one ``sqlite3`` module of this process; chosen at the first call."""
    global _chosen
    if _chosen is None:
        _chosen = _choose()
        sys.modules["sqlite3"] = _chosen
        sys.modules["sqlite3.dbapi2"] = importlib.import_module(f"{_chosen.__name__}.dbapi2")
    return _chosen


def _choose() -> ModuleType:
    taken = sys.modules.get("aiosqlite.core")
    if taken is not None:
        # somebody imported aiosqlite first: its library is then the only one that keeps to "never two"
        bound: ModuleType = taken.__dict__["sqlite3"]
        return bound
    if os.environ.get(SYSTEM) != "system":
        try:
            return importlib.import_module("pysqlite3")
        except ImportError:
            pass
    return importlib.import_module("sqlite3")


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this version of SQLite is without the WAL-reset bug."""
    if version >= (3, 51, 3):
        return True
    branch = version[:2]
    return (branch == (3, 50) and version >= (3, 50, 7)) or (branch == (3, 44) and version >= (3, 44, 6))


def journal_mode() -> str:
    """``wal`` where that is safe, else ``truncate``."""
    return "wal" if wal_is_safe(library().sqlite_version_info) else "truncate"


def facts() -> dict[str, str]:
    """What ``doctor`` tells about the library."""
    chosen = library()
    name = "pysqlite3" if chosen.__name__ == "pysqlite3" else "the SQLite of this Python"
    safe = wal_is_safe(chosen.sqlite_version_info)
    return {
        "engine": f"SQLite {chosen.sqlite_version} ({name})",
        "wal-reset bug": "not in this version" if safe else "in this version: a rollback journal is used instead",
    }
