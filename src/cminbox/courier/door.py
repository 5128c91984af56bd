"""From a comment as a connector yields it to an item as it is stored: the raw is kept, everything shown is cleaned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from cminbox.channels.base import Comment
from cminbox.domain.item import Author, Item, Media, Post
from cminbox.domain.text import Raw, Safe
from cminbox.store.protocol import Origin
from cminbox.text.html import to_text
from cminbox.text.language import guess
from cminbox.text.sanitize import clean, line

LONGEST_NAME = 200
LONGEST_TITLE = 300
LONGEST_URL = 2_000
_TELLING = frozenset({"control", "bidi", "invisible", "surrogate", "combining"})
"""What was done to a name that a reader has to know of."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}")


@dataclass(frozen=True, slots=True)
class Taken:
    """An item ready to be stored, and what it was made from."""

    item: Item
    origin: Origin


def cleaned(comment: Comment) -> tuple[Safe, frozenset[str]]:
    """The text as it is shown, and what the door did to it. HTML becomes text first."""
    done = clean(to_text(comment.text) if comment.html else comment.text)
    return done.text, done.marks


def through_the_door(comment: Comment, channel: str, brand: str | None, now: datetime) -> Taken:
    """The comment as a new item. Raises ValueError, OverflowError or TypeError for values that cannot be."""
    text, marks = cleaned(comment)
    for name in (comment.author_name, comment.author_handle):
        if name and not (name.isascii() and name.isprintable()):
            marks |= clean(name[: LONGEST_NAME * 10], multiline=False).marks & _TELLING
    item = Item(
        channel=channel,
        brand=brand,
        kind=comment.kind,
        remote_id=comment.remote_id,
        parent_remote_id=comment.parent_remote_id,
        url=_line(comment.url, LONGEST_URL),
        post=_post(comment),
        author=author_of(comment),
        text=text,
        marks=marks,
        lang=_language(comment.lang) or guess(text),
        rating=comment.rating,
        created_at=comment.created_at or now,
        received_at=now,
        edited_at=comment.edited_at,
        held=comment.held,
        media=tuple(_media(*one) for one in comment.media),
    )
    return Taken(item, Origin(comment.text, comment.extra))


def author_of(comment: Comment) -> Author:
    """Who wrote it, with names of one line."""
    return Author(
        comment.author_id, _line(comment.author_handle, LONGEST_NAME), _line(comment.author_name, LONGEST_NAME)
    )


def _post(comment: Comment) -> Post | None:
    title, url = _line(comment.post_title, LONGEST_TITLE), _line(comment.post_url, LONGEST_URL)
    if comment.post_id is None and title is None and url is None:
        return None
    return Post(comment.post_id, title, url)


def _media(kind: str, url: str, alt: str | None) -> Media:
    return Media(str(line(kind, 40)), line(url, LONGEST_URL), line(alt, LONGEST_TITLE) if alt else None)


def _line(text: Raw | None, limit: int) -> Safe | None:
    return (line(text, limit) or None) if text else None


def _language(code: str | None) -> str | None:
    return code if code and _LANGUAGE.fullmatch(code) else None
