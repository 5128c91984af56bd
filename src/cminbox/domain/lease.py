"""Leases of processes: one courier a store, told apart by a fence.

Each holder gets a higher fence than the one before; whoever writes with an old fence is refused inside the same
transaction (Kleppmann, "How to do distributed locking", 2016: fencing tokens). Time is the store's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ProcessLease:
    """Who holds a named duty (such as ``sync``), with which fence, and until when."""

    name: str
    owner: str
    until: datetime
    fence: int

    def held(self, now: datetime) -> bool:
        """Whether the holder's time still runs."""
        return self.until > now
