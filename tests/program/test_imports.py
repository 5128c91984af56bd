"""What the screen's process holds, after it was used: no network, no connector, no courier, no pydantic (ISSUE 3.5)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.program.home import Home

WATCHED = Path(__file__).with_name("watched_imports.py")
FOREIGN = (
    "httpx", "httpcore", "h11", "h2", "requests", "urllib3", "http.client", "pydantic", "pydantic_core",
    "pydantic_settings", "click", "cminbox.http", "cminbox.channels", "cminbox.courier", "cminbox.settings.load",
    "cminbox.settings.models", "aiohttp", "markdown_it",
)  # fmt: skip


def test_after_work_on_the_screen(blog: Home, tmp_path: Path) -> None:
    told = tmp_path / "modules.json"
    seat = blog.seat(argv=[sys.executable, "-P", WATCHED, told, "--config", blog.config], cwd=tmp_path)
    seat.press("j", " 2/")
    seat.press("\r", "received")
    seat.press("r", "as Acme")
    seat.press("Hi ::refund", "refund")
    seat.press("\r", lambda: "Author 2" in seat.text)
    seat.send("\x13")
    seat.until("goes out in")
    seat.press("zO", "Nothing is on its way")
    seat.press("?", "keys in the outbox")
    seat.press("?", lambda: "keys in the outbox" not in seat.text)
    seat.press("u", lambda: "Nothing is on its way" not in seat.text)
    seat.press(":do", "Done")
    seat.press("\x1b", lambda: "Done" not in seat.text)
    seat.send("q")
    assert seat.exit_status() == 0, seat.outside + blog.said()
    modules = json.loads(told.read_text())
    assert "textual.app" in modules and "cminbox.tui.app" in modules
    held = [name for name in modules if any(name == foreign or name.startswith(f"{foreign}.") for foreign in FOREIGN)]
    assert held == []
