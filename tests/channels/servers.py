"""Real servers of ../shared/servers, started from a folder that keeps what was installed, and a proxy that can fail."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.shared import shared_dir

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cminbox-servers"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def started(name: str, *options: str) -> Iterator[dict[str, Any]]:
    """The server's own line of JSON. One of a name at a time: they share a folder."""
    script = shared_dir("servers", f"{name}.py")
    home = CACHE / name
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        words = [sys.executable, str(script), "--dir", str(home), "--port", str(free_port()), *options]
        child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            assert child.stdout is not None
            line = child.stdout.readline()
            assert line, f"{script} ended with {child.wait()}"
            yield json.loads(line)
        finally:
            child.terminate()
            child.wait(30)
            child.stdout.close()  # type: ignore[union-attr]


@dataclass
class Visitor:
    """Somebody at the blog. Keeps the cookies that let one edit and delete."""

    base: str
    cookies: dict[int, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, cookie: str | None = None) -> Any:
        request = urllib.request.Request(
            self.base + path, None if body is None else json.dumps(body).encode(), method=method
        )
        request.add_header("Content-Type", "application/json")
        if cookie:
            request.add_header("Cookie", cookie)
        with urllib.request.urlopen(request, timeout=20) as reply:
            told = json.loads(reply.read())
            set_cookie = reply.headers.get("Set-Cookie")
            if set_cookie and isinstance(told, dict) and "id" in told:
                self.cookies[told["id"]] = set_cookie.split(";")[0]
            return told

    def write(self, uri: str, author: str, text: str, parent: int | None = None) -> int:
        told = self.call(
            "POST",
            "/new?" + urllib.parse.urlencode({"uri": uri}),
            {"title": "A page", "author": author, "email": f"{author}@example.org", "text": text, "parent": parent},
        )
        return int(told["id"])

    def edit(self, number: int, author: str, text: str) -> None:
        self.call("PUT", f"/id/{number}", {"text": text, "author": author}, self.cookies[number])

    def delete(self, number: int) -> None:
        self.call("DELETE", f"/id/{number}", cookie=self.cookies[number])

    def thread(self, uri: str) -> list[dict[str, Any]]:
        """Every comment of a page, nested ones too, as Isso tells it."""
        told = self.call("GET", "/?" + urllib.parse.urlencode({"uri": uri, "plain": 1}))
        flat = []
        for one in told["replies"]:
            flat += [one, *one.get("replies", [])]
        return flat


class Proxy:
    """Stands before a server. ``fault``: ``None``; ``502``: forwarded, and a bad gateway told; ``reset``: the
    connection closed, nothing forwarded. For new comments only, once, then it is None again."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.fault: str | None = None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.before_posting: Any = None
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Proxy:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(self) -> None:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                proxy.forward(self)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def down(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def forward(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length) if length else None
        fault, changes = None, handler.path.startswith("/new")
        if changes:
            fault, self.fault = self.fault, None
            if self.before_posting is not None:
                self.before_posting()
        if fault == "reset":
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        request = urllib.request.Request(self.target + handler.path, body, method=handler.command)
        for name in ("Content-Type", "Cookie"):
            if handler.headers.get(name):
                request.add_header(name, handler.headers[name])
        try:
            with _DIRECT.open(request, timeout=20) as reply:
                status, headers, content = reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as error:
            status, headers, content = error.code, error.headers, error.read()
        if fault == "502":
            status, content = 502, b"<h1>Bad Gateway</h1>"
        with contextlib.suppress(OSError):
            handler.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "connection", "date", "server", "transfer-encoding"):
                    handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_DIRECT = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
