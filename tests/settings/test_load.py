"""A configuration that is right, and what becomes of it."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from cminbox.domain.config import SecretSource
from cminbox.domain.errors import UsageError
from cminbox.settings.inline import read_inline
from cminbox.settings.models import Settings
from tests.settings.conftest import Load
from tests.shared import shared_dir

CHANNEL = '[[channels]]\nname = "blog"\nkind = "isso"\nurl = "http://127.0.0.1:8080"\n'


def contract_example() -> str:
    """The config.toml of CONTRACT.md, with a URL for an ellipsis, and the tables it names besides."""
    page = shared_dir("docs", "CONTRACT.md").read_text("utf-8")
    block = (
        page.split("## config.toml\n```toml\n")[1].split("```")[0].replace('"https://…"', '"https://hooks.example/"')
    )
    return block + (
        '[macros]\n1 = ["tag +refund", "reply --snippet refund-late", "done"]\n'
        '[[views]]\nname = "press"\nquery = "intent:press"\nkey = "x"\n'
        '[[filters]]\nname = "spam"\nquery = "casino"\ndo = ["tag +spam"]\n'
        '[roles]\nlead = ["mina"]\n[listener]\naddress = "127.0.0.1:8787"\n'
        '[[routes]]\nname = "mail"\nkey = "m"\nkind = "email"\nurl = "smtp://127.0.0.1:25"\nfrom = "a@b.example"\n'
        'to = ["c@d.example"]\naccount = "a"\ntoken_env = "MAIL"\ninbox = "imaps://127.0.0.1"\n'
        'hours = "Mo-Fr 09:00-17:00"\n'
    )


@pytest.mark.shared
def test_the_whole_config_of_the_contract_loads_without_complaint(loaded: Load) -> None:
    config = loaded(contract_example())
    blog = config.channel("blog")
    assert blog is not None
    assert (blog.poll, blog.since, blog.recheck) == (timedelta(seconds=30), timedelta(days=7), timedelta(days=3))
    assert blog.token == SecretSource(command=("pass", "show", "cminbox/blog"))
    assert config.operator.timezone == "Europe/Berlin"
    assert config.brands == ("acme",)
    assert {"routes", "rules", "sla", "guard", "filters", "views", "roles", "macros", "listener"} <= set(config.dormant)
    assert "brands.acme.approval" in config.dormant


@pytest.mark.shared
def test_every_table_of_the_contract_is_known(loaded: Load) -> None:
    assert set(tomllib.loads(contract_example())) <= set(Settings.model_fields)


def test_without_a_file_the_defaults_hold(loaded: Load, home: Path) -> None:
    config = loaded(None)
    assert config.operator.name == config.operator.display_name == "mina"
    assert config.store_url == f"sqlite:///{home}/inbox.db"
    assert config.channels == ()
    assert config.ui.undo == timedelta(seconds=10)


def test_the_kind_says_what_a_channel_can(loaded: Load) -> None:
    channel = loaded(CHANNEL + 'uris = ["/a/"]\nmoderated = true\nquiet = 30\npause = "5s"\nshare = 0.5\n').channels[0]
    assert channel.can == {"reply"}
    assert (channel.max_length, channel.min_length) == (65535, 3)
    assert channel.options == {"uris": ["/a/"], "moderated": True, "quiet": 30, "pause": "5s", "share": 0.5}


def test_the_environment_wins(loaded: Load, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMINBOX_STORE__URL", "sqlite:////srv/inbox.db")
    monkeypatch.setenv("CMINBOX_OPERATOR__LANGUAGES", '["sl", "en"]')
    monkeypatch.setenv("CMINBOX_UI__MOUSE", "false")
    monkeypatch.setenv("CMINBOX_CHANNELS", '[{"name": "shop", "kind": "demo"}]')
    config = loaded('[operator]\nname = "zoe"\nlanguages = ["de"]\n' + CHANNEL)
    assert config.store_url == "sqlite:////srv/inbox.db"
    assert (config.operator.name, config.operator.languages) == ("zoe", ("sl", "en"))
    assert config.ui.mouse is False
    assert [channel.name for channel in config.channels] == ["shop"]


def test_a_dotenv_file_is_never_read(loaded: Load, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (home, home.parent):
        (folder / ".env").write_text("CMINBOX_OPERATOR__NAME=evil\nCMINBOX_STORE__URL=sqlite:////evil.db\n")
    monkeypatch.chdir(home)
    config = loaded("")
    assert config.operator.name == "mina"
    assert "evil" not in config.store_url


def test_underscore_keys_are_no_arguments_of_pydantic_settings(loaded: Load, home: Path) -> None:
    (home / "evil").write_text("CMINBOX_OPERATOR__NAME=evil\n")
    with pytest.raises(UsageError, match="_env_file: unknown"):
        loaded(f'_env_file = "{home}/evil"\n')


def test_a_plain_token_stays_in_its_file(loaded: Load, home: Path) -> None:
    config = loaded(CHANNEL + 'token = "canary-1"\n')
    assert config.channels[0].token == SecretSource(inline_in=(home / "config.toml", "blog"))
    assert "canary-1" not in repr(config)
    assert read_inline(home / "config.toml", "blog") == "canary-1"


def test_reading_a_plain_token_checks_the_file_again(loaded: Load, home: Path) -> None:
    loaded(CHANNEL + 'token = "canary-1"\n')
    (home / "config.toml").chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        read_inline(home / "config.toml", "blog")
    (home / "config.toml").chmod(0o600)
    with pytest.raises(UsageError, match="no token any more"):
        read_inline(home / "config.toml", "shop")


def test_a_token_file_lies_beside_the_config(loaded: Load, home: Path) -> None:
    (home / "blog.token").write_text("canary")
    (home / "blog.token").chmod(0o600)
    assert loaded(CHANNEL + 'token_file = "blog.token"\n').channels[0].token == SecretSource(file=home / "blog.token")


def test_keys_by_the_commands_name(loaded: Load) -> None:
    config = loaded('[keys]\npreset = "gmail"\ndone = "E"\n"outbox retry" = "f5"\n')
    assert config.keys == {"done": "E", "outbox retry": "f5"}


def test_a_team_shares_store_and_channels(loaded: Load, home: Path, tmp_path: Path) -> None:
    team = tmp_path / "team"
    team.mkdir(0o700)
    (team / "team.toml").write_text(CHANNEL + '[[views]]\nname = "a"\nquery = "is:new"\n')
    (team / "team.toml").chmod(0o600)
    config = loaded(f'team = "{team}"\n[operator]\nname = "zoe"\n[[views]]\nname = "b"\nquery = "is:open"\n')
    assert [channel.name for channel in config.channels] == ["blog"]
    assert config.operator.name == "zoe"
    assert config.store_url == f"sqlite:///{team}/inbox.db"
    assert config.places.team == team
    with pytest.raises(UsageError, match=rf"config.toml:2: channels: belongs into {team}/team.toml"):
        loaded(f'team = "{team}"\n' + CHANNEL)
    (team / "team.toml").write_text('[[views]]\nname = "a"\nquery = "is:new"\n[operator]\nname = "x"\n')
    with pytest.raises(UsageError, match=r"team.toml:4: operator: belongs into one's own config.toml"):
        loaded(f'team = "{team}"\n')


def test_a_mistake_in_a_joined_list_is_told_in_its_own_file(loaded: Load, home: Path, tmp_path: Path) -> None:
    team = tmp_path / "team"
    team.mkdir(0o700)
    (team / "team.toml").write_text('[[views]]\nname = "a"\nquery = "is:new"\n')
    (team / "team.toml").chmod(0o600)
    with pytest.raises(UsageError) as told:
        loaded(f'team = "{team}"\n[[views]]\nname = "b"\nquary = "is:open"\n')
    assert f"{home}/config.toml:4: views.b.quary: unknown, did you mean query?" in str(told.value)
