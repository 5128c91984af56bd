"""From a status to what it means for the one who asked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from http import HTTPStatus

from cminbox.domain.pacing import wait_from_headers
from cminbox.http.errors import (
    Ambiguous,
    AuthFailed,
    BadAnswer,
    Gone,
    HTTPFault,
    Limited,
    NoAnswer,
    Rejected,
    ServerFailed,
    StatusFault,
)
from cminbox.http.redact import redact
from cminbox.http.reply import Reply
from cminbox.text.sanitize import line

UNNAMED_WAIT = 60.0
"""Seconds to wait after a 429 that names no wait which can be read."""
_LONGEST_EXCERPT = 200
_SIMPLE: dict[int, type[StatusFault]] = {401: AuthFailed, 403: AuthFailed, 404: Gone, 410: Gone}
_LATER = frozenset({HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


def judge(reply: Reply, expect: Collection[int], secrets: Collection[str], now: datetime) -> Reply:
    """The reply if its status is 2xx or expected; else raises what it means (see :mod:`cminbox.http.errors`)."""
    if 200 <= reply.status < 300 or reply.status in expect:
        return reply
    what = _words(reply, secrets)
    wait = wait_from_headers(reply.headers, now)
    if 400 <= reply.status < 500 and reply.status != HTTPStatus.REQUEST_TIMEOUT:
        if reply.status in _LATER:
            raise Limited(reply.host, what, reply, UNNAMED_WAIT if wait is None else wait)
        raise _SIMPLE.get(reply.status, Rejected)(reply.host, what, reply)
    fault: HTTPFault
    if reply.status >= 500:
        fault = ServerFailed(reply.host, what, reply, wait)
    elif reply.status == HTTPStatus.REQUEST_TIMEOUT:
        fault = NoAnswer(reply.host, what)
    else:
        fault = BadAnswer(reply.host, what)
    if reply.changes:
        raise Ambiguous(reply.host, f"{what}; it may have been done", reply.status, wait) from fault
    raise fault


def _words(reply: Reply, secrets: Collection[str]) -> str:
    try:
        phrase = f" {HTTPStatus(reply.status).phrase}"
    except ValueError:
        phrase = ""
    told = line(redact(reply.excerpt(), secrets), _LONGEST_EXCERPT)
    return f"status {reply.status}{phrase}{': ' if told else ''}{told}"
