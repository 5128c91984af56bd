"""What leaves the house, and what is left out: cookies, the environment, imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cminbox
from cminbox.domain.errors import UsageError
from cminbox.http import ChannelHTTP
from tests.http.hostile_server import HostileServer, answer

SOURCE = Path(cminbox.__file__).parent


async def test_what_is_sent(server: HostileServer) -> None:
    server.on("/x", answer())
    async with ChannelHTTP(server.url, user_agent="ua/1") as http:
        await http.request("post", "/x", json={"text": "grüße 👋 \ud800", "parent": None})
        await http.request("POST", "/x", form={"password": "ä&b"})
        await http.request("GET", "/x", headers={"Accept": "text/html"})
    as_json, as_form, read = server.seen
    assert as_json.method == "POST"
    assert as_json.body == b'{"text":"gr\\u00fc\\u00dfe \\ud83d\\udc4b \\ud800","parent":null}'
    assert as_json.headers["content-type"] == "application/json"
    assert as_form.body == b"password=%C3%A4%26b"
    assert as_form.headers["content-type"] == "application/x-www-form-urlencoded"
    assert as_json.headers["user-agent"] == "ua/1"
    assert read.headers["accept"] == "text/html" and "content-type" not in read.headers
    assert read.headers["host"] == f"127.0.0.1:{server.port}"


async def test_cookies_are_ignored_unless_kept(server: HostileServer) -> None:
    server.on("/login", answer(200, b"", {"set-cookie": "admin-session=abc; Path=/"}))
    server.on("/x", answer(200, b"", {"set-cookie": "track=1"}))
    async with ChannelHTTP(server.url) as http:
        reply = await http.request("POST", "/login")
        await http.request("GET", "/x")
        session = reply.cookie("admin-session")
        assert session == "abc"
        http.keep_cookie("admin-session", session)
        await http.request("GET", "/x")
        await http.request("PUT", "/x", headers={"cookie": "7=mine"})
    assert ["cookie" in asked.headers for asked in server.seen] == [False, False, True, True]
    assert server.seen[2].headers["cookie"] == "admin-session=abc"
    assert server.seen[3].headers["cookie"] == "admin-session=abc; 7=mine"
    with pytest.raises(UsageError):
        http.keep_cookie("a", "b; c=d")


async def test_environment_has_no_say(
    server: HostileServer, elsewhere: HostileServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, elsewhere.url)
    monkeypatch.setenv("NO_PROXY", "")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login u password NETRC\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    server.on("/x", answer())
    async with ChannelHTTP(server.url) as http:
        await http.request("GET", "/x")
    assert elsewhere.connections == 0
    assert "authorization" not in server.seen[0].headers


async def test_new_token_is_used_at_once_and_known_as_a_secret(server: HostileServer) -> None:
    server.on("/x", answer())
    async with ChannelHTTP(server.url, credentials={"Authorization": "Bearer OLD"}) as http:
        http.set_credential("authorization", "Bearer NEW")
        await http.request("GET", "/x")
        assert {"OLD", "NEW"} <= http.secrets
    assert server.seen[0].headers["authorization"] == "Bearer NEW"


def test_importing_the_wrapper_does_not_import_httpx() -> None:
    heavy = ("httpx", "httpcore", "idna", "textual", "pydantic")
    code = f"import sys, cminbox.http; print([m for m in sys.modules if m.startswith({heavy})])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_httpx_is_imported_in_one_file() -> None:
    users = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] in ("httpx", "httpcore") for name in names):
                users.add(path.relative_to(SOURCE).as_posix())
    assert users == {"http/transport.py"}
