"""Seen or not: a mark of its own, which changes no status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cminbox.commands.base import Context, Result
from cminbox.commands.items import distinct, found
from cminbox.store.protocol import Tx


async def seen(ctx: Context, ids: Sequence[int]) -> Result:
    """Marks as seen."""
    return await _mark(ctx, ids, True)


async def unseen(ctx: Context, ids: Sequence[int]) -> Result:
    """Marks as not seen."""
    return await _mark(ctx, ids, False)


async def toggle(ctx: Context, ids: Sequence[int]) -> Result:
    """Seen becomes unseen and the other way, by the first of them."""
    wanted = distinct(ids)
    first = await ctx.store.read(lambda r: found(r, wanted[0]))
    return await _mark(ctx, wanted, not first.seen)


async def _mark(ctx: Context, ids: Sequence[int], value: bool) -> Result:
    wanted = distinct(ids)

    def work(tx: Tx) -> int:
        changed = 0
        for item in [found(tx, item_id) for item_id in wanted]:
            if item.seen != value:
                tx.save_item(replace(item, seen=value))
                changed += 1
        return changed

    changed = await ctx.store.write(work)
    return Result(message=f"{'seen' if value else 'not seen'}: {changed}")
