"""Seeing what others do: the store's change number four times a second, and then only what shows.

Looking costs microseconds and sends nothing to the terminal. Arrivals become a number; rows that show are read again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from cminbox.domain.event import Event
from cminbox.domain.outgoing import Outgoing
from cminbox.store.protocol import Reader
from cminbox.tui.desk import Desk

EVERY = 0.25
"""Seconds between two looks."""
BATCH = 500


@dataclass(frozen=True, slots=True)
class Changes:
    """What was told in the log since the last look."""

    upto: int
    items: frozenset[int]
    news: tuple[tuple[str, Outgoing], ...]
    """(kind, act) of the operator's own answers: live, uncertain, failed."""
    more: bool


def read_changes(reader: Reader, after: int, operator: str) -> Changes:
    """Reads the log on from a line."""
    events = reader.events(after=after, limit=BATCH)
    items = frozenset(event.item for event in events if event.item is not None)
    news = [(event.kind, act) for event in events if (act := _own_act(reader, event, operator)) is not None]
    return Changes(events[-1].n if events else after, items, tuple(news), len(events) == BATCH)


def _own_act(reader: Reader, event: Event, operator: str) -> Outgoing | None:
    if event.kind not in ("live", "uncertain", "failed"):
        return None
    number = event.values().get("act")
    act = reader.outgoing(int(number)) if number is not None else None
    return act if act is not None and act.operator == operator else None


async def watch(desk: Desk) -> None:
    """Follows the store until it is cancelled."""
    store, operator = desk.ctx.store, desk.ctx.operator
    seen = await store.read(lambda r: r.head().n)
    version = -1
    while True:
        now = await store.version()
        if now != version:
            version = now
            changes = await store.read(partial(read_changes, after=seen, operator=operator))
            seen = changes.upto
            await follow(desk, changes)
            if changes.more:
                version = -1
                continue
        await asyncio.sleep(EVERY)


async def follow(desk: Desk, changes: Changes) -> None:
    """Rows that show, numbers, arrivals, the open item, and news of our own answers."""
    screen = desk.screen
    if desk.view not in desk.models:
        return
    if changes.items:
        await desk.model.notice(set(changes.items))
    await desk.model.count_again()
    if not desk.model.window and desk.model.arrived:
        await desk.show_arrivals()
        screen.moved()
    await desk.refresh_rows()
    page = screen.item.page
    if page is not None and screen.item_shows and page.item.id in changes.items:
        await desk.open_item(page.item.id)
    if screen.outbox.display:
        await screen.update_outbox()
    await screen.dashboard.update()
    for kind, act in changes.news:
        screen.teller.news(kind, act)
