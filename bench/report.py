"""From ttybench's samples to a table: medians, and medians of ratios within each round."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Sample = dict[str, Any]
Round = dict[str, list[Sample]]
"""Program → its samples in one round."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is read from one session of a program: from its samples, or None where it has none."""

    title: str
    unit: str
    of: Callable[[list[Sample]], float | None]
    digits: int = 0


def _first(samples: list[Sample], name: str) -> Sample | None:
    return next((sample for sample in samples if sample["name"] == name), None)


def _startup(key: str) -> Callable[[list[Sample]], float | None]:
    def of(samples: list[Sample]) -> float | None:
        sample = _first(samples, "startup")
        return None if sample is None else sample[key]

    return of


def _until_keys(key: str, pause: float = 0.0) -> Callable[[list[Sample]], float | None]:
    """From the start until the first key was done."""

    def of(samples: list[Sample]) -> float | None:
        start, keys = _first(samples, "startup"), _first(samples, "keys")
        if start is None or keys is None:
            return None
        if key == "match_ms":
            return float(start["last_ms"] + pause + keys["match_ms"])
        return float(start[key] + keys[key])

    return of


def _step(name: str, key: str) -> Callable[[list[Sample]], float | None]:
    def of(samples: list[Sample]) -> float | None:
        values = [sample[key] for sample in samples if sample["name"] == name and sample[key] is not None]
        return statistics.median(values) if values else None

    return of


def _memory(samples: list[Sample]) -> float | None:
    start = _first(samples, "startup")
    kept = None if start is None else start["extra"].get("end_pss_kb")
    return None if kept is None else kept / 1024


def start_figures(pause: float) -> list[Figure]:
    """What a start costs. ``pause`` is the time between the first screen and the first key, in ms."""
    return [
        Figure("first readable screen", "ms", _startup("match_ms")),
        Figure("first readable screen, CPU", "ms", _startup("cpu_ms")),
        Figure("first readable screen", "bytes", _startup("bytes")),
        Figure("keys work", "ms", _until_keys("match_ms", pause)),
        Figure("keys work and calm, CPU", "ms", _until_keys("cpu_ms")),
        Figure("keys work and calm", "bytes", _until_keys("bytes")),
        Figure("memory at the end (PSS)", "MB", _memory, 1),
    ]


GROWS = 1.2
"""What is more than a fifth dearer in the larger inbox is said to grow."""
KEYS = {
    "j": "`j`",
    "scroll": "`j` at the lower edge",
    "page": "PageDown",
    "open": "Enter, open",
}


def key_figures() -> list[Figure]:
    """What a key costs."""
    figures = []
    for step, title in KEYS.items():
        figures.append(Figure(title, "bytes", _step(step, "bytes")))
        figures.append(Figure(f"{title}, CPU", "ms", _step(step, "cpu_ms"), 1))
        figures.append(Figure(f"{title}, first change seen", "ms", _step(step, "match_ms"), 1))
        figures.append(Figure(f"{title}, last byte", "ms", _step(step, "last_ms"), 1))
    return figures


def median(rounds: Sequence[Round], program: str, figure: Figure) -> float | None:
    """The median over the rounds."""
    values = [value for one in rounds if (value := figure.of(one.get(program, []))) is not None]
    return statistics.median(values) if values else None


def ratio(rounds: Sequence[Round], program: str, to: str, figure: Figure) -> float | None:
    """The median of the ratios of two programs in the same round."""
    ratios = []
    for one in rounds:
        mine, theirs = figure.of(one.get(program, [])), figure.of(one.get(to, []))
        if mine is not None and theirs:
            ratios.append(mine / theirs)
    return statistics.median(ratios) if ratios else None


def table(rounds: Sequence[Round], programs: Sequence[str], peers: Sequence[str], figures: Sequence[Figure]) -> str:
    """A markdown table: a row a figure, a column a program; in brackets the ratio to each peer, in their order."""
    lines = [
        f"| | | {' | '.join(programs)} |",
        f"|---|---|{'---:|' * len(programs)}",
    ]
    for figure in figures:
        cells = [_cell(rounds, program, peers, figure) for program in programs]
        lines.append(f"| {figure.title} | {figure.unit} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(rounds: Sequence[Round], program: str, peers: Sequence[str], figure: Figure) -> str:
    value = median(rounds, program, figure)
    if value is None:
        return "–"
    said = f"{value:,.{figure.digits}f}"
    if program in peers:
        return said
    ratios = [ratio(rounds, program, peer, figure) for peer in peers]
    told = " · ".join("–" if one is None else f"{one:.2f}" for one in ratios)
    return f"{said} ({told})" if ratios else said


def growth(rounds: Sequence[Round], small: str, large: str, figures: Sequence[Figure]) -> list[str]:
    """How CPU and memory of the large inbox stand to those of the small one, a line each. Bytes are left out: other
    comments show, and with them other bytes."""
    found = []
    for figure in figures:
        more = ratio(rounds, large, small, figure)
        if more is not None and ("CPU" in figure.title or figure.unit == "MB"):
            found.append(f"{figure.title}: {more:.2f}" + (" — grows" if more > GROWS else ""))
    return found
