"""Done, and open again."""

from __future__ import annotations

from collections.abc import Sequence

from cminbox.commands.base import Context, Result
from cminbox.commands.items import change_each, not_others, record_change
from cminbox.domain import item as life
from cminbox.domain.errors import RefusedError
from cminbox.domain.item import Item, Outcome
from cminbox.domain.outgoing import IN_FLIGHT, ActState
from cminbox.store.protocol import Tx


async def done(
    ctx: Context,
    ids: Sequence[int],
    *,
    outcome: str | None = None,
    reason: str | None = None,
    skip_refused: bool = False,
) -> Result:
    """Marks items as done. An answer that is still on its way keeps its item from being done."""
    ending = Outcome(outcome) if outcome else None

    def change(tx: Tx, item: Item) -> None:
        not_others(tx, item, ctx.operator)
        pending = next((a for a in tx.outgoing_of(item.id) if a.state in IN_FLIGHT or a.state is ActState.MANUAL), None)
        if pending is not None:
            raise RefusedError(f"the answer {pending.id} to {item.id} is {pending.state}: it ends with that")
        record_change(tx, item, life.settled(item, ending), "done", ctx.operator, **_why(reason))
        tx.drop_item_lease(item.id, ctx.operator)

    return await change_each(ctx, ids, change, said="done", skip_refused=skip_refused)


async def reopen(ctx: Context, ids: Sequence[int], *, reason: str | None = None, skip_refused: bool = False) -> Result:
    """Opens items again that are done, waiting or snoozed."""

    def change(tx: Tx, item: Item) -> None:
        not_others(tx, item, ctx.operator)
        record_change(tx, item, life.reopened(item), "reopened", ctx.operator, **_why(reason))

    return await change_each(ctx, ids, change, said="open again", skip_refused=skip_refused)


def _why(reason: str | None) -> dict[str, object]:
    return {"reason": reason} if reason else {}
