"""Durations as people write them in configuration and on the command line: ``10s``, ``30m``, ``4h``, ``2d``."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_WHOLE = re.compile(r"(?:\d{1,9}[smhd])+")
_PART = re.compile(r"(\d{1,9})([smhd])")
ALLOWED = "a duration such as 10s, 30m, 4h, 7d or 1h30m"
LONGEST = timedelta(days=36500)


def parse_duration(text: str) -> timedelta:
    """The duration; a day is 24 hours. ValueError says what is allowed."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"must be {ALLOWED}")
    duration = sum((timedelta(seconds=int(n) * _UNITS[unit]) for n, unit in _PART.findall(text)), timedelta())
    if duration > LONGEST:
        raise ValueError("must not be longer than a hundred years")
    return duration
