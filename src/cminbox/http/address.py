"""Addresses: what an origin is, and how a path is put onto a base so that the target host is always the configured one.

The host that is connected to comes from the configuration and never from a string that a server sent: of an absolute
URL only path and query are taken, after its origin was found equal to a configured one (RELIABILITY.md 1.3).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlencode, urlsplit

from cminbox.domain.errors import UsageError

Params = Mapping[str, str | int | float | bool | Sequence[str] | None]
"""Query values; None is left out, a sequence becomes several."""

_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 8000
_LONGEST_HOST = 253
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_.])?")
_KEPT_IN_PATH = "/%:@!$&'()*+,;=~-._"
_KEPT_IN_QUERY = _KEPT_IN_PATH + "?"


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host (ASCII, lower case; IPv6 without brackets) and port: RFC 6454."""

    scheme: str
    host: str
    port: int

    @property
    def label(self) -> str:
        """Host, and port where it is not the usual one: how messages name it."""
        return str(self).partition("://")[2]

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes: ``path`` begins with a slash, both parts are percent-encoded ASCII."""

    origin: Origin
    path: str
    query: str = ""

    @property
    def url(self) -> str:
        return f"{self.origin}{self.path}{'?' if self.query else ''}{self.query}"


def parse_base(url: str) -> Address:
    """The configured base of a channel, with a path prefix that does not end in a slash.

    Raises UsageError: not http(s), a name or password in it, a query or fragment, no such host or port.
    """
    try:
        if not _ABSOLUTE.match(url):
            raise ValueError("no http:// or https:// before the host")
        address = parse_absolute(url)
        if address.query or "#" in url or "?" in url:
            raise ValueError("a query or fragment is not allowed")
    except ValueError as wrong:
        # the url itself may hold a password, so it is not repeated
        raise UsageError(f"url: {wrong}; give it as https://host or https://host/path") from None
    return Address(address.origin, address.path.rstrip("/"))


def parse_absolute(url: str) -> Address:
    """An absolute http(s) URL in parts. Raises ValueError saying what is wrong, without repeating the URL."""
    if len(url) > _LONGEST_URL:
        raise ValueError("too long")
    if _UNSAFE.search(url):
        raise ValueError("white space, a control character or a backslash in it")
    try:
        split = urlsplit(url)
        port = split.port
        host = _ascii_host(split.hostname or "")
    except ValueError:
        raise ValueError("no valid host or port") from None
    scheme = split.scheme.lower()
    if scheme not in _PORTS:
        raise ValueError("neither http nor https")
    if "@" in split.netloc:
        raise ValueError("a name or password in it")
    if port == 0:
        raise ValueError("no valid host or port")
    origin = Origin(scheme, host, port or _PORTS[scheme])
    return Address(origin, _checked_path(split.path or "/"), quote(split.query, safe=_KEPT_IN_QUERY))


def resolve(base: Address, path: str, params: Params | None = None) -> Address:
    """``path`` on a base: below its prefix, or, when absolute, as it stands (its origin is for the caller to check).

    ``http://host/sub/`` and ``/latest?n=1`` (or ``latest?n=1``) give ``/sub/latest?n=1``. Raises ValueError for
    ``//host``, dot segments (also percent-encoded), controls and schemes other than http(s).
    """
    if not path.startswith("/") and _ABSOLUTE.match(path):
        address = parse_absolute(path)
    elif path.startswith("//") or _UNSAFE.search(path) or len(path) > _LONGEST_URL:
        raise ValueError("not a path")
    else:
        rest, _, query = path.partition("#")[0].partition("?")
        below = base.path + "/" + rest.removeprefix("/") if rest else base.path or "/"
        address = Address(base.origin, _checked_path(below), quote(query, safe=_KEPT_IN_QUERY))
    if not params:
        return address
    more = urlencode([(k, _spelled(v)) for k, v in params.items() if v is not None], doseq=True)
    return Address(address.origin, address.path, "&".join(part for part in (address.query, more) if part))


def _spelled(value: str | float | Sequence[str]) -> str | float | Sequence[str]:
    return str(value).lower() if isinstance(value, bool) else value


def _checked_path(path: str) -> str:
    if any(unquote(segment) in (".", "..") for segment in path.split("/")):
        raise ValueError("a dot segment in it")
    return quote(path, safe=_KEPT_IN_PATH)


def _ascii_host(host: str) -> str:
    if len(host) > _LONGEST_HOST:
        raise ValueError("no valid host")
    if ":" in host:
        if "%" in host:
            raise ValueError("a zone in it")
        return ipaddress.IPv6Address(host).compressed
    if not host.isascii():
        import idna  # httpx brings it; needed for the few hosts that are not ASCII (RFC 5891, UTS 46)

        host = idna.encode(host, uts46=True).decode()
    host = host.lower()
    if not _HOST.fullmatch(host):
        raise ValueError("no valid host")
    return host
