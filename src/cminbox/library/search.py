"""Search over the whole library as one types: words in any order, beginnings, typing errors, any script.

The library is asked in two steps. The word index names the snippets in which most of the typed words, and the rarest,
occur in the best fields; of these few, titles and texts are read again for how much of the title was typed, in which
order, and which letters matched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Final

from cminbox.domain.snippet import Snippet
from cminbox.library.fold import fold, is_unspaced, other_layouts, spans, spellings
from cminbox.library.index import WordIndex
from cminbox.library.typed import Meaning, meaning_of

_LONGEST_QUERY: Final = 300
_MOST_WORDS: Final = 12
_MARKED: Final = 10_000  # characters of a text in which matches are marked
_READ_AGAIN: Final = 50
_ENOUGH: Final = 30
_REMEMBERED: Final = 32
# What counts beside the words themselves, small enough never to outweigh one of them, large enough to order snippets
# that hold the same words: the title that says little else, the same order, the shorter answer, the language.
_HIT: Final = 0.84
_COVERED: Final = 0.08
_ORDER: Final = 0.04
_SHORTNESS: Final = 0.02
_IN_LANG: Final = 0.03
_BRIEF: Final = 300  # characters of an ordinary answer
_NEVER_MORE: Final = 0.99  # 1 is for the very title or id
_NAMED_ELSEWHERE: Final = 0.995  # the very title, but not in the language that is wanted
_LEAST: Final = 0.4  # of the best score; what is below is noise beside it


@dataclass(frozen=True, slots=True)
class Match:
    """Letters that matched: ``field`` is id, title, tags, intents or text, the ends are in characters, end excluded.

    In ``tags`` and ``intents`` they count in the list joined with single spaces; in ``text`` in the hit's language.
    """

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A snippet that was found, in the language that fits best, with a score from 0 to 100."""

    snippet_id: str
    lang: str
    score: float
    matched: tuple[Match, ...]


