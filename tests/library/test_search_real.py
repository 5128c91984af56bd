"""Recall and cost over the real snippets of ../shared, with floors a little under what is reached.

``bench/snippet_search.py`` prints the figures in full; the index and the queries here are the same.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import defaultdict
from typing import Any

import pytest

from cminbox.domain.snippet import Snippet
from cminbox.library.search import SnippetSearch
from tests.shared import shared_dir

#: Per cent found at the first place, and within five.
FLOORS = {
    "exact_title": (100, 100),
    "title_words": (95, 97),
    "swapped": (98, 99),
    "typo1": (97, 99),
    "typo2": (96, 98),
    "no_diacritics": (99, 99),
    "mixed": (95, 98),
    "body_words": (89, 98),
    "prefix": (88, 95),
    "translit": (96, 98),
    "skeleton": (90, 96),
    "acronym": (91, 94),
    "wrong_layout": (83, 90),
}


def lines(*parts: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for tier in ("open", "private"):
        with gzip.open(shared_dir("data", parts[0], tier, parts[1]), "rt", encoding="utf-8") as text:
            found.extend(map(json.loads, text))
    return found


@pytest.mark.shared
@pytest.mark.slow
def test_recall_and_cost_over_the_real_sets() -> None:
    search = SnippetSearch(
        Snippet(
            row["id"],
            row["title"],
            {row["lang"]: row["text"]},
            tags=tuple(row["tags"] or ()),
            intents=(row["intent"],) if row.get("intent") else (),
            collection=row["collection"],
        )
        for row in lines("snippets", "snippets.jsonl.gz")
    )
    places: dict[str, list[int]] = defaultdict(list)
    cost: list[float] = []
    for row in lines("search_bench", "search_queries.jsonl.gz"):
        start = time.process_time()
        hits = search.search(row["query"], limit=5)
        cost.append(time.process_time() - start)
        right = {*row["gold"], *row["also_ok"]}
        places[row["type"]].append(next((at for at, hit in enumerate(hits) if hit.snippet_id in right), 9))
    reached = {
        kind: tuple(100 * sum(place < within for place in found) / len(found) for within in (1, 5))
        for kind, found in places.items()
    }
    short = {
        kind: (reached[kind], floor)
        for kind, floor in FLOORS.items()
        if reached[kind][0] < floor[0] or reached[kind][1] < floor[1]
    }
    assert not short
    assert sorted(cost)[len(cost) // 2] < 0.02, "CPU seconds at the median, with room for a slow machine"
