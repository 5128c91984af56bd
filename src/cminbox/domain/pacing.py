"""When to ask again: what a server says (Retry-After in every shape), back-off with full jitter, the breaker.

Pure: time and chance are arguments. Durations are seconds as float, moments are aware datetimes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

SHORTEST_WAIT = 1.0
LONGEST_WAIT = 3600.0
BACKOFF_BASE = 2.0
BACKOFF_CAP = 900.0

OPEN_AFTER = 5
OPEN_FOR = timedelta(seconds=60)

_EPOCH_SECONDS = 1e9
"""A number from here on (2001) is a moment, not a wait: no server asks for 31 years of silence."""
_EPOCH_MILLISECONDS = 1e11
"""A number from here on (1973 in milliseconds, the year 5138 in seconds) counts milliseconds."""
_LONGEST_VALUE = 100

_WAIT_HEADERS = (
    "retry-after-ms",
    "retry-after",
    "x-retry-after",
    "x-ratelimit-reset-after",
    "ratelimit",
    "ratelimit-reset",
    "x-ratelimit-reset",
    "x-rate-limit-reset",
)
"""Best first. Retry-After: RFC 9110 §10.2.3; RateLimit: draft-ietf-httpapi-ratelimit-headers; the X- ones are custom
of Discord (seconds), GitHub and Mastodon (epoch seconds, ISO instant) and X (``x-rate-limit-reset``, epoch seconds)."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h)){1,4}")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_RATELIMIT_RESET = re.compile(r"(?:^|[;,\s])(?:t|reset)=(\d{1,15})")


def clamp_wait(seconds: float) -> float:
    """The wait within 1 second and 1 hour: a server can neither make us hammer it nor silence us for ever."""
    return min(LONGEST_WAIT, max(SHORTEST_WAIT, seconds))


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait, within 1 s and 1 h, or None where the value says nothing (empty, ``nan``, not readable).

    Reads seconds (whole or not), moments as epoch seconds or milliseconds, an HTTP-date, an ISO 8601 instant, and
    durations with units (``1500ms``, ``1m30s``). What lies in the past or below zero becomes the shortest wait.
    """
    text = value.strip()
    if not text or len(text) > _LONGEST_VALUE:
        return None
    seconds = _number(text, now)
    if seconds is None and _DURATION.fullmatch(text.lower()):
        seconds = sum(float(n) * _UNITS[unit] for n, unit in _DURATION_PART.findall(text.lower()))
    if seconds is None:
        moment = _moment(text)
        seconds = None if moment is None else (moment - now).total_seconds()
    if seconds is None or math.isnan(seconds):
        return None
    return clamp_wait(seconds)


def wait_from_headers(headers: Mapping[str, str], now: datetime) -> float | None:
    """The wait that the headers of an answer ask for (names in any case), in seconds, or None."""
    lower = {name.lower(): value for name, value in headers.items()}
    for name in _WAIT_HEADERS:
        value = lower.get(name)
        if value is None:
            continue
        if name == "retry-after-ms":
            value = f"{value.strip()}ms"
        elif name == "ratelimit":
            found = _RATELIMIT_RESET.search(value[:500])
            value = found.group(1) if found else ""
        wait = parse_retry_after(value, now)
        if wait is not None:
            return wait
    return None


def full_jitter(attempt: int, base: float, cap: float, rnd: Callable[[], float]) -> float:
    """Seconds between 0 and ``min(cap, base * 2**attempt)``, evenly spread; ``attempt`` counts from 0.

    ``rnd`` gives a number in [0, 1). Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    return rnd() * min(cap, base * 2.0 ** min(max(attempt, 0), 63))


def wait_before(attempt: int, rnd: Callable[[], float], *, least: float | None = None) -> float:
    """Seconds before the next try: full jitter (2 s doubling, cap 15 min), never less than what the server asked for.

    ``least`` is the server's wish; up to a tenth is added to it, so that many of us do not come back at once.
    """
    wait = full_jitter(attempt, BACKOFF_BASE, BACKOFF_CAP, rnd)
    if least is not None:
        wait = max(wait, least + rnd() * least / 10)
    return clamp_wait(wait)


class Circuit(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    BLOCKED = "blocked"
    """The platform refused our credentials: only a person can mend that."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """Keeps a failing channel from being asked over and over (Nygard, *Release It!*, "Circuit Breaker").

    Five failures in a row open it for 60 s, then one probe may go out; its success closes the breaker, its failure
    opens it for another 60 s. A refused credential blocks it until a person acts. ``until`` is when an open breaker
    lets the probe go, or when a probe of which nothing was heard counts as lost (its process may have been killed).
    """

    circuit: Circuit = Circuit.CLOSED
    failures: int = 0
    until: datetime | None = None

    def allows(self, now: datetime) -> bool:
        """Whether a request may go out now. Whoever sends it calls :meth:`sending` first."""
        if self.circuit is Circuit.CLOSED:
            return True
        return self.circuit is not Circuit.BLOCKED and self._due(now)

    def sending(self, now: datetime) -> Breaker:
        """A request goes out: when the breaker was due for its probe, this is the one."""
        if self.circuit in (Circuit.OPEN, Circuit.HALF_OPEN) and self._due(now):
            return replace(self, circuit=Circuit.HALF_OPEN, until=now + OPEN_FOR)
        return self

    def succeeded(self) -> Breaker:
        """The server answered as it should. A blocked breaker stays so: another request may need no credential."""
        return self if self.circuit is Circuit.BLOCKED else Breaker()

    def failed(self, now: datetime) -> Breaker:
        """The server could not be reached or failed. A late failure does not prolong the pause."""
        failures = self.failures + 1
        if self.circuit is Circuit.HALF_OPEN or (self.circuit is Circuit.CLOSED and failures >= OPEN_AFTER):
            return Breaker(Circuit.OPEN, failures, now + OPEN_FOR)
        return replace(self, failures=failures)

    def refused(self) -> Breaker:
        """The credential was refused (401, 403)."""
        return Breaker(Circuit.BLOCKED, self.failures + 1)

    def cleared(self) -> Breaker:
        """A person acted: a new token, or "try again"."""
        return Breaker()

    def _due(self, now: datetime) -> bool:
        # a clock that was set back must not hold the pause for longer than it can last
        return self.until is None or now >= self.until or self.until - now > OPEN_FOR


def _number(text: str, now: datetime) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if number >= _EPOCH_MILLISECONDS:
        return number / 1000 - now.timestamp()
    if number >= _EPOCH_SECONDS:
        return number - now.timestamp()
    return number


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
            # "-0000" and a missing zone: UTC is the only sensible reading for a server's clock
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
