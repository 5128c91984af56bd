"""What is imported when: the screen must not wait for what it does not need, nor hold what could reach the network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import as_process, write_config

NETWORK = {"httpx", "httpcore", "socket", "ssl", "requests"}
LARGE = {"textual", "rich", "httpx", "pydantic", "pydantic_settings"}


def imported(*words: str) -> set[str]:
    """The top-level modules that a command line has imported at its end."""
    program = (
        "import sys\nfrom cminbox.__main__ import main\n"
        f"code = main({list(words)!r})\n"
        "print(' '.join(sys.modules), file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names = done.stderr.splitlines()[-1].split()
    return {name.partition(".")[0] for name in names} | set(names)


@pytest.mark.parametrize(
    ("words", "besides"),
    [
        (["--version"], {"click", "asyncio", "logging", "cminbox.commands.table", "cminbox.store"}),
        (["--help"], {"asyncio", "logging", "sqlite3", "pysqlite3"}),
        (["reply", "--help"], {"asyncio", "sqlite3", "pysqlite3"}),
        (["doctor"], {"asyncio"}),
        (["doctor", "--json"], {"asyncio"}),
        (["keys"], {"sqlite3", "pysqlite3"}),
        (["list"], set()),
        (["completion", "bash"], {"asyncio"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_on_a_bare_machine(home: Path, words: list[str], besides: set[str]) -> None:
    assert imported(*words) & (LARGE | besides) == set()


def test_version_and_help_leave_nothing_behind(home: Path) -> None:
    for words in (["--version"], ["--help"], ["doctor"], ["keys"], ["completion", "zsh"]):
        imported(*words)
    assert list(home.iterdir()) == []


def test_a_checked_configuration_is_not_checked_again(home: Path) -> None:
    write_config(home, '[[channels]]\nname = "blog"\nkind = "isso"\nurl = "http://127.0.0.1:9"\n')
    assert "pydantic" in imported("list")
    second = imported("list")
    assert second & LARGE == set()
    assert not any(name.startswith("cminbox.channels") for name in second)


def test_the_screens_way_holds_no_network_and_no_connector(home: Path) -> None:
    """Everything between the start and the import of Textual, over a configuration that has to be checked first."""
    write_config(home, '[[channels]]\nname = "blog"\nkind = "isso"\nurl = "http://127.0.0.1:9"\n')
    program = (
        "import sys\n"
        "from cminbox.cli import screen\n"
        "from cminbox.cli.config import for_screen\n"
        "from cminbox.places import find_places\n"
        "import cminbox.tui.start, cminbox.presence, cminbox.cli.library, cminbox.cli.courier_process\n"
        "config = for_screen(find_places(), must_exist=False)\n"
        "assert [channel.can for channel in config.channels] == [frozenset({'reply'})]\n"
        "print(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    names = set(done.stdout.split())
    assert not {name.partition(".")[0] for name in names} & (LARGE | {"asyncio", "click", "ssl"})
    assert not {name for name in names if name.startswith(("cminbox.channels", "cminbox.http", "cminbox.courier."))}


def test_the_version_costs_little_more_than_python(home: Path) -> None:
    program = "import resource, sys; from cminbox.__main__ import main; main(['--version']); print(len(sys.modules))"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    bare = subprocess.run(
        [sys.executable, "-P", "-c", "import resource, sys; print(len(sys.modules))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    # counted in modules: a clock would measure the machine
    assert int(done.stdout.splitlines()[-1]) - int(bare.stdout) <= 20


HIJACK = "import os\nopen(os.environ['MARK'], 'a').write(__name__ + chr(10))\n"
BAIT = (
    "click",
    "sqlite3",
    "pysqlite3",
    "json",
    "logging",
    "asyncio",
    "tomllib",
    "pydantic",
    "httpx",
    "textual",
    "pathlib",
)


@pytest.mark.parametrize("start", [["-m", "cminbox"], ["script"]], ids=["module", "script"])
def test_a_folder_full_of_bait_is_harmless(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: list[str]
) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    for name in BAIT:
        (folder / f"{name}.py").write_text(HIJACK)
    (folder / ".env").write_text("CMINBOX_OPERATOR__NAME=evil\n")
    (folder / "config.toml").write_text("evil = 1\n")
    (folder / "inbox.db").write_text("evil")
    monkeypatch.setenv("MARK", str(tmp_path / "mark"))
    write_config(home, '[[channels]]\nname = "blog"\nkind = "isso"\nurl = "http://127.0.0.1:9"\n')
    if start == ["script"]:
        script = Path(sys.executable).with_name("cminbox")
        if not script.exists():
            pytest.skip("cminbox is not installed as a script here")
        start = [str(script)]
    for words in (["list", "--json"], ["doctor", "--json"], ["--help"], ["--version"]):
        done = subprocess.run(
            [sys.executable, *start, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode in (0, 1), done.stderr
        assert "evil" not in done.stdout + done.stderr
    assert not (tmp_path / "mark").exists()


def test_the_folder_one_is_in_may_be_gone(home: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["/bin/sh", "-c", f'cd "$1" && rmdir "$1" && exec "{sys.executable}" -m cminbox --version', "sh", str(gone)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_it_runs_as_a_process(home: Path) -> None:
    assert as_process("list", "--json").code == 0
