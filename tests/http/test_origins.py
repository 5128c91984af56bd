"""Credentials of one origin never go to another; addresses out of content never leave the configured hosts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cminbox.domain.errors import UsageError
from cminbox.http import BadAddress, ChannelHTTP, Site
from cminbox.http.address import parse_absolute, parse_base, resolve
from tests.http.conftest import TOKEN
from tests.http.hostile_server import HostileServer, answer


async def test_each_origin_gets_its_own_credentials(server: HostileServer, elsewhere: HostileServer) -> None:
    server.on("/a", answer())
    elsewhere.on("/b", answer())
    more = (Site(elsewhere.url, headers={"X-Kind": "api"}, credentials={"Authorization": "Bearer THEIRS"}),)
    async with ChannelHTTP(
        server.url, headers={"X-Own": "1"}, credentials={"X-Api-Key": TOKEN}, more_origins=more
    ) as http:
        http.keep_cookie("ours", "O1")
        http.keep_cookie("theirs", "T1", url=elsewhere.url)
        await http.request("GET", "/a")
        await http.request("GET", f"{elsewhere.url}/b", params={"page": 2})
    ours, theirs = server.seen[0].headers, elsewhere.seen[0].headers
    assert (ours["x-api-key"], ours["cookie"], ours["x-own"]) == (TOKEN, "ours=O1", "1")
    assert not {"authorization", "x-kind"} & ours.keys()
    assert (theirs["authorization"], theirs["cookie"], theirs["x-kind"]) == ("Bearer THEIRS", "theirs=T1", "api")
    assert not {"x-api-key", "x-own"} & theirs.keys()
    assert elsewhere.seen[0].target == "/b?page=2"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{other}/next",
        "https://127.0.0.1:{port}/next",
        "http://localhost:{port}/next",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://a:b@127.0.0.1:{port}/",
        "//127.0.0.1:{other}/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http:/next",
        "/../admin",
        "/%2e%2E/admin",
        "/a b",
        "/a\r\nX-Evil: 1",
        "/a\\b",
        "/\ud800",
        "http://127.0.0.1:{port}/../x",
        "x" * 9000,
    ],
)
async def test_foreign_or_broken_address_is_refused_before_anything_is_sent(
    server: HostileServer, elsewhere: HostileServer, url: str
) -> None:
    async with ChannelHTTP(server.url, credentials={"X-Api-Key": TOKEN}) as http:
        with pytest.raises(BadAddress) as caught:
            await http.request("GET", url.format(port=server.port, other=elsewhere.port))
    assert server.connections == elsewhere.connections == 0
    assert str(caught.value).isprintable()


async def test_absolute_address_at_home_is_asked(server: HostileServer) -> None:
    server.on("/next", answer())
    async with ChannelHTTP(server.url + "/sub/") as http:
        await http.request("GET", f"{server.url}/next?max_id=7")
        await http.request("GET", f"HTTP://127.0.0.1:{server.port}/next")
    assert [asked.target for asked in server.seen] == ["/next?max_id=7", "/next"]


async def test_path_prefix_and_parameters(server: HostileServer) -> None:
    server.on("/sub/latest", answer())
    async with ChannelHTTP(server.url + "/sub/") as http:
        for path in ("/latest", "latest", "/latest#x", "/latest?n=1"):
            await http.request("GET", path)
        await http.request(
            "GET", "/latest?n=1", params={"uri": "/a b/ü&x", "more": ["1", "2"], "none": None, "yes": True}
        )
    assert [asked.target for asked in server.seen] == [
        "/sub/latest",
        "/sub/latest",
        "/sub/latest",
        "/sub/latest?n=1",
        "/sub/latest?n=1&uri=%2Fa+b%2F%C3%BC%26x&more=1&more=2&yes=true",
    ]


@pytest.mark.parametrize(
    ("url", "origin", "prefix"),
    [
        ("http://localhost:8080", "http://localhost:8080", ""),
        ("https://Blog.Example:443/", "https://blog.example", ""),
        ("http://host/sub/", "http://host", "/sub"),
        ("https://[2001:DB8:0::1]:8443/a", "https://[2001:db8::1]:8443", "/a"),
        ("http://[::1]:80", "http://[::1]", ""),
        ("https://bücher.example/blög", "https://xn--bcher-kva.example", "/bl%C3%B6g"),
        ("https://\uff42Ücher.example", "https://xn--bcher-kva.example", ""),
        ("https://straße.example", "https://xn--strae-oqa.example", ""),
        ("https://пример.example", "https://xn--e1afmkfd.example", ""),
    ],
)
def test_base(url: str, origin: str, prefix: str) -> None:
    base = parse_base(url)
    assert (str(base.origin), base.path) == (origin, prefix)


@pytest.mark.parametrize(
    "url",
    [
        "", "host", "localhost:8080", "ftp://host", "http://", "http:///x", "http://user:hunter2@host", "http://host:0",
        "http://host:70000", "http://host:x", "http://host?q=1", "http://host/#f", "http://ho st", "http://host\n",
        "http://[::1", "http://[fe80::1%25eth0]", "http://a..-/", "http://ho\\st", "http://\u202ehost", "http://-a",
    ],
)  # fmt: skip
def test_wrong_base_is_a_usage_error_that_repeats_no_password(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        ChannelHTTP(url)
    assert "hunter2" not in str(caught.value)


def test_origin_named_twice() -> None:
    with pytest.raises(UsageError):
        ChannelHTTP("http://host", more_origins=(Site("http://HOST:80/api"),))


def test_nothing_for_an_origin_that_was_not_declared() -> None:
    http = ChannelHTTP("http://host")
    with pytest.raises(UsageError):
        http.keep_cookie("a", "b", url="http://other")
    with pytest.raises(UsageError):
        http.set_credential("x-api-key", "b", url="http://other")


@given(st.text(max_size=60) | st.from_regex(r"(https?:)?//?[a-z@:\\/.%0-9\[\]?#]{0,40}", fullmatch=True))
def test_whatever_a_server_sends_as_a_path_the_host_is_ours_or_it_is_told(path: str) -> None:
    import httpx

    base = parse_base("http://ours.example:8080/sub")
    try:
        address = resolve(base, path)
    except ValueError:
        return
    url = httpx.URL(address.url)
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    assert (url.scheme, url.raw_host.decode(), port) == (
        address.origin.scheme,
        address.origin.host,
        address.origin.port,
    )
    if address.origin == base.origin and not path.lower().startswith("http"):
        assert url.raw_path.startswith(b"/sub")


@given(st.text(max_size=80))
def test_absolute_addresses_parse_or_raise_value_error(tail: str) -> None:
    for url in (tail, f"http://{tail}", f"http://host{tail}", f"http://host:80/{tail}?{tail}"):
        try:
            address = parse_absolute(url)
        except ValueError:
            continue
        assert address.url.isascii() and address.path.startswith("/")
