"""RELIABILITY checks 18 and 19: bombs, floods, slow senders and lies about length."""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import zlib
from pathlib import Path

import pytest

from cminbox.http import Ambiguous, BadAnswer, Bounds, ChannelHTTP, NoAnswer
from cminbox.http.exchange import BodyError, Inflater
from tests.http.hostile_server import Act, HostileServer, answer, forever, raw

MIB = 1 << 20


def gib_of_zeros() -> bytes:
    """A gzip that unfolds to 1 GiB: one compressed MiB, ended by a full flush, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + block * 1024


def with_encoding(encoding: str, body: bytes) -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {encoding}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def test_bombs_cost_little_and_end(server: HostileServer) -> None:
    bomb = gib_of_zeros()
    bombs: dict[str, Act | bytes] = {
        "/gzip": with_encoding("gzip", bomb),
        "/x-gzip": with_encoding("X-GZip", bomb),
        "/gzip-twice": with_encoding("gzip, gzip", gzip.compress(bomb)),
        "/gzip-two-headers": with_encoding("gzip\r\nContent-Encoding: gzip", gzip.compress(bomb)),
        "/gzip-hidden-in-gzip": with_encoding("gzip", gzip.compress(gzip.compress(bomb))),
        "/br": with_encoding("br", b"\x5b" * 809),
        "/zstd": with_encoding("zstd", b"\x28\xb5\x2f\xfd" * 200),
        "/deflate": with_encoding("deflate", zlib.compress(bytes(MIB))),
        "/compress": with_encoding("compress", b"\x1f\x9d" * 200),
        "/identity-gzip": with_encoding("identity, gzip", bomb),
        "/many-members": with_encoding("gzip", gzip.compress(b"") * 200_000),
        "/plain": raw(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(6 * MIB)),
        "/announced": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999999\r\n\r\n",
        "/chunked-flood": forever(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"7" * 65536 + b"\r\n", 0
        ),
        "/headers": forever(b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"a" * 65000 + b"\r\n", 0),
        "/one-header": forever(b"HTTP/1.1 200 OK\r\nX-A: ", b"a" * 65536, 0),
        "/deep": answer(200, b"[" * 4 * MIB),
    }
    server.on("/small", answer(200, b"{}"))
    for path, act in bombs.items():
        server.on(path, act)
    client = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("bomb_client.py")),
        server.url,
        *bombs,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(client.communicate(), 60)
    print(out.decode())
    costs = [json.loads(row) for row in out.splitlines()]
    assert [cost["path"] for cost in costs] == list(bombs)
    for cost in costs:
        assert cost["end"].split(":")[0] in ("BadAnswer", "NoAnswer"), cost
        assert cost["mib"] < 64, cost
        assert cost["cpu"] < 2, cost


async def test_gzip_is_read(server: HostileServer) -> None:
    body = b'{"text": "' + b"x" * 100_000 + b'"}'
    server.on("/x", with_encoding("gzip", gzip.compress(body)))
    server.on("/none", answer(204, headers={"content-encoding": "gzip"}))
    async with ChannelHTTP(server.url) as http:
        assert (await http.request("GET", "/x")).body == body
        assert (await http.request("GET", "/none")).body == b""
        assert (await http.request("HEAD", "/x")).body == b""
        # a caller cannot ask for what would not be read
        await http.request("GET", "/x", headers={"Accept-Encoding": "br"})
    assert {asked.headers["accept-encoding"] for asked in server.seen} == {"gzip, identity"}


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"{}")[:-3], gzip.compress(b"{}") + b"more", gzip.compress(b"{}") * 2, b"{}", b"\x1f\x8b"],
    ids=["cut", "trailing", "members", "none", "stub"],
)
async def test_broken_gzip(server: HostileServer, body: bytes) -> None:
    server.on("/x", with_encoding("gzip", body))
    async with ChannelHTTP(server.url) as http:
        with pytest.raises(BadAnswer):
            await http.request("GET", "/x")
        with pytest.raises(Ambiguous) as caught:
            await http.request("POST", "/x")
    assert caught.value.status == 200


async def test_limit_is_exact(server: HostileServer) -> None:
    bounds = Bounds(body=1000)
    for size, fits in ((1000, True), (1001, False)):
        body = bytes(size)
        server.on("/length", answer(200, body))
        server.on("/end", raw(b"HTTP/1.0 200 OK\r\n\r\n" + body))
        server.on("/gzip", with_encoding("gzip", gzip.compress(body)))
        async with ChannelHTTP(server.url, bounds=bounds) as http:
            for path in ("/length", "/end", "/gzip"):
                if fits:
                    assert (await http.request("GET", path)).body == body
                else:
                    with pytest.raises(BadAnswer, match="larger"):
                        await http.request("GET", path)


@pytest.mark.parametrize("step", [1, 7, 4096])
def test_inflater_takes_any_slicing(step: int) -> None:
    body = b"abc" * 1000
    packed = gzip.compress(body)
    inflater = Inflater("gzip", len(body))
    for start in range(0, len(packed), step):
        inflater.feed(packed[start : start + step])
    assert inflater.finish() == body
    tight = Inflater("gzip", len(body) - 1)
    with pytest.raises(BodyError):
        for start in range(0, len(packed), step):
            tight.feed(packed[start : start + step])


SLOW = {
    "/status-line": (b"", b"H"),
    "/headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "/body": (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" "),
    "/chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "/until-the-end": (b"HTTP/1.0 200 OK\r\n\r\n", b" "),
    "/trailers": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
}


async def test_slow_senders_end_in_time_and_their_sockets_are_closed(server: HostileServer, short: Bounds) -> None:
    async def ask(path: str) -> None:
        head, piece = SLOW[path]
        server.on(path, forever(head, piece, 0.02))
        async with ChannelHTTP(server.url, bounds=short) as http:
            read, changed = await asyncio.gather(
                http.request("GET", path), http.request("POST", path), return_exceptions=True
            )
        assert type(read) is NoAnswer and "no answer within 1 s" in str(read), path
        assert type(changed) is Ambiguous, path

    async with asyncio.timeout(5):
        await asyncio.gather(*map(ask, SLOW))
    await server.left(clients=2 * len(SLOW))


async def test_others_are_answered_meanwhile(server: HostileServer) -> None:
    server.on("/slow", forever(b"HTTP/1.1 200 OK\r\n\r\n", b" ", 0.02))
    server.on("/quick", answer(200, b"{}"))
    async with ChannelHTTP(server.url, bounds=Bounds(total=5)) as http:
        slow = asyncio.create_task(http.request("GET", "/slow"))
        for _ in range(5):
            await http.request("GET", "/quick")
        assert not slow.done()
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)


async def test_empty_answers_and_http_1_0(server: HostileServer) -> None:
    server.on("/204", answer(204))
    server.on("/empty", answer(200))
    server.on("/old", b"HTTP/1.0 200 OK\r\n\r\n[1]")
    server.on("/more", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 500 surplus\r\n\r\n", close=False))
    async with ChannelHTTP(server.url) as http:
        assert (await http.request("DELETE", "/204")).status == 204
        reply = await http.request("GET", "/empty")
        assert reply.body == b""
        with pytest.raises(BadAnswer, match="empty"):
            await reply.json()
        assert await (await http.request("GET", "/old")).json() == [1]
        assert await (await http.request("GET", "/more")).json() == {}
        # what follows an answer is not taken for the answer to a change
        assert (await http.request("DELETE", "/204")).status == 204


async def test_request_larger_than_the_server_reads(server: HostileServer, short: Bounds) -> None:
    """A server that stops reading must not hold us for longer than the whole exchange may take."""

    async def deaf(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async with HostileServer(before_request=deaf) as server, ChannelHTTP(server.url, bounds=short) as http:
        with pytest.raises(Ambiguous):
            await http.request("POST", "/x", json={"text": "x" * 20 * MIB})
