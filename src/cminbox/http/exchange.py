"""What one exchange may cost, how far it came, and a body that cannot grow beyond its bounds."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one exchange may cost. The header block is bounded by h11: 100 KiB."""

    body: int = 5 * 1024 * 1024
    """Bytes of the body, as they come and after decompression."""
    total: float = 30.0
    """Seconds for everything: connecting, redirects, the last byte of the body."""
    connect: float = 10.0
    """Seconds for a connection and its TLS handshake, each."""
    redirects: int = 3


class WireError(Exception):
    """The connection did not come about or broke. The text may hold bytes of the server."""


class BodyError(Exception):
    """The body was refused: too large, a bomb, an encoding that was not asked for. The text may be the server's."""


@dataclass(slots=True)
class Progress:
    """How far an exchange came, also when it ended early."""

    started: bool = False
    """The first byte of the request may have left."""
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def reset(self) -> None:
        """Another request begins (a redirect is followed)."""
        self.started, self.status, self.headers, self.body = False, None, [], b""

    async def trace(self, event: str, _info: object) -> None:
        """httpcore tells each step (its "trace" extension); the request's first byte leaves after this one."""
        if event.endswith(".send_request_headers.started"):
            self.started = True


class Inflater:
    """Collects a body up to a limit, decompressing gzip in bounded steps so that a bomb never unfolds.

    Only one layer of gzip and one member in it are taken: the rest are ways to lie about a size.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._body = bytearray()
        self._gzip = None
        if encoding in ("gzip", "x-gzip"):
            self._gzip = zlib.decompressobj(wbits=31)
        elif encoding not in ("", "identity"):
            raise BodyError(f"a content encoding that was not asked for ({encoding[:40]})")

    def feed(self, data: bytes) -> None:
        """Takes the next bytes; raises BodyError once more than the limit came or would unfold."""
        self._taken += len(data)
        if self._gzip is None:
            self._body += data
        elif self._gzip.eof:
            raise BodyError("something after the end of its gzip")
        else:
            try:
                self._body += self._gzip.decompress(data, self._limit + 1 - len(self._body))
            except zlib.error:
                raise BodyError("broken gzip") from None
            if self._gzip.unused_data:
                raise BodyError("something after the end of its gzip")
        if max(self._taken, len(self._body)) > self._limit:
            raise BodyError(f"larger than {self._limit // 1024} KiB")

    def finish(self) -> bytes:
        """The whole body; raises BodyError where the gzip stops in the middle."""
        if self._gzip is not None and self._taken and not self._gzip.eof:
            raise BodyError("a gzip that stops in the middle")
        return bytes(self._body)
