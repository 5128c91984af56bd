"""Isso, the comment server of small blogs (https://isso-comments.de, measured against 0.14.0).

What it has to be known for:

- It knows no owner: whoever posts writes any name. Ours is what we sent, told by its id (the courier's matter).
- Threads are one level deep: an answer to an answer is stored under the topmost comment.
- A ``parent`` that does not exist is silently dropped, and the answer stands at the top of the page. So the comment is
  looked at right before sending, and an answer that lost its parent all the same is taken back with the cookie that
  came with it.
- ``/latest`` lists every page's comments, but as HTML, replies after all others, and without a cursor. It tells *what*
  changed; the text is read as it was written from the page itself (``plain=1``).
- Ids are given out again: SQLite reuses the id of a deleted comment when it was the newest.
- What waits for moderation is in no public listing. An answer that is not seen is surely absent only where the server
  is known to publish at once.
- A rate limit is 403 with a web page; an edit by the admin leaves ``modified`` as it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from cminbox.channels.base import Broken, Comment, Found, Page, Ref, Sending, Sent, Session, on_platform
from cminbox.channels.kit import before_sending, broken, clock_ahead, instant, short, web_origin
from cminbox.domain.channel import KindFacts
from cminbox.domain.config import ChannelConfig
from cminbox.domain.duration import parse_duration
from cminbox.domain.errors import UsageError
from cminbox.domain.item import Kind
from cminbox.domain.text import Raw
from cminbox.http import (
    Ambiguous,
    AuthFailed,
    BadAnswer,
    ChannelHTTP,
    Gone,
    HTTPFault,
    Limited,
    Params,
    Rejected,
    Reply,
)

FACTS = KindFacts(
    kind="isso",
    title="Isso",
    can=frozenset({"reply"}),
    max_length=65535,
    min_length=3,
    options={
        "uris": "list of str: pages to read where the server's /latest is off, such as /blog/first-post/",
        "email": "str: the e-mail address that goes with answers (shown to nobody)",
        "website": "str: the link that goes with answers",
        "site": "str: the blog's address, where it is not the one that the server names",
        "moderated": "bool: whether the server holds new comments back; without it the first answer tells",
        "quiet": "duration: so long after a failed try an answer that is not there may still come (90s)",
    },
)

_PLACEHOLDER = 4
_HELD = 2
_MOST = (10_000, 2_000, 400)
"""How many comments of ``/latest`` are asked for; fewer where that many do not fit into one answer."""
_PAGE = 500
_MOST_PARTS = 200
_RATE_WINDOW = 60.0
"""Isso counts comments a minute and an address (``[guard] ratelimit``)."""
_SKEW = timedelta(minutes=2)
_SAME = timedelta(milliseconds=10)
_FRESH = 10.0


@dataclass(frozen=True, slots=True)
class _Listed:
    """One entry of a listing: what of it is known before its text matters."""

    id: int
    parent: int | None
    created: datetime
    mode: int
    entry: Mapping[str, Any]


class Connector:
    """One Isso server."""

    reuses_ids = True

    def __init__(self, config: ChannelConfig, secret: str | None) -> None:
        if not config.url:
            raise UsageError(f"channel {config.name}: url is missing (the address of the Isso server)")
        self._account = config.account
        self._options = config.options
        self.quiet = parse_duration(config.options.get("quiet", "90s"))
        self._uris = [str(uri) for uri in config.options.get("uris", ())]
        self._site = str(config.options.get("site") or "").rstrip("/")
        self._base = config.url.rstrip("/")
        self._http = ChannelHTTP(config.url, secrets=[secret] if secret else [])
        self._pages: dict[str, list[_Listed]] = {}
        self._standing: set[tuple[int, datetime]] | None = None
        """Every public comment, as the last complete look at ``/latest`` saw it."""
        self._looked_at = float("-inf")
        self._strays: list[Broken] = []

    async def __aenter__(self) -> Connector:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._http.__aexit__(None, None, None)

    async def hello(self) -> Session:
        """What the server demands of an author (``/config``, Isso 0.13 and later) decides whether we can answer."""
        told: Any = None
        # older servers have no such page; whether this is an Isso at all shows when its comments are read
        with contextlib.suppress(Gone, BadAnswer, Rejected):
            told = await (await self._get("/config")).json()
        wants = told.get("config") if isinstance(told, dict) else None
        if not isinstance(wants, dict):
            wants = {}
        missing = (wants.get("require-author") is True and not self._account) or (
            wants.get("require-email") is True and not self._options.get("email")
        )
        return Session(self._account, can=frozenset() if missing else FACTS.can)

    async def pages(self, cursor: dict[str, Any], since: datetime) -> AsyncIterator[Page]:
        """Every page of the blog that changed since the cursor, each whole, oldest comment first."""
        self._pages.clear()
        self._standing = None
        seen: dict[str, str] = dict(cursor.get("seen", {}))
        prints = await self._latest()
        uris = list(dict.fromkeys([*self._uris, *(prints or ())]))
        if prints is None and not uris:
            raise UsageError("no list of newest comments there: set latest-enabled in Isso, or name pages in uris")
        if prints is not None:
            seen = {short(uri): seen[short(uri)] for uri in uris if short(uri) in seen}
        self._looked_at = time.monotonic()
        if self._strays:
            yield Page(self._strays, {**cursor, "seen": dict(seen)})
        for uri in uris:
            print_now = (prints or {}).get(uri)
            if print_now is not None and seen.get(short(uri)) == print_now:
                continue
            entries = await self._whole_page(uri)
            if print_now is not None:
                seen[short(uri)] = print_now
            yield Page(entries, {**cursor, "seen": dict(seen)})

    async def recheck(self, refs: Sequence[Ref]) -> Sequence[Comment]:
        """What is gone, and, where the page had to be read for that, what stands there now."""
        fresh = time.monotonic() - self._looked_at < _FRESH
        standing = self._standing if fresh else None
        if not fresh:
            self._pages.clear()
        found: list[Comment] = []
        for ref in refs:
            number = _number(ref.remote_id)
            if number is None or ref.post_id is None:
                continue
            if standing is not None and (number, ref.created_at) in standing:
                continue
            if ref.post_id not in self._pages:
                await self._whole_page(ref.post_id)
            now = _find(self._pages[ref.post_id], ref)
            if now is not None:
                found.append(self._comment(ref.post_id, now, ref.remote_id))
            elif await self._is_gone(ref):
                found.append(Comment(remote_id=ref.remote_id, text=Raw(""), created_at=None, removed=True))
        return found

    async def send(self, act: Sending) -> Sent:
        """Posts the answer once. Raises Gone where the comment is not there any more, Limited for Isso's guard."""
        uri, parent = act.to.post_id, _number(act.to.remote_id)
        if uri is None or parent is None:
            raise UsageError("this comment did not come from Isso: it cannot be answered there")
        with before_sending():
            await self._must_stand(act.to)
        body = {
            "text": act.text,
            "author": self._account,
            "email": self._options.get("email"),
            "website": self._options.get("website"),
            "parent": parent,
            # a title, or Isso would fetch the page itself
            "title": uri,
        }
        try:
            reply = await self._http.request("POST", "/new", params={"uri": uri}, json=body)
        except AuthFailed as refused:
            raise _guarded(refused) from None
        posted = _posted(await reply.json(), reply)
        if "parent" in posted.entry and posted.parent is None:
            return await self._orphaned(reply, uri, posted)
        return self._sent(uri, posted)

    async def find(self, act: Sending) -> Found:
        """Reads the thread back: same topmost comment, the same text and author, not older than the first attempt."""
        uri, top = act.to.post_id, _number(act.to.parent_remote_id or act.to.remote_id)
        if uri is None or top is None:
            return Found(None, False)
        reply = await self._get("/", uri=uri, parent=top, plain=1)
        entries, complete = await self._entries(reply)
        since = act.first_attempt_at + clock_ahead(reply) - _SKEW
        match = self._match(entries, act, top, since)
        if match is None:
            # its parent may have been deleted meanwhile: then Isso put it at the top of the page
            reply = await self._get("/", uri=uri, after=since.timestamp(), plain=1)
            entries, whole = await self._entries(reply)
            complete = complete and whole
            match = self._match(entries, act, None, since)
        if match is not None:
            return Found(self._sent(uri, match), True)
        moderated = self._options.get("moderated", act.learned.get("moderated"))
        return Found(None, complete and moderated is False)

    # reading

    async def _get(self, path: str, **params: str | float) -> Reply:
        query: Params = params
        reply = await self._http.request("GET", path, params=query)
        if not self._site:
            self._site = web_origin(reply.headers.get("access-control-allow-origin")) or self._base
        return reply

    async def _latest(self) -> dict[str, str] | None:
        """Each page's fingerprint over all its public comments, or None where the server does not list them."""
        for most in _MOST:
            try:
                reply = await self._get("/latest", limit=most)
                entries = await reply.json()
                break
            except Gone:
                return None
            except BadAnswer:
                if most == _MOST[-1]:
                    raise
        if not isinstance(entries, list):
            raise BadAnswer(reply.host, "/latest is no list of comments")
        self._strays = []
        if len(entries) < most:
            self._standing = set()
        sums: dict[str, Any] = {}
        for entry in entries:
            uri = entry.get("uri") if isinstance(entry, dict) else None
            if not isinstance(uri, str) or not uri.isprintable():
                # no page could be asked for by that name
                self._strays.append(_broken(entry, "uri is no address"))
                continue
            known = _listed(entry)
            if known is not None and self._standing is not None:
                self._standing.add((known.id, known.created))
            line = json.dumps([entry.get(name) for name in ("id", "modified", "text", "author")], default=repr)
            sums.setdefault(uri, hashlib.sha256()).update(line.encode())
        return {uri: digest.hexdigest()[:16] for uri, digest in sums.items()}

    async def _whole_page(self, uri: str) -> list[Comment | Broken]:
        """Every comment of a page of the blog, in parts of 500 topmost ones."""
        listed: dict[int, _Listed] = {}
        out: list[Comment | Broken] = []
        for part in range(_MOST_PARTS):
            reply = await self._get("/", uri=uri, plain=1, limit=_PAGE, offset=part * _PAGE)
            entries, hidden = await _listing(reply)
            before = len(listed)
            for entry in entries:
                known = _listed(entry)
                if known is None:
                    out.append(_broken(entry))
                elif known.id not in listed:
                    listed[known.id] = known
                    if known.mode != _PLACEHOLDER:
                        out.append(self._understood(uri, known))
            if hidden <= 0 or len(listed) == before:
                break
        self._pages[uri] = list(listed.values())
        return sorted(out, key=_age)

    async def _entries(self, reply: Reply) -> tuple[list[_Listed], bool]:
        """What a listing holds, and whether all of it could be read."""
        listed = [_listed(entry) for entry in (await _listing(reply))[0]]
        return [entry for entry in listed if entry is not None], None not in listed

    async def _must_stand(self, ref: Ref) -> None:
        """Raises Gone where the comment is not in public any more."""
        created = ref.created_at.timestamp() - 1
        params: dict[str, str | float] = {"uri": ref.post_id or "", "plain": 1, "after": created, "limit": 20}
        if ref.parent_remote_id is not None:
            params["parent"] = _number(ref.parent_remote_id) or 0
        reply = await self._get("/", **params)
        if _find((await self._entries(reply))[0], ref) is None:
            # the narrow question may have missed it: ask for the whole page before a word is thrown away
            await self._whole_page(ref.post_id or "")
            if _find(self._pages[ref.post_id or ""], ref) is None:
                raise Gone(reply.host, "the comment is gone", reply)

    async def _is_gone(self, ref: Ref) -> bool:
        """A comment that is in no listing: gone, or back in moderation? ``/id/N`` is 404 only for the former."""
        page = self._pages[ref.post_id or ""]
        number = _number(ref.remote_id)
        if any(entry.id == number for entry in page):
            # a placeholder, or the id belongs to another comment by now
            return True
        try:
            await self._get(f"/id/{number}")
        except Gone:
            return True
        except AuthFailed:
            return False
        return False

    # writing

    async def _orphaned(self, reply: Reply, uri: str, posted: _Listed) -> Sent:
        """The comment vanished between the look and the answer: take the answer back, with the cookie it came with."""
        taken_back = False
        cookie = reply.cookie(str(posted.id))
        if cookie is not None:
            with contextlib.suppress(HTTPFault):
                await self._http.request("DELETE", f"/id/{posted.id}", headers={"cookie": f"{posted.id}={cookie}"})
                taken_back = True
        if taken_back:
            raise Gone(reply.host, "the comment is gone (it went while the answer was on its way)", reply)
        return replace(self._sent(uri, posted), note="the comment is gone: the answer stands at the top of the page")

    def _sent(self, uri: str, posted: _Listed) -> Sent:
        held = posted.mode == _HELD
        url = f"{self._post_url(uri)}#isso-{posted.id}"
        return Sent(str(posted.id), url, held, posted.created, learned={"moderated": held})

    def _match(self, entries: Iterable[_Listed], act: Sending, parent: int | None, since: datetime) -> _Listed | None:
        """The oldest entry that can only be this answer. The name is one condition more, never the only one."""
        for entry in sorted(entries, key=lambda e: e.id):
            if str(entry.id) in act.known_ids or entry.parent != parent or entry.created < since:
                continue
            if entry.entry.get("text") == act.text and _author(entry.entry) == (self._account or None):
                return entry
        return None

    # from their words to ours

    def _understood(self, uri: str, listed: _Listed) -> Comment | Broken:
        if not isinstance(listed.entry.get("text"), str):
            return _broken(listed.entry)
        return self._comment(uri, listed, str(listed.id))

    def _comment(self, uri: str, listed: _Listed, remote_id: str) -> Comment:
        entry = listed.entry
        author, hashed = _author(entry), entry.get("hash")
        website, text = entry.get("website"), entry.get("text")
        return Comment(
            remote_id=remote_id,
            parent_remote_id=None if listed.parent is None else str(listed.parent),
            kind=Kind.COMMENT if listed.parent is None else Kind.REPLY,
            author_id=hashed if isinstance(hashed, str) else None,
            author_name=None if author is None else Raw(author),
            post_id=uri,
            post_title=Raw(uri),
            post_url=Raw(self._post_url(uri)),
            text=Raw(text if isinstance(text, str) else ""),
            url=Raw(f"{self._post_url(uri)}#isso-{listed.id}"),
            created_at=listed.created,
            edited_at=instant(entry.get("modified")),
            removed=listed.mode == _PLACEHOLDER,
            held=listed.mode == _HELD,
            extra={"website": unescape(website)} if isinstance(website, str) and website else {},
        )

    def _post_url(self, uri: str) -> str:
        if uri.startswith(("http://", "https://")):
            return uri
        return f"{self._site or self._base}/{uri.removeprefix('/')}"


