"""What may stand in config.toml, a model a table. CONTRACT.md ("config.toml") gives the names.

Tables that later versions read are checked for their shape all the same, so that a mistake is found when it is made.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from cminbox.settings.values import (
    Address,
    Argv,
    Day,
    Duration,
    Hours,
    KeyName,
    Language,
    Line,
    Name,
    PositiveDuration,
    TimesOrOff,
    Variable,
    Word,
    Zone,
)

Level = Literal["off", "warn", "refuse"]
Role = Literal["viewer", "operator", "approver", "lead"]


class Table(BaseModel):
    """A table of config.toml: unknown keys are mistakes, and no value is ever part of an error's text."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True, populate_by_name=False
    )


class Operator(Table):
    """``[operator]``: who works here."""

    name: Name | None = None
    """Who acts, in the log and towards colleagues. Default: the login name."""
    display_name: Name | None = None
    """What ``{operator}`` in a snippet becomes. Default: the name."""
    signature: Line = ""
    """What ``{signature}`` in a snippet becomes."""
    languages: list[Language] = []
    """What one can write in, the best first: decides which language of a snippet comes first."""
    role: Role = "lead"
    """What one may do; in a team, [roles] decides by login name."""
    timezone: Zone | None = None
    """In which times are shown and read. Default: that of [sla], then the system's."""


class Brand(Table):
    """``[brands.NAME]``: a brand for which the house speaks."""

    approval: Literal["approved", "drift", "second", "free"] = "free"
    """What may go out without another person: approved snippets as they are, with some drift, nothing, anything."""
    drift: int = Field(default=20, ge=0, le=100)
    """Per cent of change that ``drift`` lets pass."""


class StoreTable(Table):
    """``[store]``: where the inbox lies."""

    url: Line = "sqlite:///inbox.db"
    """``sqlite:///FILE``, relative to the data folder."""


class Times(Table):
    """What the clocks of a promise run by."""

    first_reply: PositiveDuration | None = None
    """Until our first answer is live."""
    next_reply: PositiveDuration | None = None
    """Until our answer to the next comment of an author whom we answered."""
    close: PositiveDuration | None = None
    """Until the item is done."""
    soon: PositiveDuration | None = None
    """From when an item is *due*."""
    hours: Hours | None = None
    """When the clocks run, a subset of OpenStreetMap's opening_hours. Default: always."""
    timezone: Zone | None = None
    """Of the hours."""
    holidays: list[Word] = []
    """Countries and regions whose holidays are closed, such as DE-BY."""
    exceptions: dict[Day, TimesOrOff] = {}
    """Single days: off, or other hours."""


class SlaRule(Table):
    """``[[sla.rules]]``: other times for some items; the first that fits wins."""

    query: Line
    """Which items."""
    first_reply: PositiveDuration | None = None
    """As in [sla]."""
    next_reply: PositiveDuration | None = None
    """As in [sla]."""
    close: PositiveDuration | None = None
    """As in [sla]."""


class Sla(Times):
    """``[sla]``: what was promised."""

    rules: list[SlaRule] = []
    """Other times for some items."""


class Channel(Table):
    """``[[channels]]``: where comments come from. A kind's own settings stand in the same table."""

    model_config = ConfigDict(extra="allow")

    name: Name
    """What the feed shows; unique."""
    kind: Word
    """Which connector."""
    brand: Name | None = None
    """For which of the brands it speaks."""
    url: Address | None = None
    """The server."""
    account: Line | None = None
    """The name that speaks or logs in there."""
    token: SecretStr | None = None
    """The secret itself; refused in a file that others can read. The three below are better."""
    token_command: Argv | None = None
    """A command whose first line is the secret; split as a shell would, run without one."""
    token_env: Variable | None = None
    """The environment variable that holds the secret."""
    token_file: Line | None = None
    """The file that holds the secret, relative to this file; refused where others can read it."""
    client_id: Line | None = None
    """Of an OAuth application."""
    client_secret: SecretStr | None = None
    """The secret of the OAuth application itself."""
    client_secret_command: Argv | None = None
    """The command that prints it."""
    client_secret_env: Variable | None = None
    """The environment variable that holds it."""
    client_secret_file: Line | None = None
    """The file that holds it."""
    poll: PositiveDuration | None = None
    """How often it is looked at."""
    since: Duration | None = None
    """Older comments come in as done: so long before the channel was added."""
    recheck: Duration | None = None
    """So long a done item is still looked at for edits."""
    sla: Times | None = None
    """Its own promises; what is left out comes from [sla]."""


