"""The first screen, before Textual is imported: the newest page read straight from the store, drawn with the same rows.

It draws what the main screen will draw at the same size, so that Textual's first frame has almost nothing to send. It
imports neither Textual nor Rich nor asyncio.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from cminbox.domain.config import Config
from cminbox.domain.errors import StoreError
from cminbox.domain.item import FeedRow
from cminbox.domain.view import view
from cminbox.store.protocol import Place, Reader
from cminbox.store.sqlite import open_reader
from cminbox.tui import feed_row, layout, status
from cminbox.tui.feed_model import first_page
from cminbox.tui.overview import Overview, read_overview
from cminbox.tui.runs import Line, Run, between, filled, own
from cminbox.tui.terminal.first_paint import FirstPaint
from cminbox.tui.theme import VOICES, Depth, Theme
from cminbox.tui.zone import zone_of


def paint(config: Config, theme: Theme, depth: Depth, store: str | Path) -> FirstPaint:
    """Takes the terminal and paints the inbox as it stands in the store; bars alone where there is none yet."""
    painted = FirstPaint()
    width, height = painted.size
    rows: list[FeedRow] = []
    overview, count = Overview({}, (), {}, None), 0
    with suppress(StoreError), open_reader(store) as reader:
        places, rows, count, overview = _read(reader, config.operator.name)
        del places
    zone = zone_of(config.operator.timezone)
    shown = _screen(config, rows, count, overview, (width, height), datetime.now(UTC), zone)
    painted.show(shown, {voice: theme.sgr(voice, depth) for voice in VOICES}, "text")
    return painted


def _read(reader: Reader, operator: str) -> tuple[list[Place], list[FeedRow], int, Overview]:
    selection = view("inbox", operator).selection
    places, rows, total = first_page(reader, selection)
    return places, rows, total if total is not None else len(places), read_overview(reader, operator)


def _screen(
    config: Config,
    rows: list[FeedRow],
    count: int,
    overview: Overview,
    size: tuple[int, int],
    now: datetime,
    zone: tzinfo,
) -> Iterator[Line]:
    """Every line of the screen, from the top."""
    width, height = size
    configured = tuple(channel.name for channel in config.channels)
    me = config.operator.name
    wide = layout.is_wide(width)
    feed_width = layout.feed_width(width)
    look = feed_row.Look(feed_width, layout.two_lines(width, height), now, zone, me, feed_row.SIGNS)
    yield _bar(*status.top("inbox", count, 0, overview), width)
    lines = [line for i, row in enumerate(rows) for line in feed_row.row_lines(row, look, cursor=i == 0)]
    for y in range(height - 3):
        left = lines[y] if y < len(lines) else filled([], feed_width, "text")
        if not wide:
            yield left
        else:
            right = "bar" if y == 0 else "text"
            yield [*left, Run(own("│"), "rule"), *filled([], width - feed_width - 1, right)]
    yield _bar(*status.bottom(1 if rows else 0, count, me, overview, configured), width)
    yield filled([], width, "text")


def _bar(start: Line, end: Line, width: int) -> Line:
    edge = [Run(own(" "), "bar")]
    return between([*edge, *start], [*end, *edge], width, "bar")
