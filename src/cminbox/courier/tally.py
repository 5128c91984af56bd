"""What came of the entries of a look or a file, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Tally:
    """What came of the entries of a look or a file."""

    added: int = 0
    edited: int = 0
    removed: int = 0
    unchanged: int = 0
    ours: int = 0
    aside: int = 0
    awaited: int = 0
    """Left for the next look: it may be an answer of ours whose sending ended unclear."""

    @classmethod
    def sum(cls, *parts: Tally) -> Tally:
        """All of them together."""
        return cls(*(sum(getattr(part, one.name) for part in parts) for one in fields(cls)))
