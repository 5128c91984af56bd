"""What an operator has before them: the view, the open item, the answer being written. Actions work on it.

It reads through the store and runs commands, one after the other in the order of the keys; it decides nothing about
items: that is done in ``commands``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from cminbox.commands import marks
from cminbox.commands.base import Context
from cminbox.domain.errors import CminboxError, StoreError
from cminbox.domain.item import Status
from cminbox.domain.outgoing import UNFINISHED, ActState
from cminbox.domain.view import view
from cminbox.text.sanitize import error_line
from cminbox.tui.feed_model import FeedModel
from cminbox.tui.item_model import ItemPage, read_page
from cminbox.tui.zone import zone_of

if TYPE_CHECKING:
    from cminbox.tui.main_screen import MainScreen

Job = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Writing:
    """The answer that is being written."""

    page: ItemPage
    thread_head: int
    snippet: str | None = None
    language: str | None = None
    """Of the snippet put in last."""
    inserted: str = ""
    """The text that snippet became, so that its twin can take its place."""
    saved: str = ""
    """What of it is on disk."""


class Desk:
    """State of the screen and the ways to change it. The widgets are reached through ``screen``."""

    def __init__(self, ctx: Context, screen: MainScreen) -> None:
        self.ctx = ctx
        self.screen = screen
        self.view = "inbox"
        self.models: dict[str, FeedModel] = {}
        self.writing: Writing | None = None
        self.detached: int | None = None
        """The open item, where it was reached through its thread and not through the feed."""
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()
        self._opening = 0
        self._trouble = ""

    @property
    def zone(self) -> tzinfo:
        """The operator's time zone."""
        return zone_of(self.ctx.config.operator.timezone)

    @property
    def model(self) -> FeedModel:
        """The model of the view that shows."""
        return self.models[self.view]

    @property
    def target(self) -> int | None:
        """The item that a verb means."""
        if self.detached is not None:
            return self.detached
        return self.model.current if self.view in self.models else None

    # -- doing -----------------------------------------------------------------------------------------

    def do(self, job: Job) -> None:
        """Does it after everything that was asked for before; an expected error becomes one line."""
        self._jobs.put_nowait(job)

    def do_then(self, job: Job) -> None:
        """Does it, and keeps the keys typed meanwhile until it is done: they mean what stands there then."""
        self.screen.keyboard.hold()

        async def held() -> None:
            try:
                await job()
            finally:
                self.screen.keyboard.release()

        self.do(held)

    async def run_jobs(self) -> None:
        """Works the jobs off, as long as the screen is there."""
        while True:
            job = await self._jobs.get()
            try:
                await self.attempt(job)
            finally:
                self._jobs.task_done()

    async def attempt(self, job: Job) -> bool:
        """Runs a job; whether it went well. A refusal or a full disk is said and nothing is lost.

        Trouble with the store is said once, not at every look.
        """
        try:
            await job()
        except StoreError as trouble:
            if str(trouble) != self._trouble:
                self._trouble = str(trouble)
                self.screen.say(error_line(trouble), "alarm")
            return False
        except CminboxError as problem:
            self.screen.say(error_line(problem), "alarm")
            return False
        self._trouble = ""
        return True

    async def settled(self) -> None:
        """Everything that was asked for is done."""
        await self._jobs.join()

    # -- looking ---------------------------------------------------------------------------------------

    async def show_view(self, name: str) -> None:
        """Another view, from its beginning or where it was left."""
        known = view(name, self.ctx.operator)
        model = self.models.get(name)
        if model is None:
            model = self.models[name] = FeedModel(self.ctx.store, known.selection)
            await model.load_first()
        else:
            await model.reload()
        self.view, self.detached = name, None
        self.screen.show_model(model)

    async def show_arrivals(self) -> None:
        """Lets in what has come; the row under the cursor stays where it is."""
        arrived = set(self.model.arrived)
        await self.model.reload()
        self.screen.feed.update_all()
        await self.screen.dashboard.update()
        if arrived:
            here = self.model.window[: self.model.cursor + 1]
            above = sum(place.id in arrived for place in here)
            where = "above" if above == len(arrived) else "below" if not above else f"{above} of them above"
            self.screen.say(f"{len(arrived)} came in, {where}")

    async def extend(self) -> None:
        """Reads the next page where the cursor is near an end of what was read."""
        if await self.model.extend():
            self.screen.feed.update_all()

    async def open_item(self, item_id: int | None) -> None:
        """Reads an item for the pane; a slow reading is dropped when another was asked for meanwhile."""
        self._opening += 1
        asked = self._opening
        page = None
        if item_id is not None:
            operator, wanted = self.ctx.operator, item_id
            page = await self.ctx.store.read(lambda r: read_page(r, wanted, operator))
        if asked == self._opening:
            self.screen.item.show(page)

    async def after(self, ids: list[int]) -> None:
        """These items were changed by us: rows, feed and the open item follow."""
        model = self.model

        def still(item_id: int) -> Callable[..., bool]:
            return lambda reader: reader.place(model.selection, item_id) is not None

        for item_id in ids:
            inside = await self.ctx.store.read(still(item_id))
            if not inside:
                model.remove(item_id)
            elif all(place.id != item_id for place in model.window):
                await model.reload(keep=item_id)
        await model.count_again()
        await self.refresh_rows()
        self.screen.feed.update_all()
        await self.refresh_page()
        await self.screen.dashboard.update()

    async def refresh_rows(self) -> None:
        """Reads the rows that show again, and draws those that changed."""
        changed = await self.model.reread(self.screen.feed.showing())
        self.screen.feed.update_rows(changed)

    async def mark_seen(self, item_id: int) -> None:
        """The operator looked at it; that is not dealing with it."""
        await marks.seen(self.ctx, [item_id])
        await self.refresh_rows()

    async def refresh_page(self) -> None:
        """Reads the item again that is answered, or else the one that the keys mean now."""
        if self.screen.item_shows:
            await self.open_item(self.target if self.writing is None else self.writing.page.item.id)

    async def refresh_outbox(self) -> None:
        """What is not over, what needs a person first, and under it the newest that is live."""
        acts, live = await self.ctx.store.read(
            lambda r: (r.outbox(UNFINISHED, limit=1000), r.outbox(frozenset({ActState.LIVE}), limit=50))
        )
        order = {state: n for n, state in enumerate((ActState.UNCERTAIN, ActState.FAILED, ActState.MANUAL))}
        self.screen.outbox.show([*sorted(acts, key=lambda act: (order.get(act.state, 9), -act.id)), *live])

    def leaves_view(self, status: Status) -> bool:
        """Whether an item with that status does not belong into the view."""
        statuses = self.model.selection.statuses
        return statuses is not None and status not in statuses
