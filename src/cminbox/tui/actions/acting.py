"""Verbs on the item under the cursor. What they do is done in ``commands``; here the screen follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cminbox.commands import claim as claiming
from cminbox.commands import marks, settle
from cminbox.commands import undo as undoing
from cminbox.commands.base import Result
from cminbox.domain.errors import CminboxError
from cminbox.domain.item import Status
from cminbox.tui.desk import Desk

Verb = Callable[[list[int]], Awaitable[Result]]


def done(desk: Desk, _: str | None) -> None:
    """Done, and on to the next: the row goes at once, and comes back if a rule refuses."""
    item_id = desk.target
    if item_id is None:
        return
    model, leaves = desk.model, desk.leaves_view(Status.DONE)
    taken = model.remove(item_id) if leaves else None
    if not leaves and model.current == item_id:
        desk.screen.feed.move(1)
    desk.detached = None
    desk.screen.feed.update_all()
    desk.screen.moved()

    async def job() -> None:
        try:
            result = await settle.done(desk.ctx, [item_id])
        except CminboxError:
            if taken is not None:
                model.put_back(taken)
                desk.screen.feed.update_all()
                desk.screen.moved()
            raise
        if leaves:
            # it may have been read again between the key and now
            model.remove(item_id)
        await model.count_again()
        desk.screen.feed.update_all()
        desk.screen.say(f"{result.message} · z takes it back")
        await desk.screen.dashboard.update()

    desk.do(job)


def on_target(verb: Callable[[Desk], Verb], hint: str = "") -> Callable[[Desk, str | None], None]:
    """A verb that changes the item and lets it stay."""

    def action(desk: Desk, _: str | None) -> None:
        item_id = desk.target
        if item_id is None:
            return

        async def job() -> None:
            result = await verb(desk)([item_id])
            desk.screen.say(result.message + hint)
            await desk.after([item_id])

        desk.do_then(job)

    return action


def undo(desk: Desk, _: str | None) -> None:
    """Takes the last act back, and goes to its item."""

    async def job() -> None:
        result = await undoing.undo(desk.ctx)
        desk.screen.say(result.message)
        if result.one is not None:
            await desk.after([int(result.one["id"])])

    desk.do_then(job)


def copy_link(desk: Desk, _: str | None) -> None:
    """The link of the item, to the terminal's clipboard."""
    item_id = desk.target
    if item_id is None:
        return

    async def job() -> None:
        item = await desk.ctx.store.read(lambda r: r.item(item_id))
        link = item and (item.url or (item.post.url if item.post else None))
        if link:
            desk.screen.copy(link)
        else:
            desk.screen.say("this item has no link", "muted")

    desk.do_then(job)


ACTIONS = {
    "done": done,
    "reopen": on_target(lambda desk: lambda ids: settle.reopen(desk.ctx, ids), " · z takes it back"),
    "claim": on_target(lambda desk: lambda ids: claiming.claim(desk.ctx, ids), " · z takes it back"),
    "release": on_target(lambda desk: lambda ids: claiming.release(desk.ctx, ids), " · z takes it back"),
    "take": on_target(lambda desk: lambda ids: claiming.take(desk.ctx, ids), " · z takes it back"),
    "toggle-seen": on_target(lambda desk: lambda ids: marks.toggle(desk.ctx, ids)),
    "undo": undo,
    "copy-link": copy_link,
}
