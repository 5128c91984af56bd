"""Answering: the act is written, with its event, before anything leaves."""

from __future__ import annotations

import uuid
from datetime import timedelta

from cminbox.commands import jsonform
from cminbox.commands.base import Context, Result
from cminbox.commands.items import found, not_others
from cminbox.domain import item as life
from cminbox.domain.errors import RefusedError, UsageError
from cminbox.domain.event import NewEvent, digest
from cminbox.domain.item import Item, Standing
from cminbox.domain.outgoing import ON_ITS_WAY, ActState, Outgoing
from cminbox.domain.snippet import SnippetState
from cminbox.store.protocol import Reader, Tx
from cminbox.text.sanitize import MAX_CHARS, MAX_LINES, clean

_REASONS = {
    "bidi": "a change of the reading direction",
    "combining": "too many marks on one letter",
    "control": "a control character",
    "invisible": "an invisible character",
    "surrogate": "half a character, or none at all",
}
"""What :func:`cminbox.text.sanitize.clean` did to a text, as the reason why it must not leave."""


class ThreadChangedError(RefusedError):
    """Something came into the thread, or changed there, while the answer was being written."""


async def reply(
    ctx: Context,
    id: int,
    *,
    text: str | None = None,
    text_file: str | None = None,
    snippet: str | None = None,
    wait: bool = False,
    private: bool = False,
    yes: bool = False,
    after: timedelta = timedelta(0),
) -> Result:
    """Queues an answer from the command line. Exactly one of text, text_file (its content) and snippet is given."""
    given = [part for part in (text, text_file, snippet) if part is not None]
    if len(given) != 1:
        raise UsageError("give the answer once: --text, --text-file or --snippet")
    if private:
        # no connector has a private answer yet; sending it for all to see instead would be worse than not at all
        item = await ctx.store.read(lambda reader: found(reader, id))
        raise RefusedError(f"{item.channel} has no private answers: without --private all can read it")
    if snippet is not None:
        raise RefusedError(_not_approved(ctx, snippet))
    return await queue(ctx, id, given[0], wait=wait, hold=after)


async def queue(
    ctx: Context,
    item_id: int,
    text: str,
    *,
    hold: timedelta,
    wait: bool = False,
    snippet: str | None = None,
    thread_head: int | None = None,
) -> Result:
    """Writes the outgoing act. ``hold`` is the undo window. ``thread_head``: refuse if the thread is no longer that.

    Raises RefusedError (state, lease, an answer that is on its way, a text that cannot leave as it is), and
    ThreadChangedError where the writer should look first.
    """
    problem = unsendable(text)
    if problem:
        raise RefusedError(problem)

    def work(tx: Tx) -> Outgoing:
        item = found(tx, item_id)
        not_others(tx, item, ctx.operator)
        check_answer(tx, ctx, item, text)
        if thread_head is not None and tx.thread_head(item.thread) != thread_head:
            raise ThreadChangedError("the thread changed while you wrote: look, then send again")
        now = tx.now()
        act = tx.add_outgoing(
            Outgoing(
                item=item.id,
                channel=item.channel,
                text=text,
                snippet=snippet,
                operator=ctx.operator,
                state=ActState.QUEUED if can_send(ctx, item.channel) else ActState.MANUAL,
                key=uuid.uuid4().hex,
                queued_at=now,
                not_before=now + hold,
                wait=wait,
                before=Standing.of(item),
            )
        )
        after = life.answer_queued(item)
        tx.save_item(after)
        tx.drop_draft(item.id, ctx.operator)
        tx.drop_item_lease(item.id, ctx.operator)
        told = {
            "act": act.id, "state": act.state.value, "text": digest(text, tx.salt(item.id)), "snippet": snippet,
            "from": act.before.to_json(), "to": Standing.of(after).to_json(),
        }  # fmt: skip
        tx.append(NewEvent("queued" if act.state is ActState.QUEUED else "manual", ctx.operator, item.id, told))
        return act

    act = await ctx.store.write(work)
    return Result(message=_said(act, hold), one=jsonform.outgoing(act), acts=(act.id,))


