"""Done, and open again."""

from __future__ import annotations

from collections.abc import Sequence

from cminbox.commands.base import Context, Result
from cminbox.commands.items import Change, change_each, not_others
from cminbox.domain import item as life
from cminbox.domain.errors import RefusedError, UsageError
from cminbox.domain.item import Item, Outcome
from cminbox.domain.outgoing import ON_ITS_WAY
from cminbox.store.protocol import Reader, Tx

BY_WORD = (Outcome.ANSWERED, Outcome.IGNORED, Outcome.SPAM)
"""Outcomes that a person may give; the others follow from acts."""


async def done(
    ctx: Context,
    ids: Sequence[int],
    *,
    outcome: str | None = None,
    reason: str | None = None,
    skip_refused: bool = False,
) -> Result:
    """Marks items as done. An answer that is still on its way keeps its item from being done."""
    if outcome is not None and outcome not in BY_WORD:
        raise UsageError(f"--outcome is one of {', '.join(BY_WORD)}")
    ending = None if outcome is None else Outcome(outcome)

    def change(tx: Tx, item: Item) -> Change:
        not_others(tx, item, ctx.operator)
        _nothing_on_its_way(tx, item)
        settled = life.settled(item, ending)
        tx.drop_item_lease(item.id, ctx.operator)
        return Change(settled, "done", words=reason or None)

    return await change_each(ctx, ids, change, said="done", skip_refused=skip_refused)


async def reopen(ctx: Context, ids: Sequence[int], *, reason: str | None = None, skip_refused: bool = False) -> Result:
    """Opens items again that are done, waiting or snoozed. One that waits for its answer to go out is refused."""

    def change(tx: Tx, item: Item) -> Change:
        not_others(tx, item, ctx.operator)
        reopened = life.reopened(item)
        _nothing_on_its_way(tx, item)
        return Change(reopened, "reopened", words=reason or None)

    return await change_each(ctx, ids, change, said="open again", skip_refused=skip_refused)


def _nothing_on_its_way(reader: Reader, item: Item) -> None:
    pending = next((act for act in reader.outgoing_of(item.id) if act.state in ON_ITS_WAY), None)
    if pending is not None:
        raise RefusedError(
            f"the answer to {item.id} is {pending.state} (outbox {pending.id}): it ends with that,"
            f" or cminbox outbox cancel {pending.id}"
        )
