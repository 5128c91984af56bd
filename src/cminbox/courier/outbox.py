"""What may become of an answer, each step one transaction with its event: RELIABILITY.md 3.3, CONTRACT.md.

Every function asks first how the act stands now; where a person or another courier was quicker it does nothing and
gives None.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from cminbox.channels.base import Ref, Sending, Sent, on_platform, reissued
from cminbox.domain import item as life
from cminbox.domain.event import NewEvent, digest
from cminbox.domain.item import Item, Outcome, Standing, Status
from cminbox.domain.outgoing import ActState, Outgoing, moved
from cminbox.store.protocol import OwnMessage, Reader, Tx
from cminbox.text.sanitize import line, safe

ACTOR = "courier"
LEARNED = "_learned"
"""Where a channel's cursor keeps what sending taught, and under ``_at`` when (seconds since 1970)."""
LEARNED_FOR = timedelta(days=1)
"""So long it counts: a server may be set up anew, such as to hold new comments back."""
_AT = "_at"
_LONGEST_ERROR = 300
_CLOCKS = timedelta(minutes=10)


def sending_of(reader: Reader, act: Outgoing) -> Sending | None:
    """The act as a connector is given it; None where its item is not there."""
    item = reader.item(act.item)
    if item is None:
        return None
    return Sending(
        to=ref_of(reader, item),
        text=act.text,
        key=act.key,
        # a person's "retry" takes the first attempt away: what was sent before it counts all the same
        first_attempt_at=act.first_attempt_at or act.queued_at,
        learned=_learned(reader, act.channel),
    )


def _learned(reader: Reader, channel: str) -> dict[str, Any]:
    """What sending taught about a channel not long ago. What is older, or of a clock that was set back, is doubted."""
    learned = reader.channel_state(channel).cursor.get(LEARNED)
    at = learned.get(_AT) if isinstance(learned, dict) else None
    if not isinstance(learned, dict) or not isinstance(at, int | float):
        return {}
    age = reader.now().timestamp() - at
    fresh = -_CLOCKS.total_seconds() <= age <= LEARNED_FOR.total_seconds()
    return {name: value for name, value in learned.items() if name != _AT} if fresh else {}


def looked_for(reader: Reader, act: Outgoing) -> Sending | None:
    """The same for read-back, with the ids of our other messages in that thread."""
    sending = sending_of(reader, act)
    item = reader.item(act.item)
    if sending is None or item is None:
        return None
    known = set()
    for node in reader.thread_nodes(item.thread):
        own = reader.find_own(act.channel, node.remote_id) if node.key < 0 else None
        if own is not None and own.removed_at is None and own.outgoing not in (None, act.id):
            known.add(on_platform(own.remote_id))
    return replace(sending, known_ids=frozenset(known))


def ref_of(reader: Reader, item: Item) -> Ref:
    """An item as a connector knows it."""
    origin = reader.origin(item.id)
    return Ref(
        remote_id=item.remote_id,
        parent_remote_id=item.parent_remote_id,
        post_id=item.post.remote_id if item.post else None,
        post_url=item.post.url if item.post else None,
        author_id=item.author.remote_id,
        created_at=item.created_at,
        extra=origin.extra if origin else {},
        held=item.held,
        text=str(origin.raw) if origin else None,
    )


def claim(tx: Tx, act_id: int, fence: int) -> Outgoing | None:
    """``queued → sending``: on disk before the first byte leaves."""
    act = tx.outgoing(act_id)
    if act is None or act.state is not ActState.QUEUED:
        return None
    now = tx.now()
    claimed = replace(
        moved(act, ActState.SENDING),
        attempts=act.attempts + 1,
        first_attempt_at=act.first_attempt_at or now,
        last_attempt_at=now,
        fence=fence,
        error=None,
    )
    tx.save_outgoing(claimed)
    told = {"act": act.id, "attempt": claimed.attempts, "key": act.key, "text": digest(act.text, tx.salt(act.item))}
    tx.append(NewEvent("sending", ACTOR, act.item, told))
    return claimed


def live(tx: Tx, act_id: int, sent: Sent, account: str | None, *, found: bool) -> Outgoing | None:
    """It stands there: the act is live, the item answered, our message in its thread."""
    act = tx.outgoing(act_id)
    if act is None or act.state not in (ActState.QUEUED, ActState.SENDING, ActState.UNCERTAIN):
        return None
    item = tx.item(act.item)
    if item is None:
        return None
    now = tx.now()
    if act.state is ActState.QUEUED:
        # found at the look before a second try
        act = moved(act, ActState.SENDING)
    act = replace(
        moved(act, ActState.LIVE),
        remote_id=sent.remote_id,
        url=str(line(sent.url, 2_000)) if sent.url else None,
        live_at=now,
        error=str(line(sent.note, _LONGEST_ERROR)) if sent.note else None,
    )
    tx.save_outgoing(act)
    _keep_own(tx, act, item, sent, account)
    _not_an_item(tx, act, sent)
    after = life.answer_live(item, wait=act.wait)
    tx.save_item(after)
    _tell(tx, "live", act, item, after, remote_id=sent.remote_id, found=found, held=sent.held)
    if sent.learned:
        state = tx.channel_state(act.channel)
        learned = {**_learned(tx, act.channel), **sent.learned, _AT: now.timestamp()}
        tx.save_channel_state(replace(state, cursor={**state.cursor, LEARNED: learned}))
    return act


