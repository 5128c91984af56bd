"""How text that is not plain is drawn: the rules behind :func:`cminbox.text.cells.drawn`, which alone uses them.

Each rule is there because terminals were seen to dispute a width (tmux 3.3a, xterm.js, pyte, Rich, wcwidth): joined
emoji took 2, 4 or 8 cells, a digit with a keycap 1 or 2, a thumb with a skin tone 2 or 4, a flag 2 or 4.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from cminbox.text.cells import EMOJI_15
from cminbox.text.sanitize import MAX_MARKS, PLAIN

_REPLACEMENT: Final = "\ufffd"
_DISPUTED = re.compile("[^" + PLAIN.pattern.removeprefix("[").removesuffix("*+") + "+")
_TONES: Final = "\U0001f3fb-\U0001f3ff"
_PICTOGRAPHS: Final = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_JOINED_EMOJI = re.compile(f"(?<=[{_PICTOGRAPHS}\ufe0f])(?:\u200d[{_PICTOGRAPHS}]\ufe0f?[{_TONES}]?)+")
_REGIONAL = re.compile("[\U0001f1e6-\U0001f1ff]+")
_SHAPED_LETTER = re.compile("[\u0620-\u08ff\u0900-\u109f\u1780-\u17b3\u1820-\u18aa\ufb50-\ufdff\ufe70-\ufefc]")
_MARK: Final = "mark"


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
    code = ord(char)
    if char in EMOJI_15:
        return char
    if 0x1F3FB <= code <= 0x1F3FF or 0xFE00 <= code <= 0xFE0F or 0xE0000 <= code <= 0xE0FFF or code == 0x20E3:
        return ""
    if 0x1100 <= code <= 0x11FF or 0xA960 <= code <= 0xA97F or 0xD7B0 <= code <= 0xD7FF:
        return _REPLACEMENT
    category = unicodedata.category(char)
    if category[0] == "M":
        return "" if 0x180B <= code <= 0x180F else _MARK
    if category == "Zs":
        return " "
    if category in ("Cn", "Co", "Cs"):
        return _REPLACEMENT
    return "" if category == "Cf" else char
