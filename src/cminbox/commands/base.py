"""What a command is, what it is given, and what it gives back."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cminbox.domain.config import Config
from cminbox.domain.text import Safe
from cminbox.store.protocol import Store

if TYPE_CHECKING:
    from cminbox.library.live import LiveLibrary


class Where(StrEnum):
    """Places of the screen in which a key means something."""

    FEED = "feed"
    ITEM = "item"
    COMPOSER = "composer"
    OUTBOX = "outbox"
    LINE = "line"
    """Only on the command line: no key, no palette."""


BOTH = frozenset({Where.FEED, Where.ITEM})
"""The same key means the same in the list and in the open item."""
EVERYWHERE = frozenset({Where.FEED, Where.ITEM, Where.OUTBOX})
LINE = frozenset({Where.LINE})


class Takes(StrEnum):
    """What kind of value an argument is."""

    ITEM = "item"
    ITEMS = "items"
    ACT = "act"
    WORD = "word"
    WORDS = "words"
    TEXT = "text"
    FILE = "file"
    NUMBER = "number"
    DURATION = "duration"
    CHOICE = "choice"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command. ``option`` ones are written ``--name``; the others by their place."""

    name: str
    takes: Takes
    help: str
    option: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    metavar: str | None = None


JSON = Argument("json", Takes.FLAG, "JSON, one object a line for lists", option=True)


@dataclass(frozen=True, slots=True)
class Command:
    """An entry of the table. ``id`` is also its words on the command line (``outbox retry``) and after ``:``.

    ``run`` names the function as ``module:function``, imported when needed; None where the screen itself does it.
    """

    id: str
    title: str
    help: str
    keys: tuple[str, ...] = ()
    where: frozenset[Where] = BOTH
    arguments: tuple[Argument, ...] = ()
    run: str | None = None
    on_line: bool = False
    undoable: bool = False
    leaves: bool = False
    """It leaves the house or deletes: never repeated by ``.``, never reached by a mapped letter alone."""


@dataclass(frozen=True, slots=True)
class Context:
    """What every command is given: the store, who acts, and the checked configuration. ``clock`` gives UTC."""

    store: Store
    config: Config
    operator: str
    library: Callable[[], LiveLibrary]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Result:
    """What a command did. ``message`` is the one line that tells it; rows are for lists, ``one`` for one object."""

    message: str = ""
    rows: Sequence[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]] | None = None
    one: Mapping[str, Any] | None = None
    text: Callable[[Mapping[str, Any]], Safe] | None = None
    """How a row or the object reads on a terminal."""
    warnings: Sequence[str] = ()
    """Lines for stderr."""
    exit_code: int = 0
    acts: Sequence[int] = field(default_factory=tuple)
    """Outgoing acts that were made, for the line that counts down."""
