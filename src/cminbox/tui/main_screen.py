"""The one screen: it composes the widgets, shares out the room, and hands on what happens. It decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.screen import Screen

from cminbox.commands.base import Context, Where
from cminbox.tui import layout
from cminbox.tui.actions import ACTIONS, composing, helping
from cminbox.tui.dashboard import Dashboard
from cminbox.tui.desk import Desk
from cminbox.tui.draft_keeper import DraftKeeper
from cminbox.tui.feed_model import FeedModel
from cminbox.tui.keyboard import Keyboard
from cminbox.tui.keymap import Keymap
from cminbox.tui.looking import Looking
from cminbox.tui.pens import Pens
from cminbox.tui.teller import Teller
from cminbox.tui.widgets.bars import Bar, Rule
from cminbox.tui.widgets.composer import AnswerArea, Composer
from cminbox.tui.widgets.feed import Feed
from cminbox.tui.widgets.help_panel import HelpPanel
from cminbox.tui.widgets.item_pane import ItemPane
from cminbox.tui.widgets.outbox_list import OutboxList
from cminbox.tui.widgets.picker import Picker

if TYPE_CHECKING:
    from cminbox.tui.app import CminboxApp
    from cminbox.tui.terminal.base_app import Suspended


class MainScreen(Screen[None], inherit_bindings=False):
    """Feed, item, composer, outbox, bars."""

    AUTO_FOCUS = None

    def __init__(self, ctx: Context, pens: Pens, first: FeedModel | None = None) -> None:
        super().__init__()
        self.desk = Desk(ctx, self)
        self.pens = pens
        self._first = first
        zone, clock = self.desk.zone, ctx.clock
        self.top, self.bottom = Bar(pens, id="top"), Bar(pens, id="bottom")
        self.message = Bar(pens, id="message", ground="text")
        self.feed = Feed(pens, me=ctx.operator, zone=zone, clock=clock)
        self.outbox = OutboxList(pens, zone=zone, clock=clock)
        self.item = ItemPane(pens, zone=zone, clock=clock)
        self.composer = Composer(pens)
        self._list_side, self._rule, self._item_side = Vertical(id="left"), Rule(pens, id="rule"), Vertical(id="right")
        self.help = HelpPanel(pens)
        self.picker = Picker(pens)
        self.keyboard = Keyboard(self, Keymap(ctx.config.keys))
        self.teller = Teller(self.message, ctx.store)
        self.dashboard = Dashboard(self.desk, self.top, self.bottom, self.feed)
        self.looking = Looking(self)
        self.drafts = DraftKeeper(self)
        for widget in (self.feed, self.outbox, self.item, self.composer.area):
            widget.route = self.keyboard.route
        self.feed.on_move = self.moved
        self.composer.area.snippet_wanted = lambda: self.run_command("snippet")

    def compose(self) -> ComposeResult:
        yield self.top
        with Container(id="body"):
            with self._list_side:
                yield self.feed
                yield self.outbox
            yield self._rule
            with self._item_side:
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
        self.set_interval(20, self._tick)
        self.set_interval(1, self._second)

    async def _tick(self) -> None:
        self.feed.tick()
        await self.desk.attempt(self.dashboard.update)

    async def _second(self) -> None:
        await self.desk.attempt(self.teller.tick)

    # -- layout ----------------------------------------------------------------------------------------

    @property
    def is_wide(self) -> bool:
        return layout.is_wide(self.app.size.width)

    @property
    def item_shows(self) -> bool:
        """Whether the open item is on the screen."""
        return bool(self._item_side.display)

    @property
    def help_width(self) -> int:
        """How wide the help panel is: it leaves the item in sight."""
        return layout.feed_width(self.app.size.width)

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()
        self.feed.update_all()
        if self.item.page is None or self.item.page.item.id != self.desk.target:
            self.looking.moved()  # there may be room for it now

    def _lay_out(self) -> None:
        wide, writing = self.is_wide, self.desk.writing is not None
        opened = self.has_class("opened") or writing
        self.set_class(wide, "wide")
        self.feed.two_lines = layout.two_lines(*self.app.size)
        self._list_side.styles.width = layout.feed_width(self.app.size.width) if wide else "1fr"
        self._item_side.display = wide or opened
        self._list_side.display = wide or not writing
        self._rule.display = wide
        self.composer.display = writing

    def show_item(self, on: bool) -> None:
        """Opens or closes the item; on a wide screen it is always there."""
        self.set_class(on, "opened")
        self._lay_out()
        (self.item if on else self.feed).focus()
        self.call_after_refresh(self.feed.update_all)
        if on or self.is_wide:
            self.looking.moved(at_once=True)

    def show_composer(self, on: bool) -> None:
        """The composer comes or goes."""
        self._lay_out()
        if not on:
            self.item.known = None
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
            self.outbox.start()
            self.outbox.focus()
            self.desk.do(self.desk.refresh_outbox)
        else:
            self.show_item(self.has_class("opened"))

    def show_model(self, model: FeedModel) -> None:
        """A view's model in the feed."""
        self.feed.show(model)
        self.call_later(self.dashboard.update)

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
        if not self.picker.is_open and self.keyboard.route(event):
            event.stop()
            event.prevent_default()

    def run_command(self, command_id: str, argument: str | None = None) -> None:
        """What a key, the palette or the ``:`` line asked for."""
        action = ACTIONS.get(command_id)
        if action is None:
            self.say(f"{command_id} is for the command line: cminbox {command_id}", "muted")
        else:
            action(self.desk, argument)

    # -- telling ---------------------------------------------------------------------------------------

    def say(self, words: str, voice: str = "text") -> None:
        """One line tells what just happened, at the bottom."""
        self.teller.say(words, voice)

    def copy(self, text: str) -> None:
        """To the terminal's clipboard, and honestly what is known of it."""
        copied = cast("CminboxApp", self.app).copy_out(text)
        self.say(copied.note if copied.sent else f"not copied: {copied.note}", "muted" if copied.sent else "alarm")

    # -- what the widgets say --------------------------------------------------------------------------

    def moved(self) -> None:
        """The cursor is on another item: its number at once, the open item once it rests."""
        self.dashboard.draw()
        self.looking.moved()

    @work(exclusive=True, group="open")
    async def look(self) -> None:
        """Reads the item under the cursor into the pane; only the last one asked for."""
        await self.desk.attempt(self.looking.read)

    @on(Feed.Opened)
    def _feed_opened(self) -> None:
        self.run_command("open")

    @on(Feed.Near)
    def _feed_near(self) -> None:
        self._extend()

    @work(group="extend")
    async def _extend(self) -> None:
        await self.desk.attempt(self.desk.extend)

    @on(Composer.Typed)
    def typed(self) -> None:
        """The text is different: what is left is counted, and the draft will be written."""
        composing.show_head(self.desk)
        self.drafts.typed()

    @on(AnswerArea.Told)
    def _told(self, event: AnswerArea.Told) -> None:
        self.say(event.words, "alarm")

    @on(Picker.Chosen)
    def _chosen(self, event: Picker.Chosen) -> None:
        self._after_picker()
        helping.chosen(self.desk, event.purpose, event.value, event.typed)

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

    def on_descendant_focus(self) -> None:
        """While an answer is written, no other key reaches the list: a letter typed there would act."""
        if self.desk.writing is not None and not self.picker.is_open and not self.composer.area.has_focus:
            self.composer.area.focus()

    async def give_terminal(self, argv: list[str]) -> Suspended:
        """Lets another program have the terminal until it ends."""
        return await cast("CminboxApp", self.app).suspend_for(argv)

    def leave(self) -> None:
        """Leaves, once everything that was asked for is done."""

        async def job() -> None:
            cast("CminboxApp", self.app).leave()

        self.desk.do(job)
