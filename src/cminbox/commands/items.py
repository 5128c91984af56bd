"""What several verbs share: finding the item, and doing one thing to many, all or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cminbox.commands import jsonform
from cminbox.commands.base import Context, Result
from cminbox.domain.errors import NotFoundError, RefusedError, UsageError
from cminbox.domain.event import NewEvent
from cminbox.domain.item import Item, Standing
from cminbox.store.protocol import Reader, Tx


@dataclass(frozen=True, slots=True)
class Change:
    """What a verb makes of an item, and the kind of line that tells it in the log."""

    after: Item
    kind: str
    data: Mapping[str, object] = field(default_factory=dict)
    words: str | None = None
    """What the operator said about it."""


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
        raise RefusedError(f"{lease.holder} is at {item.id} until {until}: wait, or cminbox take {item.id}")


def distinct(ids: Iterable[int]) -> list[int]:
    """Each number once, in the order given. UsageError where there is none."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        raise UsageError("which item? give its number")
    return wanted


def objects(reader: Reader, ids: Sequence[int]) -> list[dict[str, Any]]:
    """These items as JSON objects, with lease and answers."""
    return [jsonform.item(it, reader.item_lease(it.id), reader.outgoing_of(it.id)) for it in reader.items(ids)]


async def change_each(
    ctx: Context,
    ids: Sequence[int],
    change: Callable[[Tx, Item], Change | None],
    *,
    said: str,
    skip_refused: bool = False,
) -> Result:
    """Makes ``change`` on every item in one transaction; one refusal refuses all, unless refused ones are skipped.

    ``change`` refuses before it writes anything. Where several change, each line of the log has the number of the
    first one as ``batch``: they were one act, and are taken back as one.
    """
    wanted = distinct(ids)

    def work(tx: Tx) -> tuple[list[int], list[str]]:
        batch = {"batch": tx.head().n + 1} if len(wanted) > 1 else {}
        changed, refused = [], []
        for item_id in wanted:
            item = found(tx, item_id)
            try:
                made = change(tx, item)
            except RefusedError as refusal:
                if not skip_refused:
                    raise
                refused.append(str(refusal))
                continue
            if made is not None:
                tx.save_item(made.after)
                stood = {"from": Standing.of(item).to_json(), "to": Standing.of(made.after).to_json()}
                told = {**stood, **batch, **made.data}
                tx.append(NewEvent(made.kind, ctx.operator, item.id, told, made.words))
            changed.append(item_id)
        return changed, refused

    changed, refused = await ctx.store.write(work)
    rows = await ctx.store.read(lambda reader: objects(reader, changed))
    message = f"{said} {named(changed)}" if changed else "nothing was changed"
    return Result(message=message, rows=rows, warnings=refused, exit_code=4 if refused and not changed else 0)


def named(ids: Sequence[int]) -> str:
    """Items in a message: their numbers while they are few."""
    return ", ".join(map(str, ids)) if len(ids) <= 5 else f"{len(ids)} items"
