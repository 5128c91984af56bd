"""Views: named selections of items, and the order in which they are worked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from cminbox.domain.errors import UsageError
from cminbox.domain.item import Status


class Order(StrEnum):
    """``urgent``: priority, due_at (none last), created_at, id. ``newest`` and ``oldest`` go by created_at, then id."""

    URGENT = "urgent"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items: every condition that is set must hold. ``assignee`` "" means: nobody's."""

    statuses: frozenset[Status] | None = None
    channel: str | None = None
    assignee: str | None = None
    author: str | None = None
    lang: str | None = None
    words: tuple[str, ...] = ()
    ids: tuple[int, ...] | None = None
    flags: frozenset[str] = frozenset()
    """Of: ``failed``, ``uncertain``, ``edited``, ``removed``, ``held``, ``draft``."""
    order: Order = Order.URGENT


@dataclass(frozen=True, slots=True)
class View:
    """A named selection with the letter that follows ``v``."""

    name: str
    key: str
    title: str
    selection: Selection


ME = "@me"
"""Stands for the operator in a view; :func:`view` puts the name in."""

VIEWS: tuple[View, ...] = (
    View("inbox", "i", "new and open, most urgent first", Selection(frozenset({Status.NEW, Status.OPEN}))),
    View("new", "n", "nobody has dealt with it", Selection(frozenset({Status.NEW}))),
    View("mine", "m", "assigned to me, not done", Selection(frozenset(set(Status) - {Status.DONE}), assignee=ME)),
    View("unassigned", "u", "new and open, nobody's",
         Selection(frozenset({Status.NEW, Status.OPEN}), assignee="")),
    View("waiting", "w", "an answer is on its way, or it is someone else's turn",
         Selection(frozenset({Status.WAITING}))),
    View("done", "e", "done, newest first", Selection(frozenset({Status.DONE}), order=Order.NEWEST)),
    View("all", "a", "everything, newest first", Selection(order=Order.NEWEST)),
)  # fmt: skip


def view(name: str, operator: str) -> View:
    """The view of that name, with the operator's name put in. UsageError names those that exist."""
    for known in VIEWS:
        if known.name == name:
            if known.selection.assignee == ME:
                return replace(known, selection=replace(known.selection, assignee=operator))
            return known
    raise UsageError(f"no view is called {name!r}: there are {', '.join(v.name for v in VIEWS)}")
