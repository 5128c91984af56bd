"""The clock and the time zone. Deadlines and the order of the log rest on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cminbox.cli.examine import Finding, State
from cminbox.domain.config import Config

_MADE = datetime(2026, 1, 1, tzinfo=UTC)
"""This program is not older."""
_END = datetime(2100, 1, 1, tzinfo=UTC)
_SLACK = timedelta(minutes=1)


def findings(config: Config | None) -> Iterator[Finding]:
    """Whether the time can be the time."""
    now = datetime.now(UTC)
    if not _MADE <= now < _END:
        yield Finding("clock", State.BAD, f"says {now:%Y-%m-%d %H:%M} UTC: set it (timedatectl set-ntp true)")
        return
    last = _last_event(config) if config else None
    if last is not None and last > now + _SLACK:
        yield Finding("clock", State.BAD, f"is behind the log, whose last line is of {last:%Y-%m-%d %H:%M} UTC: set it")
        return
    zone = config.operator.timezone if config else None
    here = now.astimezone(ZoneInfo(zone)) if zone else now.astimezone()
    yield Finding("clock", State.OK, f"{here:%Y-%m-%d %H:%M} in {zone or here.tzname() or 'the system zone'}")


def _last_event(config: Config) -> datetime | None:
    from cminbox.domain.errors import CminboxError
    from cminbox.store.sqlite import open_reader, path_of

    if not path_of(config.store_url).exists():
        return None
    try:
        with open_reader(config.store_url) as reader:
            events = reader.last_events(limit=1)
    except CminboxError:
        return None
    return datetime.fromisoformat(events[0].at) if events else None
