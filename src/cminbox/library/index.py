"""The word index: which words the snippets use, and which snippets use a word in which field.

Words stand sorted, so that all that begin alike lie side by side: a prefix is one slice of the words and one slice of
each field's postings. Numbers lie in arrays, not in objects, which keeps 10,000 snippets within a few megabytes.
"""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from sys import intern
from typing import Final

from cminbox.domain.snippet import Snippet
from cminbox.library.fold import VOWEL_CLASS, fold, spans, spellings, words

_LONGEST: Final = 40  # characters of a word that are indexed; a longer "word" is a key or a link
_LAST: Final = "\U0010ffff"


class Field(IntEnum):
    """Where a word stands."""

    TITLE = 0
    ID = 1
    TAGS = 2
    TEXT = 3


@dataclass(frozen=True, slots=True)
class _Postings:
    """Of one field: for word *w* the snippets ``docs[starts[w]:starts[w + 1]]``."""

    starts: array[int]
    docs: array[int]

    def of(self, low: int, high: int) -> array[int]:
        return self.docs[self.starts[low] : self.starts[high]]

    def count(self, low: int, high: int) -> int:
        return self.starts[high] - self.starts[low]


class _Collector:
    """Numbers words in the order in which they are met, and keeps a field's occurrences as a stream of numbers."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._forms: dict[str, tuple[int, ...]] = {}
        self.words: dict[Field, array[int]] = {field: array("I") for field in Field}
        self.docs: dict[Field, array[int]] = {field: array("I") for field in Field}

    def _forms_of(self, raw: str) -> tuple[int, ...]:
        forms = self._forms.get(raw)
        if forms is None:
            numbers = self.numbers
            forms = tuple(numbers.setdefault(form[:_LONGEST], len(numbers)) for form in spellings(raw))
            self._forms[raw] = forms
        return forms

    def add(self, doc: int, field: Field, texts: Iterable[str]) -> None:
        found: set[int] = set()
        known = self._forms
        for text in texts:
            for raw, _, _ in spans(text):
                found.update(known.get(raw) or self._forms_of(raw))
        self.words[field].extend(found)
        self.docs[field].extend([doc] * len(found))


class WordIndex:
    """The words of a set of snippets. Immutable once made; numbers of snippets are places in :attr:`snippets`."""

    def __init__(self, snippets: Iterable[Snippet]) -> None:
        self.snippets: tuple[Snippet, ...] = tuple(snippets)
        #: The folded words of each title.
        self.titles: list[tuple[str, ...]] = []
        collector = _Collector()
        acronyms: list[tuple[str, int]] = []
        for doc, snippet in enumerate(self.snippets):
            collector.add(doc, Field.TITLE, (snippet.title,))
            collector.add(doc, Field.ID, (snippet.id,))
            collector.add(doc, Field.TAGS, (*snippet.tags, *snippet.intents, snippet.collection))
            collector.add(doc, Field.TEXT, snippet.texts.values())
            acronyms.extend((initials, doc) for initials in _initials(snippet.title))
            self.titles.append(tuple(intern(word.form) for word in words(snippet.title)))
        self._take_words(collector)
        acronyms.sort()
        self._acronyms = [initials for initials, _ in acronyms]
        self._acronym_docs = array("I", (doc for _, doc in acronyms))

    def _take_words(self, collector: _Collector) -> None:
        numbers = collector.numbers
        self.vocabulary: list[str] = sorted(numbers)
        place = array("I", bytes(4 * len(numbers)))
        for rank, word in enumerate(self.vocabulary):
            place[numbers[word]] = rank
        self._fields = {field: _invert(collector.words[field], collector.docs[field], place) for field in Field}
        self._joined = "\n" + "\n".join(self.vocabulary) + "\n"
        self._offsets = array("I", accumulate((len(word) + 1 for word in self.vocabulary), initial=0))
        self._by_length: dict[int, dict[str, tuple[list[str], array[int]]]] = {}
        for rank, word in enumerate(self.vocabulary):
            alike, ranks = self._by_length.setdefault(len(word), {}).setdefault(word[0], ([], array("I")))
            alike.append(word)
            ranks.append(rank)

    # -- what snippets a word is in

    def docs(self, field: Field, low: int, high: int) -> array[int]:
        """The snippets that use one of the words ``low`` to ``high`` (excluded) in a field; one may come twice."""
        return self._fields[field].of(low, high)

    def count(self, low: int, high: int) -> int:
        """In how many places (snippet and field) the words ``low`` to ``high`` (excluded) are used."""
        return sum(postings.count(low, high) for postings in self._fields.values())

    def rarity(self, uses: int) -> float:
        """Inverse document frequency of a word used in so many places, at least about 0.7."""
        return math.log(2 + len(self.snippets) / (1 + uses))

    # -- words by what is typed of them

    def find(self, word: str) -> int | None:
        """The number of this very word."""
        place = bisect_left(self.vocabulary, word)
        return place if place < len(self.vocabulary) and self.vocabulary[place] == word else None

    def has(self, beginning: str) -> bool:
        """Whether a word begins like this."""
        low, high = self.beginning_with(beginning)
        return low < high

    def named(self, query: str) -> set[int]:
        """The snippets of which this is the very title or id, case and diacritics aside."""
        forms = tuple(word.form for word in words(query))
        ranks = [self.find(form[:_LONGEST]) for form in forms]
        if not ranks or None in ranks:
            return set()
        found: set[int] = set()
        folded = fold(query.strip())
        for field in (Field.TITLE, Field.ID):
            docs = min((self.docs(field, rank, rank + 1) for rank in ranks if rank is not None), key=len)
            found.update(doc for doc in docs if self.titles[doc] == forms or fold(self.snippets[doc].id) == folded)
        return found

    def beginning_with(self, prefix: str) -> tuple[int, int]:
        """The words with this beginning, as a range (end excluded)."""
        return bisect_left(self.vocabulary, prefix), bisect_right(self.vocabulary, prefix + _LAST)

    def containing(self, part: str, limit: int) -> list[int]:
        """Words that hold this part after their beginning, at most ``limit`` of them."""
        found: list[int] = []
        at = self._joined.find(part)
        while at >= 0 and len(found) < limit:
            rank = bisect_right(self._offsets, at - 1) - 1
            if self._offsets[rank] < at - 1:
                found.append(rank)
            at = self._joined.find(part, self._offsets[rank + 1])
        return found

    def near(self, word: str, distance: int) -> list[tuple[int, int]]:
        """Words at most so many edits away (insert, drop, replace, swap neighbours), as (number, edits).

        More than one edit is first looked for among words that begin with one of the first two letters typed, and
        among all others only where that finds nothing: few slip twice and on the first letter as well.
        """
        found = self._near(word, 1, None)
        if distance > 1:
            found += self._near(word, distance, word[:2])
            if not found:
                found = self._near(word, distance, None)
        return list({rank: (rank, edits) for rank, edits in found}.values())

    def _near(self, word: str, distance: int, firsts: str | None) -> list[tuple[int, int]]:
        # Imported at the first misspelt word: the screen's start does without.
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        found: list[tuple[int, int]] = []
        for length in range(len(word) - distance, len(word) + distance + 1):
            blocks = self._by_length.get(length, {})
            for first in blocks if firsts is None else dict.fromkeys(firsts):
                choices, ranks = blocks.get(first, ([], array("I")))
                for _, edits, at in extract(word, choices, scorer=OSA.distance, score_cutoff=distance, limit=None):
                    found.append((ranks[at], int(edits)))
        return found

    def nearly_beginning_with(self, prefix: str, distance: int) -> list[tuple[int, int]]:
        """Words whose beginning is at most so many edits away from what is typed, as (number, edits).

        Looked for only among words that share its first letter, or whose first letter is the second one typed (the
        first two swapped, or the first left out): all others would cost more than they bring.
        """
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        best: dict[int, int] = {}
        for first in dict.fromkeys(prefix[:2]):
            low, high = self.beginning_with(first)
            block = self.vocabulary[low:high]
            for length in range(len(prefix) - distance + 1, len(prefix) + distance + 1):
                heads = [word[:length] for word in block]
                for _, edits, at in extract(prefix, heads, scorer=OSA.distance, score_cutoff=distance, limit=None):
                    best[low + at] = min(best.get(low + at, distance), int(edits))
        return list(best.items())

    def with_skeleton(self, consonants: str) -> list[tuple[int, bool]]:
        """Words of which these are the consonants, or the first of them, as (number, whether all)."""
        inner = f"{VOWEL_CLASS}*".join(map(re.escape, consonants))
        pattern = re.compile(rf"\n{VOWEL_CLASS}?{inner}({VOWEL_CLASS}*\n)?")
        found: list[tuple[int, bool]] = []
        for first in (consonants[0], *"aeiouy"):
            low, high = self.beginning_with(first)
            if low == high:
                continue
            start, stop = self._offsets[low], self._offsets[high]
            at = pattern.search(self._joined, start, stop + 1)
            while at is not None:
                rank = bisect_right(self._offsets, at.start()) - 1
                found.append((rank, at.group(1) is not None))
                at = pattern.search(self._joined, self._offsets[rank + 1], stop + 1)
            if found:
                break
        return found

    def with_initials(self, initials: str) -> tuple[list[int], list[int]]:
        """Snippets whose title's words begin with these letters: with just these, and with more after them."""
        low = bisect_left(self._acronyms, initials)
        middle = bisect_right(self._acronyms, initials)
        high = bisect_right(self._acronyms, initials + _LAST)
        return list(self._acronym_docs[low:middle]), list(self._acronym_docs[middle:high])


def _initials(title: str) -> set[str]:
    """The first letters of a title's words, a word with hyphens counted as one and as several: ``era``, ``emra``."""
    several = "".join(word.form[0] for word in words(title))
    one = "".join(found[0].form[0] for chunk in title.split() if (found := words(chunk)))
    return {initials for initials in (several, one) if len(initials) >= 3}


def _invert(word_stream: Sequence[int], doc_stream: Sequence[int], place: Sequence[int]) -> _Postings:
    """A counting sort: from (word, snippet) in the order met to the snippets of each word, words sorted."""
    counts = array("I", bytes(4 * (len(place) + 1)))
    for number in word_stream:
        counts[place[number] + 1] += 1
    starts = array("I", accumulate(counts))
    following = array("I", starts)
    docs = array("I", bytes(4 * len(word_stream)))
    for number, doc in zip(word_stream, doc_stream, strict=True):
        rank = place[number]
        docs[following[rank]] = doc
        following[rank] += 1
    return _Postings(starts, docs)
