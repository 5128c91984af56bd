"""The one wrapper around httpx: origin, redirects, bounds, errors, redaction. Importing it does not import httpx.

:class:`ChannelHTTP` asks; :class:`Reply` answers; :mod:`cminbox.http.errors` says what a failure means for the outbox.
Only ``transport.py`` knows httpx.
"""

from __future__ import annotations

from cminbox.http.address import Params
from cminbox.http.client import ChannelHTTP, Site
from cminbox.http.errors import (
    Ambiguous,
    AuthFailed,
    BadAddress,
    BadAnswer,
    Gone,
    HTTPFault,
    Limited,
    NoAnswer,
    NotSent,
    Redirected,
    Rejected,
    ServerFailed,
    StatusFault,
)
from cminbox.http.exchange import Bounds
from cminbox.http.redact import quiet_libraries, redact
from cminbox.http.reply import Headers, Reply, Unusable

__all__ = [
    "Ambiguous",
    "AuthFailed",
    "BadAddress",
    "BadAnswer",
    "Bounds",
    "ChannelHTTP",
    "Gone",
    "HTTPFault",
    "Headers",
    "Limited",
    "NoAnswer",
    "NotSent",
    "Params",
    "Redirected",
    "Rejected",
    "Reply",
    "ServerFailed",
    "Site",
    "StatusFault",
    "Unusable",
    "quiet_libraries",
    "redact",
]
