"""The snapshot: the same configuration without what checked it, and gone with whatever it was made of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cminbox.domain.config import Config
from cminbox.places import find_places
from cminbox.settings import snapshot
from cminbox.settings.models import Settings
from cminbox.settings.plain import config_from, to_plain
from tests.settings.conftest import Load

FULL = """
[operator]
name = "zoe"
languages = ["de", "en"]
timezone = "Europe/Berlin"
[brands.acme]
[[channels]]
name = "blog"
kind = "isso"
url = "http://127.0.0.1:8080"
token = "canary-3"
uris = ["/a/"]
[[channels]]
name = "shop"
kind = "isso"
url = "http://127.0.0.1:8081"
token_command = "pass show 'a b'"
[[channels]]
name = "m"
kind = "mastodon"
url = "https://m.example"
token_file = "m.token"
[keys]
done = "E"
[ui]
undo = "3s"
mouse = false
[guard]
"""


@pytest.fixture
def kept(loaded: Load, home: Path) -> Config:
    config = loaded(FULL)
    snapshot.save_snapshot(find_places(), config, [home / "config.toml"])
    return config


def test_plain_and_back(loaded: Load) -> None:
    config = loaded(FULL)
    assert config_from(json.loads(json.dumps(to_plain(config)))) == config


def test_it_is_the_same_configuration(kept: Config) -> None:
    assert snapshot.load_snapshot(find_places()) == kept


def test_it_is_private_and_holds_no_secret(kept: Config) -> None:
    file = snapshot.file_of(find_places())
    assert file.stat().st_mode & 0o777 == 0o600
    assert "canary" not in file.read_text()


def test_loading_imports_neither_pydantic_nor_toml(kept: Config, home: Path) -> None:
    program = (
        "import sys\nfrom cminbox.places import find_places\nfrom cminbox.settings.snapshot import load_snapshot\n"
        "assert load_snapshot(find_places()).operator.name == 'zoe'\n"
        "print([n for n in sys.modules if n.partition('.')[0] in"
        " ('pydantic', 'pydantic_settings', 'tomllib', 'httpx', 'textual', 'asyncio', 'click')"
        " or n.startswith('cminbox.channels')])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_without_any_configuration_the_defaults_hold_and_nothing_is_made(home: Path) -> None:
    config = snapshot.load_snapshot(find_places())
    assert config is not None
    assert config.operator.name == "mina"
    assert list(home.iterdir()) == []


def _touch(home: Path) -> None:
    os.utime(home / "config.toml", ns=(1, 1))


def _append(home: Path) -> None:
    with (home / "config.toml").open("a") as stream:
        stream.write("\n")


def _open_up(home: Path) -> None:
    (home / "config.toml").chmod(0o644)


def _open_folder(home: Path) -> None:
    home.chmod(0o755)


def _replace(home: Path) -> None:
    facts = (home / "config.toml").stat()
    (home / "new").write_text(FULL)
    os.utime(home / "new", ns=(facts.st_atime_ns, facts.st_mtime_ns))
    (home / "new").chmod(0o600)
    (home / "new").replace(home / "config.toml")


def _remove(home: Path) -> None:
    (home / "config.toml").unlink()
    os.environ["CMINBOX_UI__THEME"] = "cminbox-dark"


def _set(home: Path) -> None:
    os.environ["CMINBOX_UI__UNDO"] = "5s"


def _log_in(home: Path) -> None:
    os.environ["LOGNAME"] = "zoe"


def _garble(home: Path) -> None:
    snapshot.file_of(find_places()).write_bytes(b'{"key": 1')


def _show(home: Path) -> None:
    snapshot.file_of(find_places()).chmod(0o644)


@pytest.mark.parametrize(
    "change", [_touch, _append, _open_up, _open_folder, _replace, _remove, _set, _log_in, _garble, _show]
)
def test_any_change_makes_it_worthless(
    kept: Config, home: Path, change: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMINBOX_UI__UNDO", "")
    monkeypatch.delenv("CMINBOX_UI__UNDO")
    monkeypatch.setenv("CMINBOX_UI__THEME", "")
    monkeypatch.delenv("CMINBOX_UI__THEME")
    assert snapshot.load_snapshot(find_places()) is not None
    change(home)  # type: ignore[operator]  # one of the functions above
    assert snapshot.load_snapshot(find_places()) is None


def test_another_program_does_not_trust_it(kept: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "__version__", "99")
    assert snapshot.load_snapshot(find_places()) is None


def test_a_config_file_that_comes_later_counts(loaded: Load, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMINBOX_UI__UNDO", "5s")
    snapshot.save_snapshot(find_places(), loaded(None), [])
    assert snapshot.load_snapshot(find_places()) is not None
    (home / "config.toml").write_text(FULL)
    assert snapshot.load_snapshot(find_places()) is None


def test_the_tables_that_it_watches_for_are_all_there_are() -> None:
    assert {name.upper() for name in Settings.model_fields} == snapshot.TABLES


def test_two_config_files_have_two_snapshots(kept: Config, home: Path) -> None:
    other = find_places(str(home / "other.toml"))
    assert snapshot.file_of(other) != snapshot.file_of(find_places())
