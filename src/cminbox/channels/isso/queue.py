"""Isso's moderation queue: a web page for its admin (``/admin/``), the only place where held comments can be seen.

It says neither the exact time nor the parent of a comment; both come with the public listing, once it is let out. Its
template escapes every value, so a mark in a text cannot be one of the page (``isso/templates/admin.html`` of 0.14).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

from cminbox.channels.base import Broken, Comment
from cminbox.channels.isso.listing import HELD
from cminbox.channels.kit import broken
from cminbox.domain.item import Kind
from cminbox.domain.text import Raw
from cminbox.http import AuthFailed, BadAnswer, ChannelHTTP

MOST_PAGES = 20
_A_PAGE = 100
_COOKIE = "admin-session"
_ROOT = 'id="isso-root"'
_ENTRY = re.compile(r"<div class='isso-comment' id='isso-(\d{1,18})'>")
_THREAD = re.compile(r'<div>Thread: ([^<]*?) \(<a href="([^"<]*)">')
_AUTHOR = re.compile(r"<span class='isso-author' id=\"isso-author-\d+\">([^<]*)</span>")
_NO_WEBSITE = re.compile(r'<span id="isso-website-\d+">([^<]*)</span>')
_TEXT = re.compile(r'<pre id="isso-text-\d+">([^<]*)</pre>')
_ANONYMOUS = "Anonymous"


@dataclass(frozen=True, slots=True)
class Held:
    """A comment that waits for moderation."""

    id: int
    uri: str
    title: str
    author: str | None
    text: str
    website: str | None

    def comment(self, page: str) -> Comment:
        return Comment(
            remote_id=str(self.id),
            kind=Kind.COMMENT,
            author_name=None if self.author is None else Raw(self.author),
            post_id=self.uri,
            post_title=Raw(self.title),
            post_url=Raw(page),
            text=Raw(self.text),
            url=Raw(f"{page}#isso-{self.id}"),
            created_at=None,
            held=True,
            extra={"website": self.website} if self.website else {},
        )


class Queue:
    """The queue, seen with the admin's password."""

    def __init__(self, http: ChannelHTTP, password: str) -> None:
        self._http = http
        self._password = password
        self._logged_in = False

    async def log_in(self) -> None:
        """Raises AuthFailed where the password is refused: Isso shows its login page again, with status 200."""
        reply = await self._http.request(
            "POST", "/login/", form={"password": self._password}, expect={302, 303}, changes=False
        )
        cookie = reply.cookie(_COOKIE)
        if cookie is None:
            raise AuthFailed(reply.host, "the admin's password is refused, or [admin] is not enabled there", reply)
        self._http.keep_cookie(_COOKIE, cookie)
        self._logged_in = True

    async def read(self, address_of: Callable[[str], str]) -> tuple[list[Held], list[Comment | Broken]]:
        """Everything that waits, as it can be understood; ``address_of`` gives a page's address for its uri."""
        if not self._logged_in:
            await self.log_in()
        held: list[Held] = []
        entries: list[Comment | Broken] = []
        for page in range(MOST_PAGES):
            blocks = await self._page(page)
            for number, block in blocks:
                one = _held(number, block)
                if one is None:
                    entries.append(broken(str(number), "a held comment that cannot be read", block[:1000]))
                else:
                    held.append(one)
                    entries.append(one.comment(address_of(one.uri)))
            if len(blocks) < _A_PAGE:
                break
        return held, entries

    async def _page(self, page: int) -> list[tuple[int, str]]:
        for again in (True, False):
            reply = await self._http.request("GET", "/admin/", params={"mode": HELD, "page": page})
            body = reply.text()
            if _ROOT in body:
                parts = _ENTRY.split(body)
                return [(int(number), block) for number, block in zip(parts[1::2], parts[2::2], strict=True)]
            if again:
                # the session is over after a day
                await self.log_in()
        raise BadAnswer(reply.host, "its admin page cannot be read")


def _held(number: int, block: str) -> Held | None:
    thread, text = _THREAD.search(block), _TEXT.search(block)
    if thread is None or text is None:
        return None
    author = _AUTHOR.search(block)
    website = _NO_WEBSITE.search(block)
    # a name was escaped when it was stored, and again for this page
    name = unescape(unescape(author.group(1))) if author else _ANONYMOUS
    return Held(
        number,
        unescape(thread.group(2)),
        unescape(thread.group(1)),
        None if name == _ANONYMOUS else name,
        unescape(text.group(1)),
        unescape(unescape(website.group(1))) if website and website.group(1) else None,
    )