def can_send(ctx: Context, channel: str) -> bool:
    """Whether answers to that channel can be sent by us; else a person posts them (``manual``)."""
    config = ctx.config.channel(channel)
    return config is not None and "reply" in config.can


def unsendable(text: str) -> str | None:
    """Why this text cannot leave as it was written, or None. It is never rewritten."""
    if not text.strip():
        return "the answer is empty"
    whole = clean(text)
    if "truncated" in whole.marks:
        return f"the answer is too long: at most {MAX_CHARS} characters in {MAX_LINES} lines"
    if whole.text != text:
        # a line at a time: what is folded are empty lines, and those may leave as they are
        for number, row in enumerate(text.split("\n"), 1):
            problem = _unsendable_line(row)
            if problem:
                return f"the answer cannot leave as it is: line {number}, {problem}: take it out and send again"
    return "the answer holds nothing that can be seen" if "blank" in whole.marks else None


def _unsendable_line(row: str) -> str | None:
    """The first place of a line that must not leave, and why."""
    cleaned = clean(row)
    if cleaned.text == row:
        return None
    place = next((n for n, (a, b) in enumerate(zip(row, cleaned.text, strict=False)) if a != b), len(cleaned.text))
    reasons = [_REASONS[mark] for mark in sorted(cleaned.marks & _REASONS.keys())] or ["a line end of another kind"]
    return f"character {place + 1} (U+{ord(row[place]):04X}): {', '.join(reasons)}"


def check_answer(reader: Reader, ctx: Context, item: Item, text: str, *, act: int | None = None) -> None:
    """RefusedError where this text cannot be an answer to this item now. ``act``: the answer itself, sent once more."""
    if item.removed_at is not None:
        raise RefusedError(f"{item.id} was removed by its author: there is nothing to answer")
    _check_length(ctx, item.channel, text)
    for other in reader.outgoing_of(item.id):
        if other.id == act:
            continue
        if other.state in ON_ITS_WAY:
            raise RefusedError(
                f"an answer to {item.id} is {other.state} already, by {other.operator} (outbox {other.id})"
            )
        if other.state is ActState.LIVE and other.text == text:
            raise RefusedError(f"the same answer to {item.id} is live already (outbox {other.id})")


def _check_length(ctx: Context, channel: str, text: str) -> None:
    config = ctx.config.channel(channel)
    if config is None:
        return
    used = counted(text, config.counts)
    if config.max_length is not None and used > config.max_length:
        raise RefusedError(f"too long for {channel}: {used} of {config.max_length} {config.counts}")
    if counted(text.rstrip(), config.counts) < config.min_length:
        raise RefusedError(f"too short for {channel}: it takes no less than {config.min_length} {config.counts}")


def counted(text: str, unit: str) -> int:
    """The length of a text as a platform counts it (:attr:`cminbox.domain.channel.KindFacts.counts`)."""
    if unit == "bytes":
        return len(text.encode("utf-8", "surrogatepass"))
    if unit == "utf16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    if unit == "graphemes" and not text.isascii():
        # extended grapheme clusters, UAX #29
        from wcwidth import iter_graphemes

        return sum(1 for _ in iter_graphemes(text))
    return len(text)


def _not_approved(ctx: Context, snippet_id: str) -> str:
    found = ctx.library().get(snippet_id)
    return f"snippet {found.id} is {SnippetState.DRAFT.value}, not approved: it cannot be sent as one"


def _said(act: Outgoing, hold: timedelta) -> str:
    if act.state is ActState.MANUAL:
        return f"{act.item}: this channel cannot send; post it by hand, then: cminbox outbox posted {act.id}"
    if hold:
        return f"answered {act.item}, goes out in {int(hold.total_seconds())} s"
    return f"answered {act.item}: queued as {act.id}"
