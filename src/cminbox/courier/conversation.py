"""What a newcomer means for its thread: who waits for its author, and whether our account has answered it already.

Each is looked up once a transaction and kept for its entries; a thread of ten thousand costs a page no more than that.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from cminbox.domain.item import Author, Item, Status
from cminbox.domain.outgoing import ActState
from cminbox.domain.view import Order, Selection
from cminbox.store.protocol import Place, Tx

_PAGE = 500
_CLOCKS = timedelta(minutes=10)
"""So far may the instants of two messages of one platform be out of order."""


class Waiting:
    """The items of a channel that wait for their author: answered, with the wish to wait (``reply --wait``)."""

    def __init__(self, tx: Tx, channel: str) -> None:
        self._tx = tx
        self._by_author: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
        chosen = Selection(frozenset({Status.WAITING}), channel, order=Order.OLDEST)
        places = tx.page(chosen, limit=_PAGE)
        while places:
            for item in tx.items([place.id for place in places]):
                self._by_author[_who(item.author)].append(item.id)
            places = self._next(chosen, places)

    def for_author_of(self, item: Item) -> list[Item]:
        """Those of the same author in the same thread, as they stand now."""
        # read again: they may have been woken or drawn into another thread by an entry before this one
        others = self._tx.items(self._by_author.get(_who(item.author), []))
        return [other for other in others if other.thread == item.thread and _waits(self._tx, other)]

    def _next(self, chosen: Selection, places: list[Place]) -> list[Place]:
        return self._tx.page(chosen, after=places[-1], limit=_PAGE) if len(places) == _PAGE else []


class AnsweredByUs:
    """Which messages our account answered before they came in: its answer may have come in a look long before."""

    def __init__(self, tx: Tx, *, reuses_ids: bool) -> None:
        self._tx = tx
        self._reuses_ids = reuses_ids
        self._threads: dict[int, tuple[int, dict[str, list[str]]]] = {}
        """Thread → its head as it was then, and of each message the ids of our answers to it."""

    def __contains__(self, item: Item) -> bool:
        """Whether an answer of ours to this item, which has just come in, stands in its thread."""
        head = self._tx.thread_head(item.thread)
        if head == 1:
            # it is alone
            return False
        before = self._threads.get(item.thread)
        # the item itself moved the head by one; anything else (an answer, another thread drawn in) by more
        answers = before[1] if before and head == before[0] + 1 else self._answers(item.thread)
        self._threads[item.thread] = head, answers
        return any(self._stands(item, name) for name in answers.get(item.remote_id, ()))

    def _answers(self, thread: int) -> dict[str, list[str]]:
        answers: defaultdict[str, list[str]] = defaultdict(list)
        for node in self._tx.thread_nodes(thread):
            if node.key < 0 and node.parent_remote_id is not None:
                answers[node.parent_remote_id].append(node.remote_id)
        return answers

    def _stands(self, item: Item, name: str) -> bool:
        own = self._tx.find_own(item.channel, name)
        if own is None or own.removed_at is not None:
            return False
        # what is older answered another message, which had this id before
        return not self._reuses_ids or own.created_at + _CLOCKS >= item.created_at


def _who(author: Author) -> tuple[str, str | None]:
    return ("id", author.remote_id) if author.remote_id is not None else ("name", author.shown)


def _waits(tx: Tx, item: Item) -> bool:
    if item.status is not Status.WAITING:
        return False
    # an answer that was taken back is as if it had never been written
    acts = [act for act in tx.outgoing_of(item.id) if act.state is not ActState.CANCELLED]
    return bool(acts) and acts[-1].state is ActState.LIVE and acts[-1].wait