class Route(Table):
    """``[[routes]]``: where escalations go."""

    name: Name
    """What the operator calls it."""
    key: KeyName
    """The key after E."""
    kind: Word
    """webhook, email, trello, zendesk, jira, slack, mattermost, teams, program."""
    url: Line | None = None
    """Where to."""
    url_command: Argv | None = None
    """The command that prints the URL, where it is the secret."""
    url_env: Variable | None = None
    """The environment variable that holds the URL."""
    url_file: Line | None = None
    """The file that holds the URL."""
    secret: SecretStr | None = None
    """The signing secret itself."""
    secret_command: Argv | None = None
    """The command that prints it."""
    secret_env: Variable | None = None
    """The environment variable that holds it."""
    secret_file: Line | None = None
    """The file that holds it."""
    token: SecretStr | None = None
    """The token or password itself."""
    token_command: Argv | None = None
    """The command that prints it."""
    token_env: Variable | None = None
    """The environment variable that holds it."""
    token_file: Line | None = None
    """The file that holds it."""
    key_command: Argv | None = None
    """Trello: the command that prints the API key."""
    key_env: Variable | None = None
    """Trello: the environment variable that holds it."""
    key_file: Line | None = None
    """Trello: the file that holds it."""
    account: Line | None = None
    """Who logs in."""
    from_: Annotated[Line | None, Field(alias="from")] = None
    """E-mail: the sender."""
    to: list[Line] = []
    """E-mail: the receivers."""
    inbox: Line | None = None
    """E-mail: imaps://… where answers come back."""
    list_: Annotated[Line | None, Field(alias="list")] = None
    """Trello: the list."""
    project: Line | None = None
    """Jira, Zendesk: the project."""
    issue_type: Line | None = None
    """Jira: the type of issue."""
    command: list[str] = []
    """A program and its arguments."""
    answer_within: PositiveDuration | None = None
    """Opens the follow-up's clock."""
    hours: Hours | None = None
    """When the other side works."""
    external: bool = False
    """History, tags and assignee stay here."""
    phone: Line | None = None
    """Whom to call."""


class Rule(Table):
    """``[[rules]]``: a rule of the netiquette."""

    id: Word
    """Its number or short name."""
    title: Line
    """What it says."""
    notice: Word | None = None
    """An approved snippet that tells the author."""


class Guard(Table):
    """``[guard]``: what is checked before every send."""

    words_refuse: list[Line] = []
    """Words that must not leave."""
    words_warn: list[Line] = []
    """Words that are asked about."""
    jargon: dict[str, Line] = {}
    """Words of the house, and what to say instead."""
    swearing: Level = "off"
    """Our own language."""
    personal_data: Level = "off"
    """Addresses, numbers, accounts."""
    language: Level = "off"
    """An answer in another language than the comment."""
    signature: Level = "off"
    """An answer without the signature."""
    foreign_links: Level = "off"
    """Links that lead elsewhere."""
    repeated: Level = "off"
    """The same words again and again."""


class Filter(Table):
    """``[[filters]]``: what is done on arrival."""

    name: Name
    """What it is called."""
    query: Line
    """Which items."""
    do: list[Line]
    """Commands, as after ``:``; nothing that leaves the house."""


class View(Table):
    """``[[views]]``: a named query."""

    name: Name
    """What it is called."""
    query: Line
    """Which items, in which order."""
    key: KeyName | None = None
    """The letter after v."""


class Listener(Table):
    """``[listener]``: where the courier listens for webhooks."""

    address: Line = "127.0.0.1:8787"
    """Host and port."""


class Keys(Table):
    """``[keys]``: a preset, and single keys by the command's id."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, KeyName | None] = Field(init=False)

    preset: Literal["gmail", "vim", "helpscout"] = "gmail"
    """Which set of keys."""


class Ui(Table):
    """``[ui]``: how the screen looks and waits."""

    theme: Word = "cminbox-dark"
    """The colours."""
    undo: Duration | None = None
    """So long an answer from the screen is held before it leaves."""
    lease: PositiveDuration | None = None
    """So long an item stays with whoever opened it, without another key."""
    mouse: bool | None = None
    """Whether the mouse works. Default: yes, but not over SSH."""
    colour: Literal["auto", "16", "256", "truecolor"] = "auto"
    """How many colours the terminal is taken to have."""


class Environment(EnvSettingsSource):
    """``CMINBOX_TABLE__KEY=value``. Lists are JSON; what is none is left as it is and complained about as a value."""

    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value


class Settings(BaseSettings):
    """All of config.toml. The environment wins over the file; no other source is looked at, no ``.env`` either."""

    model_config = SettingsConfigDict(
        extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True,
        env_prefix="CMINBOX_", env_nested_delimiter="__",
    )  # fmt: skip

    team: Line | None = None
    """The folder that a team shares: its team.toml and snippets."""
    operator: Operator = Operator()
    """Who works here."""
    brands: dict[Name, Brand] = {}
    """The brands of the house."""
    store: StoreTable = StoreTable()
    """Where the inbox lies."""
    channels: list[Channel] = []
    """Where comments come from."""
    routes: list[Route] = []
    """Where escalations go."""
    rules: list[Rule] = []
    """The netiquette."""
    sla: Sla = Sla()
    """What was promised."""
    guard: Guard = Guard()
    """What is checked before every send."""
    filters: list[Filter] = []
    """What is done on arrival."""
    views: list[View] = []
    """Named queries."""
    roles: dict[Role, list[Name]] = {}
    """Who may do what, by login name."""
    macros: dict[Literal["1", "2", "3", "4", "5", "6", "7", "8", "9"], list[Line]] = {}
    """A digit and the commands that it stands for."""
    listener: Listener = Listener()
    """Where webhooks come in."""
    keys: Keys = Keys()
    """The keys."""
    ui: Ui = Ui()
    """How the screen looks."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return Environment(settings_cls), init_settings