async def _listing(reply: Reply) -> tuple[list[Any], int]:
    """The entries of ``GET /``, and how many more there are."""
    told = await reply.json()
    if not isinstance(told, dict) or not isinstance(told.get("replies"), list):
        raise BadAnswer(reply.host, "its list of comments is none")
    hidden = told.get("hidden_replies")
    return list(_flat(told)), hidden if isinstance(hidden, int) else 0


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


def _listed(entry: Any) -> _Listed | None:
    if not isinstance(entry, dict):
        return None
    number, parent, mode = entry.get("id"), entry.get("parent"), entry.get("mode", 1)
    created = instant(entry.get("created"))
    if not isinstance(number, int) or not isinstance(parent, int | None) or not isinstance(mode, int):
        return None
    return None if created is None else _Listed(number, parent, created, mode, entry)


def _posted(told: Any, reply: Reply) -> _Listed:
    """What became of a new comment: its id is enough, the rest may be missing."""
    if isinstance(told, dict) and isinstance(told.get("id"), int):
        posted = _listed({"created": time.time(), **told})
        if posted is not None:
            return posted
    raise Ambiguous(reply.host, f"status {reply.status}, an answer that cannot be read; it may have been done")


def _broken(entry: Any, why: str = "parent or mode is no number") -> Broken:
    fields = entry if isinstance(entry, dict) else {}
    number = fields.get("id")
    if not isinstance(number, int):
        number, why = None, "id is no whole number"
    elif instant(fields.get("created")) is None:
        why = "created is no time"
    elif not isinstance(fields.get("text"), str):
        why = "text is no text"
    return broken(None if number is None else str(number), why, entry)


