"""What the outbox may conclude: not sent, may be done, surely refused."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest

from cminbox.domain.channel import Health
from cminbox.domain.errors import CminboxError, UnreachableError, UsageError
from cminbox.http import (
    Ambiguous,
    AuthFailed,
    BadAnswer,
    Bounds,
    ChannelHTTP,
    Gone,
    HTTPFault,
    Limited,
    NoAnswer,
    NotSent,
    Rejected,
    ServerFailed,
    StatusFault,
)
from tests.http.conftest import TOKEN
from tests.http.hostile_server import Act, HostileServer, answer, forever, raw, refused_port, reset, silence


async def test_refused_connection_is_not_sent(short: Bounds) -> None:
    async with refused_port() as port, ChannelHTTP(f"http://127.0.0.1:{port}", bounds=short) as http:
        for method in ("GET", "POST"):
            with pytest.raises(NotSent, match="refused") as caught:
                await http.request(method, "/")
            assert caught.value.exit_code == 5


async def test_unknown_name_is_not_sent(monkeypatch: pytest.MonkeyPatch, short: Bounds) -> None:
    async def nobody(*_args: object, **_more: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nobody)
    async with ChannelHTTP("https://no-such-host.invalid", bounds=short) as http:
        with pytest.raises(NotSent, match="not known"):
            await http.request("POST", "/", json={})


async def test_failed_tls_is_not_sent(server: HostileServer, short: Bounds) -> None:
    # a server that talks plain HTTP where TLS is wanted
    async with ChannelHTTP(f"https://127.0.0.1:{server.port}", bounds=short) as http:
        with pytest.raises(NotSent):
            await http.request("POST", "/", json={})
    assert server.seen == []


async def test_tls_handshake_that_never_ends_is_not_sent(short: Bounds) -> None:
    async with HostileServer(before_request=deaf) as server:
        url = f"https://127.0.0.1:{server.port}"
        async with ChannelHTTP(url, bounds=short) as http:
            with pytest.raises(NotSent, match="timed out"):
                await http.request("POST", "/", json={})
            await server.left()


async def deaf(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Takes everything and answers nothing."""
    while await reader.read(4096):
        pass
    raise ConnectionResetError


async def test_little_time_for_a_long_handshake_is_not_sent() -> None:
    async with HostileServer(before_request=deaf) as server:
        bounds = Bounds(total=0.4, connect=20)
        async with ChannelHTTP(f"https://127.0.0.1:{server.port}", bounds=bounds) as http:
            with pytest.raises(NotSent):
                await http.request("POST", "/", json={})
            await server.left()


BROKEN: dict[str, Act] = {
    "silence": silence,
    "reset": reset,
    "end without an answer": raw(b""),
    "garbage": raw(b"\x00\x1b]0;evil\x07 not http\r\n\r\n"),
    "status line of another protocol": raw(b"ICY 200 OK\r\n\r\n"),
    "status out of range": raw(b"HTTP/1.1 99999 X\r\n\r\n"),
    "half a head": raw(b"HTTP/1.1 200 OK\r\nContent-"),
    "body too short": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}"),
    "chunks cut off": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"),
    "two lengths": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    "negative length": raw(b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}"),
    "gzip over chunks": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
    "100 for ever": forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_broken_answer(server: HostileServer, what: str, short: Bounds) -> None:
    server.on("/x", BROKEN[what])
    async with ChannelHTTP(server.url, bounds=short) as http:
        read, changed = await asyncio.gather(
            http.request("GET", "/x"), http.request("POST", "/x", json={"text": "x"}), return_exceptions=True
        )
    assert isinstance(read, NoAnswer) and not isinstance(read, Ambiguous)
    assert isinstance(changed, Ambiguous)
    for fault in (read, changed):
        assert str(fault).isprintable() and str(fault).startswith(f"127.0.0.1:{server.port}: ")
        assert fault.exit_code == 5 and fault.health is Health.UNREACHABLE
    assert sorted(asked.method for asked in server.seen) == ["GET", "POST"], "nothing is tried again behind one's back"


async def test_reset_before_the_request_is_read(short: Bounds) -> None:
    async with HostileServer(before_request=reset) as server, ChannelHTTP(server.url, bounds=short) as http:
        with pytest.raises((Ambiguous, NotSent)):
            await http.request("POST", "/x", json={"text": "x" * 100_000})
        with pytest.raises((NoAnswer, NotSent)):
            await http.request("GET", "/x")


