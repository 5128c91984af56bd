"""The query language of CONTRACT.md, first part: words and the fields that this version knows, all of them joined by
"and". What is not understood is one line with its column, counted from 1.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from cminbox.domain.errors import UsageError
from cminbox.domain.item import ACTIVE, Status
from cminbox.domain.view import Order, Selection

_T = TypeVar("_T", Status, Order)
FIELDS = ("channel", "status", "assignee", "author", "lang", "id", "is", "has", "sort")
FLAGS = ("edited", "removed", "held", "failed", "uncertain")
_TOKEN = re.compile(r'\s*(?:(?P<field>[a-z]+):)?(?:"(?P<phrase>[^"]*)"|(?P<open>")|(?P<word>[^\s"]+))')


def parsed(query: str, operator: str) -> Selection:
    """The selection that a query means. UsageError names the column of a mistake."""
    chosen = Selection()
    position = 0
    while query[position:].strip():
        token = _TOKEN.match(query, position)
        if token is None or token["open"] is not None:
            raise UsageError(f'query, column {position + 1}: a quote is not closed (write "…")')
        column = len(query) - len(query[position:].lstrip()) + 1
        value = token["phrase"] if token["phrase"] is not None else token["word"]
        chosen = _with(chosen, token["field"], value, column, operator)
        position = token.end()
    return chosen


def _with(chosen: Selection, field: str | None, value: str, column: int, operator: str) -> Selection:
    if field is None:
        return replace(chosen, words=(*chosen.words, value))
    if field not in FIELDS:
        raise UsageError(f"query, column {column}: no field is called {field!r}: there are {', '.join(FIELDS)}")
    if field == "is":
        return _is(chosen, value, column, operator)
    if field in ("channel", "author", "lang"):
        return replace(chosen, **{field: value})
    if field == "assignee":
        return replace(chosen, assignee={"me": operator, "none": ""}.get(value, value))
    if field == "status":
        return replace(chosen, statuses=_narrowed(chosen, frozenset({_member(Status, value, column)})))
    if field == "sort":
        return replace(chosen, order=_member(Order, value, column))
    if field == "has":
        if value != "draft":
            raise UsageError(f"query, column {column}: has: knows draft")
        return replace(chosen, flags=chosen.flags | {"draft"})
    if not value.isdigit():
        raise UsageError(f"query, column {column}: id: wants a number")
    return replace(chosen, ids=(*(chosen.ids or ()), int(value)))


def _is(chosen: Selection, value: str, column: int, operator: str) -> Selection:
    if value in FLAGS:
        return replace(chosen, flags=chosen.flags | {value})
    if value == "mine":
        return replace(chosen, assignee=operator)
    if value == "unassigned":
        return replace(chosen, assignee="", statuses=_narrowed(chosen, ACTIVE))
    try:
        return replace(chosen, statuses=_narrowed(chosen, frozenset({Status(value)})))
    except ValueError:
        known = ", ".join((*(s.value for s in Status), "mine", "unassigned", *FLAGS))
        raise UsageError(f"query, column {column}: is: knows {known}") from None


def _narrowed(chosen: Selection, statuses: frozenset[Status]) -> frozenset[Status]:
    return statuses if chosen.statuses is None else chosen.statuses & statuses


def _member(kind: type[_T], value: str, column: int) -> _T:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(member.value for member in kind)
        raise UsageError(f"query, column {column}: {value!r} is none of {known}") from None
