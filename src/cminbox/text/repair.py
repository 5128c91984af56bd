"""What the door does to a text that is not plain: replaces, takes out, keeps what is spelling.

Used by :mod:`cminbox.text.sanitize` alone. Character classes are those of Unicode: UAX #9 bidirectional controls, UAX
#44 categories and default ignorable code points, UTS #51 emoji, UTS #37 ideographic variation.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from cminbox.text.sanitize import MAX_MARKS, PICTOGRAPHS

# Never let through: controls, direction overrides, what UTF-8 cannot carry, what has no picture in any font.
_CONTROL = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
_BIDI = "\u202a-\u202e\u2066-\u2069"
_NO_CHARACTER = "\ud800-\udfff\ufdd0-\ufdef" + "".join(
    f"{chr(plane * 0x10000 + 0xFFFE)}-{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17)
)
_HIDDEN = (
    "\u034f\u115f\u1160\u17b4\u17b5\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffc"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
)
_FORBIDDEN_CLASS = _CONTROL + _BIDI + _NO_CHARACTER + _HIDDEN
_LINE_END_CLASS = "\r\x0b\x0c\x85\u2028\u2029"
# Invisible, but part of ordinary spelling in the right place: soft hyphen, Arabic letter mark, Mongolian selectors,
# zero width space and joiners, direction marks, variation selectors, the tags of the three subdivision flags.
_JOINER_CLASS = "\u00ad\u061c\u180b-\u180f\u200b-\u200f\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef"

_FORBIDDEN = re.compile(f"[{_FORBIDDEN_CLASS}]+")
_NEVER_SHOWN = re.compile(f"[{_FORBIDDEN_CLASS}{_LINE_END_CLASS}{_JOINER_CLASS}]")
_LINE_END = re.compile(f"\r\n?|[{_LINE_END_CLASS}]")
_JOINERS = re.compile(f"[{_JOINER_CLASS}]+")
# A mark is never a word character for `re`, so only a run of the others can hold too many of them.
_CROWDED = re.compile(rf"[^\w\s!-~]{{{MAX_MARKS + 1},}}")
_UNUSUAL = re.compile(f"[^\\w\\n !-\\[\\]-~]|[{_HIDDEN}]")
_SHOWN_AS_IS: Final = ("L", "N", "P", "S", "M")  # categories: letters, numbers, punctuation, symbols, marks

_PICTOGRAPH = re.compile(f"[{PICTOGRAPHS}]")
_KEYCAP_BASE: Final = frozenset("0123456789#*")
_IDEOGRAPH = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]")
_STANDARDIZED_BASE = re.compile(  # CJK, mathematics, Myanmar, Phags-pa, Manichaean: StandardizedVariants.txt
    "[\u1000-\u109f\u2018-\u201d\u2200-\u2bff\u3000-\u9fff\ua840-\ua877\uaa60-\uaa7f\uf900-\ufaff\uff00-\uff65"
    "\U00010ac0-\U00010aff\U00020000-\U0003fffd]"
)
_MONGOLIAN = re.compile("[\u1820-\u18aa]")
_SHAPED = re.compile(  # scripts in which a zero width (non-)joiner is spelling: Arabic, Indic, South-East Asian …
    "[\u0590-\u109f\u1700-\u1cff\ua800-\uaadf\uabc0-\uabff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00010eff\U00011000-\U00011fff\U0001e900-\U0001e95f]"
)
_SPACELESS = re.compile("[\u0e00-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\ua9e0-\ua9fe\uaa60-\uaadf]")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_DIRECTION_MARKS: Final = "\u061c\u200e\u200f"
_NEAR: Final = 4  # so far, in characters, may a direction mark stand from a letter that is written right to left
_BLACK_FLAG: Final = "\U0001f3f4"
_SUBDIVISIONS: Final = tuple(  # England, Scotland, Wales: the only tag sequences that are recommended (UTS #51)
    "".join(chr(0xE0000 + ord(letter)) for letter in name) + "\U000e007f" for name in ("gbeng", "gbsct", "gbwls")
)


def repaired(text: str, marks: set[str]) -> str:
    """``text`` without what no ordinary text has; what was done is added to ``marks``. A second time changes nothing.

    The order matters: a later step never makes work for an earlier one.
    """
    text = _LINE_END.sub("\n", text)
    text = _FORBIDDEN.sub(lambda run: "".join(_replaced(char, marks) for char in run[0]), text)
    text = _CROWDED.sub(lambda run: _thinned(run[0], marks), text)
    return _JOINERS.sub(lambda run: _spelling(run, marks), text)


def spelled_out(text: str) -> str:
    """``text`` with everything unusual as a Python escape; see :func:`cminbox.text.sanitize.escaped`."""
    text = _UNUSUAL.sub(_escape, text)
    text = _CROWDED.sub(_escape_crowd, text)
    return re.sub(r"\n{4,}", lambda run: "\\n" * (len(run[0]) - 1) + "\n", text)


def _replaced(char: str, marks: set[str]) -> str:
    code = ord(char)
    if code < 0x20:
        marks.add("control")
        return chr(0x2400 + code)
    if code < 0xA0:
        marks.add("control")
        return "\u2421" if code == 0x7F else "\ufffd"
    if 0xD800 <= code <= 0xDFFF or 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE:
        marks.add("surrogate")
        return "\ufffd"
    marks.add("bidi" if 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069 else "invisible")
    return ""


def _thinned(run: str, marks: set[str]) -> str:
    """``run`` without the marks beyond :data:`MAX_MARKS` a base; an invisible character between them is no new base."""
    kept: list[str] = []
    on_base = 0
    for char in run:
        if not _JOINERS.match(char):
            on_base = on_base + 1 if unicodedata.category(char).startswith("M") else 0
            if on_base > MAX_MARKS:
                marks.add("combining")
                continue
        kept.append(char)
    return "".join(kept)


def _spelling(run: re.Match[str], marks: set[str]) -> str:
    """What stays of a run of invisible characters: a selector that its base can have, and one that is spelling here."""
    found = run[0]
    text, start, end = run.string, run.start(), run.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    kept = _selector(found, before)
    if len(kept) <= 1:
        for char in found[len(kept) :]:
            if char in _DIRECTION_MARKS:
                belongs = _near_right_to_left(text, start, end)
            else:
                belongs = _joins(char, before, after, bool(kept))
            if belongs:
                kept += char
                break
    if len(kept) < len(found):
        marks.update("bidi" if char in _DIRECTION_MARKS else "invisible" for char in set(found))
    return kept


def _selector(found: str, before: str) -> str:
    """What ``found`` begins with that gives the character before it another form: a selector, or a flag's tags.

    Sources: emoji-variation-sequences.txt and StandardizedVariants.txt (by blocks), the Ideographic Variation Database.
    """
    if before == _BLACK_FLAG:
        for tags in _SUBDIVISIONS:
            if found.startswith(tags):
                return tags
    char = found[0]
    if char in "\ufe0e\ufe0f":
        fits = before in _KEYCAP_BASE or _PICTOGRAPH.match(before) is not None
    elif "\ufe00" <= char <= "\ufe0d":
        fits = _STANDARDIZED_BASE.match(before) is not None
    elif char >= "\U000e0100":
        fits = _IDEOGRAPH.match(before) is not None
    else:
        fits = char in "\u180b\u180c\u180d\u180f" and _MONGOLIAN.match(before) is not None
    return char if fits else ""


def _joins(char: str, before: str, after: str, selected: bool) -> bool:
    """Whether the invisible ``char`` is spelling between these two (``selected``: a variation selector came first)."""
    if char == "\u200d" and _PICTOGRAPH.match(before) and _PICTOGRAPH.match(after):
        return True
    if selected:
        return False
    if char in "\u200c\u200d":
        return bool(_SHAPED.match(before) or _SHAPED.match(after))
    if char == "\u200b":
        return bool(_SPACELESS.match(before) or _SPACELESS.match(after))
    if char == "\u00ad":
        return before.isalpha() and after.isalpha()
    return char == "\u180e" and _MONGOLIAN.match(before) is not None


def _near_right_to_left(text: str, start: int, end: int) -> bool:
    before = text[max(start - _NEAR, 0) : start].rpartition("\n")[2]
    after = text[end : end + _NEAR].partition("\n")[0]
    return bool(_RIGHT_TO_LEFT.search(before) or _RIGHT_TO_LEFT.search(after))


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    if char == "\\":
        return "\\\\"
    usual = unicodedata.category(char)[0] in _SHOWN_AS_IS and not _NEVER_SHOWN.match(char)
    return char if usual else _code(char)


def _escape_crowd(run: re.Match[str]) -> str:
    shown = _thinned(run[0], set())
    return run[0] if len(shown) == len(run[0]) else "".join(map(_code, run[0]))


def _code(char: str) -> str:
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")
