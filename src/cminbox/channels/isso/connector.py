"""Reading, answering and reading back on one Isso server. What is special about it stands in the package's text."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cminbox.channels.base import Broken, Comment, Found, Page, Ref, Sending, Sent, Session
from cminbox.channels.isso.facts import FACTS
from cminbox.channels.isso.listing import (
    HELD,
    PLACEHOLDER,
    Listed,
    by_age,
    comment_of,
    listed,
    listing,
    number_of,
    posted,
    same,
    unusable,
)
from cminbox.channels.isso.queue import Queue
from cminbox.channels.kit import before_sending, clock_ahead, short, web_origin
from cminbox.domain.config import ChannelConfig
from cminbox.domain.duration import parse_duration
from cminbox.domain.errors import UsageError
from cminbox.domain.text import Raw
from cminbox.http import AuthFailed, BadAnswer, ChannelHTTP, Gone, HTTPFault, Limited, Params, Rejected, Reply

_MOST = (10_000, 2_000, 400)
"""How many comments of ``/latest`` are asked for; fewer where that many do not fit into one answer."""
_PAGE = 500
_MOST_PARTS = 200
_RATE_WINDOW = 60.0
"""Isso counts comments a minute and an address (``[guard] ratelimit``)."""
_SKEW = timedelta(minutes=2)
_FRESH = 10.0
"""Seconds for which a listing is good for looking at items again: within one look."""


class Connector:
    """One Isso server. ``secret`` is its admin password, if we may look into its queue."""

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
        self._queue = Queue(self._http, secret) if secret else None
        self._pages: dict[str, list[Listed]] = {}
        self._standing: set[tuple[int, datetime]] | None = None
        """Every public comment, as the last complete look at ``/latest`` saw it."""
        self._waiting: set[int] = set()
        """What waited in the queue at the last look."""
        self._strays: list[Comment | Broken] = []
        self._looked_at = float("-inf")

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
        if self._queue is not None:
            await self._queue.log_in()
        return Session(self._account, can=frozenset() if missing else FACTS.can)

    async def pages(self, cursor: dict[str, Any], since: datetime) -> AsyncIterator[Page]:
        """Every page of the blog that changed since the cursor, each whole, oldest comment first."""
        self._pages.clear()
        self._waiting.clear()
        self._standing = None
        seen: dict[str, str] = dict(cursor.get("seen", {}))
        prints = await self._latest()
        uris = list(dict.fromkeys([*self._uris, *(prints or ())]))
        if prints is None and not uris:
            raise UsageError("no list of newest comments there: set latest-enabled in Isso, or name pages in uris")
        if prints is not None:
            seen = {short(uri): seen[short(uri)] for uri in uris if short(uri) in seen}
        self._looked_at = time.monotonic()
        if self._queue is not None:
            held, entries = await self._queue.read(self._address)
            self._waiting = {one.id for one in held}
            self._strays += entries
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
        if not fresh:
            self._pages.clear()
            self._waiting.clear()
            self._standing = None
        found: list[Comment] = []
        for ref in refs:
            number = number_of(ref.remote_id)
            if number is None or ref.post_id is None or (ref.held and number in self._waiting):
                continue
            if self._standing is not None and (number, ref.created_at) in self._standing:
                continue
            if ref.post_id not in self._pages:
                await self._whole_page(ref.post_id)
            now = same(self._pages[ref.post_id], ref)
            if now is not None:
                found.append(self._comment(ref.post_id, now, ref.remote_id))
            elif await self._is_gone(ref, number):
                found.append(Comment(remote_id=ref.remote_id, text=Raw(""), created_at=None, removed=True))
        return found

    async def send(self, act: Sending) -> Sent:
        """Posts the answer once. Raises Gone where the comment is not there any more, Limited for Isso's guard."""
        uri, parent = act.to.post_id, number_of(act.to.remote_id)
        if uri is None or parent is None:
            raise UsageError("this comment did not come from Isso: it cannot be answered there")
        with before_sending():
            await self._must_stand(act.to, uri, parent)
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
        made = posted(await reply.json(), reply)
        if "parent" in made.entry and made.parent is None:
            return await self._orphaned(reply, uri, made)
        return self._sent(uri, made)

    async def find(self, act: Sending) -> Found:
        """Reads the thread back: same topmost comment, the same text and author, not older than the first attempt."""
        uri, top = act.to.post_id, number_of(act.to.parent_remote_id or act.to.remote_id)
        if uri is None or top is None:
            return Found(None, False)
        reply = await self._get("/", uri=uri, parent=top, plain=1)
        entries, complete = await _readable(reply)
        since = act.first_attempt_at + clock_ahead(reply) - _SKEW
        match = self._match(entries, act, top, since)
        if match is None:
            # its parent may have been deleted meanwhile: then Isso put it at the top of the page
            entries, whole = await _readable(await self._get("/", uri=uri, after=since.timestamp(), plain=1))
            complete = complete and whole
            match = self._match(entries, act, None, since)
        if match is not None:
            # that it is public now does not say that it was at once: somebody may have let it out
            return Found(replace(self._sent(uri, match), learned={}), True)
        if self._queue is not None:
            return await self._find_held(act, uri, complete)
        moderated = self._options.get("moderated", act.learned.get("moderated"))
        return Found(None, complete and moderated is False)

    async def _find_held(self, act: Sending, uri: str, complete: bool) -> Found:
        assert self._queue is not None
        for one in (await self._queue.read(self._address))[0]:
            fits = one.uri == uri and one.text == act.text and one.author == (self._account or None)
            if fits and str(one.id) not in act.known_ids:
                sent = Sent(str(one.id), f"{self._address(uri)}#isso-{one.id}", True, learned={"moderated": True})
                return Found(sent, True)
        return Found(None, complete)

    # reading

    async def _get(self, path: str, **params: str | float) -> Reply:
        query: Params = params
        reply = await self._http.request("GET", path, params=query)
        if not self._site:
            self._site = web_origin(reply.headers.get("access-control-allow-origin")) or self._base
        return reply

    async def _latest(self) -> dict[str, str] | None:
        """Each page's fingerprint over all its public comments, or None where the server does not list them."""
        self._strays = []
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
        if len(entries) < most:
            self._standing = set()
        sums: dict[str, Any] = {}
        for entry in entries:
            uri = entry.get("uri") if isinstance(entry, dict) else None
            if not isinstance(uri, str) or not uri.isprintable():
                # no page could be asked for by that name
                self._strays.append(unusable(entry, "uri is no address"))
                continue
            known = listed(entry)
            if known is not None and self._standing is not None:
                self._standing.add((known.id, known.created))
            line = json.dumps([entry.get(name) for name in ("id", "modified", "text", "author")], default=repr)
            sums.setdefault(uri, hashlib.sha256()).update(line.encode())
        return {uri: digest.hexdigest()[:16] for uri, digest in sums.items()}

    async def _whole_page(self, uri: str) -> list[Comment | Broken]:
        """Every comment of a page of the blog, in parts of 500 topmost ones."""
        known: dict[int, Listed] = {}
        out: list[Comment | Broken] = []
        for part in range(_MOST_PARTS):
            entries, hidden = await listing(await self._get("/", uri=uri, plain=1, limit=_PAGE, offset=part * _PAGE))
            before = len(known)
            for entry in entries:
                one = listed(entry)
                if one is None or one.text is None:
                    out.append(unusable(entry))
                elif one.id not in known:
                    known[one.id] = one
                    if one.mode != PLACEHOLDER:
                        out.append(self._comment(uri, one, str(one.id)))
            if hidden <= 0 or len(known) == before:
                break
        self._pages[uri] = list(known.values())
        return sorted(out, key=by_age)

    async def _must_stand(self, ref: Ref, uri: str, number: int) -> None:
        """Raises Gone where the comment is not in public any more, Rejected where it is not yet."""
        params: dict[str, str | float] = {"uri": uri, "plain": 1, "limit": 20}
        params["after"] = ref.created_at.timestamp() - 1
        if ref.parent_remote_id is not None:
            params["parent"] = number_of(ref.parent_remote_id) or 0
        reply = await self._get("/", **params)
        if same((await _readable(reply))[0], ref) is not None:
            return
        # the narrow question may have missed it: ask for the whole page before a word is thrown away
        await self._whole_page(uri)
        if same(self._pages[uri], ref) is None:
            if ref.held and not await self._is_gone(ref, number):
                raise Rejected(reply.host, "the comment waits for moderation there: let it out first", reply)
            raise Gone(reply.host, "the comment is gone", reply)

    async def _is_gone(self, ref: Ref, number: int) -> bool:
        """A comment that is in no listing: gone, or back in moderation? ``/id/N`` is 404 only for the former."""
        if any(entry.id == number for entry in self._pages[ref.post_id or ""]):
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

    async def _orphaned(self, reply: Reply, uri: str, made: Listed) -> Sent:
        """The comment vanished between the look and the answer: take the answer back, with the cookie it came with."""
        taken_back = False
        cookie = reply.cookie(str(made.id))
        if cookie is not None:
            with contextlib.suppress(HTTPFault):
                await self._http.request("DELETE", f"/id/{made.id}", headers={"cookie": f"{made.id}={cookie}"})
                taken_back = True
        if taken_back:
            raise Gone(reply.host, "the comment is gone (it went while the answer was on its way)", reply)
        return replace(self._sent(uri, made), note="the comment is gone: the answer stands at the top of the page")

    def _sent(self, uri: str, made: Listed) -> Sent:
        held = made.mode == HELD
        url = f"{self._address(uri)}#isso-{made.id}"
        return Sent(str(made.id), url, held, made.created, learned={"moderated": held})

    def _match(self, entries: Iterable[Listed], act: Sending, parent: int | None, since: datetime) -> Listed | None:
        """The oldest entry that can only be this answer. The name is one condition more, never the only one."""
        for entry in sorted(entries, key=lambda e: e.id):
            if str(entry.id) in act.known_ids or entry.parent != parent or entry.created < since:
                continue
            if entry.text == act.text and entry.author == (self._account or None):
                return entry
        return None

    def _comment(self, uri: str, one: Listed, remote_id: str) -> Comment:
        return comment_of(one, remote_id, uri, self._address(uri))

    def _address(self, uri: str) -> str:
        """Where a page of the blog lies: on the site that the server names to browsers."""
        if uri.startswith(("http://", "https://")):
            return uri
        return f"{self._site or self._base}/{uri.removeprefix('/')}"


async def _readable(reply: Reply) -> tuple[list[Listed], bool]:
    """What a listing holds, and whether all of it could be read."""
    found = [listed(entry) for entry in (await listing(reply))[0]]
    return [entry for entry in found if entry is not None], None not in found


def _guarded(refused: AuthFailed) -> HTTPFault:
    """Isso's 403 to a new comment is its guard, never a credential: nothing was stored."""
    told = str(refused.reply.excerpt())
    if "ratelimit" in told:
        return Limited(refused.host, "too many comments a minute for its guard", refused.reply, _RATE_WINDOW)
    return Rejected(refused.host, f"refused by its guard: {told}", refused.reply)