def _age(entry: Comment | Broken) -> tuple[bool, datetime, int]:
    if isinstance(entry, Broken) or entry.created_at is None:
        return True, datetime.max.replace(tzinfo=UTC), 0
    return False, entry.created_at, int(entry.remote_id)


def _author(entry: Mapping[str, Any]) -> str | None:
    """Isso escapes names as HTML when it stores them (``isso/views/comments.py``, ``API.new``), texts it does not."""
    name = entry.get("author")
    return unescape(name) if isinstance(name, str) and name else None


def _number(remote_id: str) -> int | None:
    """Isso's own id, or None for an item that did not come from it (an import into the same channel)."""
    own = on_platform(remote_id)
    return int(own) if own.isascii() and own.isdecimal() and len(own) < 20 else None


def _find(entries: Iterable[_Listed], ref: Ref) -> _Listed | None:
    number = _number(ref.remote_id)
    for entry in entries:
        if entry.id == number and entry.mode != _PLACEHOLDER and abs(entry.created - ref.created_at) < _SAME:
            return entry
    return None


def _guarded(refused: AuthFailed) -> HTTPFault:
    """Isso's 403 to a new comment is its guard, never a credential: nothing was stored."""
    told = str(refused.reply.excerpt())
    if "ratelimit" in told:
        return Limited(refused.host, "too many comments a minute for its guard", refused.reply, _RATE_WINDOW)
    return Rejected(refused.host, f"refused by its guard: {told}", refused.reply)
