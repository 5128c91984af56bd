from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cminbox.text.age import CELLS, age, day, left

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("passed", "shown"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(seconds=60), "1m"),
        (timedelta(minutes=59, seconds=59), "59m"),
        (timedelta(hours=1), "1h"),
        (timedelta(hours=23, minutes=59), "23h"),
        (timedelta(days=1), "1d"),
        (timedelta(days=6, hours=23), "6d"),
        (timedelta(days=7), "13Nov"),
        (timedelta(days=50), "1Oct"),
        (timedelta(days=299), "25Jan"),
        (timedelta(days=320), "2026"),
        (timedelta(days=400), "2025"),
        (timedelta(seconds=-30), "now"),
        (timedelta(minutes=-5), "+5m"),
        (timedelta(days=-3), "+3d"),
    ],
)
def test_age(passed: timedelta, shown: str) -> None:
    assert age(NOW - passed, NOW, UTC) == shown


@pytest.mark.parametrize(
    ("remains", "shown"),
    [
        (timedelta(minutes=18, seconds=30), "18m"),
        (timedelta(seconds=20), "now"),
        (timedelta(seconds=-20), "now"),
        (timedelta(minutes=-12), "-12m"),
        (timedelta(hours=3, minutes=59), "3h"),
        (timedelta(days=-2, hours=-3), "-2d"),
        (timedelta(days=-999), "-999d"),
        (timedelta(days=-2000), "-5y"),
    ],
)
def test_left(remains: timedelta, shown: str) -> None:
    assert left(NOW + remains, NOW) == shown


def test_the_day_is_the_operators() -> None:
    late = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
    assert age(late, NOW, UTC) == "1Nov"
    assert age(late, NOW, BERLIN) == "2Nov"
    assert day(late, NOW, BERLIN) == "2 Nov"
    assert day(datetime(2025, 12, 31, 23, 30, tzinfo=UTC), NOW, BERLIN) == "1 Jan"
    assert day(datetime(2025, 12, 31, 23, 30, tzinfo=UTC), NOW, UTC) == "31 Dec 2025"


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_never_wider_than_its_column(instant: datetime, now: datetime) -> None:
    for shown in (age(instant, now, UTC), left(instant, now)):
        assert 1 <= len(shown) <= CELLS
        assert shown.isascii()


def test_instants_at_the_ends_of_time() -> None:
    west = ZoneInfo("America/New_York")
    assert age(datetime.min.replace(tzinfo=UTC), NOW, west) == "1"
    assert day(datetime.min.replace(tzinfo=UTC), NOW, west) == "1 Jan 1"
    assert left(datetime.max.replace(tzinfo=UTC), NOW) == "99y"
