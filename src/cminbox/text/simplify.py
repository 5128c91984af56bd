"""How text that is not plain is drawn: the rules behind :func:`cminbox.text.cells.drawn`, which alone uses them.

Each rule is there because terminals were seen to dispute a width (tmux 3.3a, xterm.js, pyte, Rich, wcwidth): joined
emoji took 2, 4 or 8 cells, a digit with a keycap 1 or 2, a thumb with a skin tone 2 or 4, a flag 2 or 4.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from cminbox.text.sanitize import MAX_MARKS, PICTOGRAPHS, PLAIN

_REPLACEMENT: Final = "\ufffd"
_DISPUTED = re.compile("[^" + PLAIN.pattern.removeprefix("[").removesuffix("*+") + "+")
_TONES: Final = "\U0001f3fb-\U0001f3ff"
_JOINED_EMOJI = re.compile(f"(?<=[{PICTOGRAPHS}\ufe0f])(?:\u200d[{PICTOGRAPHS}]\ufe0f?[{_TONES}]?)+")
_REGIONAL = re.compile("[\U0001f1e6-\U0001f1ff]+")
_SHAPED_LETTER = re.compile("[\u0620-\u08ff\u0900-\u109f\u1780-\u17b3\u1820-\u18aa\ufb50-\ufdff\ufe70-\ufefc]")
_MARK: Final = "mark"
# Variation selectors, tags, skin tones, the enclosing keycap, Hangul and Vietnamese marks of one or two cells.
_NOT_DRAWN = re.compile(
    f"[\u180b-\u180f\u20e3\u302e\u302f\ufe00-\ufe0f{_TONES}\U00016ff0\U00016ff1\U000e0000-\U000e0fff]"
)
# No cell, one or two, as the terminal's tables have it: loose pieces of Hangul syllables, trigrams and hexagrams,
# circled numbers in black squares, counting rods; emoji of Unicode 15 (2022; none in tmux 3.3a or Python 3.11).
_UNSURE = re.compile(
    "[\u1100-\u11ff\u2630-\u2637\u268a-\u268f\u3248-\u324f\u4dc0-\u4dff\ua960-\ua97f\ud7b0-\ud7ff\U0001d300-\U0001d356"
    "\U0001d360-\U0001d376\U0001f6dc\U0001fa75-\U0001fa77\U0001fa87\U0001fa88\U0001faad-\U0001faaf\U0001fabb-\U0001fabf"
    "\U0001face\U0001facf\U0001fada\U0001fadb\U0001fae8\U0001faf7\U0001faf8]"
)
# Elder twins of those that are common: blue, grey and pink heart, the sign for a menu.
_TWINS: Final = {"\U0001fa75": "\U0001f499", "\U0001fa76": "\U0001f90d", "\U0001fa77": "\U0001f497", "\u2630": "\u2261"}


def simplified(text: str) -> str:
    """``text`` in the form whose width is beyond dispute, tabs excepted."""
    form = unicodedata.normalize("NFC", text)
    if "\u200d" in form:
        form = _JOINED_EMOJI.sub("", form)
    form = _REGIONAL.sub(_flag_letters, form)
    # Once more: a mark may now stand on its base where something invisible lay between.
    return unicodedata.normalize("NFC", _DISPUTED.sub(_settled, form))


def _flag_letters(run: re.Match[str]) -> str:
    letters = "".join(chr(ord("A") + ord(char) - 0x1F1E6) for char in run[0])
    flags = " ".join(letters[place : place + 2] for place in range(0, len(letters), 2))
    before, after = run.string[run.start() - 1 : run.start()], run.string[run.end() : run.end() + 1]
    return " " * before.isalnum() + flags + " " * after.isalnum()


def _settled(run: re.Match[str]) -> str:
    """A run of disputed characters, each kept, replaced or dropped."""
    text, start = run.string, run.start()
    # Before the run stands the beginning or a plain character, which has no mark yet.
    room = MAX_MARKS if start and text[start - 1] not in "\n\t \u3000" else 0
    out: list[str] = []
    for place, char in enumerate(run[0], start):
        shape = _shape(char)
        if shape == _MARK:
            if room:
                out.append(char)
                room -= 1
        elif char == "\u200c":
            after = text[place + 1 : place + 2]
            if room and _SHAPED_LETTER.match(after) and _shape(after) == after:
                out.append(char)
        elif shape:
            out.append(shape)
            room = 0 if shape == " " else MAX_MARKS
    return "".join(out)


@lru_cache(maxsize=8192)
def _shape(char: str) -> str:
    """What is drawn for a character: itself, another one or nothing; ``_MARK`` if it is drawn on a base."""
    if char in _TWINS:
        return _TWINS[char]
    category = unicodedata.category(char)
    if category == "Cf" or _NOT_DRAWN.match(char):
        return ""
    if category in ("Cn", "Co", "Cs") or _UNSURE.match(char):
        return _REPLACEMENT
    if category == "Zs":
        return " "
    return _MARK if category[0] == "M" else char
