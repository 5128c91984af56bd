"""Moving through lists, items and threads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cminbox.tui.desk import Desk

SCROLL = 5


def step(by: int) -> Callable[[Desk, str | None], None]:
    """Down or up by one, in the list that has the screen."""

    def action(desk: Desk, _: str | None) -> None:
        desk.detached = None
        if desk.screen.outbox.display:
            desk.screen.outbox.move(by)
        else:
            desk.screen.feed.move(by)

    return action


def page(pages: float) -> Callable[[Desk, str | None], None]:
    """Down or up by pages."""

    def action(desk: Desk, _: str | None) -> None:
        desk.detached = None
        if desk.screen.outbox.display:
            desk.screen.outbox.move(int(pages * 10))
        else:
            desk.screen.feed.page(pages)

    return action


def first(desk: Desk, _: str | None) -> None:
    """The first item of the view."""
    _jump(desk, desk.model.load_first)


def last(desk: Desk, _: str | None) -> None:
    """The last item of the view, read from its end."""
    _jump(desk, desk.model.load_last)


def _jump(desk: Desk, load: Callable[[], Awaitable[None]]) -> None:
    desk.detached = None
    if desk.screen.outbox.display:
        desk.screen.outbox.move(10**6 if load == desk.model.load_last else -(10**6))
        return

    async def job() -> None:
        await load()
        desk.screen.feed.update_all()
        desk.screen.moved()

    desk.do_then(job)


def open_(desk: Desk, _: str | None) -> None:
    """Opens the item under the cursor; from the outbox, the item that the act answers."""
    act = desk.screen.outbox.current if desk.screen.outbox.display else None
    if act is not None:
        desk.screen.show_outbox(False)
        desk.detached = act.item
    if desk.target is not None:
        desk.screen.show_item(True)


def back(desk: Desk, _: str | None) -> None:
    """Back to where one came from."""
    screen = desk.screen
    if screen.help.display:
        screen.help.display = False
    elif screen.outbox.display:
        screen.show_outbox(False)
    elif screen.item.raw:
        screen.item.toggle_raw()
    elif desk.detached is not None:
        desk.detached = None
        screen.moved()
    else:
        screen.show_item(False)


def in_thread(side: int) -> Callable[[Desk, str | None], None]:
    """The message before (0) or after (1) in the thread."""

    def action(desk: Desk, _: str | None) -> None:
        page = desk.screen.item.page
        if page is None or not desk.screen.item_shows:
            desk.screen.say("open an item first (Enter)", "muted")
            return
        neighbour = page.neighbours[side]
        if neighbour is None:
            desk.screen.say("no further message in this thread", "muted")
            return
        desk.detached = neighbour
        desk.screen.say("in its thread · u goes back to the list", "muted")
        desk.do_then(lambda: desk.open_item(neighbour))

    return action


def scroll(by: int) -> Callable[[Desk, str | None], None]:
    """A long comment, up or down."""

    def action(desk: Desk, _: str | None) -> None:
        desk.screen.item.scroll_lines(by)

    return action


def pane(desk: Desk, _: str | None) -> None:
    """On to the next part of the open item; opens it where it is closed."""
    if desk.screen.item_shows:
        desk.screen.item.next_section()
    elif desk.target is not None:
        desk.screen.show_item(True)


def arrivals(desk: Desk, _: str | None) -> None:
    """Shows what has come in."""
    desk.do_then(desk.show_arrivals)


def view(desk: Desk, name: str | None) -> None:
    """Another view."""
    if name is not None:
        wanted = name
        desk.screen.show_outbox(False)
        desk.do_then(lambda: desk.show_view(wanted))


def raw(desk: Desk, _: str | None) -> None:
    """The text as it came, every unusual character escaped."""
    if not desk.screen.item_shows:
        desk.screen.show_item(True)
    desk.screen.item.toggle_raw()


ACTIONS = {
    "next": step(1), "previous": step(-1), "first": first, "last": last,
    "half-page-down": page(0.5), "half-page-up": page(-0.5), "page-down": page(1), "page-up": page(-1),
    "open": open_, "back": back, "thread-next": in_thread(1), "thread-previous": in_thread(0),
    "scroll-down": scroll(SCROLL), "scroll-up": scroll(-SCROLL), "pane": pane, "arrivals": arrivals,
    "view": view, "raw": raw,
}  # fmt: skip