class SnippetSearch:
    """Answers queries over one snapshot of the library. Keeps what it found for single words, so that the next key
    costs only the word that is being typed. Not safe for several threads at once."""

    def __init__(self, snippets: Iterable[Snippet]) -> None:
        self._index = WordIndex(snippets)
        self._meanings: dict[tuple[str, bool], Meaning] = {}

    @property
    def words(self) -> int:
        """How many different words the library uses."""
        return len(self._index.vocabulary)

    def search(
        self,
        query: str,
        *,
        lang: str | None = None,
        limit: int = 20,
        keep: Callable[[Snippet], bool] | None = None,
    ) -> list[Hit]:
        """The best snippets for what is typed, best first; ties by id. Never raises, whatever is typed.

        ``lang`` is preferred among the languages of a snippet and, all else alike, among snippets. ``keep`` leaves out
        what may not be offered here (another brand's). An empty query finds nothing.
        """
        asked = _Query(query[:_LONGEST_QUERY], lang, keep)
        meanings = self._read(asked.text, forgiving=False)
        if not meanings or limit <= 0:
            return []
        ranked = self._rank(asked, meanings)
        if not ranked or ranked[0].hits < len(meanings):
            again = self._read(asked.text, forgiving=True)
            if again != meanings:
                meanings, ranked = again, self._rank(asked, again)
        marker = _Marker(meanings)
        least = _LEAST * ranked[0].score if ranked else 0.0
        return [self._hit(found, marker, lang) for found in ranked[:limit] if found.score >= least]

    # -- from letters to meanings

    def _meaning(self, raw: str, *, forgiving: bool) -> Meaning:
        plain = self._remembered(raw, forgiving=False)
        return self._remembered(raw, forgiving=True) if forgiving and plain.whole else plain

    def _remembered(self, raw: str, *, forgiving: bool) -> Meaning:
        key = (raw, forgiving)
        meaning = self._meanings.pop(key, None) or meaning_of(self._index, spellings(raw), forgiving=forgiving)
        self._meanings[key] = meaning
        if len(self._meanings) > _REMEMBERED:
            del self._meanings[next(iter(self._meanings))]
        return meaning

    def _read(self, query: str, *, forgiving: bool) -> list[Meaning]:
        meanings: list[Meaning] = []
        for chunk in query.split():
            typed = [self._meaning(raw, forgiving=forgiving) for raw in _typed_words(chunk)[:_MOST_WORDS]]
            if not typed or not all(meaning.known for meaning in typed):
                typed = self._on_other_layout(chunk) or typed
            meanings.extend(typed)
            if len(meanings) >= _MOST_WORDS:
                break
        return meanings[:_MOST_WORDS]

    def _on_other_layout(self, chunk: str) -> list[Meaning]:
        """What was meant if the keyboard stood on another layout: only where every word of it then makes sense."""
        for made in other_layouts(chunk):
            raws = _typed_words(made)
            if raws and max(map(len, raws)) >= 3 and all(self._index.has(fold(raw)) for raw in raws):
                return [self._meaning(raw, forgiving=False) for raw in raws]
        return []

    # -- from meanings to snippets

    def _rank(self, query: _Query, meanings: list[Meaning]) -> list[_Found]:
        index, keep = self._index, query.keep
        rough = self._roughly(meanings, None if keep is None else lambda doc: keep(index.snippets[doc]))
        reader = _TitleReader(meanings)
        scored = {doc: (self._exactly(doc, score, reader, query.lang), hits) for score, hits, doc in rough}
        for doc in index.named(query.text):
            if keep is None or keep(index.snippets[doc]):
                in_lang = query.lang is None or query.lang in index.snippets[doc].texts
                scored[doc] = (1.0 if in_lang else _NAMED_ELSEWHERE, len(meanings))
        ranked = [_Found(doc, index.snippets[doc], hits, score) for doc, (score, hits) in scored.items()]
        ranked.sort(key=lambda found: (-found.score, found.snippet.id))
        return ranked

    def _roughly(self, meanings: list[Meaning], keep: Callable[[int], bool] | None) -> list[tuple[float, int, int]]:
        """The most promising snippets by the index alone, as (score, words hit, number).

        Those that all words hit come before all others; where there are enough of them, nothing else is added up.
        """
        weights = [meaning.weights for meaning in meanings]
        every = set(sorted(weights, key=len)[0]).intersection(*weights)
        if keep is not None:
            every = set(filter(keep, every))
        rarities = [meaning.rarity for meaning in meanings]
        highest = sum(rarities)
        pairs = list(zip(weights, rarities, strict=True))
        full = [(sum(one[doc] * rarity for one, rarity in pairs), doc) for doc in every]
        best = [(score / highest, len(meanings), doc) for score, doc in nlargest(_READ_AGAIN, full)]
        if len(best) >= _ENOUGH:
            return best
        totals: dict[int, float] = {}
        hits: dict[int, int] = {}
        for one, rarity in pairs:
            for doc, weight in one.items():
                totals[doc] = totals.get(doc, 0.0) + weight * rarity
                hits[doc] = hits.get(doc, 0) + 1
        share = 1 / (highest * len(meanings))
        rest = (
            (total * hits[doc] * share, hits[doc], doc)
            for doc, total in totals.items()
            if doc not in every and (keep is None or keep(doc))
        )
        return best + nlargest(_READ_AGAIN - len(best), rest)

    def _exactly(self, doc: int, score: float, reader: _TitleReader, lang: str | None) -> float:
        """The score of one snippet with its title looked at, below 1."""
        snippet = self._index.snippets[doc]
        covered, order = reader.read(doc, self._index.titles[doc])
        length = sum(map(len, snippet.texts.values())) / len(snippet.texts)
        brief = _BRIEF / (_BRIEF + length)
        in_lang = lang is not None and lang in snippet.texts
        score = _HIT * score + _COVERED * covered + _ORDER * order + _SHORTNESS * brief + _IN_LANG * in_lang
        return min(_NEVER_MORE, score)

    def _hit(self, found: _Found, marker: _Marker, lang: str | None) -> Hit:
        snippet = found.snippet
        chosen = snippet.language_for(lang)
        in_text = marker.mark("text", snippet.texts[chosen])
        if lang is None or chosen.partition("-")[0] != lang.partition("-")[0]:
            for other in snippet.texts:
                in_other = marker.mark("text", snippet.texts[other]) if other != chosen else []
                if len(in_other) > len(in_text):
                    chosen, in_text = other, in_other
        matched = [
            *marker.mark_title(found.doc, snippet.title),
            *marker.mark("id", snippet.id),
            *marker.mark("tags", " ".join(snippet.tags)),
            *marker.mark("intents", " ".join(snippet.intents)),
            *in_text,
        ]
        return Hit(snippet.id, chosen, round(min(100.0, found.score * 100), 1), tuple(matched))


