"""Taking back: a reading of the log. What stands in public is never deleted by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cminbox.commands.base import Context, Result
from cminbox.commands.items import found, named, objects
from cminbox.domain import item as life
from cminbox.domain.draft import Draft
from cminbox.domain.errors import RefusedError
from cminbox.domain.event import Event, NewEvent
from cminbox.domain.item import Item, Standing
from cminbox.domain.outgoing import ActState, Outgoing, moved
from cminbox.store.protocol import Tx

SETTLING = {"done": "done", "reopened": "reopening", "claimed": "claiming", "released": "releasing", "taken": "taking"}
"""Kinds of line that are taken back by putting the item where it stood."""
ANSWERING = frozenset({"queued", "manual"})
FINAL = {
    "posted": "that {act} stands there was your word: it stays live",
    "cancelled": "{act} is cancelled for good: its text is in cminbox outbox list --all",
    "retried": "{act} is on its way again: cminbox outbox cancel {act}",
}
"""Words on outgoing acts. They are not taken back; what can be done instead is said."""
LEFT = {
    ActState.SENDING: "the answer to {item} is leaving just now: look at it in the outbox",
    ActState.LIVE: "the answer to {item} stands there: it can only be deleted there",
    ActState.UNCERTAIN: "the answer to {item} may stand there: look, then cminbox outbox posted {act} or retry {act}",
    ActState.FAILED: "the answer to {item} failed, it stands nowhere: cminbox outbox cancel {act}",
    ActState.CANCELLED: "the answer to {item} was taken back already",
}
"""Why an answer that is not waiting to leave cannot be taken back."""
REACH = 200
"""So many of the operator's own lines are looked through for one that can be taken back."""


async def undo(ctx: Context) -> Result:
    """Takes the operator's last act back, on all the items that it changed, or says why not and what could be done.

    RefusedError where it has left the house, where an item changed since, or where there is nothing.
    """

    def work(tx: Tx) -> tuple[str, list[int]]:
        acts = _last(tx, ctx.operator)
        said = [_take_back(tx, ctx, event) for event in acts]
        ids = [event.item or 0 for event in acts]
        if len(acts) == 1:
            return said[0], ids
        return f"{SETTLING[acts[0].kind]} of {named(ids)} is taken back", ids

    said, ids = await ctx.store.write(work)
    rows = await ctx.store.read(lambda reader: objects(reader, ids))
    return Result(message=said, rows=rows if len(rows) > 1 else None, one=rows[0])


def _last(tx: Tx, operator: str) -> Sequence[Event]:
    """The lines of the operator's newest act that is not taken back yet, the newest first."""
    taken_back: set[int] = set()
    for event in tx.last_events(actor=operator, limit=REACH):
        if event.kind == "undone":
            taken_back.add(int(event.values()["n"]))
        elif event.n not in taken_back and (event.kind in ANSWERING or event.kind in SETTLING or event.kind in FINAL):
            first = int(event.values().get("batch", event.n))
            # the lines of one transaction stand together
            return [event, *reversed(tx.events(after=first - 1, limit=event.n - first))] if first < event.n else [event]
    raise RefusedError("there is nothing of yours to take back")


def _take_back(tx: Tx, ctx: Context, event: Event) -> str:
    told = event.values()
    if event.kind in FINAL:
        raise RefusedError(FINAL[event.kind].format(act=told["act"]))
    item = found(tx, event.item or 0)
    said = _take_answer_back(tx, ctx, event, item) if event.kind in ANSWERING else _put_back(tx, ctx, event, item)
    after = Standing.of(found(tx, item.id)).to_json()
    tx.append(
        NewEvent("undone", ctx.operator, item.id, {"n": event.n, "from": Standing.of(item).to_json(), "to": after})
    )
    return said


def _take_answer_back(tx: Tx, ctx: Context, event: Event, item: Item) -> str:
    act = tx.outgoing(int(event.values()["act"]))
    if act is None:
        raise RefusedError(f"the answer to {item.id} is not in the outbox any more")
    if act.state in LEFT:
        raise RefusedError(LEFT[act.state].format(item=item.id, act=act.id))
    if _retried_unclear(tx, act, event):
        raise RefusedError(f"an earlier try may stand there: cminbox outbox cancel {act.id}, so that there is no other")
    tx.save_outgoing(replace(moved(act, ActState.CANCELLED), error="taken back"))
    tx.save_item(life.answer_taken_back(item, act.before))
    said = f"the answer to {item.id} is taken back"
    if tx.draft(item.id, ctx.operator) is not None:
        return f"{said}; you have begun another, its text is in cminbox outbox list --all"
    kept = Draft(
        item=item.id,
        operator=ctx.operator,
        text=act.text,
        updated_at=tx.now(),
        snippet=act.snippet,
        cursor=len(act.text),
    )
    tx.save_draft(kept)
    return f"{said}; its text is your draft again"


def _retried_unclear(tx: Tx, act: Outgoing, event: Event) -> bool:
    """Whether somebody had it sent again while nobody knew whether it stands there."""
    later = (line.values() for line in tx.events(after=event.n, item=act.item) if line.kind == "retried")
    return any(told["act"] == act.id and told["was"] == ActState.UNCERTAIN for told in later)


def _put_back(tx: Tx, ctx: Context, event: Event, item: Item) -> str:
    told = event.values()
    if Standing.of(item) != Standing.from_json(told["to"]) or _moved_since(tx, event, item):
        raise RefusedError(f"{item.id} has changed since: it is {item.status} now, and stays so")
    tx.save_item(life.put_back(item, Standing.from_json(told["from"])))
    if event.kind in ("claimed", "taken"):
        tx.drop_item_lease(item.id, ctx.operator)
    return f"{SETTLING[event.kind]} of {item.id} is taken back: it is {told['from']['status']} again"


def _moved_since(tx: Tx, event: Event, item: Item) -> bool:
    """Whether the item went elsewhere and came back, by something that itself was not taken back."""
    taken_back: set[int] = set()
    for line in reversed(tx.events(after=event.n, item=item.id)):
        told = line.values()
        if line.kind == "undone":
            taken_back.add(int(told["n"]))
        elif line.n not in taken_back and told.get("from") != told.get("to"):
            return True
    return False
