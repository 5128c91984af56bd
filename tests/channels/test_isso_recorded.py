"""Isso's own answers, as they were recorded from 0.14 (../shared/fixtures/isso), played back to the connector."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cminbox.channels.base import Broken, Comment, Ref, Sending
from cminbox.channels.isso import Connector
from cminbox.domain.item import Kind
from cminbox.http import BadAnswer, Gone, Limited, Rejected
from tests.courier.support import channel_config
from tests.shared import shared_dir

pytestmark = pytest.mark.shared


class Recorded:
    """Plays recorded answers by the request's path; what a test puts into ``answers`` comes first."""

    def __init__(self) -> None:
        folder = shared_dir("fixtures", "isso")
        self.files = {file.name.split(".")[0]: json.loads(file.read_text()) for file in folder.glob("*.http.json")}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.post = self.response("reply__new-comment")
        recorded = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                recorded.asked.append(("GET", self.path, None))
                recorded.play(self, recorded.get(urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                recorded.asked.append(("POST", self.path, body))
                recorded.play(self, recorded.post)

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def response(self, name: str, place: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = self.files[name]["interactions"][place]["response"]
        return found

    def get(self, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        if path in self.answers:
            status, body = self.answers[path]
            return {"status": status, "headers": {}, "body": body}
        if path == "/config":
            return self.response("thread__config")
        if path == "/" and "uri" not in query:
            return self.response("error__missing-uri")
        if path == "/":
            return self.response("list__comments-limit-parent" if "parent" in query else "list__comments-nested")
        return self.response("error__no-such-comment")

    def play(self, handler: BaseHTTPRequestHandler, response: dict[str, Any]) -> None:
        body = response["body"] if isinstance(response["body"], bytes) else response["body"].encode()
        handler.send_response(response["status"])
        for name, values in response["headers"].items():
            for value in values:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    made = Recorded()
    yield made
    made.server.shutdown()
    made.server.server_close()


def connector_of(recorded: Recorded, **options: Any) -> Connector:
    return Connector(channel_config(url=recorded.url, account="Ada", options={"uris": ["/post-1/"]} | options), None)


async def entries_of(connector: Connector) -> list[Comment | Broken]:
    found: list[Comment | Broken] = []
    async for page in connector.pages({}, datetime(2026, 1, 1, tzinfo=UTC)):
        found += page.entries
    return found


def sending(text: str = "A reply", parent: str | None = None, remote_id: str = "1") -> Sending:
    created = datetime.fromtimestamp(1795218803.938963, UTC)
    to = Ref(remote_id, parent, "/post-1/", None, None, created, {})
    return Sending(to=to, text=text, key="k", first_attempt_at=created)


async def test_the_comments_of_a_page(recorded: Recorded) -> None:
    async with connector_of(recorded) as connector:
        session = await connector.hello()
        entries = await entries_of(connector)
    assert session.can == {"reply"} and session.account == "Ada"
    assert [one.remote_id for one in entries] == ["1", "2", "3", "4"]
    first, second, third, fourth = [one for one in entries if isinstance(one, Comment)]
    assert (first.author_name, first.author_id, first.kind) == ("Ada", "4505c1eeda98", Kind.COMMENT)
    assert first.created_at == datetime(2026, 11, 20, 23, 53, 23, 938963, UTC) and first.edited_at is None
    # the site is the one that the server names to browsers, not its own address
    assert first.url == "http://localhost:8765/post-1/#isso-1" and first.post_id == "/post-1/"
    assert (second.parent_remote_id, second.kind) == ("1", Kind.REPLY)
    assert third.author_name == "Zoë" and "🎉" in third.text and third.extra == {"website": "https://example.org/"}
    assert fourth.author_name is None
    assert not any(one.own or one.held or one.removed for one in (first, second, third, fourth))


@pytest.mark.parametrize(
    ("config", "can"),
    [
        (b'{"config": {"require-author": true, "require-email": false}}', True),
        (b'{"config": {"require-email": true}}', False),
        (b'{"config": "none"}', True),
        (b"<html>an older server, or none at all</html>", True),
    ],
)
async def test_what_the_server_demands_of_an_author(recorded: Recorded, config: bytes, can: bool) -> None:
    recorded.answers["/config"] = 200, config
    async with connector_of(recorded) as connector:
        assert (await connector.hello()).can == ({"reply"} if can else set())
    async with connector_of(recorded, email="ada@example.org") as connector:
        assert (await connector.hello()).can == {"reply"}


async def test_an_answer_that_is_held(recorded: Recorded) -> None:
    recorded.post = dict(recorded.post)
    told = json.loads(recorded.post["body"]) | {"parent": 1}
    recorded.post["body"] = json.dumps(told)
    async with connector_of(recorded, email="ada@example.org") as connector:
        sent = await connector.send(sending("First **comment**"))
    assert (sent.remote_id, sent.held, sent.learned) == ("1", True, {"moderated": True})
    method, path, body = recorded.asked[-1]
    assert (method, path) == ("POST", "/new?uri=%2Fpost-1%2F")
    assert body == {
        "text": "First **comment**", "author": "Ada", "email": "ada@example.org", "website": None, "parent": 1,
        "title": "/post-1/",
    }  # fmt: skip


async def test_the_guard_means_later(recorded: Recorded) -> None:
    responses = recorded.files["error__guard-ratelimit"]["interactions"]
    recorded.post = next(one["response"] for one in responses if one["response"]["status"] == 403)
    async with connector_of(recorded) as connector:
        with pytest.raises(Limited) as limited:
            await connector.send(sending())
    assert limited.value.retry_after == 60


async def test_too_short_means_never(recorded: Recorded) -> None:
    recorded.post = recorded.response("error__too-short")
    async with connector_of(recorded) as connector:
        with pytest.raises(Rejected, match="too short"):
            await connector.send(sending())


async def test_a_comment_that_is_gone_is_not_answered(recorded: Recorded) -> None:
    async with connector_of(recorded) as connector:
        with pytest.raises(Gone):
            await connector.send(sending(remote_id="9999"))
    assert all(method == "GET" for method, _, _ in recorded.asked)


async def test_read_back(recorded: Recorded) -> None:
    # under comment 1 stands Bob's "<p>A reply</p>"
    bob = Connector(channel_config(url=recorded.url, account="Bob", options={"moderated": False}), None)
    async with bob as connector:
        found = await connector.find(sending("<p>A reply</p>"))
        assert found.sent is not None and found.sent.remote_id == "2"
        # it stands in public: but whether at once, or let out by somebody, is not known
        assert found.sent.learned == {}
        assert not (await connector.find(sending("A reply"))).sent
        ours = replace(sending("<p>A reply</p>"), known_ids=frozenset({"2"}))
        known = await connector.find(ours)
        assert known.sent is None and known.sure
    # the name alone is not enough, and without it there is nothing either
    async with connector_of(recorded) as connector:
        found = await connector.find(sending("<p>A reply</p>"))
    assert found.sent is None and not found.sure


async def test_what_is_gone(recorded: Recorded) -> None:
    async with connector_of(recorded) as connector:
        await entries_of(connector)
        there, away = sending().to, sending(remote_id="9999").to
        found = await connector.recheck([there, away])
    assert [(one.remote_id, one.removed) for one in found] == [("1", False), ("9999", True)]


DEEP = b"[" * 100_000 + b"]" * 100_000
BAD_ENTRIES = {
    "a number of 5000 digits for an id": b'"id": ' + b"9" * 5000,
    "NaN for a time": b'"id": 7, "created": NaN',
    "a depth of 100000": b'"id": 7, "created": 1.5, "text": ' + DEEP,
    "no text": b'"id": 7, "created": 1.5, "text": 5',
    "a parent that is text": b'"id": 7, "created": 1.5, "text": "x", "parent": "1"',
}


@pytest.mark.parametrize("bad", BAD_ENTRIES.values(), ids=BAD_ENTRIES.keys())
async def test_49_of_50_come_in(recorded: Recorded, bad: bytes) -> None:
    good = [json.dumps({"id": n, "parent": None, "created": 1.0 * n, "text": f"x{n}"}) for n in range(1, 50)]
    content = [one.encode() for one in good]
    content.insert(20, b"{" + bad + b"}")
    recorded.answers["/"] = 200, b'{"hidden_replies": 0, "replies": [' + b",".join(content) + b"]}"
    async with connector_of(recorded) as connector:
        entries = await entries_of(connector)
    assert [type(one).__name__ for one in entries].count("Comment") == 49
    (broken,) = [one for one in entries if isinstance(one, Broken)]
    assert broken.reason and len(broken.payload) <= 64 * 1024


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"replies": 5}', b"<html>", b"", b"null"])
async def test_what_is_no_listing(recorded: Recorded, body: bytes) -> None:
    recorded.answers["/"] = 200, body
    async with connector_of(recorded) as connector:
        with pytest.raises(BadAnswer):
            await entries_of(connector)


async def test_a_listing_that_always_has_more(recorded: Recorded) -> None:
    one = {"id": 1, "parent": None, "created": 1.0, "text": "x"}
    recorded.answers["/"] = 200, json.dumps({"hidden_replies": 10, "replies": [one]}).encode()
    async with connector_of(recorded) as connector:
        assert len(await entries_of(connector)) == 1
    assert len([path for _, path, _ in recorded.asked if path.startswith("/?")]) == 2


async def test_an_unusable_success_may_have_been_done(recorded: Recorded) -> None:
    from cminbox.http import Ambiguous

    for body in (b"<html>welcome</html>", b"{}", b'{"id": "x"}', b"[]"):
        recorded.post = {"status": 201, "headers": {}, "body": body}
        async with connector_of(recorded) as connector:
            with pytest.raises(Ambiguous):
                await connector.send(sending())


async def test_what_fails_before_sending_was_not_sent(recorded: Recorded) -> None:
    from cminbox.http import NotSent

    for status, body in ((500, b"oops"), (200, b"<html>"), (200, b"[]")):
        recorded.answers["/"] = status, body
        async with connector_of(recorded) as connector:
            with pytest.raises(NotSent, match="nothing was sent"):
                await connector.send(sending())
    assert all(method == "GET" for method, _, _ in recorded.asked)
