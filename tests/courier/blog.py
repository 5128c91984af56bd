"""A blog that behaves like Isso where it matters, and like a bad network where a test asks for it.

Faults are drawn for each new comment, or taken from ``script`` while that lasts: ``ok``; ``502``: done, and a bad
gateway told; ``lost``: done, and the connection closed; ``late``: the connection closed, and done a moment later;
``reset``: closed, and never done; ``503``: not done.
"""

from __future__ import annotations

import json
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LATE = 0.3


class Blog:
    """Comments in memory, served on loopback."""

    def __init__(self, faults: dict[str, float] | None = None, seed: int = 1, delay: float = 0.0) -> None:
        self.comments: dict[int, dict[str, Any]] = {}
        self.requests: list[str] = []
        self.faults = faults or {}
        self.script: list[str] = []
        self.delay = delay
        self.silence: str | None = None
        """Retry-After of a 429 that every request gets."""
        self.broken_page: bytes | None = None
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._next = 1
        blog = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                blog._get(self)

            def do_POST(self) -> None:
                blog._post(self)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __enter__(self) -> Blog:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def write(self, text: str, *, uri: str = "/a/", author: str | None = "vera", parent: int | None = None) -> int:
        """A comment of a visitor, or whatever was posted."""
        with self._lock:
            number = self._next
            self._next += 1
            above = self.comments.get(parent or 0)
            self.comments[number] = {
                "id": number, "parent": None if above is None else above["parent"] or above["id"], "text": text,
                "author": author, "created": time.time(), "modified": None, "mode": 1, "website": None, "uri": uri,
                "hash": f"h-{author}", "likes": 0, "dislikes": 0,
            }  # fmt: skip
            return number

    def texts(self, text: str) -> list[dict[str, Any]]:
        with self._lock:
            return [one for one in self.comments.values() if one["text"] == text]

    def _get(self, handler: BaseHTTPRequestHandler) -> None:
        split = urlsplit(handler.path)
        self.requests.append(handler.path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        if self.silence is not None:
            self._answer(handler, 429, b"slow down", {"Retry-After": self.silence})
            return
        time.sleep(self.delay)
        with self._lock:
            every = [dict(one) for one in self.comments.values()]
        if split.path == "/latest":
            body = [{**one, "text": f"<p>{one['text']}</p>"} for one in every]
        elif split.path == "/":
            body = self._thread([one for one in every if one["uri"] == query.get("uri")], query)
        else:
            self._answer(handler, 404, b"<p>not found</p>")
            return
        content = json.dumps(body).encode()
        if self.broken_page is not None and split.path == "/":
            content = self.broken_page
        self._answer(handler, 200, content)

    def _thread(self, every: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        after = float(query.get("after", 0))
        parent = int(query["parent"]) if "parent" in query else None
        tops = [one for one in every if one["parent"] == parent and (not after or one["created"] > after)]
        for one in tops:
            one["replies"] = [other for other in every if parent is None and other["parent"] == one["id"]]
        return {"id": parent, "replies": tops, "hidden_replies": 0, "total_replies": len(every)}

    def _post(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests.append(f"POST {handler.path}")
        query = parse_qs(urlsplit(handler.path).query)
        told = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        new = {"uri": query["uri"][0], "author": told.get("author"), "parent": told.get("parent")}
        fault = self._drawn()
        time.sleep(self.delay)
        if fault == "503":
            self._answer(handler, 503, b"<p>busy</p>")
        elif fault == "reset":
            self._hang_up(handler)
        elif fault == "late":
            self._hang_up(handler)
            time.sleep(LATE)
            self.write(told["text"], **new)
        else:
            number = self.write(told["text"], **new)
            if fault == "502":
                self._answer(handler, 502, b"<h1>Bad Gateway</h1>")
            elif fault == "lost":
                self._hang_up(handler)
            else:
                self._answer(handler, 201, json.dumps(self.comments[number]).encode())

    def _drawn(self) -> str:
        with self._lock:
            if self.script:
                return self.script.pop(0)
            drawn = self._chance.random()
        for name, share in self.faults.items():
            drawn -= share
            if drawn < 0:
                return name
        return "ok"

    def _hang_up(self, handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.connection.shutdown(2)

    def _answer(
        self, handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        try:
            handler.send_response(status)
            for name, value in (headers or {}).items():
                handler.send_header(name, value)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            # the courier was killed while we answered
            return
