"""How words are made comparable: case, diacritics, other ways to write the same letter, scripts without spaces.

Both sides of a search, what was written and what is typed, go through here, so a spelling that is treated alike is
treated alike everywhere. Normal forms are those of Unicode Standard Annex 15.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

# Marks belong to their word, but Python's \w leaves out most of them (vowel signs, points), hence the ranges:
# combining diacritics, Hebrew and Arabic points, Indic vowel signs (without the danda), joiners, half marks.
_MARKS: Final = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u0900-\u0963\u0966-\u0dff\u135d-\u135f"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
)
# Scripts that write no spaces: Thai to Khmer, kana, Han, in and beyond the first plane.
_UNSPACED: Final = (
    "\u0e01-\u0e4e\u0e80-\u0edf\u1000-\u109f\u1780-\u17d3\u3005\u3041-\u309f\u30a1-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_WORD: Final = re.compile(rf"[^\W_][{_MARKS}]*(?:[^\W_][{_MARKS}]*)*")
_RUNS: Final = re.compile(rf"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_UNSPACED_CHAR: Final = re.compile(rf"[{_UNSPACED}]")

# What is dropped after decomposition. Indic vowel signs and kana voicing marks are letters to their readers: kept.
_DROPPED: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\ufe20-\ufe2f]+"
)
# Letters that no normal form takes apart, and letters that are typed for one another.
_ALIKE: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n"}
    | {"ə": "e", "ƒ": "f", "ґ": "г", "ђ": "д", "ћ": "ч", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ٱ": "ا"}
    | {"ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ"}
)
# The spelling used where a keyboard has no such key: German ae oe ue, Danish and Norwegian aa oe.
_SPELT_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_HAS_SPELT_OUT: Final = re.compile("[äöüåø]")

# Cyrillic and Greek in Latin letters as people type them (close to BGN/PCGN without its diacritics). After folding,
# ё is е, й is и and ї is і, so these have no line of their own.
_LATIN_OF: Final = str.maketrans(
    dict(zip("абвгдезиіклмнопрстуфхыэєј", "abvgdeziiklmnoprstufhyeej", strict=True))
    | {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
    | {"љ": "lj", "њ": "nj", "џ": "dz", "ѕ": "dz"}
    | dict(zip("αβγδεζηικλμνξοπρστυφχω", "avgdeziiklmnxoprstifho", strict=True))
    | {"θ": "th", "ψ": "ps"}
)
_ROMANISED: Final = re.compile("[а-яєіјљњџѕα-ω]")
_VOWELS: Final = re.compile("[aeiouyаеиоуыэюяієαεηιουω]")


class Word(NamedTuple):
    """A word of a text: its folded form and where it stands in the text, in characters, end excluded."""

    form: str
    start: int
    end: int


def _bare(text: str) -> str:
    text = unicodedata.normalize("NFKD", text)
    text = _DROPPED.sub("", text).translate(_ALIKE).casefold()
    return unicodedata.normalize("NFC", _DROPPED.sub("", text))


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """The form that is compared: case, diacritics, ligatures and full-width forms gone, ß as ss. Idempotent."""
    folded = text.casefold()
    if folded.isascii():
        return folded
    # One step can bring out what an earlier one handles (a ligature with a capital in it), hence again until it rests.
    while (after := _bare(folded)) != folded:
        folded = after
    return folded


def spellings(word: str) -> tuple[str, ...]:
    """All forms under which a word may be looked for: its fold, umlauts spelt out, and Cyrillic or Greek in Latin."""
    folded = fold(word)
    if word.isascii():
        return (folded,)
    forms = [folded]
    composed = unicodedata.normalize("NFC", word.casefold())
    if _HAS_SPELT_OUT.search(composed):
        forms.append(fold(composed.translate(_SPELT_OUT)))
    if _ROMANISED.search(folded):
        forms.append(folded.translate(_LATIN_OF))
    return tuple(dict.fromkeys(form for form in forms if form))


def spans(text: str) -> list[tuple[str, int, int]]:
    """The words of a text as they are written, with start and end.

    A run in a script without spaces gives its pairs of characters and its last character, so that any part of it is
    found without a dictionary.
    """
    if text.isascii() or not _UNSPACED_CHAR.search(text):
        return [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]
    found: list[tuple[str, int, int]] = []
    for run in _RUNS.finditer(text):
        base, chunk = run.start(), run.group()
        if _UNSPACED_CHAR.match(chunk):
            found.extend((chunk[i : i + 2], base + i, base + min(i + 2, len(chunk))) for i in range(len(chunk)))
        else:
            found.extend((m.group(), base + m.start(), base + m.end()) for m in _WORD.finditer(chunk))
    return found


def words(text: str) -> list[Word]:
    """The words of a text, folded, with their places in it."""
    return [Word(form, start, end) for raw, start, end in spans(text) if (form := fold(raw))]


def is_unspaced(word: str) -> bool:
    """Whether a word belongs to a script that writes no spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese)."""
    return not word.isascii() and _UNSPACED_CHAR.match(word) is not None


def has_vowel(word: str) -> bool:
    """Whether a folded word has a vowel after its first letter; if not, it may be a consonant skeleton (``rfnd``)."""
    return _VOWELS.search(word, 1) is not None


#: A character class of what a consonant skeleton leaves out, for use in a pattern.
VOWEL_CLASS: Final = _VOWELS.pattern


# Keys in the same place on two keyboards, US first (XKB: us, ru, ua, gr, il, de). Only letters that differ.
_US: Final = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_LAYOUTS: Final = (
    (_US, "йцукенгшщзхъфывапролджэячсмитьбюё"),
    (_US, "йцукенгшщзхїфівапролджєячсмитьбю'"),
    ("qwertyuiopasdfghjklzxcvbnm", ";ςερτυθιοπασδφγηξκλζχψωβνμ"),
    ("qwertyuiopasdfghjkl;zxcvbnm,.", "/'קראטוןםפשדגכעיחלךףזסבהנמצתץ"),
    ("yz", "zy"),
)
_TABLES: Final = tuple(
    str.maketrans(there, here) for us, other in _LAYOUTS for there, here in ((us, other), (other, us))
)[:-1]


def other_layouts(chunk: str) -> tuple[str, ...]:
    """What a run of keys would have written on another keyboard layout (Russian, Ukrainian, Greek, Hebrew, German)."""
    typed = chunk.casefold()
    return tuple(dict.fromkeys(made for table in _TABLES if (made := typed.translate(table)) != typed))
