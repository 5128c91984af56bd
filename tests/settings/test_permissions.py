"""Files that others can read or change are refused, with the command that mends it."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from cminbox.domain.errors import UsageError
from cminbox.settings import permissions
from tests.settings.conftest import Load

BLOG = '[[channels]]\nname = "blog"\nkind = "isso"\nurl = "http://127.0.0.1:8080"\n'


def mended(said: str) -> None:
    """Runs the command that the line ends with."""
    command = said.rsplit(": ", 1)[1]
    assert command.startswith("chmod ")
    subprocess.run(shlex.split(command), check=True)


@pytest.mark.parametrize("secret", ['token = "canary"', 'client_secret = "canary"'])
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_secret_that_others_can_read_is_refused(loaded: Load, home: Path, mode: int, secret: str) -> None:
    with pytest.raises(UsageError) as told:
        loaded(BLOG + secret, mode=mode)
    assert str(told.value).startswith(f"{home}/config.toml: holds a secret and can be read by others: chmod 600 ")
    assert told.value.exit_code == 2
    mended(str(told.value))
    assert (home / "config.toml").stat().st_mode & 0o777 == 0o600
    loaded(None)


def test_a_route_may_hold_a_secret_too(loaded: Load) -> None:
    route = '[[routes]]\nname = "s"\nkey = "s"\nkind = "webhook"\nsecret = "canary"\n'
    loaded(route)
    with pytest.raises(UsageError, match="holds a secret"):
        loaded(route, mode=0o644)


def test_without_a_secret_others_may_read_it(loaded: Load) -> None:
    assert loaded(BLOG + 'token_env = "TOKEN"\n', mode=0o644).channels[0].name == "blog"


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(loaded: Load, home: Path, mode: int) -> None:
    with pytest.raises(UsageError, match="can be written by others: chmod go-w") as told:
        loaded(BLOG, mode=mode)
    mended(str(told.value))
    loaded(None)


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_can_write_is_refused(loaded: Load, home: Path, mode: int) -> None:
    home.chmod(mode)
    with pytest.raises(UsageError, match="can be written by others: chmod go-w") as told:
        loaded(BLOG)
    mended(str(told.value))
    loaded(None)


def test_a_sticky_folder_is_as_good_as_ones_own(loaded: Load, home: Path) -> None:
    home.chmod(0o1777)
    loaded(BLOG + 'token = "canary"\n')


def test_the_folder_behind_a_link_counts(loaded: Load, home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "it's elsewhere"
    elsewhere.mkdir(0o700)
    (elsewhere / "real.toml").write_text(BLOG)
    (elsewhere / "real.toml").chmod(0o600)
    (home / "config.toml").symlink_to(elsewhere / "real.toml")
    assert loaded(None).channels[0].name == "blog"
    elsewhere.chmod(0o777)
    with pytest.raises(UsageError, match="can be written by others") as told:
        loaded(None)
    mended(str(told.value))
    (elsewhere / "real.toml").chmod(0o646)
    with pytest.raises(UsageError, match="can be written by others") as told:
        loaded(None)
    mended(str(told.value))
    loaded(None)


def test_links_that_go_round(loaded: Load, home: Path) -> None:
    (home / "config.toml").symlink_to(home / "other.toml")
    (home / "other.toml").symlink_to(home / "config.toml")
    with pytest.raises(UsageError, match=r"config\.toml: "):
        loaded(None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_somebody_elses_file_is_refused(loaded: Load, home: Path) -> None:
    (home / "config.toml").write_text(BLOG)
    (home / "config.toml").chmod(0o600)
    os.chown(home / "config.toml", 12345, -1)
    with pytest.raises(UsageError, match="belongs to somebody else: sudo chown 0 "):
        loaded(None)


@pytest.mark.parametrize(
    "make", [lambda path: path.mkdir(), lambda path: os.mkfifo(path, 0o600)], ids=["folder", "pipe"]
)
def test_what_is_no_file(loaded: Load, home: Path, make: object) -> None:
    make(home / "config.toml")  # type: ignore[operator]  # one of the two above
    with pytest.raises(UsageError, match="is no file"):
        loaded(None)


def test_a_token_file_that_others_can_read(loaded: Load, home: Path) -> None:
    token = home / "blog token"
    token.write_text("canary")
    token.chmod(0o644)
    with pytest.raises(UsageError) as told:
        loaded(BLOG + 'token_file = "blog token"\n')
    assert f"{home}/config.toml:5: channels.blog.token_file: {token}: holds a secret" in str(told.value)
    mended(str(told.value))
    loaded(None)


def test_a_named_file_must_be_there(loaded: Load) -> None:
    with pytest.raises(UsageError, match="there is no such file") as told:
        loaded(None, must_exist=True)
    assert told.value.exit_code == 2


def test_a_teams_folder_is_the_groups(loaded: Load, home: Path, tmp_path: Path) -> None:
    team = tmp_path / "team"
    team.mkdir()
    team.chmod(0o2770)
    (team / "team.toml").write_text(BLOG + 'token = "canary"\n')
    (team / "team.toml").chmod(0o660)
    assert loaded(f'team = "{team}"\n').channels[0].name == "blog"
    (team / "team.toml").chmod(0o664)
    with pytest.raises(UsageError, match="chmod 660") as told:
        loaded(f'team = "{team}"\n')
    mended(str(told.value))
    (team / "team.toml").chmod(0o662)
    with pytest.raises(UsageError, match="chmod go-w"):
        loaded(f'team = "{team}"\n')


def test_the_text_of_a_source_is_in_no_repr(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "a.toml").write_text("canary")
    (tmp_path / "a.toml").chmod(0o600)
    assert "canary" not in repr(permissions.read_config(tmp_path / "a.toml"))
