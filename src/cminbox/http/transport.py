"""One exchange over the wire. The only file that imports httpx; httpx2 is the same API under another name.

The bare transport is used and not the client: no cookie jar, no redirects, no proxies or passwords from the
environment, no URL in a log, because the part that would do so is never made.
"""

from __future__ import annotations

import functools
import os
import socket
import ssl
from collections.abc import Iterable

import httpx

from cminbox.http.address import Address
from cminbox.http.exchange import BodyError, Bounds, Inflater, Progress, WireError
from cminbox.http.redact import quiet_libraries

_KEEP_IDLE = 5.0
"""Seconds that a reading connection stays open for the next page."""
_CONNECTIONS = 4


class Transport:
    """Connections of one channel. What changes something goes over a new connection each time: a kept one may be
    closed by the server at the very moment of sending, and then nobody knows whether the request was read."""

    def __init__(self) -> None:
        quiet_libraries()
        self._kept = _transport(_CONNECTIONS)
        self._new = _transport(0)

    async def close(self) -> None:
        await self._kept.aclose()
        await self._new.aclose()

    async def exchange(
        self,
        method: str,
        address: Address,
        headers: Iterable[tuple[str, str]],
        content: bytes | None,
        bounds: Bounds,
        progress: Progress,
        *,
        left: float,
        fresh: bool,
    ) -> None:
        """Sends one request and reads its answer into ``progress``; ``left`` is the time the caller gives, in seconds.

        Raises WireError or BodyError.
        """
        # TCP and TLS each end well before the whole does: httpcore 1.0.9 leaves the socket to the garbage collector
        # when a TLS handshake is cancelled, and closes it when the handshake runs out of its own time
        connect = min(bounds.connect, 0.45 * left)
        timeouts = {"connect": connect, "read": bounds.total, "write": bounds.total, "pool": bounds.total}
        try:
            request = httpx.Request(
                method,
                address.url,
                headers=list(headers),
                content=content,
                extensions={"timeout": timeouts, "trace": progress.trace},
            )
            response = await (self._new if fresh else self._kept).handle_async_request(request)
            try:
                progress.status = response.status_code
                progress.headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw]
                progress.body = await _read_body(method, response, bounds.body)
            finally:
                await response.aclose()
        except BodyError:
            raise
        except Exception as broken:  # whatever it was: how far the request came decides what it means
            raise WireError(_why(broken)) from broken


async def _read_body(method: str, response: httpx.Response, limit: int) -> bytes:
    declared = response.headers.get("content-length", "")
    if method != "HEAD" and declared.isdecimal() and int(declared[:20]) > limit:
        raise BodyError(f"larger than {limit // 1024} KiB")
    inflater = Inflater(response.headers.get("content-encoding", "").strip().lower(), limit)
    async for chunk in response.aiter_raw():
        inflater.feed(chunk)
    return inflater.finish()


def _transport(keep: int) -> httpx.AsyncHTTPTransport:
    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=keep, keepalive_expiry=_KEEP_IDLE)
    return httpx.AsyncHTTPTransport(verify=_trust(), trust_env=False, http2=False, limits=limits)


@functools.cache
def _trust() -> ssl.SSLContext:
    """Mozilla's authorities and the machine's own (a company's): made once, it takes 70 ms of CPU."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def _why(error: BaseException) -> str:
    """The innermost reason in a chain of wrappers: "Connection refused", not "All connection attempts failed"."""
    if isinstance(error, httpx.TimeoutException):
        return "timed out"
    reason = str(error)
    seen: set[int] = set()
    step: BaseException | None = error
    while step is not None and id(step) not in seen:
        seen.add(id(step))
        if isinstance(step, ssl.SSLCertVerificationError):
            return f"certificate: {step.verify_message}"
        if isinstance(step, ssl.SSLError):
            return f"TLS: {step.reason or 'handshake failed'}"
        if isinstance(step, socket.gaierror):
            return step.strerror or "no such name"
        if isinstance(step, OSError) and step.errno:
            return os.strerror(step.errno)
        step = step.exceptions[0] if isinstance(step, BaseExceptionGroup) else step.__cause__ or step.__context__
    return reason or type(error).__name__
