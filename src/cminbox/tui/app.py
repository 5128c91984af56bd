"""The app: store and screen put together, the courier looked after, and nothing typed lost at the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.screen import Screen

from cminbox.commands.base import Context
from cminbox.domain.config import Config
from cminbox.domain.errors import CminboxError
from cminbox.domain.view import view
from cminbox.store.protocol import Store
from cminbox.tui.actions import composing
from cminbox.tui.feed_model import FeedModel
from cminbox.tui.key_line import Typed
from cminbox.tui.main_screen import MainScreen
from cminbox.tui.pens import Pens
from cminbox.tui.terminal.base_app import TerminalApp
from cminbox.tui.terminal.driver import TerminalSetup
from cminbox.tui.theme import Depth, Theme
from cminbox.tui.watch import Watch

if TYPE_CHECKING:
    from cminbox.library.live import LiveLibrary

COURIER_EVERY = 3.0
"""Seconds between two looks whether a courier is there."""
COURIER_SELDOM = 300.0
"""Seconds at most, where none stays: its configuration may be broken."""

STILL_COMING = 0.03
"""Seconds for keys that were typed before a signal and that the reading thread is about to bring."""
BEFORE_THE_END = 0.7
"""Seconds for what was typed and asked for before a signal, while the screen is still there."""
AT_THE_END = 2.0
"""Seconds for what was asked for and typed to come to the disk when the app ends; a signal's own limit is three."""

CSS = """
Screen {{ layout: vertical; background: {ground}; color: {text}; layers: base overlay; }}
#body {{ layout: vertical; height: 1fr; }}
.wide #body {{ layout: horizontal; }}
#left {{ width: 1fr; height: 1fr; }}
#right {{ width: 1fr; height: 1fr; }}
.opened #left {{ height: 2fr; }}
.opened #right {{ height: 3fr; }}
.wide #left, .wide #right {{ height: 1fr; }}
#outbox {{ display: none; }}
Composer AnswerArea {{ background: {deep}; color: {bright}; }}
Composer AnswerArea .text-area--cursor {{ background: {accent}; color: {ground}; text-style: none; }}
Composer AnswerArea .text-area--selection {{ background: {lit}; }}
Picker Input, Picker Input:focus {{ background: {deep}; color: {bright}; }}
Picker Input > .input--cursor {{ background: {accent}; color: {ground}; text-style: none; }}
"""


class CminboxApp(TerminalApp, inherit_bindings=False):
    """One screen on one store. ``open_store`` is called on the app's own loop."""

    def __init__(
        self,
        setup: TerminalSetup,
        config: Config,
        theme: Theme,
        *,
        depth: Depth,
        open_store: Callable[[], Awaitable[Store]],
        library: Callable[[], LiveLibrary],
        crash_folder: Path,
        start_courier: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(setup, crash_folder, ansi_color=True)
        self.config = config
        self.pens = Pens(theme, depth)
        self.theme_file = theme
        self._open_store = open_store
        self._library = library
        self._start_courier = start_courier
        self._store: Store | None = None
        self._main: MainScreen | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.refusal: CminboxError | None = None
        """Why there is no screen: told on the terminal when it is given back."""

    def get_theme_css(self) -> str:
        """The colours of the theme in the few places that Textual draws itself."""
        pens = self.theme_file.pens
        field, text, cursor = pens["field"], pens["text"], pens["cursor"]
        return CSS.format(
            ground=text.paper.rgb,
            text=text.ink.rgb,
            deep=field.paper.rgb,
            bright=field.ink.rgb,
            accent=pens["accent"].ink.rgb,
            lit=cursor.paper.rgb,
        )

    def get_default_screen(self) -> Screen[None]:
        return Screen(id="_blank")

    async def on_mount(self) -> None:
        """Opens the store and shows the inbox; the first frame waits for it, and what was painted before stays."""
        self.stylesheet.add_source(self.get_theme_css(), read_from=("cminbox", "theme"))
        self.hold_frames()
        try:
            await self._show(await self._open_store())
        except CminboxError as refusal:
            self.refusal = refusal
            self.exit(refusal.exit_code)

    async def _show(self, store: Store) -> None:
        self._store = store
        ctx = Context(store, self.config, self.config.operator.name, self._library)
        first = FeedModel(store, view("inbox", ctx.operator).selection)
        seen = await store.read(lambda r: r.head().n)  # before the page: what comes in between is news
        await first.load_first()
        self._main = MainScreen(ctx, self.pens, first)
        await self.push_screen(self._main)
        self._tasks = [self.supervise(self._main.desk.run_jobs()), self.supervise(Watch(self._main.desk, seen).run())]
        if self._start_courier is not None:
            self._tasks.append(self.supervise(self._look_after_courier(store, self._start_courier)))
        self.call_after_refresh(self.release_frames)

    async def _look_after_courier(self, store: Store, start: Callable[[], None]) -> None:
        """Starts a courier where none is, as long as the screen is there; seldom, where none will stay."""
        pause = COURIER_EVERY
        while True:
            with contextlib.suppress(CminboxError, OSError):
                lease, now = await store.read(lambda r: (r.process_lease("sync"), r.now()))
                held = lease is not None and lease.held(now)
                pause = COURIER_EVERY if held else min(pause * 1.5, COURIER_SELDOM)
                if not held:
                    start()
            await asyncio.sleep(pause)

    def on_continued(self) -> None:
        """We were stopped: the lease on what is being written may be somebody else's by now."""
        if self._main is not None:
            desk = self._main.desk
            desk.do(lambda: composing.renew_lease(desk))

    async def on_event(self, event: events.Event) -> None:
        if self._main is not None and isinstance(event, Typed) and not event.is_forwarded:
            self._main.keyboard.line.take(event)
        else:
            await super().on_event(event)

    async def hand_on(self, event: Typed) -> None:
        """Gives a key to the widget that has the focus now."""
        await super().on_event(event)
        assert self._main is not None
        self._main.keyboard.line.follow(self.focused or self.screen, event)

    def _leave(self, status: int) -> None:
        """A signal: what was typed and asked for before it is done first, unless that takes long."""
        leave = super()._leave

        def end() -> None:
            self._stop_looking()
            leave(status)

        async def last() -> None:
            end()

        main = self._main
        if main is None or self._is_lent:
            end()
            return
        loop = asyncio.get_running_loop()  # a timer of Textual's would not run: we are called from outside of it
        loop.call_later(STILL_COMING, main.keyboard.line.finish, lambda: main.desk.do(last))
        loop.call_later(BEFORE_THE_END, end)

    def leave(self) -> None:
        """Ends well: status 0."""
        self._stop_looking()
        self.exit(0)

    def _stop_looking(self) -> None:
        """Nothing is to draw any more: the screen is about to be taken down. What was asked for is still done."""
        for task in self._tasks[1:]:
            task.cancel()

    async def on_unmount(self) -> None:
        """Writes what is typed, gives the lease back, closes the store."""
        if self._main is not None:
            for last in (self._main.desk.settled(), composing.put_down(self._main.desk)):
                with contextlib.suppress(CminboxError, TimeoutError):
                    await asyncio.wait_for(last, AT_THE_END / 2)
        for task in self._tasks:
            task.cancel()
        self.workers.cancel_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._store is not None:
            await self._store.close()
