"""What somebody may have meant by a word that is typed: the words of the index that fit it, and how well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cminbox.library.fold import has_vowel, is_unspaced
from cminbox.library.index import Field, WordIndex

# How well a word fits what was typed, 1 being the word itself. Ordered by how seldom such a match is a mistake.
_WHOLE: Final = 1.0
_BEGINNING: Final = 0.88
_SPLIT: Final = 0.85
_ACRONYM: Final = 0.92
_ACRONYM_OF_THREE: Final = 0.88
_ACRONYM_BEGINNING: Final = 0.62
_SKELETON: Final = 0.7
_SKELETON_BEGINNING: Final = 0.55
_EDIT: Final = 1.4  # what an edit costs, divided by the letters typed
_EDITED_AT_LEAST: Final = 0.4
_BEGINNING_EDITED: Final = 0.8  # of what the same edits cost in a whole word
_PART: Final = 0.62

#: What a field counts. Ordered: a title is chosen to be found by, a text holds many words that are not its topic.
FIELD_WEIGHT: Final = {Field.TITLE: 1.0, Field.ID: 0.9, Field.TAGS: 0.8, Field.TEXT: 0.55}
_SHORT: Final = 2  # letters typed up to which texts are left out of a search by beginning: nearly all would fit
_MOST: Final = 400  # misspelt candidates that are looked into, the nearest first


@dataclass(slots=True, eq=False)
class Meaning:
    """The words that a typed word may mean. Filled once, then only read."""

    typed: str
    beginnings: tuple[str, ...]  #: what a word may begin with, to fit
    weights: dict[int, float] = field(default_factory=dict)  #: snippet number -> best quality times field weight
    words: dict[str, float] = field(default_factory=dict)  #: word -> quality, where it is not simply a beginning
    titled: frozenset[int] = frozenset()  #: snippets whose title's initials these are
    rarity: float = 1.0
    known: bool = False  #: there is such a word, or at least one that begins so
    whole: bool = False  #: there is this very word

    def quality(self, word: str) -> float:
        """How well a word of a snippet fits, from 0 (not at all) to 1 (it is that word)."""
        quality = self.words.get(word, 0.0)
        if quality < _BEGINNING and word.startswith(self.beginnings):
            return _BEGINNING
        return quality


@dataclass(slots=True)
class _Gathered:
    """Candidates before they are turned into snippets: ranges of words, and snippets found otherwise."""

    ranges: list[tuple[float, int, int]] = field(default_factory=list)
    docs: list[tuple[float, Iterable[int]]] = field(default_factory=list)


def meaning_of(index: WordIndex, forms: tuple[str, ...], *, forgiving: bool) -> Meaning:
    """Look a typed word up under its spellings, of which there is at least one.

    Typing errors are allowed for where ``forgiving``, and where there is no such word (``whole`` is false then).
    """
    meaning = Meaning(typed=forms[0], beginnings=forms)
    gathered = _Gathered()
    for form in forms:
        _look_up(index, form, meaning, gathered)
    typed = forms[0]
    if not is_unspaced(typed):
        if len(typed) >= 3:
            _take_acronym(index, typed, meaning, gathered)
        if len(typed) >= 2 and not has_vowel(typed) and not typed.isdigit():
            _take_skeleton(index, typed, meaning, gathered)
        if len(typed) >= 3 and (forgiving or not meaning.whole):
            for form in forms:
                _take_misspelt(index, form, meaning, gathered)
            _take_split(index, typed, meaning, gathered)
    _weigh(index, meaning, gathered)
    return meaning


def _look_up(index: WordIndex, form: str, meaning: Meaning, gathered: _Gathered) -> None:
    low, high = index.beginning_with(form)
    if low == high:
        return
    meaning.known = True
    if index.vocabulary[low] == form:
        meaning.whole = True
        _add(meaning, gathered, form, low, _WHOLE)
    gathered.ranges.append((_BEGINNING, low, high))


def _add(meaning: Meaning, gathered: _Gathered, word: str, rank: int, quality: float) -> None:
    if quality > meaning.words.get(word, 0.0):
        meaning.words[word] = quality
        gathered.ranges.append((quality, rank, rank + 1))


def _take_acronym(index: WordIndex, typed: str, meaning: Meaning, gathered: _Gathered) -> None:
    whole, longer = index.with_initials(typed)
    if whole:
        gathered.docs.append((_ACRONYM if len(typed) > 3 else _ACRONYM_OF_THREE, whole))
        meaning.titled = frozenset(whole)
    if longer and len(typed) >= 4:
        gathered.docs.append((_ACRONYM_BEGINNING, longer))


def _take_skeleton(index: WordIndex, typed: str, meaning: Meaning, gathered: _Gathered) -> None:
    for rank, whole in index.with_skeleton(typed):
        if whole or len(typed) >= 3:
            quality = _SKELETON if whole else _SKELETON_BEGINNING
            _add(meaning, gathered, index.vocabulary[rank], rank, quality)


def _take_misspelt(index: WordIndex, form: str, meaning: Meaning, gathered: _Gathered) -> None:
    length = len(form)
    found: dict[int, float] = {}
    for rank, edits in index.near(form, 1 if length <= 4 else 2 if length <= 9 else 3):
        found[rank] = max(_EDITED_AT_LEAST, 1 - _EDIT * edits / length)
    if length >= 4:
        for rank, edits in index.nearly_beginning_with(form, 1 if length <= 6 else 2):
            quality = _BEGINNING_EDITED * max(_EDITED_AT_LEAST, 1 - _EDIT * edits / length)
            found[rank] = max(found.get(rank, 0.0), quality)
        for rank in index.containing(form, _MOST):
            found[rank] = max(found.get(rank, 0.0), _PART)
    best = sorted(found.items(), key=lambda entry: -entry[1])[:_MOST]
    for rank, quality in best:
        _add(meaning, gathered, index.vocabulary[rank], rank, quality)


def _take_split(index: WordIndex, typed: str, meaning: Meaning, gathered: _Gathered) -> None:
    """Two words written as one: ``refundlate``. Snippets must hold both."""
    for cut in range(2, len(typed) - 2):
        left, right = index.find(typed[:cut]), index.find(typed[cut:])
        if left is None or right is None:
            continue
        for one_field in Field:
            both = set(index.docs(one_field, left, left + 1)).intersection(index.docs(one_field, right, right + 1))
            if both:
                gathered.docs.append((_SPLIT * FIELD_WEIGHT[one_field], both))
                for rank in (left, right):
                    word = index.vocabulary[rank]
                    meaning.words[word] = max(meaning.words.get(word, 0.0), _SPLIT)


def _weigh(index: WordIndex, meaning: Meaning, gathered: _Gathered) -> None:
    """From words to snippets: each gets the best that any candidate gives it. Poor ones first, good ones overwrite."""
    fields = (Field.TITLE, Field.ID, Field.TAGS) if len(meaning.typed) <= _SHORT else tuple(Field)
    steps: list[tuple[float, Iterable[int]]] = list(gathered.docs)
    for quality, low, high in gathered.ranges:
        looked_at = tuple(Field) if quality == _WHOLE else fields
        steps.extend((quality * FIELD_WEIGHT[one], index.docs(one, low, high)) for one in looked_at)
    steps.sort(key=lambda step: step[0])
    weights = meaning.weights
    for weight, docs in steps:
        weights.update(dict.fromkeys(docs, weight))
    if gathered.ranges:
        best = max(quality for quality, _, _ in gathered.ranges)
        uses = sum(index.count(low, high) for quality, low, high in gathered.ranges if quality >= best)
    else:
        uses = len(weights)
    meaning.rarity = index.rarity(uses)
