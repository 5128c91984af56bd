"""The one screen: it composes the widgets, routes keys to actions, and shows what it is told. It decides nothing."""

from __future__ import annotations

import os
import shlex
import tempfile
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.timer import Timer

from cminbox.commands.base import Context, Where
from cminbox.domain.outgoing import UNFINISHED, ActState
from cminbox.tui import layout, status
from cminbox.tui.actions import ACTIONS, composing
from cminbox.tui.desk import Desk
from cminbox.tui.feed_model import FeedModel
from cminbox.tui.keymap import Continuation, Keymap, Pressed, normal
from cminbox.tui.overview import Overview, read_overview
from cminbox.tui.pens import Pens
from cminbox.tui.runs import Line, Run, own
from cminbox.tui.watch import Changes
from cminbox.tui.widgets.bars import Bar, Rule
from cminbox.tui.widgets.composer import AnswerArea, Composer
from cminbox.tui.widgets.feed import Feed
from cminbox.tui.widgets.help_panel import HelpPanel
from cminbox.tui.widgets.item_pane import ItemPane
from cminbox.tui.widgets.outbox_list import OutboxList
from cminbox.tui.widgets.picker import Picker

if TYPE_CHECKING:
    from cminbox.tui.app import CminboxApp

SAVE_AFTER = 0.4
"""Seconds of a typing pause until the draft is written."""
SAVE_AT_LATEST = 2.0
HINT_AFTER = 0.4
REST = 0.08
"""Seconds the cursor rests before the open item follows it: a held key reads nothing."""
SEEN_AFTER = 1.5
"""Seconds an item stands open until it counts as seen."""
NEWS = {"live": ("the answer to {item} is live", ""), "failed": ("the answer to {item} failed: {why} (O)", "alarm"),
        "uncertain": ("the answer to {item} is uncertain: it may stand there or not (O)", "alarm")}  # fmt: skip


