"""Pages of ids by key: never by offset, never sorted.

A selection is cut into lanes, each a range of one index in which the order is already there (one status and, where
asked, one channel or assignee). SQLite merges the lanes as it reads them, so a page costs a few dozen index rows
however large the store is. What no index knows (language, author, words, marks) is looked at while walking.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cminbox.domain.item import Status
from cminbox.domain.view import Order, Selection
from cminbox.store.protocol import Place
from cminbox.store.sqlite.base import ReaderBase
from cminbox.store.sqlite.folding import folded
from cminbox.store.sqlite.values import id_list

KEYS: dict[Order, tuple[str, ...]] = {
    Order.URGENT: ("priority", "due_key", "created_at"),
    Order.NEWEST: ("created_at",),
    Order.OLDEST: ("created_at",),
}
MARKS = {"edited": "item.edited_at IS NOT NULL", "removed": "item.removed_at IS NOT NULL", "held": "item.held = 1"}
FEW = {
    "failed": "SELECT item FROM outgoing WHERE state = 'failed'",
    "uncertain": "SELECT item FROM outgoing WHERE state = 'uncertain'",
    "draft": "SELECT item FROM draft",
}
"""Flags that few items have: these are looked up first, and sorted here."""
TEXTS = "EXISTS (SELECT 1 FROM item_text AS t WHERE t.item = item.id AND ({}))"
NAMED = "instr(folded(coalesce(t.name, '') || ' ' || coalesce(t.handle, '')), ?)"
WORD = (
    f"({TEXTS.format(f'instr(folded(t.text), ?) OR {NAMED}')} OR EXISTS"
    " (SELECT 1 FROM post WHERE post.id = item.post AND instr(folded(coalesce(post.title, '')), ?)))"
)
AUTHOR = (
    f"(EXISTS (SELECT 1 FROM author WHERE author.id = item.author AND author.remote_id = ?) OR {TEXTS.format(NAMED)})"
)
AMONG = "item.id IN (SELECT value FROM json_each(?))"
Condition = tuple[str, tuple[Any, ...]]


class PageReader(ReaderBase):
    """Reading pages."""

    def page(
        self,
        selection: Selection,
        *,
        after: Place | None = None,
        before: Place | None = None,
        last: bool = False,
        limit: int = 50,
    ) -> list[Place]:
        """Ids by key, in the selection's order: the first ``limit`` (after a place), those just before a place, or
        the last ones."""
        backward = last or before is not None
        at = before if backward else after
        if selection.ids is not None or selection.flags & FEW.keys():
            found = self._few(selection, at, backward=backward)[:limit]
        else:
            sql, values = page_sql(selection, at, backward=backward)
            found = [Place(tuple(row[:-1]), row[-1]) for row in self.db.execute(sql, (*values, limit))]
        return found[::-1] if backward else found

    def place(self, selection: Selection, item_id: int) -> Place | None:
        """Where an item stands in a selection, or None where it is not in it."""
        if selection.ids is not None and item_id not in selection.ids:
            return None
        found = self._sorted(selection, f"item.id = {int(item_id)}", (), reverse=False)
        return found[0] if found else None

    def _few(self, selection: Selection, at: Place | None, *, backward: bool) -> list[Place]:
        where, values = ("1", ()) if selection.ids is None else (AMONG, (id_list(selection.ids),))
        descending = (selection.order is Order.NEWEST) is not backward
        found = self._sorted(selection, where, values, reverse=descending)
        if at is None:
            return found
        edge = (*at.key, at.id)
        return [p for p in found if ((*p.key, p.id) < edge if descending else (*p.key, p.id) > edge)]

    def _sorted(self, selection: Selection, where: str, values: Sequence[Any], *, reverse: bool) -> list[Place]:
        conditions = [*_equals(selection), *_filters(selection)]
        conditions += [(f"item.id IN ({FEW[flag]})", ()) for flag in sorted(selection.flags & FEW.keys())]
        if selection.statuses is not None:
            marks = ", ".join("?" * len(selection.statuses))
            conditions.append((f"item.status IN ({marks})", tuple(sorted(selection.statuses))))
        clause = " AND ".join([where, *(sql for sql, _ in conditions)])
        rows = self.db.execute(
            # looked up by id: there are few
            f"SELECT {', '.join(KEYS[selection.order])}, item.id FROM item NOT INDEXED WHERE {clause}",
            (*values, *(value for _, some in conditions for value in some)),
        )
        return [Place(tuple(row[:-1]), row[-1]) for row in sorted(rows, reverse=reverse)]


def page_sql(selection: Selection, at: Place | None, *, backward: bool) -> tuple[str, tuple[Any, ...]]:
    """The query of a page and its values but for the limit."""
    keys = KEYS[selection.order]
    descending = (selection.order is Order.NEWEST) is not backward
    index, equal = _index(selection)
    filters = [c for c in (*_equals(selection), *_filters(selection)) if c[0] not in equal]
    statuses = sorted(Status if selection.statuses is None else selection.statuses) or [Status.NEW]
    ranges = _ranges(keys, at, "<" if descending else ">")
    if selection.statuses is not None and not selection.statuses:
        filters.append(("0", ()))
    lanes, values = list[str](), list[Any]()
    for status in statuses:
        for lane in ranges:
            conditions = [("item.status = ?", (status.value,)), *equal.items(), *lane, *filters]
            lanes.append(
                f"SELECT {', '.join(keys)}, item.id FROM item INDEXED BY {index}"
                f" WHERE {' AND '.join(sql for sql, _ in conditions)}"
            )
            values.extend(value for _, some in conditions for value in some)
    direction = " DESC" if descending else ""
    order = ", ".join(f"{n}{direction}" for n in range(1, len(keys) + 2))
    return f"{' UNION ALL '.join(lanes)} ORDER BY {order} LIMIT ?", tuple(values)


def _index(selection: Selection) -> tuple[str, dict[str, tuple[Any, ...]]]:
    """The index to walk, and which equalities it takes over. A person has fewer items than a channel."""
    kind = "urgent" if selection.order is Order.URGENT else "created"
    if selection.assignee or (selection.assignee is not None and selection.channel is None):
        return f"item_assignee_{kind}", {"item.assignee = ?": (selection.assignee,)}
    if selection.channel is not None:
        return f"item_channel_{kind}", {"item.channel = ?": (selection.channel,)}
    return f"item_{kind}", {}


def _ranges(keys: tuple[str, ...], at: Place | None, than: str) -> list[list[Condition]]:
    """What lies beyond a place: those with the same key by id, and those with another key.

    Two ranges, since SQLite cannot seek to (key, rowid) in one: a thousand items with one created_at would be walked.
    """
    if at is None:
        return [[]]
    ties: list[Condition] = [(f"{key} = ?", (value,)) for key, value in zip(keys, at.key, strict=True)]
    names, marks = ", ".join(keys), ", ".join("?" * len(keys))
    return [
        [*ties, (f"item.id {than} ?", (at.id,))],
        [(f"({names}) {than} ({marks})" if len(keys) > 1 else f"{names} {than} ?", at.key)],
    ]


def _equals(selection: Selection) -> list[Condition]:
    conditions: list[Condition] = []
    if selection.assignee is not None:
        conditions.append(("item.assignee = ?", (selection.assignee,)))
    if selection.channel is not None:
        conditions.append(("item.channel = ?", (selection.channel,)))
    return conditions


def _filters(selection: Selection) -> list[Condition]:
    conditions: list[Condition] = [(MARKS[flag], ()) for flag in sorted(selection.flags & MARKS.keys())]
    if selection.lang is not None:
        conditions.append(("(item.lang = ? OR item.lang LIKE ? || '-%')", (selection.lang, selection.lang)))
    if selection.author is not None:
        conditions.append((AUTHOR, (selection.author, folded(selection.author))))
    conditions.extend((WORD, (folded(word),) * 3) for word in selection.words if word)
    return conditions
