"""What our own account wrote, told by ids: those that we sent, and those that the platform gives our account.

Where a platform knows no account (Isso), an answer whose sending ended unclear could come in as a stranger's comment
before read-back finds it. Such a comment waits for the next look. One that a person has told to stand there
(``outbox posted``) is recognised by its text under the same comment.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from cminbox.channels.base import Comment, reissued
from cminbox.courier.door import author_of, cleaned
from cminbox.courier.tally import Tally
from cminbox.domain.event import NewEvent, digest
from cminbox.domain.outgoing import ActState, Outgoing
from cminbox.store.protocol import OwnMessage, Tx

_UNCLEAR = frozenset({ActState.SENDING, ActState.UNCERTAIN})
_BY_WORD = frozenset({ActState.LIVE, ActState.CANCELLED})
_LATEST = 200
_UNCLEAR_FOR = timedelta(days=1)
"""So long such a comment waits; if nobody has decided by then, it comes in."""
_CLOCKS = timedelta(minutes=10)
"""So far may the platform's clock be behind ours."""
SAME_INSTANT = timedelta(milliseconds=10)
"""Two instants of a platform that are this near are one: it keeps them as floating-point numbers."""


class Ours:
    """Our messages of one channel, within one transaction."""

    def __init__(self, tx: Tx, channel: str, actor: str, now: datetime, *, reuses_ids: bool) -> None:
        self._tx = tx
        self._reuses_ids = reuses_ids
        self._channel = channel
        self._actor = actor
        self._now = now
        unclear = [act for act in tx.outbox(_UNCLEAR, channel=channel) if now - _tried(act) < _UNCLEAR_FOR]
        self._unclear = [(act, _places(tx, act)) for act in unclear]
        self._by_word: list[tuple[Outgoing, frozenset[str | None]]] | None = None

    def knows(self, name: str, entry: Comment) -> bool:
        """Whether this message is one that we sent, or that a person has told us to be ours."""
        return self._found(name, entry) is not None or self._told(entry) is not None

    def awaits(self, entry: Comment) -> bool:
        """Whether this may be an answer that nobody knows yet to stand there."""
        return any(act.text == entry.text and entry.parent_remote_id in places for act, places in self._unclear)

    def take(self, entry: Comment, name: str, tally: Tally) -> bool:
        """Keeps our message as it stands now. Whether it is new, and not of an act of ours."""
        found = self._found(name, entry)
        if found is not None:
            changed = self._changed(found, entry)
            tally.ours += changed
            tally.unchanged += not changed
            return False
        if entry.removed:
            tally.unchanged += 1
            return False
        act = self._told(entry)
        text, _ = cleaned(entry)
        message = OwnMessage(
            channel=self._channel,
            remote_id=self._free(name, entry),
            parent_remote_id=entry.parent_remote_id,
            author_name=author_of(entry).shown,
            text=text,
            created_at=entry.created_at or self._now,
            edited_at=entry.edited_at,
            outgoing=None if act is None else act.id,
        )
        self._tx.add_own(message)
        if act is not None and act.remote_id is None:
            self._tx.save_outgoing(replace(act, remote_id=entry.remote_id))
        told = {"channel": self._channel, "remote_id": message.remote_id, "act": message.outgoing}
        self._tx.append(NewEvent("own-message", self._actor, None if act is None else act.item, told))
        tally.ours += 1
        return act is None

    def _found(self, name: str, entry: Comment) -> OwnMessage | None:
        for one in dict.fromkeys((entry.remote_id, name)):
            own = self._tx.find_own(self._channel, one)
            if own is not None and own.removed_at is None and self._same(own, entry):
                return own
        return None

    def _same(self, own: OwnMessage, entry: Comment) -> bool:
        """Whether one id still means the same message."""
        if not self._reuses_ids or entry.created_at is None or str(own.text) == entry.text:
            return True
        return abs(own.created_at - entry.created_at) < SAME_INSTANT

    def _free(self, name: str, entry: Comment) -> str:
        """A name that no message of ours has: an id may have been given out again."""
        if entry.created_at is not None and self._tx.find_own(self._channel, name) is not None:
            return reissued(entry.remote_id, entry.created_at)
        return name

    def _told(self, entry: Comment) -> Outgoing | None:
        if entry.parent_remote_id is None or entry.removed:
            return None
        if self._by_word is None:
            acts = self._tx.outbox(_BY_WORD, channel=self._channel, limit=_LATEST)
            loose = [act for act in acts if act.remote_id is None and (act.state is ActState.LIVE or act.attempts)]
            self._by_word = [(act, _places(self._tx, act)) for act in loose]
        for act, places in self._by_word:
            since = act.first_attempt_at or act.queued_at
            late = entry.created_at is None or entry.created_at > since - _CLOCKS
            if act.text == entry.text and entry.parent_remote_id in places and late:
                return act
        return None

    def _changed(self, own: OwnMessage, entry: Comment) -> bool:
        if entry.removed:
            after = replace(own, removed_at=self._now)
        else:
            text, _ = cleaned(entry)
            if text == own.text:
                return False
            after = replace(own, text=text, edited_at=entry.edited_at or self._now)
        self._tx.save_own(after)
        told = {"channel": self._channel, "remote_id": own.remote_id, "text": digest(after.text, own.remote_id)}
        self._tx.append(NewEvent("own-removed" if entry.removed else "own-edited", self._actor, None, told))
        return True


def _tried(act: Outgoing) -> datetime:
    return act.last_attempt_at or act.queued_at


def _places(tx: Tx, act: Outgoing) -> frozenset[str | None]:
    """Under which messages a platform may show the answer: the one it was written to, or the topmost one above."""
    item = tx.item(act.item)
    return frozenset() if item is None else frozenset({item.remote_id, item.parent_remote_id})
