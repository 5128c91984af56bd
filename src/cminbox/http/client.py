"""The one way to ask a server: fixed origins, bounded answers, errors that say what may have happened."""

from __future__ import annotations

import asyncio
import json as jsonlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode, urljoin

import cminbox
from cminbox.domain.errors import UsageError
from cminbox.http.address import Address, Origin, Params, parse_absolute, parse_base, resolve
from cminbox.http.errors import Ambiguous, BadAddress, BadAnswer, HTTPFault, NoAnswer, NotSent, Redirected
from cminbox.http.exchange import BodyError, Bounds, Progress, WireError
from cminbox.http.redact import redact, secret_values
from cminbox.http.reply import Headers, Reply
from cminbox.http.status import judge

if TYPE_CHECKING:
    from cminbox.http.transport import Transport

STANDARD = Bounds()
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_FOLLOWED = frozenset({"GET", "HEAD"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_DONE_ELSEWHERE = frozenset({301, 307, 308})
"""Redirects that ask for the same request elsewhere; 302 and 303 often come *after* a form was carried out."""
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
_SECRET_HEADERS = frozenset({"authorization", "cookie", "x-api-key"})
_COOKIE_VALUE = re.compile(r"[\x21-\x3a\x3c-\x7e]*")


@dataclass(frozen=True, slots=True)
class Site:
    """One more origin that a channel may ask (an API beside the site), with what is sent there and nowhere else."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class _Sent:
    """What goes with every request to one origin."""

    headers: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request of a connector, over all its redirects."""

    method: str
    address: Address
    headers: dict[str, str]
    content: bytes | None
    changes: bool
    expect: Collection[int]
    secrets: frozenset[str]


class ChannelHTTP:
    """Asks the server of one channel. An async context manager; requests may run side by side.

    ``base`` fixes scheme, host and port (IDN, IPv6, a path prefix are fine; loopback too, it is the user's word).
    ``headers`` and ``credentials`` go to ``base`` only; ``more_origins`` are further origins, each with its own.
    ``credentials`` and ``secrets`` (such as a password sent in a form) never appear in an error. Cookies that a server
    sets are ignored unless :meth:`keep_cookie` is called. Proxies and passwords of the environment are not used.

    Raises UsageError for a base, a header or a cookie that cannot be.
    """

    def __init__(
        self,
        base: str,
        *,
        headers: Mapping[str, str] | None = None,
        credentials: Mapping[str, str] | None = None,
        user_agent: str = f"cminbox/{cminbox.__version__}",
        bounds: Bounds = STANDARD,
        more_origins: Iterable[Site] = (),
        secrets: Iterable[str] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._base = parse_base(base)
        self._bounds = bounds
        self._clock = clock
        self._user_agent = user_agent
        self._secrets = {secret for secret in secrets if secret}
        self._origins: dict[Origin, _Sent] = {}
        self._transport: Transport | None = None
        for site in (Site(base, headers or {}, credentials or {}), *more_origins):
            origin = parse_base(site.url).origin
            if origin in self._origins:
                raise UsageError(f"{origin} is named twice")
            self._origins[origin] = _Sent(_lowered(site.headers))
            for name, value in site.credentials.items():
                self.set_credential(name, value, url=site.url)

    async def __aenter__(self) -> Self:
        # here and not above: a connector's module is also read where nothing is asked (doctor, channels)
        from cminbox.http.transport import Transport

        self._transport = Transport()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.close()

    @property
    def secrets(self) -> frozenset[str]:
        """Every secret this knows: its credentials, in each form, and the cookies it keeps."""
        return frozenset(self._secrets)

    def set_credential(self, name: str, value: str, *, url: str | None = None) -> None:
        """Sends this header from now on, to ``base`` or to the origin of ``url`` (a declared one) and nowhere else."""
        self._declared(url).headers.update(_lowered({name: value}))
        self._secrets.update(secret for secret in secret_values([(name, value)]) if secret)

    def keep_cookie(self, name: str, value: str, *, url: str | None = None) -> None:
        """Sends this cookie from now on, to ``base`` or to the origin of ``url`` and nowhere else."""
        if not _HEADER_NAME.fullmatch(name) or not _COOKIE_VALUE.fullmatch(value):
            raise UsageError("a cookie holds characters that no cookie can hold")
        self._declared(url).cookies[name] = value
        self._secrets.add(value)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Collection[int] = (),
        changes: bool | None = None,
    ) -> Reply:
        """Asks once and returns the answer when its status is 2xx or one of ``expect``; never tries again by itself.

        ``path`` lies below the base, or is an absolute URL of a declared origin (a server's "next" link). ``headers``
        go with this request only. ``changes`` overrides what the method tells: a POST that only reads, say.
        A redirect within the origin is followed for GET and HEAD. Raises what :mod:`cminbox.http.errors` lists.
        """
        method = method.upper()
        try:
            address = resolve(self._base, path, params)
        except ValueError as wrong:
            raise BadAddress(self._base.origin.label, f"an address that cannot be asked: {wrong}") from None
        content, kind = _content(json, form)
        ask = _Ask(
            method,
            address,
            {**kind, **_lowered(headers or {})},
            content,
            method not in _READING if changes is None else changes,
            expect,
            frozenset(self._secrets | set(_own_secrets(headers or {}))),
        )
        if address.origin not in self._origins:
            raise BadAddress(self._base.origin.label, f"an address at {address.origin}, which is not this channel's")
        progress = Progress()
        try:
            async with asyncio.timeout(self._bounds.total) as limit:
                return await self._travel(ask, progress, limit)
        except TimeoutError:
            return self._broken(ask, progress, NoAnswer, f"no answer within {self._bounds.total:g} s")
        except WireError as broken:
            return self._broken(ask, progress, NoAnswer, str(broken))
        except BodyError as refused:
            return self._broken(ask, progress, BadAnswer, str(refused))

    async def _travel(self, ask: _Ask, progress: Progress, limit: asyncio.Timeout) -> Reply:
        """The request and its redirects within the origin."""
        for _ in range(self._bounds.redirects + 1):
            await self._exchange(ask, progress, (limit.when() or 0.0) - asyncio.get_running_loop().time())
            reply = self._reply(ask, progress)
            location = reply.headers.get("location")
            if reply.status in ask.expect or reply.status not in _REDIRECTS or location is None:
                return judge(reply, ask.expect, ask.secrets, self._clock())
            ask = replace(ask, address=self._next(ask, reply, location))
        raise BadAnswer(ask.address.origin.label, f"more than {self._bounds.redirects} redirects")

    async def _exchange(self, ask: _Ask, progress: Progress, left: float) -> None:
        if self._transport is None:
            raise RuntimeError("ChannelHTTP is used outside of its 'async with'")
        progress.reset()
        await self._transport.exchange(
            ask.method,
            ask.address,
            self._headers(ask).items(),
            ask.content,
            self._bounds,
            progress,
            left=left,
            fresh=ask.changes,
        )

    def _headers(self, ask: _Ask) -> dict[str, str]:
        known = self._origins[ask.address.origin]
        headers = {"user-agent": self._user_agent, "accept": "application/json, */*;q=0.5"}
        headers |= known.headers | ask.headers
        cookies = [f"{name}={value}" for name, value in known.cookies.items()]
        if cookies:
            headers["cookie"] = "; ".join([*cookies, *filter(None, [headers.get("cookie")])])
        # anything else can unfold to a gigabyte in one step (RELIABILITY.md 0.13)
        headers["accept-encoding"] = "gzip, identity"
        return headers

    def _next(self, ask: _Ask, reply: Reply, location: str) -> Address:
        """Where a redirect leads, if it may be followed."""
        host = ask.address.origin.label
        try:
            target = parse_absolute(urljoin(ask.address.url, location))
            where = str(target.origin)
        except ValueError:
            target, where = None, "an address that cannot be read"
        if target and target.origin == ask.address.origin and ask.method in _FOLLOWED:
            return target
        if ask.changes and reply.status not in _NOT_DONE_ELSEWHERE:
            raise Ambiguous(host, f"redirected to {where} (status {reply.status}); it may have been done", reply.status)
        raise Redirected(host, f"redirects to {where} (status {reply.status}); not followed", reply)

    def _broken(self, ask: _Ask, progress: Progress, kind: type[HTTPFault], why: str) -> Reply:
        """No whole answer: what that means depends on how far the request came."""
        host, why = ask.address.origin.label, redact(why, ask.secrets)
        if progress.status is not None and progress.status >= 400 and progress.status not in ask.expect:
            # the status alone says what happened; its body was only to explain it
            progress.body = b""
            return judge(self._reply(ask, progress), ask.expect, ask.secrets, self._clock())
        if not progress.started:
            raise NotSent(host, f"cannot be reached ({why}); nothing was sent")
        fault = kind(host, why)
        if ask.changes:
            raise Ambiguous(host, f"{why}; it may have been done", progress.status) from fault
        raise fault

    def _reply(self, ask: _Ask, progress: Progress) -> Reply:
        return Reply(
            ask.address.origin.label,
            progress.status or 0,
            Headers(progress.headers),
            progress.body,
            ask.address.path,
            ask.changes,
        )

    def _declared(self, url: str | None) -> _Sent:
        origin = self._base.origin if url is None else parse_base(url).origin
        if origin not in self._origins:
            raise UsageError(f"{origin} is not one of this channel's origins")
        return self._origins[origin]


def _content(json: Any, form: Mapping[str, str] | None) -> tuple[bytes | None, dict[str, str]]:
    if json is not None:
        # ASCII with escapes: no server misreads its charset, and a lone surrogate cannot break the encoding
        body = jsonlib.dumps(json, allow_nan=False, separators=(",", ":")).encode("ascii")
        return body, {"content-type": "application/json"}
    if form is not None:
        return urlencode(form).encode("ascii"), {"content-type": "application/x-www-form-urlencoded"}
    return None, {}


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by lower-case name. Raises UsageError, without the value, for what would break out of a header."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise UsageError("a header or token holds a line break or a character that no header can hold")
    return {name.lower(): value for name, value in headers.items()}


def _own_secrets(headers: Mapping[str, str]) -> Iterable[str]:
    secret = [(name, value) for name, value in headers.items() if name.lower() in _SECRET_HEADERS]
    yield from secret_values(secret)
    for name, value in secret:
        if name.lower() == "cookie":
            yield from (pair.partition("=")[2].strip() for pair in value.split(";"))