def later(tx: Tx, act_id: int, why: str) -> Outgoing | None:
    """Surely not sent: ``sending → queued``, with the reason in sight."""
    return _back(tx, act_id, ActState.SENDING, "later", why)


def again(tx: Tx, act_id: int) -> Outgoing | None:
    """Surely absent: ``uncertain → queued``, for one more try with the same key; not where its item was settled."""
    act = tx.outgoing(act_id)
    item = None if act is None else tx.item(act.item)
    if item is None or item.status is Status.DONE:
        return None
    return _back(tx, act_id, ActState.UNCERTAIN, "absent", "it did not arrive: sent once more")


def uncertain(tx: Tx, act_id: int, why: str) -> Outgoing | None:
    """It may stand there: ``sending → uncertain``, and the item is open before a person's eyes."""
    return _ended(tx, act_id, ActState.SENDING, ActState.UNCERTAIN, why)


def failed(tx: Tx, act_id: int, why: str) -> Outgoing | None:
    """It will not be sent: ``queued`` or ``sending`` → ``failed``, and the item is open."""
    act = tx.outgoing(act_id)
    if act is None or act.state not in (ActState.QUEUED, ActState.SENDING):
        return None
    return _ended(tx, act_id, act.state, ActState.FAILED, why)


def _back(tx: Tx, act_id: int, expected: ActState, kind: str, why: str) -> Outgoing | None:
    act = tx.outgoing(act_id)
    if act is None or act.state is not expected:
        return None
    item = tx.item(act.item)
    if item is None:
        return None
    act = replace(moved(act, ActState.QUEUED), error=str(line(why, _LONGEST_ERROR)))
    tx.save_outgoing(act)
    after = item
    if item.status is Status.OPEN:
        after = life.answer_queued(item)
        tx.save_item(after)
    _tell(tx, kind, act, item, after)
    return act


def _ended(tx: Tx, act_id: int, expected: ActState, state: ActState, why: str) -> Outgoing | None:
    act = tx.outgoing(act_id)
    if act is None or act.state is not expected:
        return None
    item = tx.item(act.item)
    if item is None:
        return None
    act = replace(moved(act, state), error=str(line(why, _LONGEST_ERROR)))
    tx.save_outgoing(act)
    after = item
    if item.removed_at is None and item.status is Status.WAITING:
        after = life.answer_needs_person(item)
        tx.save_item(after)
    _tell(tx, state.value, act, item, after)
    return act


def _tell(tx: Tx, kind: str, act: Outgoing, before: Item, after: Item, **more: object) -> None:
    told = {
        "act": act.id,
        "attempt": act.attempts,
        "from": Standing.of(before).to_json(),
        "to": Standing.of(after).to_json(),
        **more,
    }
    tx.append(NewEvent(kind, ACTOR, act.item, told))


def _keep_own(tx: Tx, act: Outgoing, item: Item, sent: Sent, account: str | None) -> None:
    """Our message, as it will be recognised when the platform shows it."""
    created = sent.created_at or tx.now()
    own = tx.find_own(act.channel, sent.remote_id)
    if own is not None and own.outgoing is None and own.removed_at is None:
        tx.save_own(replace(own, outgoing=act.id))
        return
    tx.add_own(
        OwnMessage(
            channel=act.channel,
            remote_id=sent.remote_id if own is None else reissued(sent.remote_id, created),
            parent_remote_id=item.remote_id,
            author_name=line(account) if account else None,
            text=safe(act.text),
            created_at=created,
            outgoing=act.id,
        )
    )


def _not_an_item(tx: Tx, act: Outgoing, sent: Sent) -> None:
    """Where it came in as a stranger's comment before we knew that it is ours: nobody has to answer it."""
    item = tx.find_item(act.channel, sent.remote_id)
    since = (act.first_attempt_at or act.queued_at) - _CLOCKS
    if item is None or item.removed_at is not None or item.text != safe(act.text) or item.received_at < since:
        return
    after = replace(item, status=Status.DONE, outcome=Outcome.IGNORED)
    tx.save_item(after)
    told = {"act": act.id, "from": Standing.of(item).to_json(), "to": Standing.of(after).to_json()}
    tx.append(NewEvent("own-message", ACTOR, item.id, told))
