"""The outbox: every outgoing act, and what a person can say about those that need one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cminbox.commands import jsonform
from cminbox.commands.base import Context, Result
from cminbox.commands.columns import columns
from cminbox.commands.items import found, not_others
from cminbox.commands.reply import can_send, check_answer
from cminbox.domain import item as life
from cminbox.domain.errors import NotFoundError, RefusedError, UsageError
from cminbox.domain.event import NewEvent
from cminbox.domain.item import Item, Standing
from cminbox.domain.outgoing import UNFINISHED, ActState, Outgoing, moved
from cminbox.domain.text import Safe
from cminbox.store.protocol import Tx
from cminbox.text.sanitize import line

LONGEST_LINK = 2_000


async def listing(ctx: Context, *, all: bool = False) -> Result:
    """What is not over yet, newest first; with ``all`` also what is live or taken back."""
    states = frozenset(ActState) if all else UNFINISHED
    acts = await ctx.store.read(lambda r: r.outbox(states, limit=10_000))
    return Result(rows=[jsonform.outgoing(act) for act in acts], text=_row)


async def retry(ctx: Context, id: int) -> Result:
    """Sends once more: on a person's word, who has looked where it is uncertain. It is checked as a new answer is."""

    def work(tx: Tx, act: Outgoing, item: Item) -> Outgoing:
        if act.state not in (ActState.FAILED, ActState.UNCERTAIN):
            raise RefusedError(f"{act.id} is {act.state}: only what failed or is uncertain is sent again")
        if not can_send(ctx, act.channel):
            raise RefusedError(f"{act.channel} cannot send: cancel {act.id}, and answer {item.id} anew")
        not_others(tx, item, ctx.operator)
        check_answer(tx, ctx, item, act.text, act=act.id)
        tx.save_item(life.answer_queued(item))
        return replace(
            moved(act, ActState.QUEUED),
            not_before=tx.now(),
            first_attempt_at=None,
            error=None,
            before=Standing.of(item),
        )

    return await _act_on(ctx, id, "retried", work, "queued again:")


async def cancel(ctx: Context, id: int) -> Result:
    """Shall not be sent. An item that waited for it stands where it stood before; one that is open stays open."""

    def work(tx: Tx, act: Outgoing, item: Item) -> Outgoing:
        cancelled = moved(act, ActState.CANCELLED)
        if act.state in (ActState.QUEUED, ActState.MANUAL):
            tx.save_item(life.answer_taken_back(item, act.before))
        return cancelled

    return await _act_on(ctx, id, "cancelled", work, "cancelled")


async def posted(ctx: Context, id: int, *, url: str | None = None) -> Result:
    """It stands there, on a person's word: a manual one that was posted, or an uncertain one that was found."""
    if url is not None and not _is_link(url):
        raise UsageError("--url: must be a link that begins with https:// or http://")

    def work(tx: Tx, act: Outgoing, item: Item) -> Outgoing:
        if act.state not in (ActState.MANUAL, ActState.UNCERTAIN):
            raise RefusedError(f"{act.id} is {act.state}: only a manual or an uncertain one is told by a person's word")
        tx.save_item(life.answer_live(item, wait=act.wait))
        return replace(moved(act, ActState.LIVE), live_at=tx.now(), url=url, error=None)

    return await _act_on(ctx, id, "posted", work, "live, on your word:")


async def _act_on(
    ctx: Context, act_id: int, kind: str, change: Callable[[Tx, Outgoing, Item], Outgoing], said: str
) -> Result:
    def work(tx: Tx) -> Outgoing:
        act = tx.outgoing(act_id)
        if act is None:
            raise NotFoundError(f"there is no outgoing act {act_id} (cminbox outbox list --all)")
        item = found(tx, act.item)
        changed = change(tx, act, item)
        tx.save_outgoing(changed)
        told = {"act": act.id, "was": act.state.value, "state": changed.state.value,
                "from": Standing.of(item).to_json(), "to": Standing.of(found(tx, act.item)).to_json()}  # fmt: skip
        tx.append(NewEvent(kind, ctx.operator, act.item, told))
        return changed

    changed = await ctx.store.write(work)
    return Result(message=f"{said} {act_id}", one=jsonform.outgoing(changed))


def _is_link(url: str) -> bool:
    return url.startswith(("https://", "http://")) and " " not in url and str(line(url, LONGEST_LINK)) == url


def _row(act: object) -> Safe:
    assert isinstance(act, dict)
    why = f" · {act['error']}" if act["error"] else ""
    parts = ((act["id"], -6), (act["state"], 9), (act["channel"], 10), (act["item"], -6), (act["operator"], 10))
    return columns(*parts, rest=f"{act['text']}{why}", limit=500)
