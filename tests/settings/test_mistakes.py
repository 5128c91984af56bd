"""Wrong configuration: one line each, with file, line and what is allowed."""

from __future__ import annotations

import pytest

from cminbox.domain.errors import UsageError
from cminbox.settings.written import ConfigError
from tests.settings.conftest import Load

BLOG = '[[channels]]\nname = "blog"\nkind = "isso"\nurl = "http://127.0.0.1:8080"\n'

MISTAKES = [
    # (config.toml, line, what is said)
    ("[operator\n", 1, "is no TOML here: Expected ']'"),
    ('[operator]\nname = "a"\nname = "b"\n', 3, "is no TOML here: Cannot overwrite a value"),
    ('[operator]\nname = "open\n', 2, "is no TOML here: Illegal character"),
    ("[opreator]\nname = 'a'\n", 1, "opreator: unknown, did you mean operator?"),
    ("colour = 1\n[zzzz]\n", 2, "zzzz: unknown, allowed: brands, channels"),
    ('[operator]\nlangauges = ["de"]\n', 2, "operator.langauges: unknown, did you mean languages?"),
    ("[operator]\nname = 5\n", 2, "operator.name: must be text, in quotes"),
    ('[operator]\nname = "\\u202e"\n', 2, "operator.name: must be 1 to 64 visible characters"),
    ('[operator]\nlanguages = ["de",\n  "english!"]\n', 3, "operator.languages.2: must be a language such as"),
    ('[operator]\nlanguages = "de"\n', 2, "operator.languages: must be a list such as"),
    ('[operator]\nrole = "boss"\n', 2, "operator.role: must be one of viewer, operator, approver, lead"),
    ('[operator]\n\n# a comment = 1\ntimezone = "Berlin"\n', 4, "operator.timezone: must be a time zone such as"),
    ('[brands.acme]\napproval = "free"\ndrift = 200\n', 3, "brands.acme.drift: must be at most 100"),
    ('brands = { acme = { drift = "x" } }\n', 1, "brands.acme.drift: must be a whole number"),
    ('[store]\nurl = "inbox.db"\n', 2, "store.url: must be sqlite:///FILE"),
    ('[store]\nurl = "postgresql://a@b/c"\n', 2, "store.url: PostgreSQL is not there yet"),
    (BLOG + 'pol = "30s"\n', 5, "channels.blog.pol: unknown, did you mean poll?"),
    (BLOG + 'poll = "soon"\n', 5, "channels.blog.poll: must be a duration such as"),
    (BLOG + "poll = 30\n", 5, "channels.blog.poll: must be a duration such as"),
    (BLOG + 'poll = "0s"\n', 5, "channels.blog.poll: must be at least 1s"),
    (BLOG + 'uris = "/a"\n', 5, "channels.blog.uris: must be a list such as"),
    (BLOG + 'moderated = "yes"\n', 5, "channels.blog.moderated: must be true or false"),
    (BLOG + "quiet = 1.5\n", 5, "channels.blog.quiet: must be a whole number"),
    (BLOG + 'pause = "5"\n', 5, "channels.blog.pause: must be a duration such as"),
    (BLOG + 'token_env = "A"\ntoken_command = "b"\n', 5, "channels.blog.token_env: there is token_command already"),
    (BLOG + "token_command = \"pass 'show\"\n", 5, "channels.blog.token_command: has a quote that is not closed"),
    (BLOG + 'token_env = "A B"\n', 5, "channels.blog.token_env: must be the name of an environment variable"),
    (BLOG + 'brand = "acmee"\n[brands.acme]\n', 5, "channels.blog.brand: unknown, did you mean acme?"),
    (BLOG + "\n" + BLOG, 7, "channels.blog.name: is the name of channel 1 already"),
    (BLOG.replace("isso", "iso"), 3, "channels.blog.kind: unknown, did you mean isso? (there are: demo, isso, "),
    (BLOG.replace("127.0.0.1", "a:b@127.0.0.1"), 4, "channels.blog.url: must not hold a name or password"),
    (BLOG.replace("http:", "file:"), 4, "channels.blog.url: must be an address such as"),
    (BLOG + '[channels.sla]\nfirst_reply = "1 hour"\n', 6, "channels.blog.sla.first_reply: must be a duration"),
    ('[[channels]]\nname = "blog"\nkind = "isso"\n', 1, "channels.blog.url: is missing: isso needs the address"),
    ('\n[[channels]]\nname = "m"\nkind = "mastodon"\nurl = "https://m.b"\n', 2, "channels.m.token_command: is missing"),
    ('[[channels]]\nkind = "demo"\n', 1, "channels.1.name: is missing"),
    ('[channels]\nname = "blog"\n', 1, "channels: must be a list of tables, each under its own [[channels]]"),
    ('channels = [\n  { name = "a", kind = "demo" },\n  { name = "b", poll = 1 },\n]\n', 3, "channels.b.poll"),
    ('[[routes]]\nname = "s"\nkind = "webhook"\n', 1, "routes.s.key: is missing"),
    ('[[routes]]\nname = "s"\nkind = "webhook"\nkey = "s"\nto = "a@b"\n', 5, "routes.s.to: must be a list"),
    ('[sla]\nhours = "9 to 5"\n', 2, "sla.hours: must be opening hours such as"),
    ('[sla]\nhours = "Mo-Fr 08:00-25:61"\n', 2, "sla.hours: has a time that no clock shows"),
    ('[sla]\nexceptions = { "24.12." = "off" }\n', 2, "sla.exceptions.24.12.: must be a day such as"),
    ('[sla]\n[[sla.rules]]\nquery = "a"\n[[sla.rules]]\nquery = "b"\nclose = "1w"\n', 6, "sla.rules.2.close: must be"),
    ('[guard]\nswearing = "yes"\n', 2, "guard.swearing: must be one of off, warn, refuse"),
    ('[macros]\n1 = ["done"]\nx = ["done"]\n', 3, "macros.x: unknown, allowed: 1, 2, 3"),
    ('[roles]\nboss = ["mina"]\n', 2, "roles.boss: unknown, allowed: viewer, operator"),
    ('[keys]\npreset = "emacs"\n', 2, "keys.preset: must be one of gmail, vim, helpscout"),
    ('[keys]\ndoen = "e"\n', 2, "keys.doen: unknown, did you mean done?"),
    ('[keys]\ndone = "the e key"\n', 2, "keys.done: must be a key"),
    ('[ui]\nundo = "-10s"\n', 2, "ui.undo: must be a duration"),
    ('[ui]\ncolor = "16"\n', 2, "ui.color: unknown, did you mean colour?"),
    ("[ui]\nmouse = 'maybe'\n", 2, "ui.mouse: must be true or false"),
    ('x = """\n\n"""\n[ui]\nthme = "a"\n', 5, "ui.thme: unknown, did you mean theme?"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "said"), MISTAKES, ids=[said[:40] for _, _, said in MISTAKES])
