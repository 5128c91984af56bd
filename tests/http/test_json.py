"""RELIABILITY check 9, the wrapper's part: one value nobody can use costs its item, not the page."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cminbox.http import Ambiguous, BadAnswer, ChannelHTTP, Headers, Reply, Unusable
from cminbox.http import reply as reply_module
from cminbox.http.reply import DEEPEST, parse_json
from tests.http.hostile_server import HostileServer, answer


def reply(body: bytes, kind: str = "application/json", changes: bool = False) -> Reply:
    return Reply("host", 200, Headers([("Content-Type", kind)]), body, "/x", changes)


@pytest.mark.parametrize(
    "bad",
    [
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-1e999",
        b"7" * 1_000_000,
        b"-" + b"7" * 5000,
        b"0." + b"7" * 1_000_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'[{"a":' * 300 + b'"]}[{"' + b"}]" * 300,
        b"[" * DEEPEST + b"]" * DEEPEST,
    ],
    ids=lambda bad: repr(bad[:12]),
)
def test_one_bad_value_in_a_page_of_fifty(bad: bytes) -> None:
    items = [b'{"id": %d, "text": "[[\\"{"}' % n for n in range(49)]
    items.insert(20, b'{"id": 99, "text": ' + bad + b', "after": 1}')
    page = parse_json(b'{"items": [' + b", ".join(items) + b"]}")
    assert len(page["items"]) == 50
    assert [item["id"] for item in page["items"] if isinstance(item["text"], str)] == list(range(49))
    worst = page["items"][20]
    assert worst["after"] == 1
    while isinstance(worst, (dict, list)):
        worst = (
            next(iter(worst.values()))
            if "text" not in worst and isinstance(worst, dict)
            else (worst["text"] if isinstance(worst, dict) else worst[0])
        )
    assert isinstance(worst, Unusable) and worst.reason


@pytest.mark.parametrize(
    "body",
    [
        b"", b"  \r\n", b"\xef\xbb\xbf", b"{", b"[" * 100_000, b"[" * 3_000_000, b"]" * 100_000, b"}{" * 1000,
        b'"', b'"\\', b"nul", b"{} {}", b"[1,]", b'{"a" 1}', b"\x00", b'\xff\xfe[\x00]\x00', b"'a'",
        b"Infinity1", b'{"a":1' * 50_000,
    ],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
async def test_what_is_no_json_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer) as caught:
        await reply(body).json()
    assert str(caught.value).isprintable() and len(str(caught.value)) < 200
    with pytest.raises(Ambiguous):
        await reply(body, changes=True).json()


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
@pytest.mark.parametrize(
    "body", [b"<!DOCTYPE html><html>\x1b]52;c;x\x07", b"\xef\xbb\xbf \n<?xml?>", b"<br />" * 20_000]
)
async def test_web_page_for_json(server: HostileServer, kind: str, body: bytes) -> None:
    server.on("/x", answer(200, body, {"content-type": kind}))
    async with ChannelHTTP(server.url) as http:
        with pytest.raises(BadAnswer, match="a web page where JSON was expected") as caught:
            await (await http.request("GET", "/x")).json()
    assert str(caught.value).isprintable()


async def test_content_type_is_not_believed() -> None:
    assert await reply(b'\xef\xbb\xbf {"a": [1, 2.5, null, true]}', kind="text/html").json() == {
        "a": [1, 2.5, None, True]
    }


def test_wrong_utf8_and_surrogates_do_not_lose_the_page() -> None:
    assert parse_json(b'["a\xffb", "\\ud800", "\\u0000"]') == ["a\ufffdb", "\ud800", "\x00"]


async def test_large_bodies_are_parsed_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[bool] = []

    def spy(body: bytes) -> Any:
        threads.append(threading.current_thread() is threading.main_thread())
        return parse_json(body)

    monkeypatch.setattr(reply_module, "parse_json", spy)
    await reply(b"[" + b" " * 70_000 + b"]").json()
    await reply(b"[]").json()
    assert threads == [False, True]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=30,
)  # fmt: skip


@given(json_values, st.booleans())
def test_ordinary_json_comes_as_json_loads_reads_it(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    body = text.encode("utf-8", "replace")
    assert parse_json(body) == json.loads(body)


@given(json_values, st.integers(0, 40))
def test_pruning_leaves_what_is_not_too_deep(value: Any, more: int) -> None:
    deep = b"[" * (DEEPEST + more) + b"]" * (DEEPEST + more)
    body = b'{"ok": ' + json.dumps(value).encode() + b', "deep": ' + deep + b', "last": 1}'
    got = parse_json(body)
    assert got["ok"] == value and got["last"] == 1


@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:\\ 0eN', max_size=60).map(str.encode))
def test_any_bytes_are_json_or_value_error(body: bytes) -> None:
    try:
        parse_json(body)
    except ValueError as wrong:
        assert str(wrong).isprintable()


def test_text_and_charsets() -> None:
    assert reply("grüße".encode("latin-1"), "text/html; charset=ISO-8859-1").text() == "grüße"
    assert reply("привет".encode("koi8-r"), "text/plain;charset=koi8-r").text() == "привет"
    for hostile in ("punycode", "unicode_escape", "utf-7", "zlib", "idna", "no-such"):
        assert reply(b"a\\n-\xff", f"text/plain; charset={hostile}").text() == "a\\n-\ufffd"


def test_headers_and_cookies() -> None:
    headers = Headers(
        [("Link", "a"), ("link", "b"), ("Set-Cookie", "x=1; Path=/"), ("set-cookie", 'ID="[1, 2].s"; Max-Age=9')]
    )
    got = Reply("host", 201, headers, b"", "/new")
    assert (headers["LINK"], headers.get("x-none"), len(headers)) == ("a, b", None, 2)
    assert headers.all("Set-Cookie") == ("x=1; Path=/", 'ID="[1, 2].s"; Max-Age=9')
    assert got.cookie("x") == "1"
    assert got.cookie("none") is None
    assert "body" not in repr(got)
    evil = Headers([("Set-Cookie", "x=a\r\nX-Evil: 1"), ("Set-Cookie", "y=\u0142"), ("Set-Cookie", "z")])
    assert [Reply("h", 200, evil, b"", "/").cookie(name) for name in "xyz"] == [None, None, None]
