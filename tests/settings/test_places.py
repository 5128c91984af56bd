"""Where things lie, and who may read what is made there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cminbox.domain.errors import UsageError
from cminbox.permissions import create_private, make_folder, write_private
from cminbox.places import find_places, login_name


def test_xdg() -> None:
    places = find_places(environ={"HOME": "/home/a"})
    assert places.config == Path("/home/a/.config/cminbox/config.toml")
    assert places.data == Path("/home/a/.local/share/cminbox")
    assert places.log == Path("/home/a/.local/state/cminbox/cminbox.log")
    assert places.snippets == Path("/home/a/.config/cminbox/snippets")


def test_xdg_variables_count_where_they_are_absolute() -> None:
    env = {"HOME": "/home/a", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": ""}
    places = find_places(environ=env)
    assert places.config == Path("/c/cminbox/config.toml")
    assert places.data == Path("/home/a/.local/share/cminbox")
    assert places.state == Path("/home/a/.local/state/cminbox")


def test_one_folder_for_all() -> None:
    places = find_places(environ={"CMINBOX_HOME": "/x", "HOME": "/home/a", "XDG_DATA_HOME": "/d"})
    assert (places.config, places.data, places.log) == (Path("/x/config.toml"), Path("/x"), Path("/x/cminbox.log"))
    assert places.themes == Path("/x/themes")


def test_a_named_config_takes_its_folder_along() -> None:
    places = find_places("/etc/a/b.toml", {"HOME": "/home/a"})
    assert (places.config, places.snippets) == (Path("/etc/a/b.toml"), Path("/etc/a/snippets"))
    assert places.data == Path("/home/a/.local/share/cminbox")


def test_relative_names_are_of_where_we_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_places("a.toml", {"HOME": "/h"}).config == tmp_path / "a.toml"
    assert find_places(environ={"CMINBOX_HOME": "h"}).data == tmp_path / "h"
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_none() -> None:
    with pytest.raises(UsageError, match="--config"):
        find_places("a\x00b", {"HOME": "/h"})
    with pytest.raises(UsageError, match="CMINBOX_HOME"):
        find_places(environ={"CMINBOX_HOME": " "})


def test_the_login_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "mina")
    assert login_name() == "mina"
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "\x1b[31m")
    assert login_name().isprintable()


def test_what_is_made_is_ones_own_whatever_the_umask(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    before = os.umask(0)
    try:
        write_private(tmp_path / "a" / "b" / "file", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o7777 == 0o700
    assert (tmp_path / "a" / "b").stat().st_mode & 0o7777 == 0o700
    assert (tmp_path / "a" / "b" / "file").stat().st_mode & 0o7777 == 0o600


def test_in_a_teams_folder_it_is_the_groups(tmp_path: Path) -> None:
    team = tmp_path / "team"
    team.mkdir()
    team.chmod(0o2770)
    before = os.umask(0o077)
    try:
        write_private(make_folder(team / "state") / "file", b"x")
    finally:
        os.umask(before)
    assert (team / "state").stat().st_mode & 0o7777 == 0o2770
    assert (team / "state" / "file").stat().st_mode & 0o7777 == 0o660


def test_a_link_in_its_place_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"before")
    (tmp_path / "file").symlink_to(tmp_path / "target")
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "file", b"new")
    write_private(tmp_path / "file", b"new")
    assert (tmp_path / "target").read_bytes() == b"before"
    assert (tmp_path / "file").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "target"]