def test_the_line_and_what_is_allowed(loaded: Load, home: object, text: str, line: int, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        loaded(text)
    assert told.value.exit_code == 2
    wanted = f"{home}/config.toml:{line}: {said}"
    assert any(each.startswith(wanted) for each in told.value.lines), told.value.lines
    assert all("\x1b" not in each and "\n" not in each for each in told.value.lines)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(loaded: Load) -> None:
    text = '[ui]\nthme = "a"\n[operator]\nname = 5\n' + BLOG + 'pol = "1s"\n[keys]\ndoen = "e"\n'
    with pytest.raises(ConfigError) as told:
        loaded(text)
    assert [line.split(": ")[1] for line in told.value.lines] == [
        "ui.thme", "operator.name", "channels.blog.pol", "keys.doen",
    ]  # fmt: skip


@pytest.mark.parametrize("secret", ["token", "client_secret"])
def test_no_value_is_ever_repeated(loaded: Load, secret: str) -> None:
    with pytest.raises(UsageError) as told:
        loaded(BLOG + f'{secret} = "canary-7"\npol = "canary-7"\npoll = "canary-7"\nurl2 = "canary-7"\n')
    assert "canary-7" not in str(told.value)
    with pytest.raises(UsageError) as told:
        loaded(BLOG.replace('"blog"', "5") + f'{secret} = ["canary-7"]\n')
    assert "canary-7" not in str(told.value)
    assert told.value.__cause__ is None


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("CMINBOX_STOER__URL", "sqlite:///a.db", "CMINBOX_STOER__URL: unknown, did you mean store?"),
        ("CMINBOX_STORE__ULR", "sqlite:///a.db", "CMINBOX_STORE__ULR: store.ulr: unknown, did you mean url?"),
        ("CMINBOX_UI__UNDO", "soon", "CMINBOX_UI__UNDO: ui.undo: must be a duration"),
        ("CMINBOX_OPERATOR__LANGUAGES", "de", "CMINBOX_OPERATOR__LANGUAGES: operator.languages: must be a list"),
        ("CMINBOX_CHANNELS", "{", "CMINBOX_CHANNELS: channels: must be a list of tables"),
        ("CMINBOX_CHANNELS", '[{"name": "a", "kind": "demo", "token": "canary"}]', "name its variable in token_env"),
        ("CMINBOX_TEAM", "/nowhere/at/all", "/nowhere/at/all: the team's folder is not there"),
    ],
)
def test_the_environment_is_checked_alike(
    loaded: Load, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError) as told:
        loaded(BLOG)
    assert said in str(told.value)
    assert "canary" not in str(told.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[ui]\nundo = '\xff'\n", ":2: is not UTF-8"),
        (b"x = " + b"[" * 100_000, "nested too deep"),
        (b"x = " + b"9" * 10_000, "number in it is too long"),
        (b"#" * ((1 << 20) + 1), "larger than 1 MiB"),
    ],
    ids=["bytes", "deep", "number", "size"],
)
def test_what_no_editor_writes(loaded: Load, home: object, content: bytes, said: str) -> None:
    from pathlib import Path

    file = Path(str(home)) / "config.toml"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(UsageError) as told:
        loaded(None)
    assert said in str(told.value)
