"""A home of its own for every test, and the ways to write and load a configuration there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cminbox.commands.table import COMMANDS
from cminbox.domain.channel import KindFacts
from cminbox.domain.config import Config, Places
from cminbox.places import find_places
from cminbox.settings.load import load

FACTS = {
    "isso": KindFacts(
        kind="isso", title="Isso", can=frozenset({"reply"}), max_length=65535, min_length=3,
        options={"uris": "list of str: pages", "email": "str: shown to nobody", "moderated": "bool: held back",
                 "quiet": "int: seconds", "pause": "duration: between two pages", "share": "float: of all"},
    ),
    "demo": KindFacts(kind="demo", title="Demo", can=frozenset({"reply"}), needs_url=False),
    "mastodon": KindFacts(kind="mastodon", title="Mastodon", can=frozenset({"reply", "like"}), needs_token=True),
}  # fmt: skip
Load = Callable[..., Config]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in list(os.environ):
        if variable.startswith(("CMINBOX_", "XDG_")):
            monkeypatch.delenv(variable)
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("CMINBOX_HOME", str(folder))
    monkeypatch.setenv("LOGNAME", "mina")
    return folder


@pytest.fixture
def places(home: Path) -> Places:
    return find_places()


@pytest.fixture
def loaded(home: Path) -> Load:
    """Writes config.toml (0600 unless told otherwise) and loads it."""

    def work(text: str | None, *, mode: int = 0o600, must_exist: bool = False) -> Config:
        if text is not None:
            file = home / "config.toml"
            file.write_text(text, "utf-8")
            file.chmod(mode)
        return load(find_places(), FACTS, [entry.id for entry in COMMANDS], must_exist=must_exist).config

    return work
