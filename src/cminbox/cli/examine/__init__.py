"""What ``cminbox doctor`` looks at, a file each. Every ``findings`` yields what it finds, in words for a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it stands, and what to do where it stands badly."""

    check: str
    state: State
    text: str
