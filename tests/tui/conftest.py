"""The screen on a real store, driven by Textual's pilot, with notifications and tooltips on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from cminbox.domain.config import ChannelConfig, Config, OperatorConfig, Places, UiConfig
from cminbox.domain.event import NewEvent
from cminbox.domain.item import Author, Item, Post
from cminbox.domain.text import Raw
from cminbox.library.live import LiveLibrary
from cminbox.shipped import shipped
from cminbox.store.protocol import Origin, Store, Tx
from cminbox.store.sqlite import open_store
from cminbox.text.sanitize import clean, line
from cminbox.tui.app import CminboxApp
from cminbox.tui.main_screen import MainScreen
from cminbox.tui.terminal.driver import TerminalSetup
from cminbox.tui.theme import load

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def config_for(home: Path, operator: str = "mina", undo: timedelta = timedelta(seconds=10)) -> Config:
    """A configuration with one channel that can send (blog) and one that is not known (import)."""
    places = Places(config=home / "config.toml", data=home, state=home, log=home / "cminbox.log",
                    snippets=home / "snippets", themes=home / "themes", keys=home / "keys")  # fmt: skip
    blog = ChannelConfig(name="blog", kind="isso", brand="acme", account="Acme", can=frozenset({"reply"}))
    who = OperatorConfig(name=operator, display_name=operator.title(), signature=f"^{operator.title()}", timezone="UTC")
    return Config(
        operator=who, store_url=str(home / "inbox.db"), places=places, channels=(blog,), ui=UiConfig(undo=undo)
    )


def a_comment(
    number: int, text: str = "", *, channel: str = "blog", author: str = "", parent: str | None = None
) -> Item:
    """A comment; the first ones are the oldest and so stand first in the inbox."""
    cleaned = clean(text or f"comment number {number}")
    name = line(author or f"author{number}")
    at = NOW - timedelta(hours=100) + timedelta(minutes=number)
    return Item(
        channel=channel, brand="acme", remote_id=f"r{number}", parent_remote_id=parent,
        author=Author(f"a{number}", name, name),
        post=Post("p1", line("The first post"), line("http://blog.example/p1")), text=cleaned.text, marks=cleaned.marks,
        lang="en", created_at=at, received_at=NOW,
    )  # fmt: skip


def adding(comments: Sequence[Item], raws: dict[str, str] | None = None) -> Callable[[Tx], list[int]]:
    """A transaction that adds comments as a courier would."""

    def work(tx: Tx) -> list[int]:
        ids = []
        for comment in comments:
            raw = (raws or {}).get(comment.remote_id, str(comment.text))
            stored = tx.add_item(comment, Origin(Raw(raw), {}))
            tx.append(NewEvent("received", "courier", stored.id))
            ids.append(stored.id)
        return ids

    return work


class Seat:
    """One operator's screen."""

    def __init__(self, app: CminboxApp, pilot: Pilot[int], store: Store) -> None:
        self.app, self.pilot, self.store = app, pilot, store

    @property
    def main(self) -> MainScreen:
        assert isinstance(self.app.screen, MainScreen)
        return self.app.screen

    async def settle(self) -> None:
        """Everything that was asked for is done and drawn."""
        for _ in range(3):
            await self.pilot.pause()
            await self.main.desk.settled()
            await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def until(self, ready: Callable[[], bool], seconds: float = 10.0) -> None:
        """Waits until something is so, with room."""
        end = datetime.now() + timedelta(seconds=seconds)
        while not ready():
            assert datetime.now() < end, f"not so after {seconds} s; the screen:\n{self.text}"
            await self.pilot.pause(0.05)

    @property
    def lines(self) -> list[str]:
        """What a person sees, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)


@pytest.fixture
def seat(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Opens a screen: ``async with seat(comments, size=(80, 24)) as s``."""

    @asynccontextmanager
    async def opened(
        comments: Sequence[Item] = (),
        *,
        size: tuple[int, int] = (80, 24),
        operator: str = "mina",
        undo: timedelta = timedelta(seconds=10),
        raws: dict[str, str] | None = None,
    ) -> AsyncIterator[Seat]:
        store = await open_store(tmp_path / "inbox.db", state=tmp_path)
        if comments:
            await store.write(adding(comments, raws))
        library = LiveLibrary((shipped("snippets"),))
        app = CminboxApp(
            TerminalSetup(), config_for(tmp_path, operator, undo), load("cminbox-dark"), depth="truecolor",
            open_store=lambda: open_store(tmp_path / "inbox.db", state=tmp_path), library=lambda: library,
            crash_folder=tmp_path / "crash",
        )  # fmt: skip
        try:
            async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
                seat = Seat(app, pilot, store)
                await seat.until(lambda: isinstance(app.screen, MainScreen))
                await seat.settle()
                yield seat
        finally:
            await store.close()

    return opened
