"""Takes secrets out of what is logged or shown: known values exactly, and what looks like one."""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

MASK = "***"

_PATTERNS = tuple(
    (re.compile(pattern), mask)
    for pattern, mask in (
        # https://user:password@host; lengths are bounded so that no text makes the search quadratic
        (r"([A-Za-z][A-Za-z0-9+.-]{0,20}://)[^/\s@]{1,512}@", rf"\1{MASK}@"),
        (r"(?i)(\bBearer\s+)[^\s\"',;]+", rf"\1{MASK}"),
        (r"(?i)(authorization[\"']?\s*[:=]\s*[\"']?(?:[a-z]{1,20}\s+)?)[^\s\"',;]+", rf"\1{MASK}"),
        (r"(?i)((?:token|key|secret|password|passwd)=)[^&\s\"'<>]+", rf"\1{MASK}"),
        (r"(?i)([?&](?:code|sig|signature|session|auth)=)[^&\s\"'<>]+", rf"\1{MASK}"),
        (r"(?i)((?:token|key|secret|password|passwd)[\"']\s*:\s*[\"'])[^\"']+", rf"\1{MASK}"),
    )
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the given values (also URL-encoded), bearer tokens, secret query values and userinfo."""
    for secret in sorted(set(_spellings(secrets)), key=len, reverse=True):
        text = text.replace(secret, MASK)
    for pattern, mask in _PATTERNS:
        text = pattern.sub(mask, text)
    return text


def secret_values(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What must never be seen of credential headers: the value, the token after its scheme, a password in Basic."""
    for _, value in headers:
        yield value
        scheme, _, token = value.partition(" ")
        if token:
            yield token
        if scheme.lower() == "basic":
            try:
                yield base64.b64decode(token, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                continue


def quiet_libraries() -> None:
    """httpx logs whole URLs at INFO, httpcore whole headers at DEBUG: neither may, whatever the root logger allows."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _spellings(secrets: Iterable[str]) -> Iterator[str]:
    for secret in secrets:
        if secret:
            yield from (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))
