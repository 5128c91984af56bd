"""How well and how fast snippets are found, over the real sets of ../shared (STATS.md there says what they are).

    python bench/snippet_search.py [--no-peer] [--size N] [--misses TYPE]

Prints recall at the first place and within five for each kind of query (``also_ok`` counts), CPU milliseconds a query
and a keystroke, the time and memory that the index takes, and in the same run rapidfuzz's WRatio over title and tags.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cminbox.domain.snippet import Snippet
from cminbox.library.search import SnippetSearch

Row = dict[str, Any]


def shared() -> Path:
    """The folder with the real data."""
    return Path(os.environ.get("CMINBOX_SHARED") or Path(__file__).resolve().parents[2] / "shared")


def rows(*names: str) -> Iterator[Row]:
    """The lines of the open and the private half of a set."""
    for tier in ("open", "private"):
        path = shared().joinpath("data", names[0], tier, names[1])
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def snippets(size: int | None = None) -> list[Snippet]:
    """The real snippets, and copies of them under other names until there are ``size``."""
    made = [
        Snippet(
            id=row["id"],
            title=row["title"],
            texts={row["lang"]: row["text"]},
            tags=tuple(row["tags"] or ()),
            intents=(row["intent"],) if row.get("intent") else (),
            collection=row["collection"],
        )
        for row in rows("snippets", "snippets.jsonl.gz")
    ]
    real = len(made)
    for number in range(real, size or 0):
        one, other = made[number % real], made[(number * 7 + 13) % real]
        words, more = one.title.split(), other.title.split()
        title = " ".join(words[: len(words) // 2 + 1] + more[len(more) // 2 :])
        made.append(Snippet(f"copy:{number}", title, {next(iter(one.texts)): next(iter(other.texts.values()))}))
    return made


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def ask(find: Callable[[Row], list[str]], queries: list[Row]) -> tuple[dict[str, list[int]], list[float], list[Row]]:
    """Ask all queries: the places of the first right answer by type (0 is first, 99 is none), CPU ms, the misses."""
    places: dict[str, list[int]] = defaultdict(list)
    cost: list[float] = []
    missed: list[Row] = []
    for row in queries:
        start = time.process_time()
        found = find(row)
        cost.append((time.process_time() - start) * 1000)
        right = {*row["gold"], *row.get("also_ok", ())}
        place = next((at for at, one in enumerate(found) if one in right), 99)
        places[row["type"]].append(place)
        if place:
            missed.append({**row, "found": found[:3], "place": place})
    return places, cost, missed


def keystrokes(search: SnippetSearch, queries: list[Row]) -> list[float]:
    """CPU ms of each key while queries are typed letter by letter."""
    cost: list[float] = []
    for row in queries:
        for end in range(1, min(30, len(row["query"])) + 1):
            start = time.process_time()
            search.search(row["query"][:end], limit=10)
            cost.append((time.process_time() - start) * 1000)
    return cost


def wratio(library: list[Snippet]) -> Callable[[Row], list[str]]:
    """The peer: rapidfuzz WRatio over title and tags."""
    from rapidfuzz import fuzz, process, utils

    choices = [utils.default_process(f"{one.title} {' '.join(one.tags)}") for one in library]
    ids = [one.id for one in library]

    def find(row: Row) -> list[str]:
        best = process.extract(utils.default_process(row["query"]), choices, scorer=fuzz.WRatio, limit=5)
        return [ids[at] for _, _, at in best]

    return find


def memory() -> float:
    """Resident megabytes now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return pages * resource.getpagesize() / 1e6


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="snippets for the speed part")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--no-speed", action="store_true")
    parser.add_argument("--misses", help="print what was not found first, of this type")
    parser.add_argument("--lang", action="store_true", help="prefer each query's target language")
    chosen = parser.parse_args()
    library = snippets()
    queries = list(rows("search_bench", "search_queries.jsonl.gz"))
    search = SnippetSearch(library)

    def find(row: Row) -> list[str]:
        lang = row.get("target_lang") if chosen.lang else None
        return [hit.snippet_id for hit in search.search(row["query"], lang=lang, limit=5)]

    ours, cost, missed = ask(find, queries)
    peers = {} if chosen.no_peer else {"WRatio": ask(wratio(library), queries[::6])}
    print(f"{len(library)} snippets, {len(queries)} queries (the peer: every sixth); per cent first · within five")
    for kind in ours:
        line = f"{kind:14}{len(ours[kind]):5}{share(ours[kind], 1):8.1f}{share(ours[kind], 5):7.1f}"
        for name, (places, _, _) in peers.items():
            line += f"   {name}{share(places[kind], 1):7.1f}{share(places[kind], 5):7.1f}"
        print(line)
    print(f"CPU ms a query: p50 {percentile(cost, 0.5):.2f}, p95 {percentile(cost, 0.95):.2f}")
    for name, (_, spent, _) in peers.items():
        print(f"{name}, CPU ms a query: p50 {percentile(spent, 0.5):.2f}, p95 {percentile(spent, 0.95):.2f}")
    for row in missed:
        if row["type"] == chosen.misses:
            print(row["place"], row["query"], "| gold", row["gold"][:2], "| found", row["found"])
    if not chosen.no_speed:
        speed(chosen.size, queries, peer=not chosen.no_peer)
    return 0


def share(places: list[int], within: int) -> float:
    """Per cent of answers within so many places."""
    return 100 * sum(place < within for place in places) / max(1, len(places))


def speed(size: int, queries: list[Row], *, peer: bool) -> None:
    """Print what the index costs at a size, and what a key costs; beyond the real snippets, copies are mixed."""
    library = snippets(size)
    before, start = memory(), time.process_time()
    search = SnippetSearch(library)
    built = time.process_time() - start
    print(f"{size} snippets: index built in {built:.2f} s CPU, {memory() - before:.1f} MB, {search.words} words")
    cost = keystrokes(search, queries[::40])
    print(f"{len(cost)} keystrokes: CPU ms p50 {percentile(cost, 0.5):.2f}, p95 {percentile(cost, 0.95):.2f}, ", end="")
    print(f"p99 {percentile(cost, 0.99):.2f}, most {max(cost):.2f}; {memory() - before:.1f} MB after")
    if peer:
        _, spent, _ = ask(wratio(library), queries[::40])
        print(f"WRatio over these: CPU ms p50 {percentile(spent, 0.5):.2f}, p95 {percentile(spent, 0.95):.2f}")


if __name__ == "__main__":
    sys.exit(main())
