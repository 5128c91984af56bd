"""An outgoing act: anything that leaves the house. It is a row before its first byte leaves.

``draft → queued → sending → live | uncertain | failed``; ``manual`` where a channel has no way to send; ``approval``
where another person must agree first; ``cancelled`` when it was taken back in time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cminbox.domain.errors import RefusedError
from cminbox.domain.item import Standing


class ActKind(StrEnum):
    """What the act does. Only replies are sent in this version; the others keep their names free."""

    REPLY = "reply"


class ActState(StrEnum):
    """Where an act stands."""

    DRAFT = "draft"
    APPROVAL = "approval"
    QUEUED = "queued"
    SENDING = "sending"
    LIVE = "live"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CANCELLED = "cancelled"
    MANUAL = "manual"


IN_FLIGHT = frozenset({ActState.QUEUED, ActState.SENDING, ActState.UNCERTAIN})
"""An answer that may still come to stand there; a second one beside it would be a double."""

ON_ITS_WAY = IN_FLIGHT | {ActState.MANUAL}
"""The same with what a person is to post by hand: its item ends with it, and gets no second answer beside it."""

UNFINISHED = IN_FLIGHT | {ActState.FAILED, ActState.MANUAL, ActState.APPROVAL}
"""What the outbox shows: work that is not over."""

FOLLOWS: dict[ActState, frozenset[ActState]] = {
    ActState.DRAFT: frozenset({ActState.QUEUED, ActState.APPROVAL, ActState.MANUAL, ActState.CANCELLED}),
    ActState.APPROVAL: frozenset({ActState.QUEUED, ActState.MANUAL, ActState.CANCELLED}),
    ActState.QUEUED: frozenset({ActState.SENDING, ActState.CANCELLED, ActState.FAILED}),
    # back to queued only when the request surely never left, or the platform said "later"
    ActState.SENDING: frozenset({ActState.LIVE, ActState.UNCERTAIN, ActState.FAILED, ActState.QUEUED}),
    ActState.UNCERTAIN: frozenset({ActState.LIVE, ActState.QUEUED, ActState.FAILED, ActState.CANCELLED}),
    ActState.FAILED: frozenset({ActState.QUEUED, ActState.CANCELLED}),
    ActState.MANUAL: frozenset({ActState.LIVE, ActState.CANCELLED}),
    ActState.LIVE: frozenset(),
    ActState.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One act. ``key`` is the idempotency key, the same at every try; ``text`` leaves as it is or not at all.

    ``not_before`` is when the undo window ends or a pause after a failure is over. ``first_attempt_at`` is when the
    first byte may have left. ``before`` is how the item stood, for taking it back.
    """

    id: int = 0
    item: int
    channel: str
    kind: ActKind = ActKind.REPLY
    text: str
    snippet: str | None = None
    operator: str
    state: ActState
    key: str
    remote_id: str | None = None
    url: str | None = None
    attempts: int = 0
    error: str | None = None
    queued_at: datetime
    not_before: datetime
    first_attempt_at: datetime | None = None
    last_attempt_at: datetime | None = None
    live_at: datetime | None = None
    fence: int = 0
    wait: bool = False
    before: Standing


def moved(act: Outgoing, state: ActState) -> Outgoing:
    """The act in another state, or RefusedError where that state cannot follow."""
    if state not in FOLLOWS[act.state]:
        raise RefusedError(f"outgoing {act.id} is {act.state}: it cannot become {state}")
    return replace(act, state=state)