class MainScreen(Screen[None], inherit_bindings=False):
    """Feed, item, composer, outbox, bars."""

    AUTO_FOCUS = None

    def __init__(self, ctx: Context, pens: Pens, first: FeedModel | None = None) -> None:
        super().__init__()
        self.desk = Desk(ctx, self)
        self.pens = pens
        self.keymap = Keymap(ctx.config.keys)
        self.overview = Overview({}, (), {}, None)
        self._first = first
        self._configured = tuple(channel.name for channel in ctx.config.channels)
        zone, clock = self.desk.zone, ctx.clock
        self.top = Bar(pens, id="top")
        self.feed = Feed(pens, me=ctx.operator, zone=zone, clock=clock)
        self.outbox = OutboxList(pens, zone=zone, clock=clock)
        self.item = ItemPane(pens, zone=zone, clock=clock)
        self.composer = Composer(pens)
        self.bottom = Bar(pens, id="bottom")
        self.message = Bar(pens, id="message", ground="text")
        self.help = HelpPanel(pens)
        self.picker = Picker(pens)
        self._held: list[events.Key] | None = None
        for widget in (self.feed, self.outbox, self.item):
            widget.route = self.route
        self.composer.area.route = self.route
        self._save_timer: Timer | None = None
        self._unsaved_since: float | None = None
        self._hint_timer: Timer | None = None
        self._rest_timer: Timer | None = None
        self._seen_timer: Timer | None = None
        self._countdown: tuple[int, int] | None = None

    def compose(self) -> ComposeResult:
        yield self.top
        with Container(id="body"):
            with Vertical(id="left"):
                yield self.feed
                yield self.outbox
            yield Rule(self.pens, id="rule")
            with Vertical(id="right"):
                yield self.item
                yield self.composer
        yield self.bottom
        yield self.message
        yield self.help
        yield self.picker

    async def on_mount(self) -> None:
        self._lay_out()
        if self._first is not None:
            self.desk.models[self.desk.view] = self._first
            self.show_model(self._first)
        else:
            self.desk.do(lambda: self.desk.show_view("inbox"))
        self.feed.focus()
        self.set_interval(20, self.feed.tick)
        self.set_interval(1, self._count)

    # -- layout ----------------------------------------------------------------------------------------

    @property
    def is_wide(self) -> bool:
        return layout.is_wide(self.app.size.width)

    @property
    def item_shows(self) -> bool:
        """Whether the open item is on the screen."""
        return bool(self.query_one("#right").display)

    @property
    def help_width(self) -> int:
        """How wide the help panel is: it leaves the item in sight."""
        return self.feed.size.width if self.is_wide else self.app.size.width

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()
        self.feed.update_all()

    def _lay_out(self) -> None:
        wide, writing = self.is_wide, self.desk.writing is not None
        opened = self.has_class("opened") or writing
        self.set_class(wide, "wide")
        self.feed.two_lines = layout.two_lines(*self.app.size)
        self.query_one("#left").styles.width = layout.feed_width(self.app.size.width) if wide else "1fr"
        self.query_one("#right").display = wide or opened
        self.query_one("#left").display = wide or not writing
        self.query_one("#rule").display = wide
        self.composer.display = writing

    def show_item(self, on: bool) -> None:
        """Opens or closes the item; on a wide screen it is always there."""
        self.set_class(on, "opened")
        self._lay_out()
        (self.item if on else self.feed).focus()
        self.call_after_refresh(self.feed.update_all)
        if on or self.is_wide:
            self.moved(at_once=True)

    def show_composer(self, on: bool) -> None:
        """The composer comes or goes."""
        self._lay_out()
        if on:
            self.composer.area.focus()
        elif self.has_class("opened"):
            self.item.focus()
        else:
            self.feed.focus()

    def show_outbox(self, on: bool) -> None:
        """The outbox in the feed's place, or the feed again."""
        self.outbox.display, self.feed.display = on, not on
        if on:
            self.outbox.focus()
            self.desk.do(self.update_outbox)
        else:
            self.show_item(self.has_class("opened"))

    def show_model(self, model: FeedModel) -> None:
        """A view's model in the feed."""
        self.feed.empty = status.emptiness(self.desk.view, self.overview, self._configured)
        self.feed.show(model)
        self.call_later(self.update_bars)

    # -- keys ------------------------------------------------------------------------------------------

    @property
    def where(self) -> Where:
        """The place in which a key is pressed."""
        if self.desk.writing is not None:
            return Where.COMPOSER
        if self.outbox.display:
            return Where.OUTBOX
        return Where.ITEM if self.has_class("opened") else Where.FEED

    def on_key(self, event: events.Key) -> None:
        if not self.picker.is_open and self.route(event):
            event.stop()
            event.prevent_default()

    def route(self, event: events.Key) -> bool:
        """Where a key goes; False: to the text that is being written."""
        if self._held is not None:
            self._held.append(event)
            return True
        if self.picker.is_open:
            self.picker.take(event)
            return True
        where = self.where
        key = normal(event.key, event.character)
        if where is Where.COMPOSER and (event.is_printable or key == "enter"):
            return False
        if self.keymap.waiting and key == "escape":
            self.keymap.reset()
            self._hint(())
            return True
        pressed = self.keymap.press(where, key)
        if pressed.command is None and not pressed.waiting:
            self._hint(())
            return where is Where.COMPOSER and key in ("tab", "shift+tab")
        self._hint_later(pressed)
        if pressed.command is not None:
            self.run_command(pressed.command.id, pressed.argument)
        return True

    def hold_keys(self) -> None:
        """What is typed from now on waits: where it goes is not known yet."""
        self._held = [] if self._held is None else self._held

    def release_keys(self, *, drop: bool = False) -> None:
        """What was typed meanwhile goes where keys go now; it is dropped where it was meant for a text that is not."""
        held, self._held = self._held or [], None
        for event in [] if drop else held:
            event._stop_propagation = False
            if not self.route(event):
                self.composer.area._forward_event(event)

    def run_command(self, command_id: str, argument: str | None = None) -> None:
        """What a key, the palette or the ``:`` line asked for."""
        action = ACTIONS.get(command_id)
        if action is None:
            self.say(f"{command_id} is for the command line: cminbox {command_id}", "muted")
        else:
            action(self.desk, argument)

    def _hint_later(self, pressed: Pressed) -> None:
        if self._hint_timer is not None:
            self._hint_timer.stop()
            self._hint_timer = None
        if pressed.waiting:
            self._hint_timer = self.set_timer(HINT_AFTER, lambda: self._hint(pressed.waiting))
        else:
            self._hint(())

    def _hint(self, waiting: tuple[Continuation, ...]) -> None:
        runs: Line = []
        for continuation in waiting:
            runs += [Run(own(f"{continuation.key} "), "accent"), Run(own(f"{continuation.what}   "), "muted")]
        if runs or self.keymap.waiting:
            self.message.show(runs, [])

    # -- telling ---------------------------------------------------------------------------------------

    def say(self, words: str, voice: str = "text") -> None:
        """One line tells what just happened, at the bottom."""
        self._countdown = None
        self.message.show([Run(own(words), voice)] if words else [], [])

    def copy(self, text: str) -> None:
        """To the terminal's clipboard, and honestly what is known of it."""
        copied = cast("CminboxApp", self.app).copy_out(text)
        self.say(copied.note if copied.sent else f"not copied: {copied.note}", "muted" if copied.sent else "alarm")

    def count_down(self, act_id: int, item_id: int) -> None:
        """Counts the undo window of an answer down in the bottom line."""
        self._countdown = (act_id, item_id)

    async def _count(self) -> None:
        if self._countdown is None:
            return
        act_id, item_id = self._countdown
        act, now = await self.desk.ctx.store.read(lambda r: (r.outgoing(act_id), r.now()))
        if self._countdown != (act_id, item_id):
            return
        if act is None or act.state is not ActState.QUEUED:
            self._countdown = None
            return
        left = max(0, round((act.not_before - now) / timedelta(seconds=1)))
        said = (
            f"answered {item_id}, goes out in {left} s · z takes it back" if left else f"answer to {item_id}: going out"
        )
        self.message.show([Run(own(said), "text")], [])

    async def update_bars(self) -> None:
        """Reads the numbers again; only what changed is drawn."""
        operator = self.desk.ctx.operator
        self.overview = await self.desk.ctx.store.read(lambda r: read_overview(r, operator))
        self._draw_bars()

    def _draw_bars(self) -> None:
        if self.desk.view not in self.desk.models:
            return
        model = self.desk.model
        self.feed.empty = status.emptiness(self.desk.view, self.overview, self._configured)
        self.top.show(*status.top(self.desk.view, model.count, len(model.arrived), self.overview))
        operator = self.desk.ctx.operator
        self.bottom.show(*status.bottom(model.position, model.count, operator, self.overview, self._configured))
        if not model.window:
            self.feed.redraw()

    async def update_outbox(self) -> None:
        """Reads the outbox again."""
        acts = await self.desk.ctx.store.read(lambda r: r.outbox(UNFINISHED | {ActState.LIVE}, limit=200))
        order = {state: n for n, state in enumerate((ActState.UNCERTAIN, ActState.FAILED, ActState.MANUAL))}
        self.outbox.show(sorted(acts, key=lambda act: (act.state is ActState.LIVE, order.get(act.state, 9), -act.id)))

    # -- following -------------------------------------------------------------------------------------

    async def follow(self, changes: Changes) -> None:
        """The store changed: rows that show, numbers, arrivals, news of our own answers."""
        desk = self.desk
        if desk.view not in desk.models:
            return
        if changes.items:
            await desk.model.notice(set(changes.items))
        await desk.model.count_again()
        if not desk.model.window and desk.model.arrived:
            await desk.show_arrivals()
            self.moved()
        await desk.refresh_rows()
        page = self.item.page
        if page is not None and self.item_shows and page.item.id in changes.items:
            await desk.open_item(page.item.id)
        if self.outbox.display:
            await self.update_outbox()
        await self.update_bars()
        for kind, act in changes.news:
            said, voice = NEWS[kind]
            self.say(said.format(item=act.item, why=act.error or ""), voice or "text")

    @on(Feed.Moved)
    def _feed_moved(self) -> None:
        self.moved()

    def moved(self, *, at_once: bool = False) -> None:
        """The cursor is on another item: position at once, the open item once it rests."""
        self._draw_bars()
        if self._rest_timer is not None:
            self._rest_timer.stop()
            self._rest_timer = None
        if not self.item_shows or self.desk.writing is not None:
            return
        if at_once:
            self._open_target()
        else:
            self._rest_timer = self.set_timer(REST, self._open_target)

    @work(exclusive=True, group="open")
    async def _open_target(self) -> None:
        await self.desk.open_item(self.desk.target)
        if self._seen_timer is not None:
            self._seen_timer.stop()
        page = self.item.page
        if page is not None and not page.item.seen:
            item_id = page.item.id
            self._seen_timer = self.set_timer(SEEN_AFTER, lambda: self._looked_at(item_id))

    def _looked_at(self, item_id: int) -> None:
        page = self.item.page
        if page is not None and page.item.id == item_id and self.item_shows:
            self.desk.do(lambda: self.desk.mark_seen(item_id))

    @on(Feed.Opened)
    def _feed_opened(self) -> None:
        self.run_command("open")

    @on(Feed.Near)
    def _feed_near(self) -> None:
        self._extend()

    @work(exclusive=False, group="extend")
    async def _extend(self) -> None:
        if await self.desk.model.extend():
            self.feed.update_all()

    # -- writing ---------------------------------------------------------------------------------------

    @on(Composer.Typed)
    def typed(self) -> None:
        """The draft is written after a pause, and at the latest two seconds after it was last on disk."""
        composing.show_head(self.desk)
        now = monotonic()
        self._unsaved_since = self._unsaved_since or now
        if self._save_timer is not None:
            if now - self._unsaved_since > SAVE_AT_LATEST:
                return
            self._save_timer.stop()
        self._save_timer = self.set_timer(SAVE_AFTER, self._save_later)

    def _save_later(self) -> None:
        self._save_timer, self._unsaved_since = None, None
        self.desk.do(lambda: composing.save_draft(self.desk))

    @on(AnswerArea.SnippetWanted)
    def _snippet_wanted(self) -> None:
        self.run_command("snippet")

    @on(Picker.Chosen)
    def _chosen(self, event: Picker.Chosen) -> None:
        self._after_picker()
        if event.purpose == "snippet":
            composing.insert_snippet(self.desk, event.value)
        elif event.purpose in ("palette", "command"):
            if event.value:
                self.run_command(event.value)
            elif event.typed.strip():
                self.say(f"no command is called {event.typed.strip()!r} (Ctrl+p finds them)", "alarm")

    @on(Picker.Left)
    def _left(self) -> None:
        self._after_picker()

    def _after_picker(self) -> None:
        if self.desk.writing is not None:
            self.composer.area.focus()
        elif self.outbox.display:
            self.outbox.focus()
        else:
            (self.item if self.has_class("opened") else self.feed).focus()

    async def edit_outside(self) -> None:
        """The draft in $EDITOR; it is on disk before."""
        await composing.save_draft(self.desk)
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        with tempfile.TemporaryDirectory(prefix="cminbox-") as folder:
            path = Path(folder) / "answer.txt"
            path.write_text(self.composer.text, "utf-8")
            ended = await cast("CminboxApp", self.app).suspend_for([*shlex.split(editor), str(path)])
            if ended.status == 0:
                self.composer.fill(path.read_text("utf-8", "replace").rstrip("\n"))
                await composing.save_draft(self.desk)
            else:
                self.say(f"the editor ended with {ended.status if ended.error is None else ended.error}", "alarm")
        composing.show_head(self.desk)

    def on_descendant_focus(self) -> None:
        """While an answer is written, no other key reaches the list: a letter typed there would act."""
        if self.desk.writing is not None and not self.picker.is_open and not self.composer.area.has_focus:
            self.composer.area.focus()

    def leave(self) -> None:
        """Leaves, once everything that was asked for is done."""

        async def job() -> None:
            cast("CminboxApp", self.app).leave()

        self.desk.do(job)
