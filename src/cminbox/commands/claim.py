"""Whose item it is: claiming sets assignee and lease, releasing ends both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cminbox.commands.base import Context, Result
from cminbox.commands.items import Change, change_each
from cminbox.domain import item as life
from cminbox.domain.errors import RefusedError
from cminbox.domain.item import Item
from cminbox.store.protocol import Tx


async def claim(ctx: Context, ids: Sequence[int]) -> Result:
    """Makes items the operator's. What another person owns or is at is refused."""

    def change(tx: Tx, item: Item) -> Change | None:
        if item.assignee not in (None, ctx.operator):
            raise RefusedError(f"{item.id} is {item.assignee}'s")
        claimed = life.claimed(item, ctx.operator)
        lease = tx.take_item_lease(item.id, ctx.operator, ctx.config.ui.lease.total_seconds())
        if lease.holder != ctx.operator:
            raise RefusedError(f"{lease.holder} is at {item.id}")
        return None if claimed == item else Change(claimed, "claimed")

    return await change_each(ctx, ids, change, said="yours:")


async def take(ctx: Context, ids: Sequence[int]) -> Result:
    """Takes items from whoever has them or is at them; it stands in the log."""

    def change(tx: Tx, item: Item) -> Change | None:
        taken = life.claimed(item, ctx.operator)
        lease = tx.item_lease(item.id)
        holder = None if lease is None or lease.holder == ctx.operator else lease.holder
        tx.take_item_lease(item.id, ctx.operator, ctx.config.ui.lease.total_seconds(), steal=True)
        if taken == item and holder is None:
            return None
        owner = item.assignee if item.assignee != ctx.operator else None
        return Change(taken, "taken", {"taken_from": owner or holder})

    return await change_each(ctx, ids, change, said="taken:")


async def release(ctx: Context, ids: Sequence[int]) -> Result:
    """Gives items back to everybody."""

    def change(tx: Tx, item: Item) -> Change | None:
        if item.assignee not in (None, ctx.operator):
            raise RefusedError(f"{item.id} is {item.assignee}'s")
        tx.drop_item_lease(item.id, ctx.operator)
        return None if item.assignee is None else Change(replace(item, assignee=None), "released")

    return await change_each(ctx, ids, change, said="released")


async def keep_lease(ctx: Context, item_id: int, *, steal: bool = False) -> str:
    """Takes or prolongs the lease while somebody writes. Gives the name of who holds it afterwards."""
    seconds = ctx.config.ui.lease.total_seconds()
    lease = await ctx.store.write(lambda tx: tx.take_item_lease(item_id, ctx.operator, seconds, steal=steal))
    return lease.holder


async def drop_lease(ctx: Context, item_id: int) -> None:
    """Ends the operator's lease, if there is one."""
    await ctx.store.write(lambda tx: tx.drop_item_lease(item_id, ctx.operator))
