"""The outbox pane: what became of our answers, and the choices that only a person has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cminbox.commands import outbox as acts
from cminbox.commands.base import Context, Result
from cminbox.tui.desk import Desk


def show(desk: Desk, _: str | None) -> None:
    """Opens or closes the outbox."""
    desk.screen.show_outbox(not desk.screen.outbox.display)


def on_act(verb: Callable[[Context, int], Awaitable[Result]]) -> Callable[[Desk, str | None], None]:
    """A verb on the act under the cursor."""

    def action(desk: Desk, _: str | None) -> None:
        act = desk.screen.outbox.current
        if act is None:
            return

        async def job() -> None:
            result = await verb(desk.ctx, act.id)
            desk.screen.say(result.message)
            await desk.after([act.item])
            await desk.refresh_outbox()

        desk.do_then(job)

    return action


def copy(desk: Desk, _: str | None) -> None:
    """Text and link of an answer that is posted by hand."""
    act = desk.screen.outbox.current
    if act is None:
        return

    async def job() -> None:
        item = await desk.ctx.store.read(lambda r: r.item(act.item))
        link = (item and (item.url or (item.post.url if item.post else None))) or ""
        desk.screen.copy(f"{act.text}\n\n{link}".strip())

    desk.do_then(job)


ACTIONS = {
    "outbox": show,
    "outbox retry": on_act(acts.retry),
    "outbox cancel": on_act(acts.cancel),
    "outbox posted": on_act(acts.posted),
    "copy-answer": copy,
}