async def test_connection_closed_while_idle_does_not_make_a_change_uncertain(server: HostileServer) -> None:
    server.on("/read", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", close=True))  # keep-alive, and yet closed
    server.on("/write", answer(201, b"{}"))
    async with ChannelHTTP(server.url) as http:
        for _ in range(20):
            await http.request("GET", "/read")
            assert (await http.request("POST", "/write", json={})).status == 201


async def test_reading_reuses_its_connection_and_changing_does_not(server: HostileServer) -> None:
    server.on("/x", answer())
    async with ChannelHTTP(server.url) as http:
        for _ in range(3):
            await http.request("GET", "/x")
        assert server.connections == 1
        for _ in range(3):
            await http.request("POST", "/x")
    assert server.connections == 4


STATUSES: list[tuple[int, type[HTTPFault], type[HTTPFault], Health]] = [
    (400, Rejected, Rejected, Health.ERROR),
    (401, AuthFailed, AuthFailed, Health.AUTH),
    (403, AuthFailed, AuthFailed, Health.AUTH),
    (404, Gone, Gone, Health.GONE),
    (408, NoAnswer, Ambiguous, Health.UNREACHABLE),
    (409, Rejected, Rejected, Health.ERROR),
    (410, Gone, Gone, Health.GONE),
    (422, Rejected, Rejected, Health.ERROR),
    (425, Limited, Limited, Health.LIMITED),
    (429, Limited, Limited, Health.LIMITED),
    (499, Rejected, Rejected, Health.ERROR),
    (500, ServerFailed, Ambiguous, Health.UNREACHABLE),
    (502, ServerFailed, Ambiguous, Health.UNREACHABLE),
    (503, ServerFailed, Ambiguous, Health.UNREACHABLE),
    (504, ServerFailed, Ambiguous, Health.UNREACHABLE),
    (520, ServerFailed, Ambiguous, Health.UNREACHABLE),
    (304, BadAnswer, Ambiguous, Health.ERROR),
    (600, ServerFailed, Ambiguous, Health.UNREACHABLE),
]


@pytest.mark.parametrize(("status", "reading", "changing", "health"), STATUSES)
async def test_status(
    server: HostileServer, status: int, reading: type[HTTPFault], changing: type[HTTPFault], health: Health
) -> None:
    server.on("/x", answer(status, b"" if status == 304 else b"why"))
    async with ChannelHTTP(server.url) as http:
        with pytest.raises(HTTPFault) as read:
            await http.request("GET", "/x")
        with pytest.raises(HTTPFault) as changed:
            await http.request("POST", "/x", json={})
        assert (await http.request("GET", "/x", expect=(status,))).status == status
        with pytest.raises(reading):
            await http.request("POST", "/x", json={}, changes=False)
    assert type(read.value) is reading and read.value.health is health
    assert type(changed.value) is changing
    assert str(status) in str(read.value)
    if isinstance(changed.value, Ambiguous):
        assert changed.value.status == status
    if isinstance(read.value, StatusFault) and status != 304:
        assert (read.value.status, read.value.reply.body) == (status, b"why")


async def test_status_is_known_though_its_body_is_not(server: HostileServer, short: Bounds) -> None:
    """A refusal stays a refusal, whatever becomes of the words for it."""
    head = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 99\r\n"
    server.on("/cut", head + b"\r\nab")
    server.on("/slow", forever(head + b"\r\n", b"a", 0.05))
    server.on("/br", head + b"Content-Encoding: br\r\n\r\nab")
    server.on("/big", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 99999999\r\n\r\nab")
    async with ChannelHTTP(server.url, bounds=short) as http:
        for path in ("/cut", "/slow", "/br", "/big"):
            told, wanted = await asyncio.gather(
                http.request("POST", path, json={}),
                http.request("GET", path, expect=(403,)),
                return_exceptions=True,
            )
            assert isinstance(told, AuthFailed)
            assert isinstance(wanted, UnreachableError), "whoever expects it wants to read it"


async def test_limited_says_for_how_long(server: HostileServer) -> None:
    for value, wait in {"7": 7.0, "-1": 1.0, "1e99": 3600.0, "nan": 60.0, "": 60.0, "120000": 3600.0}.items():
        server.on("/x", answer(429, b"", {"Retry-After": value}))
        async with ChannelHTTP(server.url) as http:
            with pytest.raises(Limited) as caught:
                await http.request("POST", "/x")
        assert caught.value.retry_after == wait
    server.on("/y", answer(503, b"", {"X-RateLimit-Reset": "12"}))
    async with ChannelHTTP(server.url) as http:
        with pytest.raises(ServerFailed) as failed:
            await http.request("GET", "/y")
        with pytest.raises(Ambiguous) as unclear:
            await http.request("POST", "/y")
    assert failed.value.retry_after == unclear.value.retry_after == 12.0


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        ("text/plain", b"\x1b]52;c;AAAA\x07 \xc2\x9b31m no\r\nway", "no"),
        ("application/json", b'{"message": "bad \\u001b[2J \\u202e thing"}', "thing"),
        ("text/html", b"<html><style>p{}</style><title>403 &amp; out</title><script>x()</script>", "403 & out"),
        ("text/plain", ("ö" * 5000).encode(), "ööö"),
        ("text/plain; charset=latin-1", b"gr\xfc\xdfe", "grüße"),
    ],
)
async def test_error_line_is_clean_and_short(server: HostileServer, kind: str, body: bytes, told: str) -> None:
    server.on("/x", answer(403, body, {"content-type": kind}))
    async with ChannelHTTP(server.url) as http:
        with pytest.raises(AuthFailed) as caught:
            await http.request("GET", "/x", params={"access_token": "QUERYSECRET"})
    text = str(caught.value)
    assert told in text and text.isprintable() and len(text) < 300
    assert "QUERYSECRET" not in text and "p{}" not in text and "x()" not in text


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_server_that_echoes_secrets_gets_them_into_no_message(server: HostileServer, method: str) -> None:
    echo = f"no: Bearer {TOKEN} for http://u:hunter2@h/?access_token=Q1Q1Q1 pw/d%20x {TOKEN} S3SS10N C00K13".encode()
    server.on("/x", answer(400, echo))
    server.on("/y", answer(500, b"<h1>" + echo))
    server.on("/z", b"HTTP/1.1 " + TOKEN.encode() + b" garbage\r\n\r\n")
    http = ChannelHTTP(server.url, credentials={"Authorization": f"Bearer {TOKEN}"}, secrets=["pw/d x"])
    async with http:
        http.keep_cookie("session", "S3SS10N")
        for path in ("/x", "/y", "/z"):
            with pytest.raises(CminboxError) as caught:
                await http.request(method, path, headers={"Cookie": "own=C00K13"})
            for secret in (TOKEN, "hunter2", "Q1Q1Q1", "pw/d", "S3SS10N", "C00K13"):
                assert secret not in str(caught.value)
    assert server.seen[0].headers["cookie"] == "session=S3SS10N; own=C00K13"


