from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cminbox.store.sqlite import open_store
from cminbox.store.sqlite.aio import SqliteStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await open_store(tmp_path / "inbox.db", state=tmp_path)
    yield opened
    await opened.close()
