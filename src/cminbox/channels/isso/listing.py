"""Isso's public listings: entries, checked one by one, so that a broken one costs only itself."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from cminbox.channels.base import Broken, Comment, Ref, on_platform
from cminbox.channels.kit import broken, instant
from cminbox.domain.item import Kind
from cminbox.domain.text import Raw
from cminbox.http import Ambiguous, BadAnswer, Reply

PLACEHOLDER = 4
"""The ``mode`` of a deleted comment that others hang on."""
HELD = 2
_SAME = timedelta(milliseconds=10)


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a listing: what of it is known before its text matters."""

    id: int
    parent: int | None
    created: datetime
    mode: int
    entry: Mapping[str, Any]

    @property
    def author(self) -> str | None:
        return author_of(self.entry)

    @property
    def text(self) -> str | None:
        text = self.entry.get("text")
        return text if isinstance(text, str) else None


async def listing(reply: Reply) -> tuple[list[Any], int]:
    """The entries of ``GET /``, nested ones too, and how many more there are."""
    told = await reply.json()
    if not isinstance(told, dict) or not isinstance(told.get("replies"), list):
        raise BadAnswer(reply.host, "its list of comments is none")
    hidden = told.get("hidden_replies")
    return list(_flat(told)), hidden if isinstance(hidden, int) else 0


def listed(entry: Any) -> Listed | None:
    """The entry, if it has what every comment has."""
    if not isinstance(entry, dict):
        return None
    number, parent, mode = entry.get("id"), entry.get("parent"), entry.get("mode", 1)
    created = instant(entry.get("created"))
    if not isinstance(number, int) or not isinstance(parent, int | None) or not isinstance(mode, int):
        return None
    return None if created is None else Listed(number, parent, created, mode, entry)


def posted(told: Any, reply: Reply) -> Listed:
    """What became of a new comment: its id is enough, the rest may be missing. Ambiguous where there is none."""
    if isinstance(told, dict) and isinstance(told.get("id"), int):
        made = listed({"created": time.time(), **told})
        if made is not None:
            return made
    raise Ambiguous(reply.host, f"status {reply.status}, an answer that cannot be read; it may have been done")


def unusable(entry: Any, why: str = "parent or mode is no number") -> Broken:
    """An entry that is no comment, with what is wrong with it."""
    fields = entry if isinstance(entry, dict) else {}
    number = fields.get("id")
    if not isinstance(number, int):
        number, why = None, "id is no whole number"
    elif instant(fields.get("created")) is None:
        why = "created is no time"
    elif not isinstance(fields.get("text"), str):
        why = "text is no text"
    return broken(None if number is None else str(number), why, entry)


def comment_of(found: Listed, remote_id: str, uri: str, page: str) -> Comment:
    """The entry in our words. ``page`` is the address of the page that it stands on."""
    hashed, website = found.entry.get("hash"), found.entry.get("website")
    return Comment(
        remote_id=remote_id,
        parent_remote_id=None if found.parent is None else str(found.parent),
        kind=Kind.COMMENT if found.parent is None else Kind.REPLY,
        author_id=hashed if isinstance(hashed, str) else None,
        author_name=None if found.author is None else Raw(found.author),
        post_id=uri,
        post_title=Raw(uri),
        post_url=Raw(page),
        text=Raw(found.text or ""),
        url=Raw(f"{page}#isso-{found.id}"),
        created_at=found.created,
        edited_at=instant(found.entry.get("modified")),
        removed=found.mode == PLACEHOLDER,
        held=found.mode == HELD,
        extra={"website": unescape(website)} if isinstance(website, str) and website else {},
    )


def by_age(entry: Comment | Broken) -> tuple[bool, datetime, int]:
    """Oldest first, broken ones last."""
    if isinstance(entry, Broken) or entry.created_at is None:
        return True, datetime.max.replace(tzinfo=UTC), 0
    return False, entry.created_at, int(entry.remote_id)


def author_of(entry: Mapping[str, Any]) -> str | None:
    """Isso escapes names as HTML when it stores them (``isso/views/comments.py``, ``API.new``), texts it does not."""
    name = entry.get("author")
    return unescape(name) if isinstance(name, str) and name else None


def number_of(remote_id: str) -> int | None:
    """Isso's own id, or None for an item that did not come from it (an import into the same channel)."""
    own = on_platform(remote_id)
    return int(own) if own.isascii() and own.isdecimal() and len(own) < 20 else None


def same(entries: Iterable[Listed], ref: Ref) -> Listed | None:
    """The entry that is this item: by its id and, since ids are given out again, the instant of its creation. The same
    words of the same author under that id are the same comment whatever the instant: a blog that was put back."""
    number = number_of(ref.remote_id)
    for entry in entries:
        if entry.id != number or entry.mode == PLACEHOLDER:
            continue
        # of what was held back, the instant is not known exactly
        again = ref.text is not None and entry.text == ref.text and entry.entry.get("hash") == ref.author_id
        if ref.held or again or abs(entry.created - ref.created_at) < _SAME:
            return entry
    return None


def _flat(told: Mapping[str, Any]) -> Iterator[Any]:
    """Every entry below, at any depth (Isso has one level, its look-alikes may have more)."""
    stack = [iter(told.get("replies") or ())]
    while stack:
        for entry in stack[-1]:
            yield entry
            below = entry.get("replies") if isinstance(entry, dict) else None
            if isinstance(below, list):
                stack.append(iter(below))
                break
        else:
            stack.pop()