def test_basic_password_is_a_secret_too() -> None:
    http = ChannelHTTP("http://host", credentials={"Authorization": "Basic dXNlcjpodW50ZXIy"})
    assert {"dXNlcjpodW50ZXIy", "hunter2"} <= http.secrets
    assert "dXNlcjpodW50ZXIy" not in repr(http)


def test_header_that_cannot_be_is_refused_without_its_value() -> None:
    for value in ("a\r\nX-Evil: 1", "a\nb", "t\u00f6ken", "a\x00"):
        with pytest.raises(UsageError) as caught:
            ChannelHTTP("http://host", credentials={"X-Api-Key": value})
        assert value not in str(caught.value)
    with pytest.raises(UsageError):
        ChannelHTTP("http://host", headers={"bad name": "x"})


async def test_cancelling_closes_the_connection(server: HostileServer) -> None:
    server.on("/x", silence)
    async with ChannelHTTP(server.url) as http:
        task = asyncio.create_task(http.request("POST", "/x", json={}))
        await asyncio.wait_for(server.asked.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.left()


async def test_not_opened_is_a_mistake_of_ours() -> None:
    with pytest.raises(RuntimeError):
        await ChannelHTTP("http://host").request("GET", "/")


def test_certificates_are_checked() -> None:
    from cminbox.http.transport import _trust

    assert _trust().verify_mode is ssl.CERT_REQUIRED and _trust().check_hostname
