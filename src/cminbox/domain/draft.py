"""A draft: what an operator is typing to one item. It survives anything that happens to the process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Belongs to an item and an operator. ``cursor`` counts characters from the start of the text."""

    item: int
    operator: str
    text: str
    updated_at: datetime
    snippet: str | None = None
    cursor: int = 0
