"""How a command line ends: exit status, one line on stderr, a traceback only in the log."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cminbox.__main__ import main
from cminbox.cli import build, logfile
from cminbox.cli.logfile import KEPT, LogFile, open_log
from cminbox.commands.table import COMMANDS
from cminbox.domain.config import ChannelConfig, SecretSource
from tests.cli.conftest import Run, as_process, write_comments, write_config

ONE = {"id": "1", "text": "hello", "author": "Ann"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["lsit"], 2, "no such command 'lsit'. Did you mean 'list'?"),
        (["--nope"], 2, "no such option"),
        (["reply"], 2, "missing argument 'ID' (cminbox reply --help)"),
        (["reply", "x", "--text", "a"], 2, "'x' is no item number (cminbox reply --help)"),
        (["reply", "0", "--text", "a"], 2, "'0' is no item number"),
        (["reply", "9" * 30, "--text", "a"], 2, "is no item number"),
        (["reply", "1"], 2, "give the answer once"),
        (["reply", "1", "--text", "a", "--after", "soon"], 2, "must be a duration such as 10s"),
        (["reply", "1", "--text-file", "/nowhere"], 2, "/nowhere: No such file or directory"),
        (["reply", "1", "--text", "a\udcff"], 2, "is not UTF-8"),
        (["done"], 2, "missing argument 'ID…'"),
        (["done", "1", "--outcome", "great"], 2, "'great' is not one of"),
        (["list", "--view", "nope"], 2, "no view is called 'nope'"),
        (["list", "--query", "colour:red"], 2, "column 1"),
        (["list", "--limit", "0"], 2, "'0' is no whole number above 0"),
        (["log", "verfy"], 2, "'verfy' is no item number (cminbox log --help)"),
        (["outbox", "nope"], 2, "no such command 'nope'"),
        (["import", "/nowhere", "--channel", "a"], 3, "/nowhere: there is no such file"),
        (["restore", "/nowhere"], 3, "/nowhere: there is no such file"),
        (["show", "4711"], 3, "there is no item 4711"),
        (["outbox", "retry", "4711"], 3, "4711"),
        (["channels", "test", "nope"], 3, "no channel is called 'nope'"),
        (["channels", "pause", "nope"], 3, "no channel is called 'nope'"),
        (["sync", "--once", "--channel", "nope"], 3, "there is no channel 'nope'"),
        (["undo"], 4, ""),
        (["completion", "ksh"], 2, "'ksh' is not one of 'bash', 'zsh', 'fish'"),
        (["--config", "/nowhere/c.toml", "list"], 2, "/nowhere/c.toml: there is no such file"),
    ],
    ids=lambda value: " ".join(value)[:40].encode("ascii", "replace").decode() if isinstance(value, list) else "",
)
def test_what_is_wrong_is_one_line(run: Run, words: list[str], code: int, said: str) -> None:
    ran = run(*words)
    assert ran.code == code
    assert ran.err.startswith("cminbox: ")
    assert ran.err.count("\n") == 1
    assert said in ran.err
    assert ran.out == ""


def test_nothing_to_do_is_no_failure(run: Run) -> None:
    for words in (["list"], ["list", "--json"], ["outbox"], ["log"], ["channels", "--json"], ["log", "verify"]):
        ran = run(*words)
        assert (ran.code, ran.err) == (0, ""), words


def test_every_command_of_the_table_has_its_words_and_help(run: Run) -> None:
    for entry in COMMANDS:
        if entry.on_line:
            ran = run(*entry.id.split(), "--help")
            assert ran.code == 0, entry.id
            assert entry.help[1:] in " ".join(ran.out.split()), entry.id
    assert all(f"  {entry.id.split()[0]} " in run("--help").out for entry in COMMANDS if entry.on_line)


def test_every_run_of_the_table_can_be_found() -> None:
    import importlib

    for entry in COMMANDS:
        if entry.run:
            module, _, function = entry.run.partition(":")
            assert callable(getattr(importlib.import_module(module), function)), entry.id


def test_version(run: Run) -> None:
    from cminbox import __version__

    assert run("--version").out == f"cminbox {__version__}\n"
    assert run("--config", "x", "--version").out == f"cminbox {__version__}\n"


def test_wrong_configuration_ends_every_command_with_2(run: Run, home: Path) -> None:
    write_config(home, "[ui]\nthme = 'a'\n[operator]\nnmae = 'b'\n")
    for words in (["list"], ["sync", "--once"], ["keys"], ["channels"]):
        ran = run(*words)
        assert ran.code == 2
        assert ran.err.splitlines() == [
            f"cminbox: {home}/config.toml:2: ui.thme: unknown, did you mean theme?",
            f"cminbox: {home}/config.toml:4: operator.nmae: unknown, did you mean name?",
        ]


def test_a_hostile_key_in_the_configuration_reaches_no_terminal(run: Run, home: Path) -> None:
    write_config(home, '["\\u001b]0;owned\\u0007\\u202e"]\nx = 1\n')
    ran = run("list")
    assert ran.code == 2
    assert ran.err.rstrip("\n").isprintable()


def test_a_secret_that_others_can_read_ends_with_2(run: Run, home: Path) -> None:
    write_config(home, '[[channels]]\nname = "b"\nkind = "isso"\nurl = "http://h"\ntoken = "canary"\n', mode=0o644)
    ran = run("list")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"chmod 600 {home}/config.toml" in ran.err
    assert "canary" not in ran.err


def test_the_unexpected_is_told_in_the_log_only(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        token = "canary-local"
        raise ValueError(f"canary-message {token} \x1b[31m")

    monkeypatch.setattr(build.importlib, "import_module", fails)
    ran = run("list")
    assert ran.code == 1
    assert ran.err == f"cminbox: failed unexpectedly (ValueError): where is told in {home}/cminbox.log\n"
    log = (home / "cminbox.log").read_bytes()
    assert log.isascii()
    assert (home / "cminbox.log").stat().st_mode & 0o777 == 0o600
    line = json.loads(log)
    assert any("test_ends.py" in frame for frame in line["trace"])
    assert b"canary" not in log


def test_an_interrupt_is_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build.importlib, "import_module", interrupted)
    ran = run("list")
    assert (ran.code, ran.out, ran.err) == (130, "", "")


def test_an_interrupted_process_is_130_and_quiet(home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "cminbox", "import", "-", "--channel", "a"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as child:  # fmt: skip
        assert child.stdin is not None
        child.stdin.write(json.dumps(ONE) + "\n")
        child.stdin.flush()
        # it waits for more lines once it has made the store
        while not (home / "inbox.db").exists():
            assert child.poll() is None
        child.send_signal(signal.SIGINT)
        assert child.stderr is not None
        said = child.stderr.read()
        child.stdin.close()
        assert child.wait(30) == 130
    assert said == ""


def test_a_reader_that_goes_away_is_no_error(home: Path, tmp_path: Path) -> None:
    comments = write_comments(tmp_path, *({**ONE, "id": str(n), "text": "x" * 900} for n in range(400)))
    assert as_process("import", comments, "--channel", "a").code == 0
    program = f'"{sys.executable}" -P -m cminbox list --json | head -n 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "141"
    assert json.loads(done.stdout.splitlines()[0])["channel"] == "a"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_the_output_is_one_line(home: Path, tmp_path: Path) -> None:
    as_process("import", write_comments(tmp_path, ONE), "--channel", "a")
    for words in (["list", "--json"], ["--version"], ["export"]):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "cminbox", *words],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 1
        assert done.stderr == "cminbox: the output could not be written: No space left on device\n"


def test_a_locale_without_utf8_loses_nothing_but_letters(home: Path, tmp_path: Path) -> None:
    as_process("import", write_comments(tmp_path, {**ONE, "text": "Žiga 日本"}), "--channel", "a")
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-P", "-m", "cminbox", "list"], capture_output=True, env=env, check=False)
    assert done.returncode == 0
    assert b"\\u017diga" in done.stdout


@pytest.mark.parametrize("words", [[], ["--config", "c.toml"], ["--config=c.toml"], ["demo"]])
def test_the_screen_wants_a_terminal(home: Path, words: list[str]) -> None:
    ran = as_process(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("cminbox: the screen needs a terminal")
    assert ran.err.count("\n") == 1
    assert list(home.iterdir()) == []


def test_the_log_is_rotated_and_stays_private(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logfile, "LARGEST", 200_000)
    log = LogFile(home / "cminbox.log")
    import logging

    record = logging.LogRecord("cminbox.x", logging.INFO, "", 0, "y" * 1900, None, None)
    other = LogFile(home / "cminbox.log")
    for _ in range((KEPT + 2) * 200_000 // 2000):
        log.emit(record)
    other.emit(record)
    log.close()
    other.close()
    files = sorted(home.glob("cminbox.log*"))
    assert [file.name for file in files] == ["cminbox.log", *(f"cminbox.log.{n}" for n in range(1, KEPT + 1))]
    assert all(file.stat().st_size <= 204_000 for file in files)
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    for file in files:
        for line in file.read_text("ascii").splitlines():
            assert json.loads(line)["message"] == "y" * 1900


def test_the_log_holds_no_secret_and_no_control_character(home: Path, run: Run) -> None:
    import logging

    handler = open_log(home / "cminbox.log", secrets=["canary-0"])
    said = "GET https://u:canary-1@h/p?access_token=canary-2&x=1 Authorization: Bearer canary-3 canary-0 \x1b]52;\x7f\n"
    logging.getLogger("cminbox.test").info("%s", said)
    logging.getLogger("httpx").info("not at all")
    handler.close_file()
    content = (home / "cminbox.log").read_bytes()
    assert content.count(b"\n") == 1
    assert b"canary" not in content
    assert b"\x1b" not in content
    assert b"\x7f" not in content


async def test_the_log_knows_the_exact_secrets_that_the_courier_fetched(home: Path, run: Run, tmp_path: Path) -> None:
    """Also one that was fetched after the log was opened, and forgotten since."""
    import logging

    from cminbox.courier.secrets import FETCHED, Secrets

    handler = open_log(home / "cminbox.log", FETCHED)
    (tmp_path / "token").write_text("un/usual canary\n")
    (tmp_path / "token").chmod(0o600)
    config = ChannelConfig(name="blog", kind="isso", token=SecretSource(file=tmp_path / "token"))
    secrets = Secrets([config])
    assert await secrets.of("blog") == "un/usual canary"
    secrets.forget("blog")
    logging.getLogger("cminbox.test").warning("a server said: un/usual canary, un%2Fusual+canary")
    handler.close_file()
    (line,) = (home / "cminbox.log").read_text("ascii").splitlines()
    assert json.loads(line)["message"] == "a server said: ***, ***"


def test_a_log_that_cannot_be_written_stops_nothing(run: Run, home: Path, tmp_path: Path) -> None:
    (home / "cminbox.log").symlink_to(tmp_path / "elsewhere")
    import logging

    handler = open_log(home / "cminbox.log")
    logging.getLogger("cminbox.test").error("lost")
    handler.close_file()
    assert not (tmp_path / "elsewhere").exists()


def test_main_takes_words_and_gives_a_number(home: Path) -> None:
    assert main(["--version"]) == 0
