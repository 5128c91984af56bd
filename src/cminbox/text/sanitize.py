"""The one door for text: only here does ``Safe`` come from what somebody outside wrote.

What goes through keeps its spelling: every script, emoji with their joiners, flags; nothing is normalised. What could
steer a terminal, turn the reading direction, hide or flood is made visible or taken out, and named in ``marks``. The
result is what the store keeps beside the raw text and what JSON shows; a terminal's cells get a simpler form of it from
:func:`cminbox.text.cells.drawn`.

Whatever has gone through once comes out of a second time unchanged. Time and memory grow with the length, and no
further than for :data:`MAX_CHARS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cminbox.domain.text import Safe

MAX_CHARS: Final = 100_000
"""Longest text in characters (code points); what is longer is cut there and ends in ``…``."""
MAX_LINES: Final = 10_000
"""Most lines of a text; the last one is ``…`` where there were more."""
MAX_MARKS: Final = 6
"""Most combining marks on one base. Languages need up to four or five, *zalgo* piles up hundreds."""

_NOTHING_DONE: Final[frozenset[str]] = frozenset()

# Most texts are of these characters alone: letters, signs and emoji that are harmless, of undisputed width, the same in
# every normal form, and that take no mark from a neighbour. One look (0.5 to 1 us for 200 characters) and they pass,
# here and in `cells.drawn`. The rest goes to `repair`, imported then: its tables take 10 ms to build.
PLAIN: Final = re.compile(
    "[\n\t -~\xa1-\xac\xae-\u02ff\u038e-\u03a1\u03a3-\u0482\u048a-\u052f\u05d0-\u05ea\u061d-\u064a\u0671-\u06d3"
    "\u0904-\u0939\u0e01-\u0e30\u0e40-\u0e46\u10d0-\u10ff\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u20a0-\u20c0"
    "\u212c-\u218b\u2190-\u2328\u232b-\u2426\u2460-\u262f\u2638-\u2689\u2690-\u27ff\u2801-\u2adb\u3000-\u3029"
    "\u3041-\u3096\u309b-\u30ff\u3220-\u3247\u3250-\u4dbf\u4e00-\ua48c\uac00-\ud7a3\uff01-\uff9f\ufffd"
    "\U0001f300-\U0001f3fa\U0001f400-\U0001f6d7\U0001f900-\U0001fa53]*+"
)
PICTOGRAPHS: Final = (  # as a class of `re`; Extended_Pictographic of UTS #51 by blocks
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_FOLDED = re.compile(r"\n(?:[ \t]*\n){3,}")
_SPACES = re.compile("[\\s\u2800]+")
_VISIBLE = re.compile("[^\\s\u2800\u00ad\u061c\u180b-\u180f\u200b-\u200f\ufe00-\ufe0f\U000e0020-\U000e01ef]")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text that went through the door, and what was done to it.

    ``marks`` may hold ``control`` (control characters were made visible), ``bidi`` (direction changes taken out),
    ``invisible`` (characters without a picture taken out), ``surrogate`` (what is no character was replaced),
    ``combining`` (stacked marks thinned out), ``truncated`` (cut for its length or number of lines), ``blank`` (nothing
    that could be seen is left). Line ends of another kind and folded empty lines are no mark: nothing is lost by them.
    """

    text: Safe
    marks: frozenset[str]


def clean(raw: str, *, multiline: bool = True) -> Cleaned:
    """Make ``raw`` harmless, without changing ordinary text, and say what was done. Never raises.

    Line ends of every kind become ``\\n``, more than three in a row become three. Without ``multiline`` line ends and
    tabs become a space each.
    """
    text = str(raw)
    marks: set[str] = set()
    if len(text) > MAX_CHARS:
        text = text[: MAX_CHARS - 1] + "…"
        marks.add("truncated")
    if not PLAIN.fullmatch(text):
        from cminbox.text.repair import repaired

        text = repaired(text, marks)
    text = _shortened(text, marks) if multiline else text.replace("\n", " ").replace("\t", " ")
    if not _VISIBLE.search(text):
        marks.add("blank")
    return Cleaned(Safe(text), frozenset(marks) if marks else _NOTHING_DONE)


def safe(raw: str, multiline: bool = True) -> Safe:
    """The text of :func:`clean`, for where nobody asks what was done to it."""
    return clean(raw, multiline=multiline).text


def line(raw: str, limit: int = 200) -> Safe:
    """One line of at most ``limit`` characters (not cells), for names, titles, errors and notices.

    White space of any kind and length is one space, none at the ends; what is longer ends in ``…``.
    """
    text = _folded(safe(raw[: limit * 20 + 1_000]))
    if len(text) > limit:
        text = text[: max(limit - 1, 0)].rstrip(" ") + "…"
    # Once more: what was folded or cut off may have been what an invisible character needed.
    return Safe(_folded(safe(text)))


def error_line(error: BaseException | str, limit: int = 200) -> Safe:
    """What an error says, as one line; its type where it says nothing. Servers write into these too."""
    said = line(str(error), limit)
    return said if said or isinstance(error, str) else Safe(type(error).__name__)


def escaped(raw: str) -> Safe:
    """``raw`` with all that is unusual shown as a Python escape (``\\u202e``), for the eye that wants to know.

    A backslash is doubled, so that an escape and its picture in the text can be told apart. Line feeds stay, but of a
    run of more than three only the last. Longer texts are cut as in :func:`clean`.
    """
    from cminbox.text.repair import spelled_out

    text = str(raw)
    return Safe(spelled_out(text if len(text) <= MAX_CHARS else text[: MAX_CHARS - 1] + "…"))


def piece(text: Safe, start: int, end: int | None = None) -> Safe:
    """``text[start:end]``: a part of what went through the door."""
    return Safe(text[start:end])


def joined(*parts: Safe) -> Safe:
    """The parts one after the other."""
    return Safe("".join(parts))


def rechecked(text: str) -> Safe:
    """``text``, computed from a ``Safe`` by replacing characters: as it is, unless something in it could steer."""
    return safe(text) if _STEERING.search(text) else Safe(text)


def _folded(text: str) -> str:
    return _SPACES.sub(" ", text).strip(" ")


def _shortened(text: str, marks: set[str]) -> str:
    if "\n" not in text:
        return text
    text = _FOLDED.sub("\n\n\n", text)
    if text.count("\n") >= MAX_LINES:
        marks.add("truncated")
        text = "\n".join(text.split("\n", MAX_LINES - 1)[: MAX_LINES - 1]) + "\n…"
    return text
