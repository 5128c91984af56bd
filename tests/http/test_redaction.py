"""No secret in a log, a message, a traceback."""

from __future__ import annotations

import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cminbox.http import ChannelHTTP, redact
from tests.http.conftest import TOKEN
from tests.http.hostile_server import HostileServer, answer


@pytest.mark.parametrize(
    ("text", "gone", "stays"),
    [
        ("GET /x?access_token=S3CRET&page=2", "S3CRET", "&page=2"),
        ("GET /x?page=2&api_key=S3CRET HTTP/1.1", "S3CRET", "HTTP/1.1"),
        ("?token=S3CRET#x", "S3CRET", "?token="),
        ("key=S3CRET", "S3CRET", "key="),
        ("password=S3CRET;", "S3CRET", "password="),
        ("/cb?code=S3CRET&state=1", "S3CRET", "state=1"),
        ("Authorization: Bearer S3CRET.x-y_z", "S3CRET", "Authorization"),
        ("authorization: Basic S3CRET==", "S3CRET", "uthorization"),
        ("bearer S3CRET, next", "S3CRET", ", next"),
        ("https://user:S3CRET@host/path", "S3CRET", "@host/path"),
        ("postgresql://u:S3CRET@h/db", "S3CRET", "postgresql://"),
        ('{"access_token": "S3CRET", "id": 1}', "S3CRET", '"id": 1'),
        ("{'client_secret': 'S3CRET'}", "S3CRET", "client_secret"),
        ("plain known S3CRET here", "", "plain known S3CRET here"),
    ],
)
def test_what_looks_like_a_secret(text: str, gone: str, stays: str) -> None:
    clean = redact(text)
    assert stays in clean
    assert not gone or gone not in clean


@pytest.mark.parametrize("text", ["status code=404", "a keyboard: qwerty", "mail me@host.example", "token expired", ""])
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text


def test_known_secrets_go_in_every_spelling_longest_first() -> None:
    text = "abc abcdef p%20w%2F%C3%BC p+w%2F%C3%BC p w/ü p%20w/%C3%BC"
    assert redact(text, ["abc", "abcdef", "p w/ü", ""]) == "*** *** *** *** *** ***"


@given(st.text(max_size=300), st.lists(st.text(min_size=1, max_size=10), max_size=3))
def test_no_known_secret_survives(text: str, secrets: list[str]) -> None:
    clean = redact(text + "".join(secrets), secrets)
    for secret in secrets:
        if not set(secret) <= set("*"):
            assert secret not in clean.replace("***", "\0") or set(secret) & set("\0")


@pytest.mark.parametrize("text", ["a" * 200_000, "://" * 60_000, "a.a-" * 50_000, "token" * 40_000, "Bearer " * 30_000])
def test_long_hostile_text_is_quick(text: str) -> None:
    started = time.process_time()
    redact(text)
    assert time.process_time() - started < 2


async def test_libraries_log_no_url_and_no_header(server: HostileServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.on("/x", answer())
    async with ChannelHTTP(server.url, credentials={"X-Api-Key": TOKEN}) as http:
        await http.request("GET", "/x", params={"access_token": "QUERYSECRET"})
    assert server.seen[0].target == "/x?access_token=QUERYSECRET"
    assert not [record for record in caplog.records if record.name.startswith(("httpx", "httpcore"))]
    assert TOKEN not in caplog.text and "QUERYSECRET" not in caplog.text
