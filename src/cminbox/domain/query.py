"""The query language of CONTRACT.md, first part: words and the fields that this version knows, all of them joined by
"and". What is not understood is one line with its column, counted from 1: a mistake, and also what this version does
not know yet (``OR``, ``-not``, brackets), so that no query means something else than was meant.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, TypeVar

from cminbox.domain.errors import UsageError
from cminbox.domain.item import ACTIVE, Status
from cminbox.domain.view import Order, Selection

_T = TypeVar("_T", Status, Order)
FIELDS = ("channel", "status", "assignee", "author", "lang", "id", "is", "has", "sort")
FLAGS = ("edited", "removed", "held", "failed", "uncertain")
LONGEST_NUMBER = 20
ONCE = frozenset({"channel", "assignee", "author", "lang", "sort"})
"""Fields that may stand in a query once: what two of them together would mean, this version cannot look for."""
_TOKEN = re.compile(r'(?:(?P<field>[a-z]+):(?=\S))?(?:"(?P<phrase>[^"]*)"|(?P<open>")|(?P<word>[^\s"]+))')
_SPACE = re.compile(r"\s*")
_LATER = re.compile(r"OR|-[^\W_].*|\(.*|.*\w\)")


def parsed(query: str, operator: str, base: Selection | None = None) -> Selection:
    """The selection that a query means, within ``base``: what a view shows already, and its order.

    UsageError names the column of a mistake.
    """
    chosen = base or Selection()
    fields: set[str] = set()
    position = _skip(query, 0)
    while position < len(query):
        column = position + 1
        token = _TOKEN.match(query, position)
        if token is None or token["open"] is not None:
            raise UsageError(f'query, column {column}: a quote is not closed (write "…")')
        if query.startswith('-"', position):
            raise _not_yet('-"', column)
        field, value = token["field"], token["phrase"] if token["phrase"] is not None else token["word"]
        if field in fields and field in ONCE:
            raise UsageError(f"query, column {column}: {field}: stands there twice")
        fields.add(field or "")
        chosen = _with(chosen, field, value, column, operator, quoted=token["phrase"] is not None)
        position = _skip(query, token.end())
    return chosen


def _not_yet(value: str, column: int) -> UsageError:
    return UsageError(f'query, column {column}: {value[:20]!r}: OR, - and ( ) are not known yet; as text: "…"')


def _skip(query: str, position: int) -> int:
    space = _SPACE.match(query, position)
    return position if space is None else space.end()


def _with(chosen: Selection, field: str | None, value: str, column: int, operator: str, *, quoted: bool) -> Selection:
    if field is None:
        return _word(chosen, value, column, quoted=quoted)
    if field not in FIELDS:
        raise UsageError(f"query, column {column}: no field is called {field[:40]!r}: there are {', '.join(FIELDS)}")
    if not value:
        raise UsageError(f"query, column {column}: {field}: wants a value")
    if field == "is":
        return _is(chosen, value, column, operator)
    if field in ("channel", "author", "lang"):
        return _only(chosen, field, value)
    if field == "assignee":
        return _only(chosen, field, {"me": operator, "none": ""}.get(value, value))
    if field == "status":
        return _narrowed(chosen, frozenset({_member(Status, value, column)}))
    if field == "sort":
        return replace(chosen, order=_member(Order, value, column))
    if field == "has":
        if value != "draft":
            raise UsageError(f"query, column {column}: has: knows draft")
        return replace(chosen, flags=chosen.flags | {"draft"})
    if not (value.isascii() and value.isdigit() and len(value) < LONGEST_NUMBER):
        raise UsageError(f"query, column {column}: id: wants a number")
    return replace(chosen, ids=tuple(n for n in (int(value),) if chosen.ids is None or n in chosen.ids))


def _word(chosen: Selection, value: str, column: int, *, quoted: bool) -> Selection:
    if not quoted:
        if value.endswith(":") and value[:-1] in FIELDS:
            raise UsageError(f"query, column {column}: {value} wants a value")
        if _LATER.fullmatch(value):
            raise _not_yet(value, column)
    return replace(chosen, words=(*chosen.words, value)) if value.strip() else chosen


def _is(chosen: Selection, value: str, column: int, operator: str) -> Selection:
    if value in FLAGS:
        return replace(chosen, flags=chosen.flags | {value})
    if value == "mine":
        return _only(chosen, "assignee", operator)
    if value == "unassigned":
        return _narrowed(_only(chosen, "assignee", ""), ACTIVE)
    try:
        return _narrowed(chosen, frozenset({Status(value)}))
    except ValueError:
        known = ", ".join((*(s.value for s in Status), "mine", "unassigned", *FLAGS))
        raise UsageError(f"query, column {column}: is: knows {known}") from None


def _only(chosen: Selection, field: str, value: str) -> Selection:
    """That value of a field; nothing at all where another one is asked for already."""
    if getattr(chosen, field) in (None, value):
        given: dict[str, Any] = {field: value}
        return replace(chosen, **given)
    return _narrowed(chosen, frozenset())


def _narrowed(chosen: Selection, statuses: frozenset[Status]) -> Selection:
    return replace(chosen, statuses=statuses if chosen.statuses is None else chosen.statuses & statuses)


def _member(kind: type[_T], value: str, column: int) -> _T:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(member.value for member in kind)
        raise UsageError(f"query, column {column}: {value[:40]!r} is none of {known}") from None
