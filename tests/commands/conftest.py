"""A real SQLite store in a temporary folder, two operators, and a clock that stands still until it is told to go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from cminbox.commands.base import Context
from cminbox.library.live import LiveLibrary
from cminbox.store.sqlite import open_store
from cminbox.store.sqlite.aio import SqliteStore
from tests.commands.desk import Clock, Desk, config


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def snippets(tmp_path: Path) -> Path:
    """A small library of its own: what the shipped one says is for tests/library."""
    folder = tmp_path / "snippets"
    folder.mkdir()
    (folder / "money.toml").write_text(
        """[refund-late]
title = "Refund has not arrived"
tags = ["refund", "money"]
intents = ["complaint"]
review = 2027-03-01
text.en = "Hello {author}, we are sorry. {signature}"
text.de = "Hallo {author}, das tut uns leid. {signature}"

[thanks]
title = "Thank you"
text.en = "Thank you, {author}!"
""",
        "utf-8",
    )
    return folder


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[SqliteStore]:
    opened = await open_store(tmp_path / "data" / "inbox.db", state=tmp_path / "state", clock=clock)
    yield opened
    await opened.close()


@pytest.fixture
def ctx(store: SqliteStore, clock: Clock, snippets: Path, tmp_path: Path) -> Context:
    """Mina's."""
    library = LiveLibrary((snippets,))
    return Context(store, config(tmp_path), "mina", lambda: library, clock)


@pytest.fixture
def bob(ctx: Context) -> Context:
    return replace(ctx, operator="bob")


@pytest.fixture
def desk(ctx: Context) -> Desk:
    return Desk(ctx.store)
