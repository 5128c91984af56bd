"""A prepared answer: its texts and scopes, whether it may be used today, and the filling of its placeholders."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cminbox.domain.errors import UsageError

#: Every placeholder there is (CONTRACT.md, Snippets).
PLACEHOLDERS: Final = frozenset(
    {"author", "handle", "operator", "signature", "brand", "channel", "post", "link", "rule", "date"}
)
#: In ``channels`` and ``brands``: all of them.
ANY: Final = "*"

# Doubled braces first, so that "{{author}}" is the word author in braces and not a placeholder in them.
_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class SnippetError(UsageError):
    """A snippet or its template is wrong. The line names the file and the line in it where these are known."""


class SnippetState(StrEnum):
    """Whether a snippet may be used in a language, and if not, why."""

    DRAFT = "draft"
    APPROVED = "approved"
    EXPIRED = "expired"
    CHANGED = "changed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Approval:
    """What an approver did to a snippet in one language: approved a text, or took the approval back.

    ``sha256`` is :func:`digest` of the text as it stood in the file. ``until`` is the last day on which it holds; none
    means until the snippet's own review date. ``revoked_reason`` is None for an approval; for a revocation it is the
    reason, or empty where none was given.
    """

    who: str
    at: datetime
    until: date | None
    sha256: str
    lang: str
    revoked_reason: str | None = None

    @property
    def is_revocation(self) -> bool:
        """Whether this takes an approval back."""
        return self.revoked_reason is not None


@dataclass(frozen=True, slots=True)
class Snippet:
    """A prepared answer as it stands in its file. ``texts`` holds a template for each language code (BCP 47).

    ``channels`` are names or kinds, ``brands`` names, ``("*",)`` all of them. ``collection`` is the folder, with
    slashes, empty at the top. ``review`` is the day by which someone should look at it again. ``check`` is what to be
    sure of before sending. ``path`` is the file, as text.
    """

    id: str
    title: str
    texts: Mapping[str, str] = field(hash=False)
    tags: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    channels: tuple[str, ...] = (ANY,)
    brands: tuple[str, ...] = (ANY,)
    collection: str = ""
    review: date | None = None
    check: tuple[str, ...] = ()
    path: str = ""

    def __post_init__(self) -> None:
        """Take a copy of the texts that nobody can change."""
        object.__setattr__(self, "texts", MappingProxyType(dict(self.texts)))

    @property
    def langs(self) -> tuple[str, ...]:
        """The languages there are, in the order of the file."""
        return tuple(self.texts)

    def language_for(self, *wanted: str | None) -> str:
        """The first wanted language there is (``de`` will do for ``de-AT`` and the other way), else the first."""
        for lang in wanted:
            if not lang:
                continue
            primary = lang.partition("-")[0]
            for match in (lang, primary, *(have for have in self.texts if have.partition("-")[0] == primary)):
                if match in self.texts:
                    return match
        return next(iter(self.texts))

    def is_for(self, channel: str, kind: str, brand: str) -> bool:
        """Whether it is meant for a channel (by name or kind) and a brand."""
        on_channel = ANY in self.channels or channel in self.channels or kind in self.channels
        return on_channel and (ANY in self.brands or brand in self.brands)


def digest(text: str) -> str:
    """SHA-256 of a text as UTF-8, in hex: what an approval is about."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def approval_of(lang: str, approvals: Sequence[Approval]) -> Approval | None:
    """The approval or revocation that counts for a language: the last one in the order of the log."""
    return next((entry for entry in reversed(approvals) if entry.lang == lang), None)


def approved_until(snippet: Snippet, approval: Approval) -> date | None:
    """The last day on which an approval holds: its own date, else the snippet's review date, else none."""
    return approval.until or snippet.review


def state_of(snippet: Snippet, lang: str, approvals: Sequence[Approval], today: date) -> SnippetState:
    """Whether a snippet may be used in a language on a day, from its approvals in the order of the log.

    The last word counts: an earlier approval does not come back when a file is rolled back or a later one runs out.

    Raises:
        SnippetError: the snippet has no text in that language.
    """
    text = snippet.texts.get(lang)
    if text is None:
        raise SnippetError(f"snippet {snippet.id!r} has no text in {lang!r}, it has: {', '.join(snippet.langs)}")
    approval = approval_of(lang, approvals)
    if approval is None:
        return SnippetState.DRAFT
    if approval.is_revocation:
        return SnippetState.REVOKED
    if approval.sha256 != digest(text):
        return SnippetState.CHANGED
    until = approved_until(snippet, approval)
    return SnippetState.EXPIRED if until is not None and today > until else SnippetState.APPROVED


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder in a template: its name as written, and where it stands, in characters, end excluded."""

    name: str
    start: int
    end: int

    @property
    def is_known(self) -> bool:
        """Whether it is one of :data:`PLACEHOLDERS`."""
        return self.name in PLACEHOLDERS


def parse_template(text: str) -> tuple[str | Placeholder, ...]:
    """A template taken apart once: literal text, with doubled braces already single, and placeholders.

    Whatever stands between two braces is a placeholder, known or not; a brace without its partner is text.
    """
    parts: list[str | Placeholder] = []
    literal: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        literal.append(text[end : token.start()])
        end = token.end()
        if token.group(1) is None:
            literal.append(token.group()[0])
            continue
        if any(literal):
            parts.append("".join(literal))
        literal = []
        parts.append(Placeholder(token.group(1), token.start(), token.end()))
    literal.append(text[end:])
    if any(literal):
        parts.append("".join(literal))
    return tuple(parts)


def stray_braces(text: str) -> tuple[int, ...]:
    """Where single braces without a partner stand, in characters. They are text, but likely a slip."""
    return tuple(token.start() for token in _TOKEN.finditer(text) if token.group() in ("{", "}"))


def unknown_placeholders(text: str) -> tuple[str, ...]:
    """The names in braces that are no placeholder, each once, in order."""
    found = (part.name for part in parse_template(text) if isinstance(part, Placeholder) and not part.is_known)
    return tuple(dict.fromkeys(found))


def unknown_placeholder(name: str) -> str:
    """What to say of a name in braces that is no placeholder."""
    allowed = " ".join(f"{{{known}}}" for known in sorted(PLACEHOLDERS))
    return f"unknown placeholder {'{' + name[:40] + '}'!a}, allowed are {allowed}"


def fill(template: str, values: Mapping[str, str], *, where: str = "") -> str:
    """Put values in for the placeholders, in one pass: what a value holds is never looked at again.

    ``where`` is the template's file and line, for the error.

    Raises:
        SnippetError: a placeholder is unknown, or has no value here.
    """
    prefix = f"{where}: " if where else ""
    made: list[str] = []
    for part in parse_template(template):
        if isinstance(part, str):
            made.append(part)
        elif not part.is_known:
            raise SnippetError(prefix + unknown_placeholder(part.name))
        elif part.name not in values:
            raise SnippetError(f"{prefix}nothing to put in for {{{part.name}}} here: take it out or write it yourself")
        else:
            made.append(values[part.name])
    return "".join(made)
