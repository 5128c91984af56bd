"""RELIABILITY check 16: what a redirect can and cannot take along."""

from __future__ import annotations

import asyncio

import pytest

from cminbox.http import Ambiguous, BadAnswer, ChannelHTTP, HTTPFault, NotSent, Redirected, Site
from tests.http.conftest import TOKEN
from tests.http.hostile_server import HostileServer, answer, raw, redirect

REDIRECTS = (301, 302, 303, 307, 308)


def asker(server: HostileServer) -> ChannelHTTP:
    return ChannelHTTP(server.url, credentials={"Authorization": f"Bearer {TOKEN}", "X-Api-Key": TOKEN})


@pytest.mark.parametrize("status", REDIRECTS)
async def test_redirect_within_the_origin_is_followed_when_reading(server: HostileServer, status: int) -> None:
    server.on("/old", redirect(status, "/new?page=2"))
    server.on("/new", answer(200, b"{}"))
    async with asker(server) as http:
        reply = await http.request("GET", "/old")
    assert (reply.status, reply.url_path) == (200, "/new")
    assert [asked.target for asked in server.seen] == ["/old", "/new?page=2"]
    assert server.seen[1].headers["x-api-key"] == TOKEN


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
async def test_another_port_hears_nothing(
    server: HostileServer, elsewhere: HostileServer, status: int, method: str
) -> None:
    server.on("/x", redirect(status, elsewhere.url + "/take?token=abc"))
    async with asker(server) as http:
        http.keep_cookie("session", "S1")
        with pytest.raises((Redirected, Ambiguous)) as caught:
            await http.request(method, "/x", json={"text": "body"} if method == "POST" else None)
    assert elsewhere.connections == 0
    assert len(server.seen) == 1
    assert f"127.0.0.1:{elsewhere.port}" in str(caught.value), "says where it pointed"
    assert "token" not in str(caught.value), "the host only"


@pytest.mark.parametrize("status", REDIRECTS)
async def test_changing_request_is_never_redirected_not_even_at_home(server: HostileServer, status: int) -> None:
    server.on("/x", redirect(status, "/y"))
    # 302 and 303 come after a form was carried out; the others ask for the same request elsewhere
    kind = Ambiguous if status in (302, 303) else Redirected
    async with asker(server) as http:
        with pytest.raises(kind):
            await http.request("POST", "/x", form={"password": "p"})
    assert [asked.target for asked in server.seen] == ["/x"]


async def test_expected_redirect_of_a_login_is_handed_back(server: HostileServer) -> None:
    server.on(
        "/login/", answer(302, b"", {"location": "/admin/", "set-cookie": "admin-session=abc.def; HttpOnly; Path=/"})
    )
    async with asker(server) as http:
        reply = await http.request("POST", "/login/", form={"password": "p"}, expect=(302,))
    assert reply.status == 302
    assert reply.cookie("admin-session") == "abc.def"


@pytest.mark.parametrize(
    "location",
    [
        "http://localhost:{port}/",
        "https://127.0.0.1:{port}/",
        "http://127.0.0.1:{port}@evil.example/",
        "http://user:pw@127.0.0.1:{port}/",
        "http://127.0.0.1.evil.example:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "//evil.example/",
        "file:///etc/passwd",
        "http://127.0.0.1:{port}\\@evil.example/",
        "http://[::1",
        "http://evil.example:99999/",
        "",
    ],
)
async def test_what_is_not_the_same_origin_is_an_error(server: HostileServer, location: str) -> None:
    server.on("/x", redirect(302, location.format(port=server.port)))
    async with asker(server) as http:
        with pytest.raises(HTTPFault) as caught:
            await http.request("GET", "/x")
    assert str(caught.value).isprintable()
    if location:  # an empty one is the same address again: a circle
        assert isinstance(caught.value, Redirected)
        assert len(server.seen) == 1


async def test_circle_ends(server: HostileServer) -> None:
    server.on("/a", redirect(302, "/b"))
    server.on("/b", redirect(302, "/a"))
    async with asker(server) as http:
        with pytest.raises(BadAnswer, match="redirects"):
            await http.request("GET", "/a")
    assert len(server.seen) == 4, "the request and three redirects"


async def test_server_that_is_gone_after_its_redirect() -> None:
    """What the first answer said does not stand for the second request, which was never sent."""
    async with HostileServer() as server:

        async def last_words(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            server.stop_listening()
            await raw(b"HTTP/1.1 302 Found\r\nLocation: /y\r\nConnection: close\r\n\r\n")(reader, writer)

        server.on("/x", last_words)
        async with asker(server) as http:
            with pytest.raises(NotSent):
                await http.request("GET", "/x")


async def test_redirect_to_a_declared_origin_is_not_followed_either(
    server: HostileServer, elsewhere: HostileServer
) -> None:
    server.on("/x", redirect(307, elsewhere.url))
    async with ChannelHTTP(server.url, more_origins=(Site(elsewhere.url),)) as http:
        with pytest.raises(Redirected):
            await http.request("GET", "/x")
    assert elsewhere.connections == 0


async def test_redirect_without_a_place(server: HostileServer) -> None:
    server.on("/x", answer(302))
    async with asker(server) as http:
        with pytest.raises(BadAnswer):
            await http.request("GET", "/x")
        with pytest.raises(Ambiguous):
            await http.request("POST", "/x")
