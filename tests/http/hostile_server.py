"""A loopback server that lies, stalls, bombs and loops: each test gives a path what it shall do there."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Asked:
    """One request as it came: header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class HostileServer:
    """``on(path, act)`` sets what happens; ``seen`` holds every request, ``connections`` counts."""

    def __init__(self, before_request: Act | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[Asked] = []
        self.connections = 0
        self.asked = asyncio.Event()
        self._hangups = asyncio.Semaphore(0)
        self._acts: dict[str, Act] = {}
        self._before = before_request
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def on(self, path: str, act: Act | bytes) -> None:
        self._acts[path] = raw(act) if isinstance(act, bytes) else act

    def stop_listening(self) -> None:
        self._server.close()

    async def left(self, clients: int = 1) -> None:
        """Waits until so many clients closed their connection."""
        async with asyncio.timeout(5):
            for _ in range(clients):
                await self._hangups.acquire()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            if self._before is not None:
                await self._before(reader, writer)
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            self._hangups.release()
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *rest = head.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (entry.partition(":") for entry in rest)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.seen.append(Asked(method, target, headers, body))
        self.asked.set()
        act = self._acts.get(target.partition("?")[0], answer(404))
        await act(reader, writer)
        await writer.drain()
        return not writer.is_closing()


def raw(data: bytes, *, close: bool = True) -> Act:
    """Exactly these bytes, then the end of the connection."""

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if close:
            writer.close()

    return act


def answer(status: int = 200, body: bytes = b"", headers: dict[str, str] | None = None) -> Act:
    """A well-formed answer with the right length; the connection stays open."""
    lines = {"content-length": str(len(body)), **(headers or {})}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return raw(head.encode("latin-1") + b"\r\n" + body, close=False)


def redirect(status: int, location: str) -> Act:
    return answer(status, b"", {"location": location})


def forever(head: bytes, piece: bytes, pause: float) -> Act:
    """The head, then the piece again and again: a slowloris with a pause, a flood without."""

    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return act


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Reads, and never says anything."""
    await reader.readexactly(1)


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """RST instead of an answer."""
    writer.transport.abort()


@contextlib.asynccontextmanager
async def refused_port() -> AsyncIterator[int]:
    """A port where nobody listens."""
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    yield port
