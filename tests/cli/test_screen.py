"""The way to the screen, on a real pseudo-terminal: what is started, and what stays behind."""

from __future__ import annotations

import contextlib
import os
import signal
import tomllib
from pathlib import Path

import pytest

from cminbox.channels.registry import facts
from cminbox.cli import demo
from cminbox.cli.demo_courier import configured
from cminbox.commands.table import COMMANDS
from cminbox.places import find_places
from cminbox.presence import anyone_there
from cminbox.settings.load import load
from cminbox.store.sqlite import open_reader
from tests.cli.conftest import write_config
from tests.cli.terminal import processes, terminal

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")

ENTERED, LEFT = b"\x1b[?1049h", b"\x1b[?1049l"
CHANNEL = '[[channels]]\nname = "blog"\nkind = "isso"\nurl = "http://127.0.0.1:9"\n'


def lease_held(home: Path) -> bool:
    with contextlib.suppress(Exception), open_reader(home / "inbox.db") as reader:
        lease = reader.process_lease("sync")
        return lease is not None and lease.held(reader.now())
    return False


def test_the_configuration_of_the_demo_is_the_one_in_its_file(home: Path) -> None:
    brand = tomllib.loads(demo.BRAND.read_text("utf-8"))
    write_config(home, demo.configuration(brand))
    places = find_places()
    assert configured(places, brand) == load(places, facts(), [entry.id for entry in COMMANDS]).config


def test_the_demo_shows_comments_and_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    with terminal("demo", TMPDIR=str(folder)) as screen:
        screen.wait_for_text("? keys")
        assert ENTERED in screen.out
        # comments stand on the very first screen, before Textual was imported
        assert screen.out.count(b"forum") + screen.out.count(b"shop") >= 3
        place = next(folder.iterdir())
        assert place.stat().st_mode & 0o777 == 0o700
        assert any(command.endswith("sync") for command in processes(str(place)))
        screen.type("q")
        assert screen.wait_for_end() == 0
    assert LEFT in screen.out
    assert list(folder.iterdir()) == []
    assert processes(str(folder)) == []
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("how", ["SIGTERM", "SIGHUP", "hang-up", "early", "child"])
def test_the_demo_leaves_nothing_behind_however_it_ends(home: Path, tmp_path: Path, how: str) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    with terminal("demo", TMPDIR=str(folder)) as screen:
        if how == "early":
            screen.wait_for(lambda: list(folder.glob("*/config.toml")))
            os.kill(screen.pid, signal.SIGTERM)
        else:
            screen.wait_for_text("? keys")
            if how == "hang-up":
                screen.hang_up()
            elif how == "child":
                child = Path(f"/proc/{screen.pid}/task/{screen.pid}/children").read_text().split()
                # the screen is the younger of the guardian's two children
                os.kill(int(child[-1]), signal.SIGKILL)
            else:
                os.kill(screen.pid, signal.Signals[how])
        wanted = {"SIGTERM": 143, "early": 143, "child": 137}.get(how, 129)
        assert screen.wait_for_end() == wanted
    assert list(folder.iterdir()) == []
    assert processes(str(folder)) == []


def test_a_screen_starts_a_courier_that_ends_after_it(home: Path) -> None:
    write_config(home, CHANNEL)
    with terminal() as screen:
        screen.wait_for_text("? keys")
        screen.wait_for(lambda: lease_held(home))
        assert anyone_there(home)
        assert [command for command in processes(str(home)) if " sync " in f"{command} "]
        screen.type("q")
        assert screen.wait_for_end() == 0
        screen.wait_for(lambda: not processes(str(home)))
    assert not anyone_there(home)
    assert not lease_held(home)


def test_wrong_configuration_is_told_before_the_terminal_is_touched(home: Path) -> None:
    write_config(home, "[ui]\nthme = 'a'\n")
    with terminal() as screen:
        assert screen.wait_for_end() == 2
    assert screen.out == f"cminbox: {home}/config.toml:2: ui.thme: unknown, did you mean theme?\r\n".encode()


@pytest.mark.parametrize("words", [[], ["demo"]])
def test_a_terminal_that_cannot_draw_is_refused(home: Path, words: list[str]) -> None:
    with terminal(*words, TERM="dumb") as screen:
        assert screen.wait_for_end() == 2
    assert screen.out.startswith(b"cminbox: the screen cannot be drawn on TERM=dumb")
    assert screen.out.count(b"\n") == 1


def test_with_another_configuration(home: Path, tmp_path: Path) -> None:
    named = tmp_path / "mine.toml"
    named.write_text("[operator]\nname = 'zoe'\n")
    named.chmod(0o600)
    with terminal("--config", named) as screen:
        screen.wait_for_text("? keys")
        assert b"zoe" in screen.out
        screen.wait_for(lambda: [each for each in processes(str(home)) if f"--config {named} sync" in each])
        screen.type("q")
        assert screen.wait_for_end() == 0
