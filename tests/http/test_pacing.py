"""RELIABILITY check 21 and §3.3: waits that a server names, back-off, breaker."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cminbox.domain.pacing import (
    LONGEST_WAIT,
    OPEN_AFTER,
    OPEN_FOR,
    SHORTEST_WAIT,
    Breaker,
    Circuit,
    full_jitter,
    parse_retry_after,
    wait_before,
    wait_from_headers,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EPOCH = NOW.timestamp()


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", 120), (" 7 ", 7), ("0", 1), ("-1", 1), ("-inf", 1), ("1.5", 1.5), ("0.25", 1), ("1e99", 3600),
        ("inf", 3600), ("1e2", 100), ("86400", 3600), ("9" * 90, 3600), ("1500ms", 1.5), ("1m30s", 90),
        ("2h", 3600), ("5S", 5), (f"{EPOCH + 90:.0f}", 90), (f"{EPOCH + 90:.3f}", 90),
        (f"{(EPOCH + 90) * 1000:.0f}", 90), (f"{EPOCH - 9:.0f}", 1), ("Fri, 20 Nov 2026 12:02:00 GMT", 120),
        ("Friday, 20-Nov-26 12:02:00 GMT", 120), ("Fri Nov 20 12:02:00 2026", 120),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1), ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("Fri, 20 Nov 2026 13:02:00 +0100", 120), ("2026-11-20T12:02:00Z", 120),
        ("2026-11-20T13:02:00.5+01:00", 120.5), ("2026-11-20 12:02:00", 120), ("0001-01-01T00:00:00+14:00", 1),
        ("9999-12-31T23:59:59-14:00", 3600),
    ],
)  # fmt: skip
def test_wait_in_every_shape(value: str, wait: float) -> None:
    got = parse_retry_after(value, NOW)
    assert got is not None and got == pytest.approx(wait, abs=0.01)


@pytest.mark.parametrize("value", ["", " ", "nan", "soon", "ms", "1x", "Fri, 99 Nov 2026", "1" * 101, "\x00", "--1"])
def test_what_says_nothing_is_none(value: str) -> None:
    assert parse_retry_after(value, NOW) is None


@given(
    st.text(max_size=120)
    | st.floats().map(str)
    | st.integers().map(str)
    | st.datetimes(timezones=st.timezones() | st.none()).map(lambda moment: moment.isoformat())
    | st.datetimes(min_value=datetime(1900, 1, 1)).map(lambda moment: format_datetime(moment.replace(tzinfo=UTC)))
)
def test_any_text_gives_a_wait_within_bounds_or_none(value: str) -> None:
    wait = parse_retry_after(value, NOW)
    assert wait is None or SHORTEST_WAIT <= wait <= LONGEST_WAIT


@given(st.integers(1, 3599))
def test_every_shape_means_the_same(seconds: int) -> None:
    moment = NOW + timedelta(seconds=seconds)
    shapes = [
        str(seconds),
        f"{seconds}.0",
        f"{seconds * 1000}ms",
        moment.isoformat(),
        format_datetime(moment, usegmt=True),
    ]
    shapes += [str(int(moment.timestamp())), str(int(moment.timestamp() * 1000))]
    assert {parse_retry_after(shape, NOW) for shape in shapes} == {float(seconds)}


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "30", "X-RateLimit-Reset": "99"}, 30),
        ({"retry-after": "nan", "x-ratelimit-reset": "99"}, 99),
        ({"X-RETRY-AFTER": "5"}, 5),
        ({"retry-after-ms": "2500"}, 2.5),
        ({"retry-after-ms": "-5", "retry-after": "4"}, 4),
        ({"X-RateLimit-Reset-After": "1.2", "X-RateLimit-Reset": f"{EPOCH + 50}"}, 1.2),
        ({"X-RateLimit-Reset": "2026-11-20T12:01:00.000Z"}, 60),
        ({"x-rate-limit-reset": f"{EPOCH + 50:.0f}"}, 50),
        ({"RateLimit-Reset": "12"}, 12),
        ({"RateLimit": '"default";r=0;t=33'}, 33),
        ({"RateLimit": "limit=100, remaining=0, reset=34"}, 34),
        ({"RateLimit": "nothing", "ratelimit-reset": "35"}, 35),
        ({}, None),
        ({"date": "Fri, 20 Nov 2026 12:02:00 GMT"}, None),
    ],
)
def test_headers(headers: dict[str, str], wait: float | None) -> None:
    assert wait_from_headers(headers, NOW) == (None if wait is None else pytest.approx(wait))


@given(st.integers(-5, 10_000), st.floats(0, 1, exclude_max=True), st.floats(0.1, 60), st.floats(1, 3600))
def test_full_jitter_stays_below_its_ceiling(attempt: int, chance: float, base: float, cap: float) -> None:
    wait = full_jitter(attempt, base, cap, lambda: chance)
    assert 0 <= wait <= cap and math.isfinite(wait)
    assert wait <= base * 2.0 ** min(max(attempt, 0), 100)


@given(st.integers(0, 100), st.floats(0, 1, exclude_max=True), st.none() | st.floats(1, 3600))
def test_wait_before_a_try_keeps_the_servers_wish(attempt: int, chance: float, least: float | None) -> None:
    wait = wait_before(attempt, lambda: chance, least=least)
    assert max(SHORTEST_WAIT, least or 0) <= wait <= LONGEST_WAIT


def test_back_off_grows_to_a_quarter_of_an_hour() -> None:
    assert [wait_before(n, lambda: 0.999) for n in (0, 1, 2)] == pytest.approx([2, 4, 8], rel=0.01)
    assert wait_before(20, lambda: 0.999) == pytest.approx(900, rel=0.01)


def failing(times: int, now: datetime = NOW) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker = breaker.sending(now).failed(now)
    return breaker


def test_breaker_opens_after_five_and_lets_one_probe_through() -> None:
    assert failing(4).allows(NOW)
    breaker = failing(5)
    assert breaker.circuit is Circuit.OPEN and not breaker.allows(NOW + timedelta(seconds=59))
    later = NOW + OPEN_FOR
    assert breaker.allows(later)
    probing = breaker.sending(later)
    assert probing.circuit is Circuit.HALF_OPEN and not probing.allows(later), "one probe, no second"
    assert probing.failed(later).circuit is Circuit.OPEN and not probing.failed(later).allows(later)
    assert probing.succeeded() == Breaker()


def test_success_in_between_starts_the_count_anew() -> None:
    assert failing(4).succeeded().failed(NOW).allows(NOW)


def test_probe_that_was_killed_does_not_block_for_ever() -> None:
    probing = failing(5).sending(NOW + OPEN_FOR)
    assert probing.allows(NOW + OPEN_FOR * 2)


def test_late_failure_does_not_prolong_the_pause() -> None:
    breaker = failing(5).failed(NOW + timedelta(seconds=30))
    assert breaker.allows(NOW + OPEN_FOR)


def test_refused_credentials_wait_for_a_person() -> None:
    breaker = failing(2).refused()
    for _ in range(3):
        breaker = breaker.sending(NOW + timedelta(days=400)).failed(NOW).succeeded()
        assert not breaker.allows(NOW + timedelta(days=400))
    assert breaker.cleared().allows(NOW)


def test_clock_set_back_does_not_hold_the_pause() -> None:
    assert failing(5, NOW + timedelta(days=1)).allows(NOW)


steps = st.lists(
    st.tuples(st.sampled_from(["ask", "fail", "succeed", "refuse", "clear"]), st.integers(0, 90)), max_size=60
)


@given(steps)
def test_breaker_holds_what_it_promises(walk: list[tuple[str, int]]) -> None:
    breaker, now = Breaker(), NOW
    blocked, in_a_row, probe_at = False, 0, None
    for step, seconds in walk:
        now += timedelta(seconds=seconds)
        if step == "ask":
            if breaker.allows(now):
                if breaker.circuit is not Circuit.CLOSED:
                    assert probe_at is None or now - probe_at >= OPEN_FOR, "at most one probe a minute"
                    probe_at = now
                breaker = breaker.sending(now)
        elif step == "fail":
            breaker, in_a_row = breaker.failed(now), in_a_row + 1
        elif step == "succeed":
            breaker, in_a_row, probe_at = breaker.succeeded(), 0, None
        elif step == "refuse":
            breaker, blocked = breaker.refused(), True
        else:
            breaker, blocked, in_a_row, probe_at = breaker.cleared(), False, 0, None
        if blocked:
            assert not breaker.allows(now + timedelta(days=9))
        elif in_a_row < OPEN_AFTER:
            assert breaker.allows(now)
        else:
            assert breaker.allows(now + OPEN_FOR), "never shut for longer than its time"
