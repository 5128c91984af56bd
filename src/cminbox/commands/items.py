"""What several verbs share: finding the item, and doing one thing to many, all or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cminbox.commands import jsonform
from cminbox.commands.base import Context, Result
from cminbox.domain.errors import NotFoundError, RefusedError, UsageError
from cminbox.domain.event import NewEvent
from cminbox.domain.item import Item, Standing
from cminbox.store.protocol import Reader, Tx


def found(reader: Reader, item_id: int) -> Item:
    """The item, or NotFoundError."""
    item = reader.item(item_id)
    if item is None:
        raise NotFoundError(f"there is no item {item_id} (cminbox list shows what there is)")
    return item


def not_others(reader: Reader, item: Item, operator: str) -> None:
    """RefusedError while somebody else is at the item."""
    lease = reader.item_lease(item.id)
    if lease is not None and lease.holder != operator:
        until = lease.until.strftime("%H:%M UTC")
        raise RefusedError(f"{lease.holder} is at {item.id} until {until}: wait, or take it over from the screen")


def record_change(tx: Tx, before: Item, after: Item, kind: str, operator: str, **data: object) -> None:
    """Saves the changed item and tells it in the log, with how it stood, so that it can be taken back."""
    tx.save_item(after)
    told = {"from": Standing.of(before).to_json(), "to": Standing.of(after).to_json(), **data}
    tx.append(NewEvent(kind, operator, before.id, told))


async def change_each(
    ctx: Context, ids: Sequence[int], change: Callable[[Tx, Item], None], *, said: str, skip_refused: bool = False
) -> Result:
    """``change`` on every item in one transaction; one refusal refuses all, unless refused ones are to be skipped."""
    if not ids:
        raise UsageError("which item? give its number")

    def work(tx: Tx) -> tuple[list[int], list[str]]:
        changed, refused = [], []
        for item_id in dict.fromkeys(ids):
            try:
                change(tx, found(tx, item_id))
            except RefusedError as refusal:
                if not skip_refused:
                    raise
                refused.append(str(refusal))
            else:
                changed.append(item_id)
        return changed, refused

    changed, refused = await ctx.store.write(work)
    rows = await ctx.store.read(
        lambda r: [jsonform.item(it, r.item_lease(it.id), r.outgoing_of(it.id)) for it in r.items(changed)]
    )
    names = ", ".join(map(str, changed)) if len(changed) <= 5 else f"{len(changed)} items"
    message = f"{said} {names}" if changed else "nothing was changed"
    return Result(message=message, rows=rows, warnings=refused, exit_code=4 if refused and not changed else 0)
