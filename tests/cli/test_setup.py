"""init, doctor, channels, completion: what one needs before the first comment."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import socket
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from cminbox.channels.registry import facts
from cminbox.cli import channels
from cminbox.cli.config import AlreadyToldError, for_screen
from cminbox.cli.environment import Environment
from cminbox.cli.examine import State, courier, terminal
from cminbox.cli.init import text
from cminbox.commands.table import COMMANDS
from cminbox.domain.channel import ChannelState, Health
from cminbox.domain.errors import UnreachableError
from cminbox.places import find_places
from cminbox.settings.load import load
from tests.cli.conftest import Run, write_comments, write_config

CHANNEL = '[[channels]]\nname = "blog"\nkind = "isso"\nurl = "http://127.0.0.1:9"\n'


def states(ran_objects: list[dict[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in ran_objects:
        found.setdefault(each["check"], set()).add(each["state"])
    return found


def test_init_writes_a_configuration_that_is_right(run: Run, home: Path) -> None:
    ran = run("init")
    assert ran.code == 0
    file = home / "config.toml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert 'name = "mina"' in file.read_text()
    assert run("list").code == 0


def test_init_overwrites_nothing(run: Run, home: Path) -> None:
    write_config(home, "# mine\n")
    ran = run("init")
    assert (ran.code, ran.out) == (4, "")
    assert (home / "config.toml").read_text() == "# mine\n"
    (home / "config.toml").unlink()
    (home / "config.toml").symlink_to(home / "elsewhere")
    assert run("init").code == 4
    assert not (home / "elsewhere").exists()


def test_init_where_it_is_told_to(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("--config", tmp_path / "a" / "b.toml", "init").code == 0
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    assert run("--config", tmp_path / "a" / "b.toml", "list").code == 0


def test_every_line_that_init_leaves_switched_off_can_be_switched_on(home: Path) -> None:
    """Each setting in the comments, with its example, is a right one."""
    written = text(find_places())
    switched_on = re.sub(r"(?m)^# (\[|[a-z_]+ = )", r"\1", written)
    assert switched_on.count("\n[") >= 5
    one_token = re.sub(r"(?m)^token_(file|env).*\n", "", switched_on)
    write_config(home, one_token)
    config = load(find_places(), facts(), [entry.id for entry in COMMANDS]).config
    assert config.channels[0].options.keys() >= {"uris", "email"}
    assert (config.ui.mouse, config.brands) == (True, ("acme",))


def test_doctor_on_a_bare_machine(run: Run, home: Path) -> None:
    ran = run("doctor", "--json")
    assert ran.code == 0
    assert {each["state"] for each in ran.objects} == {"ok"}
    assert {each["check"] for each in ran.objects} >= {"config", "files", "sqlite", "store", "terminal", "clock"}
    assert list(home.iterdir()) == []


def test_doctor_over_a_store_that_is_well(run: Run, home: Path, tmp_path: Path) -> None:
    write_config(home, "[ui]\n")
    run("import", write_comments(tmp_path, {"id": "1", "text": "a"}), "--channel", "c")
    ran = run("doctor", "--json")
    assert ran.code == 0
    assert states(ran.objects)["log"] == states(ran.objects)["store"] == {"ok"}
    lines = run("doctor").out.splitlines()
    assert all(re.match(r"(ok|warn|bad) +\w", line) for line in lines)


def test_doctor_says_what_is_wrong_and_where(run: Run, home: Path) -> None:
    write_config(home, "[ui]\nthme = 'a'\nundo = 1\n")
    ran = run("doctor", "--json")
    assert ran.code == 1
    bad = [each["text"] for each in ran.objects if each["state"] == "bad"]
    assert bad[0] == f"{home}/config.toml:2: ui.thme: unknown, did you mean theme?"
    assert bad[1].startswith(f"{home}/config.toml:3: ui.undo: ")


def test_keys_that_clash_are_told_by_everything(run: Run, home: Path) -> None:
    file = write_config(home, '[keys]\nreply = "R"\ndone = "j"\n')
    for words in (["list"], ["keys"], ["sync", "--once"]):
        ran = run(*words)
        assert (ran.code, ran.out) == (2, ""), words
        assert ran.err.startswith(f"cminbox: {file}:3: keys.done: 'j' is asked for by ")
        assert ran.err.count("\n") == 1
    ran = run("doctor", "--json")
    assert ran.code == 1
    assert next(each["text"] for each in ran.objects if each["state"] == "bad").startswith(f"{file}:3: keys.done: ")
    with pytest.raises(AlreadyToldError) as told:
        for_screen(find_places(), must_exist=False)
    assert told.value.exit_code == 2


def test_doctor_names_what_is_not_in_effect(run: Run, home: Path) -> None:
    write_config(home, '[brands.acme]\napproval = "second"\n[guard]\nswearing = "refuse"\n')
    ran = run("doctor", "--json")
    assert ran.code == 0
    said = next(each["text"] for each in ran.objects if each["state"] == "warn")
    assert "guard" in said
    assert "brands.acme.approval" in said


def test_doctor_finds_a_damaged_store(run: Run, home: Path, tmp_path: Path) -> None:
    run("import", write_comments(tmp_path, {"id": "1", "text": "a" * 9000}), "--channel", "c")
    content = bytearray((home / "inbox.db").read_bytes())
    for page in range(8, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xee" * 64
    (home / "inbox.db").write_bytes(content)
    ran = run("doctor", "--json")
    assert ran.code == 1
    assert states(ran.objects)["store"] == {"bad"}


def test_doctor_finds_files_that_others_can_read(run: Run, home: Path, tmp_path: Path) -> None:
    run("import", write_comments(tmp_path, {"id": "1", "text": "a"}), "--channel", "c")
    (home / "inbox.db").chmod(0o644)
    ran = run("doctor", "--json")
    assert ran.code == 1
    # SQLite gives the files beside the store its mode, so there may be more of them at the second look
    for _ in range(3):
        for said in [each["text"] for each in run("doctor", "--json").objects if each["state"] == "bad"]:
            subprocess.run(shlex.split(said.rsplit(": ", 1)[1]), check=True)
    assert run("doctor").code == 0


def test_doctor_finds_a_log_that_was_cut(run: Run, home: Path, tmp_path: Path) -> None:
    run("import", write_comments(tmp_path, {"id": "1", "text": "a"}), "--channel", "c")
    next(home.glob("*.head")).write_text('{"n": 7, "hash": "' + "a" * 64 + '"}')
    ran = run("doctor", "--json")
    assert ran.code == 1
    assert states(ran.objects)["log"] == {"bad"}


def test_doctor_tries_each_channel_and_is_not_held_up(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stalls = f'[[channels]]\nname = "slow"\nkind = "isso"\nurl = "http://127.0.0.1:{silent.getsockname()[1]}"\n'
        write_config(home, CHANNEL + stalls)
        monkeypatch.setattr("cminbox.cli.examine.courier.PATIENCE", 5.0)
        ran = run("doctor", "--json")
    assert ran.code == 1
    said = {each["check"]: each["text"] for each in ran.objects if each["check"].startswith("channel")}
    assert "cannot be reached" in said["channel blog"]
    assert "no answer within" in said["channel slow"]


def test_doctor_looks_at_the_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmux = tmp_path / "tmux"
    tmux.write_text("#!/bin/sh\necho off\n")
    tmux.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("TMUX", "/tmp/x,1,0")
    found = list(terminal.findings())
    assert [each.text for each in found if each.state is State.WARN and "set-clipboard on" in each.text]
    tmux.write_text("#!/bin/sh\nsleep 60\n")
    monkeypatch.setattr(terminal, "_PATIENCE", 0.1)
    assert not [each for each in terminal.findings() if "tmux" in each.text]


def test_channels_tells_how_each_does(run: Run, home: Path) -> None:
    write_config(
        home, CHANNEL + '[[channels]]\nname = "two"\nkind = "isso"\nurl = "http://127.0.0.1:9"\naccount = "A"\n'
    )
    rows = run("channels", "--json").objects
    assert [row["name"] for row in rows] == ["blog", "two"]
    assert rows[0].keys() == {
        "name", "kind", "brand", "account", "state", "error", "todo", "since", "last_ok_at", "next_at", "can",
        "quarantined",
    }  # fmt: skip
    assert (rows[0]["state"], rows[0]["can"], rows[1]["account"]) == ("never", ["reply"], "A")


def test_a_channel_that_is_away_is_5(run: Run, home: Path) -> None:
    write_config(home, CHANNEL)
    for words in (["channels", "test", "blog"], ["sync", "--once"], ["sync", "--once", "--channel", "blog"]):
        ran = run(*words)
        assert ran.code == 5, words
        assert ran.err.startswith("cminbox: blog: ")
        assert ran.err.count("\n") == 1
    assert run("channels", "--json").objects[0]["state"] == "unreachable"


def test_trying_a_channel_without_its_token_is_5_and_makes_no_store(run: Run, home: Path) -> None:
    write_config(home, CHANNEL + f'token_file = "{home}/token"\n')
    ran = run("channels", "test", "blog")
    assert (ran.code, ran.out, ran.err.count("\n")) == (5, "", 1)
    assert f"token_file {home}/token: No such file" in ran.err
    assert not (home / "inbox.db").exists()
    assert run("channels", "test", "shop").code == 3


def test_what_nobody_expects_of_a_connector_is_in_the_log(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("told by a stranger")

    write_config(home, CHANNEL)
    monkeypatch.setattr("cminbox.courier.trial.connect", broken)
    ran = run("channels", "test", "blog")
    assert (ran.code, ran.err) == (5, "cminbox: blog: the connector failed (ZeroDivisionError); the log says where\n")
    log = (home / "cminbox.log").read_text()
    assert "ZeroDivisionError" in log
    assert "stranger" not in log


async def test_trying_a_channel_keeps_to_its_silence(run: Run, home: Path) -> None:
    write_config(home, CHANNEL)
    environment = Environment()

    async with environment.open_store() as store:
        now = await store.read(lambda reader: reader.now())
        until = now + timedelta(minutes=5)
        notes = ChannelState(name="blog", health=Health.LIMITED, retry_after_until=until)
        await store.write(lambda tx: tx.save_channel_state(notes))
    with pytest.raises(UnreachableError, match="blog: it asked for silence until"):
        await channels.test(environment, "blog")
    (found,) = await asyncio.to_thread(lambda: list(courier.channel_findings(environment, environment.config)))
    assert found.state is State.BAD
    assert found.text.startswith("it asked for silence until")


def test_pause_and_resume(run: Run, home: Path) -> None:
    write_config(home, CHANNEL)
    assert run("channels", "pause", "blog").code == 0
    assert run("channels", "pause", "blog").code == 4
    assert run("channels", "--json").objects[0]["state"] == "paused"
    # a paused channel is not asked, so nothing can be away
    assert run("sync", "--once").code == 0
    assert run("channels", "resume", "blog").code == 0
    assert run("channels", "resume", "blog").code == 4
    assert [each["kind"] for each in run("log", "--json").objects] == ["channel-paused", "channel-resumed"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script(run: Run, shell: str) -> None:
    ran = run("completion", shell)
    assert ran.code == 0
    assert f"_CMINBOX_COMPLETE={shell}_complete" in ran.out


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("cminbox outbox p", "posted"), ("cminbox log v", "verify"), ("cminbox done --outcome i", "ignored")],
)
def test_the_shell_is_told_the_words(home: Path, typed: str, offered: str) -> None:
    import sys

    env = {**os.environ, "_CMINBOX_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    done = subprocess.run([sys.executable, "-P", "-m", "cminbox"], capture_output=True, text=True, env=env, check=False)
    assert done.stdout == f"plain,{offered}\n"
