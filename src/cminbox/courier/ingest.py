"""What an entry of a look or a file means, against what the store knows: written in one transaction with its events.

Each entry is new, changed, gone, ours or as it was; the same entry again changes nothing and writes no event. Entries
may come in any order (a reply before its parent, our answer before the comment it answers). One that cannot be taken
costs only itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from cminbox.channels.base import Broken, Comment, reissued
from cminbox.courier.conversation import AnsweredByUs, Waiting
from cminbox.courier.door import author_of, cleaned, through_the_door
from cminbox.courier.ours import SAME_INSTANT, Ours
from cminbox.courier.tally import Tally
from cminbox.domain import item as life
from cminbox.domain.event import NewEvent, digest
from cminbox.domain.item import Item, Outcome, Standing, Status
from cminbox.domain.outgoing import ActState
from cminbox.store.protocol import Origin, Quarantined, Tx


@dataclass(slots=True, kw_only=True)
class Intake:
    """How the entries of one channel are taken in. One object a look, or a file: it remembers what it has seen.

    ``since``: what is older came in as done. ``settled``: everything does. ``reuses_ids``: as the connector says.
    """

    channel: str
    brand: str | None = None
    actor: str = "courier"
    since: datetime | None = None
    settled: bool = False
    own_ids: frozenset[str] = frozenset()
    reuses_ids: bool = False
    _renamed: dict[str, str] = field(default_factory=dict)
    """Platform's id → ours, where the platform gave an id out again."""

    def take(self, tx: Tx, entry: Comment | Broken, batch: Batch) -> None:
        """Takes one entry in. Whatever it raises, the transaction is to be rolled back: see :mod:`.taking`."""
        if isinstance(entry, Broken):
            self.put_aside(tx, entry, batch)
            return
        ours = self._ours(tx, batch)
        name, item = self._identified(tx, entry)
        if item is None and (entry.own or entry.author_id in self.own_ids or ours.knows(name, entry)):
            if ours.take(entry, name, batch.tally) and entry.parent_remote_id is not None:
                self._answered_elsewhere(tx, self._parent(entry))
            return
        if item is not None:
            self._known(tx, item, entry, batch)
        elif entry.removed:
            batch.tally.unchanged += 1
        elif ours.awaits(entry):
            batch.tally.awaited += 1
        else:
            self._new(tx, name, entry, batch)

    def put_aside(self, tx: Tx, entry: Broken, batch: Batch) -> None:
        """Keeps a broken entry, once, with its reason."""
        before = tx.channel_state(self.channel).quarantined
        tx.set_aside(Quarantined(self.channel, entry.remote_id, entry.reason, batch.now), entry.payload)
        if tx.channel_state(self.channel).quarantined == before:
            batch.tally.unchanged += 1
            return
        batch.tally.aside += 1
        told = {"channel": self.channel, "remote_id": _printable(entry.remote_id), "reason": entry.reason}
        tx.append(NewEvent("set-aside", self.actor, None, told))

    def _ours(self, tx: Tx, batch: Batch) -> Ours:
        if batch.ours is None:
            batch.ours = Ours(tx, self.channel, self.actor, batch.now, reuses_ids=self.reuses_ids)
        return batch.ours

    def _identified(self, tx: Tx, entry: Comment) -> tuple[str, Item | None]:
        """What we call this message, and the item that it is, if we have it."""
        name = entry.remote_id
        item = tx.find_item(self.channel, name)
        if not self.reuses_ids or item is None or entry.created_at is None or _same(tx, item, entry):
            return name, item
        name = reissued(name, entry.created_at)
        self._renamed[entry.remote_id] = name
        return name, tx.find_item(self.channel, name)

    def _parent(self, entry: Comment) -> str | None:
        parent = entry.parent_remote_id
        return None if parent is None else self._renamed.get(parent, parent)

    def _new(self, tx: Tx, name: str, entry: Comment, batch: Batch) -> None:
        taken = through_the_door(entry, self.channel, self.brand, batch.now)
        item = replace(taken.item, remote_id=name, parent_remote_id=self._parent(entry))
        if self.settled or (self.since is not None and item.created_at < self.since):
            item = replace(item, status=Status.DONE)
        item = tx.add_item(item, taken.origin)
        salt = tx.salt(item.id)
        told = {
            "channel": self.channel,
            "remote_id": name,
            "text": digest(taken.origin.raw, salt),
            "author": digest(item.author.shown, salt) if item.author.shown else None,
            "status": item.status.value,
            "outcome": item.outcome and item.outcome.value,
        }
        tx.append(NewEvent("received", self.actor, item.id, told))
        batch.tally.added += 1
        if batch.answered is None:
            batch.answered = AnsweredByUs(tx, reuses_ids=self.reuses_ids)
        if item in batch.answered:
            self._answered_elsewhere(tx, name)
        elif item.parent_remote_id is not None and item.status is not Status.DONE:
            self._wakes(tx, item, batch)

    def _known(self, tx: Tx, item: Item, entry: Comment, batch: Batch) -> None:
        if entry.removed:
            if item.removed_at is not None:
                batch.tally.unchanged += 1
                return
            self._moved(tx, item, life.withdrawn(item, batch.now), "removed")
            batch.tally.removed += 1
            return
        changed = item
        if item.removed_at is not None:
            changed = _back(item)
            self._moved(tx, item, changed, "returned")
        if item.held != entry.held:
            # of what was held back neither parent nor instant was known
            parent = self._parent(entry) if item.parent_remote_id is None else item.parent_remote_id
            created = entry.created_at or item.created_at
            after = replace(changed, held=entry.held, parent_remote_id=parent, created_at=created)
            self._moved(tx, changed, after, "held" if entry.held else "published")
            changed = after
        if self._edited(tx, changed, entry, batch.now) or changed is not item:
            batch.tally.edited += 1
        else:
            batch.tally.unchanged += 1

    def _edited(self, tx: Tx, item: Item, entry: Comment, now: datetime) -> bool:
        """Writes what the author changed: the text, the stars, the name. Whether there was anything."""
        origin = tx.origin(item.id)
        texts = origin is not None and origin.raw != entry.text
        stars = entry.rating is not None and entry.rating != item.rating
        author = author_of(entry)
        named = author.name is not None and author.name != item.author.name
        if not texts and not stars and not named:
            return False
        after = item
        salt = tx.salt(item.id)
        told: dict[str, object] = {"from": Standing.of(item).to_json()}
        if texts or stars:
            text, marks = cleaned(entry)
            after = life.rewritten(item, text, marks, entry.edited_at or now)
            told["text"] = digest(entry.text, salt)
        if named:
            after = replace(after, author=replace(author, remote_id=item.author.remote_id))
            told["author"] = digest(author.name or "", salt)
        after = replace(after, rating=entry.rating if stars else item.rating)
        told["to"] = Standing.of(after).to_json()
        tx.save_item(after)
        if texts:
            tx.save_origin(item.id, Origin(entry.text, origin.extra if origin else {}))
        tx.append(NewEvent("edited" if texts or stars else "renamed", self.actor, item.id, told))
        return True

    def _moved(self, tx: Tx, before: Item, after: Item, kind: str) -> None:
        tx.save_item(after)
        told = {"from": Standing.of(before).to_json(), "to": Standing.of(after).to_json()}
        tx.append(NewEvent(kind, self.actor, after.id, told))

    def _answered_elsewhere(self, tx: Tx, parent: str | None) -> None:
        """Our account answered this comment, and not from here: it is done, unless something is on its way here."""
        if parent is None:
            return
        item = tx.find_item(self.channel, parent)
        if item is None or (item.status is Status.DONE and item.outcome is not None):
            return
        if any(act.state is not ActState.CANCELLED for act in tx.outgoing_of(item.id)):
            return
        after = replace(item, status=Status.DONE, outcome=Outcome.ANSWERED)
        self._moved(tx, item, after, "answered-elsewhere")

    def _wakes(self, tx: Tx, item: Item, batch: Batch) -> None:
        """The author whom somebody waits for wrote again: what waited is open (``reply --wait``)."""
        if batch.waiting is None:
            batch.waiting = Waiting(tx, self.channel)
        for other in batch.waiting.for_author_of(item):
            self._moved(tx, other, life.answer_needs_person(other), "author-wrote")


@dataclass(slots=True)
class Batch:
    """What is looked up once for all entries of one transaction."""

    now: datetime
    tally: Tally = field(default_factory=Tally)
    ours: Ours | None = None
    waiting: Waiting | None = None
    answered: AnsweredByUs | None = None


def _same(tx: Tx, item: Item, entry: Comment) -> bool:
    """Whether one id still means the same message, where ids are given out again: its instant tells, and the same
    words of the same author, of a blog that was put back."""
    origin = tx.origin(item.id)
    if origin is not None and origin.raw == entry.text and item.author.remote_id == entry.author_id:
        return True
    if item.held or entry.held or entry.created_at is None:
        # of what waits for moderation the instant is not known exactly
        return True
    return abs(item.created_at - entry.created_at) < SAME_INSTANT


def _back(item: Item) -> Item:
    """What was gone stands there again."""
    if item.outcome is Outcome.WITHDRAWN:
        return replace(item, removed_at=None, status=Status.OPEN, outcome=None)
    return replace(item, removed_at=None)


def _printable(remote_id: str | None) -> str | None:
    return None if remote_id is None else ascii(remote_id[:200])[1:-1]
