"""``cminbox demo``: an inbox in a temporary folder, an invented brand, simulated arrivals; nothing stays behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
import tomllib
from pathlib import Path
from types import FrameType
from typing import Any

from cminbox.cli.config import for_screen
from cminbox.cli.courier_process import CourierProcess
from cminbox.cli.environment import Environment
from cminbox.cli.screen import check_terminal, guarded_screen
from cminbox.domain.errors import CminboxError, StoreError
from cminbox.permissions import create_private
from cminbox.places import find_places

BRAND = Path(__file__).resolve().parents[1] / "demo" / "world" / "brand.toml"
POLL = 1
"""Seconds between two looks at a channel: what happens in the demo shows soon."""
_PATIENCE = 5.0
"""Seconds until the screen opens without waiting any longer for the first comments."""
_LOOK = 0.02


def demo(environment: Environment) -> int:
    """Opens the screen on a throw-away inbox. UsageError where there is no terminal for it."""
    check_terminal()
    ended = _Ended()
    home = Path(tempfile.mkdtemp(prefix="cminbox-demo-"))
    courier = CourierProcess("cminbox.cli.demo_courier", "sync")

    def clear_away() -> None:
        courier.stop()
        shutil.rmtree(home, ignore_errors=True)

    try:
        _move_into(home)
        places = find_places()
        brand = tomllib.loads(BRAND.read_text("utf-8"))
        create_private(places.config, configuration(brand).encode("utf-8"))
        from cminbox.presence import hold_presence

        # held until this process and the screen's have ended: the courier stays for as long
        hold_presence(places.state)
        courier.start()
        import cminbox.tui.start  # noqa: F401 - while the courier is at work; the screen's process inherits it

        _wait_for_comments(courier, f"sqlite:///{places.data / 'inbox.db'}", len(brand["channels"]), ended)
        config = for_screen(places, must_exist=False)
        ended.check()
    except BaseException:
        clear_away()
        raise
    # no second courier: it would outlive the folder
    return guarded_screen(config, None, afterwards=clear_away)


def configuration(brand: dict[str, Any]) -> str:
    """The config.toml of the demo."""
    lines = [
        "[operator]", f"name = {_quoted(brand['operator'])}", 'languages = ["de", "en"]', "",
        f"[brands.{_quoted(brand['name'])}]", "",
    ]  # fmt: skip
    for channel in brand["channels"]:
        lines += [
            "[[channels]]", f"name = {_quoted(channel['name'])}", 'kind = "demo"', f"brand = {_quoted(brand['name'])}",
            f'poll = "{POLL}s"', "",
        ]  # fmt: skip
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _move_into(home: Path) -> None:
    """Nothing of the user's own inbox is looked at: not its folders, not its settings."""
    for variable in [name for name in os.environ if name.startswith("CMINBOX_") and name != "CMINBOX_SQLITE"]:
        del os.environ[variable]
    os.environ["CMINBOX_HOME"] = str(home)


class _Ended:
    """Until the guardian takes the signals over they are noted and looked at where nothing is left half-done: an
    exception out of a handler could lose the courier that was just being started."""

    def __init__(self) -> None:
        self._number: int | None = None
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, self._note)

    def check(self) -> None:
        """SystemExit with the status of the signal that came, if one did."""
        if self._number is not None:
            raise SystemExit(128 + self._number)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._number = number


def _wait_for_comments(courier: CourierProcess, store: str, channels: int, ended: _Ended) -> None:
    """Until each channel was looked at once: the first screen then has something to show.

    CminboxError where the courier ended before that.
    """
    from cminbox.store.sqlite import open_reader

    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        ended.check()
        with contextlib.suppress(StoreError), open_reader(store) as reader:
            if sum(state.last_ok_at is not None for state in reader.channel_states()) >= channels:
                return
        if not courier.is_alive:
            raise CminboxError("the demo could not be set up: its courier ended (is the disk full?)")
        time.sleep(_LOOK)
