"""Short and honest times for narrow columns: how old something is, how long is left. Instants are aware datetimes."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Final

CELLS: Final = 5
"""No age and no time left is wider."""

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEK: Final = timedelta(days=7)
_TEN_MONTHS: Final = timedelta(days=300)  # nearer than that, a day without its year cannot be mistaken


def age(instant: datetime, now: datetime, tz: tzinfo) -> str:
    """How long ago ``instant`` was: ``now``, ``4m``, ``3h``, ``2d``; after a week the day in ``tz``, ``14Nov``, after
    ten months the year. Full units only: ``1h`` is 60 to 119 minutes. What lies ahead (a clock is wrong) has a ``+``.
    """
    passed = now - instant
    if passed < timedelta(0):
        ahead = _units(-passed)
        return ahead if ahead == "now" else f"+{ahead}"
    if passed < _WEEK:
        return _units(passed)
    there = _there(instant, tz)
    return f"{there.day}{_MONTHS[there.month - 1]}" if passed < _TEN_MONTHS else f"{there.year}"


def left(due: datetime, now: datetime) -> str:
    """How long is left until ``due``: ``18m``, ``3h``; ``-12m`` once it has passed, ``now`` within a minute."""
    remains = due - now
    if remains >= timedelta(0):
        return _units(remains)
    over = _units(-remains)
    return over if over == "now" else f"-{over}"


def day(instant: datetime, now: datetime, tz: tzinfo) -> str:
    """The day of ``instant`` in ``tz``, where there is room: ``14 Nov``, with its year if that is not this one."""
    there = _there(instant, tz)
    short = f"{there.day} {_MONTHS[there.month - 1]}"
    return short if there.year == _there(now, tz).year else f"{short} {there.year}"


def _there(instant: datetime, tz: tzinfo) -> datetime:
    try:
        return instant.astimezone(tz)
    except OverflowError:  # the year 1 or 9999, as some platforms write "never"
        return instant


def _units(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes}m"
    if minutes < 24 * 60:
        return f"{minutes // 60}h"
    days = span.days
    return f"{days}d" if days < 1000 else f"{min(days // 365, 99)}y"
