"""A real SQLite store in a temporary folder, with a clock that the test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cminbox.store.sqlite import open_store
from cminbox.store.sqlite.aio import SqliteStore
from tests.store.making import NOW


class Clock:
    """Stands still until it is told to go."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def go(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "data" / "inbox.db"


@pytest.fixture
async def store(place: Path, tmp_path: Path, clock: Callable[[], datetime]) -> AsyncIterator[SqliteStore]:
    opened = await open_store(place, state=tmp_path / "state", clock=clock)
    yield opened
    await opened.close()
