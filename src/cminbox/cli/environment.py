"""What a command line is given: places, configuration, store, library; each made when it is first asked for."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from cminbox.places import find_places

if TYPE_CHECKING:
    from cminbox.commands.base import Context
    from cminbox.domain.channel import KindFacts
    from cminbox.domain.config import Config, Places
    from cminbox.library.live import LiveLibrary
    from cminbox.store.protocol import Reader, Tx
    from cminbox.store.sqlite.aio import SqliteStore

T = TypeVar("T")


class Environment:
    """The surroundings of one command. ``config_file`` is what stood after ``--config``."""

    def __init__(self, config_file: str | None = None) -> None:
        self.config_file = config_file

    @cached_property
    def places(self) -> Places:
        """Where things lie; from the environment and ``--config``, before any configuration is read."""
        return find_places(self.config_file)

    @cached_property
    def config(self) -> Config:
        """The checked configuration. Raises UsageError, a line a mistake."""
        from cminbox.cli.config import for_command

        return for_command(self.places, must_exist=self.config_file is not None)

    @cached_property
    def facts(self) -> dict[str, KindFacts]:
        """What is known of each kind of channel."""
        from cminbox.channels.registry import facts

        return facts()

    @property
    def before_command(self) -> list[str]:
        """The words that give another process of ours the same surroundings."""
        return [] if self.config_file is None else ["--config", str(self.places.config)]

    @contextlib.asynccontextmanager
    async def open_store(self, *, create: bool = True) -> AsyncIterator[SqliteStore]:
        """The store, for as long as it is needed. Raises StoreError."""
        from cminbox.store.sqlite import open_store

        store = await open_store(self.config.store_url, state=self.places.state, create=create)
        try:
            yield store
        finally:
            await store.close()

    @contextlib.asynccontextmanager
    async def context(self) -> AsyncIterator[Context]:
        """What the commands of the table get; the store is opened when the first of them looks into it."""
        from cminbox.commands.base import Context

        store = LateStore(self)
        try:
            yield Context(
                store=store, config=self.config, operator=self.config.operator.name, library=lambda: self.library
            )  # fmt: skip
        finally:
            await store.close()

    @cached_property
    def library(self) -> LiveLibrary:
        """The snippets."""
        from cminbox.cli.library import snippet_folders
        from cminbox.library.live import LiveLibrary

        return LiveLibrary(snippet_folders(self.config))


class LateStore:
    """A :class:`cminbox.store.protocol.Store` that is opened at the first look: ``keys`` or ``snippets`` need none, and
    must not make one."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._stack = contextlib.AsyncExitStack()
        self._store: SqliteStore | None = None

    async def opened(self) -> SqliteStore:
        """The store itself."""
        if self._store is None:
            self._store = await self._stack.enter_async_context(self._environment.open_store())
        return self._store

    async def read(self, fn: Callable[[Reader], T]) -> T:
        """As in the protocol."""
        return await (await self.opened()).read(fn)

    async def write(self, fn: Callable[[Tx], T]) -> T:
        """As in the protocol."""
        return await (await self.opened()).write(fn)

    async def version(self) -> int:
        """As in the protocol."""
        return await (await self.opened()).version()

    async def verify(self) -> str | None:
        """As in the protocol."""
        return await (await self.opened()).verify()

    async def backup(self, target: str) -> None:
        """As in the protocol."""
        await (await self.opened()).backup(target)

    def facts(self) -> dict[str, str]:
        """As in the protocol; nothing while it is not open."""
        return {} if self._store is None else self._store.facts()

    async def close(self) -> None:
        """Closes it, if it was opened."""
        self._store = None
        await self._stack.aclose()


def arguments_of(given: dict[str, Any]) -> dict[str, Any]:
    """Arguments as ``run`` functions take them: ``-`` in names is ``_``, and what was not given is left out."""
    return {name.replace("-", "_"): value for name, value in given.items() if value is not None and name != "json"}