@dataclass(frozen=True, slots=True)
class _Query:
    text: str
    lang: str | None
    keep: Callable[[Snippet], bool] | None


@dataclass(frozen=True, slots=True)
class _Found:
    doc: int
    snippet: Snippet
    hits: int
    score: float


def _typed_words(chunk: str) -> list[str]:
    """The words of what was typed between spaces. In a script without spaces only pairs, where there is one."""
    found: list[str] = []
    for raw, _, _ in spans(chunk):
        if found and is_unspaced(raw) and len(raw) == 1 and is_unspaced(found[-1]):
            continue
        if fold(raw):
            found.append(raw)
    return found


class _TitleReader:
    """Says how much of a title was typed, and how far in its order; remembers what it made of each word."""

    def __init__(self, meanings: list[Meaning]) -> None:
        self._meanings = meanings
        self._read: dict[str, tuple[float, int]] = {}

    def read(self, doc: int, title: Sequence[str]) -> tuple[float, float]:
        """The share of the title's words that were typed, and the share of typed words that follow in its order."""
        if any(doc in meaning.titled for meaning in self._meanings):
            return 1.0, 1.0
        covered, followed, at = 0.0, 0, -1
        for form in title:
            fit = self._read.get(form)
            if fit is None:
                fit = self._read[form] = max(
                    (meaning.quality(form), -place) for place, meaning in enumerate(self._meanings)
                )
            quality, place = fit[0], -fit[1]
            if quality:
                covered += quality
                if place > at:
                    followed, at = followed + 1, place
        return covered / max(1, len(title)), followed / len(self._meanings)


class _Marker:
    """Says which letters of a text matched, and remembers it for each word."""

    def __init__(self, meanings: list[Meaning]) -> None:
        self._meanings = meanings
        self._words = frozenset().union(*(meaning.words for meaning in meanings))
        self._beginnings = tuple(one for meaning in meanings for one in meaning.beginnings)
        self._letters: dict[str, int] = {}

    def mark(self, field: str, text: str) -> list[Match]:
        """The places in a text that matched, in order, those that touch joined."""
        found: list[Match] = []
        known = self._letters
        for raw, start, end in spans(text[:_MARKED]):
            length = known.get(raw)
            if length is None:
                length = known[raw] = self._count(raw)
            if not length:
                continue
            end = min(end, start + length)
            if found and found[-1].end > start:
                found[-1] = Match(field, found[-1].start, max(end, found[-1].end))
            else:
                found.append(Match(field, start, end))
        return found

    def mark_title(self, doc: int, title: str) -> list[Match]:
        """As :meth:`mark`, and where the first letters of the words were typed, these."""
        marked = self.mark("title", title)
        typed = next((meaning.typed for meaning in self._meanings if doc in meaning.titled), None)
        if typed is None or marked:
            return marked
        starts = [start for _, start, _ in spans(title)]
        if len(starts) != len(typed):  # a word with hyphens counted as one
            starts = [start for start in starts if start == 0 or title[start - 1].isspace()]
        return [Match("title", start, start + 1) for start in starts]

    def _count(self, raw: str) -> int:
        """How many letters of a word matched, from its start; all of them where it is not simply its beginning."""
        for form in spellings(raw):
            if form.startswith(self._beginnings):
                return max(len(one) for one in self._beginnings if form.startswith(one))
            if form in self._words:
                return len(raw)
        return 0
