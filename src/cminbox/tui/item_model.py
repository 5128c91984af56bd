"""The open item: what is read for it, as plain values. A thread of ten thousand costs what a screenful costs."""

from __future__ import annotations

from dataclasses import dataclass

from cminbox.domain.draft import Draft
from cminbox.domain.event import Event
from cminbox.domain.item import FeedRow, Item, ItemLease
from cminbox.domain.outgoing import Outgoing
from cminbox.domain.thread import ThreadEntry, arranged
from cminbox.store.protocol import Reader

AROUND = 30
"""So many messages of the thread are read before and after the open one."""
EARLIER = 6
LOG = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """Everything the item pane shows."""

    item: Item
    entries: tuple[tuple[ThreadEntry, int], ...]
    """(message, depth) of the thread around the item, without the item itself where it stands alone."""
    thread_size: int
    first: int
    """How many messages of the thread stand before the first of ``entries``."""
    place: int
    """The item's own place in the thread, from 0."""
    neighbours: tuple[int | None, int | None]
    """Keys of the messages before and after the item in the thread."""
    thread_head: int
    acts: tuple[Outgoing, ...]
    draft: Draft | None
    lease: ItemLease | None
    earlier: tuple[FeedRow, ...]
    log: tuple[Event, ...]
    raw: str


def read_page(reader: Reader, item_id: int, operator: str) -> ItemPage | None:
    """One consistent reading of the item and what belongs to it; None where it is gone."""
    item = reader.item(item_id)
    if item is None:
        return None
    order = arranged(reader.thread_nodes(item.thread))
    place = next((i for i, (key, _) in enumerate(order) if key == item_id), 0)
    first = max(0, place - AROUND)
    shown = order[first : place + AROUND + 1]
    depths = dict(shown)
    entries = reader.thread_entries([key for key, _ in shown])
    items = [key for key, _ in order if key > 0]
    here = items.index(item_id) if item_id in items else 0
    origin = reader.origin(item_id)
    return ItemPage(
        item=item,
        entries=tuple((entry, depths[entry.key]) for entry in entries),
        thread_size=len(order),
        first=first,
        place=place,
        neighbours=(items[here - 1] if here else None, items[here + 1] if here + 1 < len(items) else None),
        thread_head=reader.thread_head(item.thread),
        acts=tuple(reader.outgoing_of(item_id)),
        draft=reader.draft(item_id, operator),
        lease=reader.item_lease(item_id),
        earlier=tuple(reader.author_items(item_id, EARLIER)),
        log=tuple(reader.last_events(item=item_id, limit=LOG)),
        raw="" if origin is None else str(origin.raw),
    )
