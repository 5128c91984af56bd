"""Taking back: a reading of the log. What stands in public is never deleted by it."""

from __future__ import annotations

from dataclasses import replace

from cminbox.commands import jsonform
from cminbox.commands.base import Context, Result
from cminbox.commands.items import found
from cminbox.domain import item as life
from cminbox.domain.draft import Draft
from cminbox.domain.errors import RefusedError
from cminbox.domain.event import Event, NewEvent
from cminbox.domain.item import Item, Standing
from cminbox.domain.outgoing import ActState, moved
from cminbox.store.protocol import Tx

SETTLING = {"done": "done", "reopened": "reopening", "claimed": "claiming", "released": "releasing", "taken": "taking"}
ANSWERING = {"queued", "manual"}
REACH = 200
"""So many of the operator's own lines are looked through for one that can be taken back."""


async def undo(ctx: Context) -> Result:
    """Takes the operator's last act back. RefusedError says why it cannot be, and what could be done instead."""

    def work(tx: Tx) -> tuple[str, Item]:
        event = _last(tx, ctx.operator)
        item = found(tx, event.item or 0)
        said = _take_answer_back(tx, ctx, event, item) if event.kind in ANSWERING else _put_back(tx, event, item)
        after = found(tx, item.id)
        told = {"n": event.n, "from": Standing.of(item).to_json(), "to": Standing.of(after).to_json()}
        tx.append(NewEvent("undone", ctx.operator, item.id, told))
        return said, after

    said, item = await ctx.store.write(work)
    return Result(message=said, one=jsonform.item(item, None, ()))


def _last(tx: Tx, operator: str) -> Event:
    """The operator's newest act that is not taken back yet."""
    taken_back: set[int] = set()
    for event in tx.last_events(actor=operator, limit=REACH):
        if event.kind == "undone":
            taken_back.add(int(event.values()["n"]))
        elif event.n not in taken_back and (event.kind in SETTLING or event.kind in ANSWERING):
            return event
    raise RefusedError("there is nothing of yours to take back")


def _take_answer_back(tx: Tx, ctx: Context, event: Event, item: Item) -> str:
    act = tx.outgoing(int(event.values()["act"]))
    if act is None:
        raise RefusedError(f"the answer to {item.id} is not in the outbox any more")
    if act.state is ActState.CANCELLED:
        raise RefusedError(f"the answer to {item.id} was taken back already")
    if act.state not in (ActState.QUEUED, ActState.MANUAL) or act.first_attempt_at is not None:
        raise RefusedError(
            f"the answer to {item.id} is {act.state}: it has left, and can only be deleted where it stands"
        )
    tx.save_outgoing(replace(moved(act, ActState.CANCELLED), error="taken back"))
    tx.save_item(life.put_back(item, act.before))
    if tx.draft(item.id, ctx.operator) is None:
        tx.save_draft(
            Draft(item=item.id, operator=ctx.operator, text=act.text, updated_at=tx.now(), snippet=act.snippet)
        )
    return f"the answer to {item.id} is taken back; its text is your draft again"


def _put_back(tx: Tx, event: Event, item: Item) -> str:
    told = event.values()
    if Standing.of(item) != Standing.from_json(told["to"]):
        raise RefusedError(f"{item.id} has changed since: it is {item.status} now, and stays so")
    tx.save_item(life.put_back(item, Standing.from_json(told["from"])))
    return f"{SETTLING[event.kind]} of {item.id} is taken back: it is {told['from']['status']} again"
