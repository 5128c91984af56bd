"""The feed's memory: ids in order, a few hundred around the cursor, and the rows that show. No widget, no SQL.

It holds a window of places (keyset pages) that grows at both ends as the cursor comes near; what lies before and
behind is known only by number, from kept tallies. So a million items cost what fifty cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cminbox.domain.item import FeedRow, Status
from cminbox.domain.view import Selection
from cminbox.store.protocol import Place, Reader, Store

PAGE = 100
"""Places read at once."""
NEAR = 60
"""So close to an end of the window the next page is fetched."""
MOST = 4_000
"""Places kept at most; what is far from the cursor is let go."""
ROWS = 2_000
"""Rows kept at most."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An item that was taken out of the window, and where it stood."""

    place: Place
    index: int
    after: int | None


class FeedModel:
    """One view's window. ``cursor`` and ``top`` are places in the window, so that nothing that arrives moves them."""

    def __init__(self, store: Store, selection: Selection) -> None:
        self.store = store
        self.selection = selection
        self.window: list[Place] = []
        self.rows: dict[int, FeedRow] = {}
        self.before = 0
        """How many items stand above the window."""
        self.at_start = True
        """Nothing stands above the window. ``before`` is a number to show: it may be off while others work."""
        self.total: int | None = None
        self.at_end = True
        self.cursor = 0
        self.top = 0
        self.arrived: set[int] = set()
        self._loading = False

    # -- where we are ----------------------------------------------------------------------------------

    @property
    def current(self) -> int | None:
        """The id under the cursor."""
        return self.window[self.cursor].id if 0 <= self.cursor < len(self.window) else None

    @property
    def position(self) -> int:
        """The cursor's number in the whole view, from 1; 0 in an empty one."""
        return self.before + self.cursor + 1 if self.window else 0

    @property
    def count(self) -> int:
        """How many the view holds, as far as it is known."""
        known = self.before + len(self.window)
        return known if self.total is None or (self.at_end and self.at_start) else max(self.total, known)

    def row(self, index: int) -> FeedRow | None:
        """The row at a place in the window, if it is there and was read already."""
        if 0 <= index < len(self.window):
            return self.rows.get(self.window[index].id)
        return None

    # -- reading ---------------------------------------------------------------------------------------

    async def load_first(self) -> None:
        """The view from its beginning."""
        places, rows, total = await self.store.read(lambda r: _page(r, self.selection))
        self.show_first(places, rows, total)

    def show_first(self, places: list[Place], rows: Iterable[FeedRow], total: int | None) -> None:
        """Takes what was read elsewhere as the beginning of the view."""
        self._set(places, rows, total)
        self.before, self.at_start, self.at_end = 0, True, len(places) < PAGE
        self.cursor = self.top = 0
        self.arrived.clear()

    async def load_last(self) -> None:
        """The end of the view, with the cursor on its last item."""
        places, rows, total = await self.store.read(lambda r: _page(r, self.selection, last=True))
        self._set(places, rows, total)
        self.at_start, self.at_end = len(places) < PAGE, True
        self.before = 0 if self.at_start or total is None else max(0, total - len(places))
        self.cursor = max(0, len(places) - 1)

    async def reload(self, keep: int | None = None) -> None:
        """Reads again around the cursor, so that the item under it stays where it is; it goes on to the next one
        where that item is no longer in the view."""
        here = self.window[self.cursor] if self.window and self.cursor < len(self.window) else None
        if here is None:
            await self.load_first()
            return
        offset, number = self.cursor - self.top, self.before + self.cursor
        wanted = keep if keep is not None else here.id

        def read(reader: Reader) -> tuple[list[Place], list[Place], Place | None, list[FeedRow], int | None]:
            anchor = reader.place(self.selection, wanted) or here
            above = reader.page(self.selection, before=anchor, limit=PAGE)
            below = reader.page(self.selection, after=anchor, limit=PAGE)
            still = reader.place(self.selection, anchor.id)
            places = [*above, *([still] if still else []), *below]
            rows = reader.feed_rows([p.id for p in places])
            return above, below, still, rows, reader.tally(self.selection)

        above, below, still, rows, total = await self.store.read(read)
        self._set([*above, *([still] if still else []), *below], rows, total)
        self.at_end = len(below) < PAGE
        self.at_start = len(above) < PAGE
        self.before = 0 if self.at_start else max(0, number - len(above))
        if self.at_end and not self.at_start and total is not None:
            self.before = max(0, total - len(self.window))
        self.cursor = min(len(above), max(0, len(self.window) - 1))
        self.top = max(0, self.cursor - offset)
        self.arrived.clear()

    async def extend(self) -> bool:
        """Fetches the next page where the cursor is near an end of the window. Whether anything came."""
        if self._loading or not self.window:
            return False
        self._loading = True
        try:
            if not self.at_end and len(self.window) - self.cursor < NEAR:
                return await self._extend_down()
            if not self.at_start and self.cursor < NEAR:
                return await self._extend_up()
            return False
        finally:
            self._loading = False

    async def _extend_down(self) -> bool:
        last = self.window[-1]
        places, rows, total = await self.store.read(lambda r: _page(r, self.selection, after=last))
        if self.window and self.window[-1] == last:
            self.window.extend(places)
            self._let_in(places)
            self._keep_rows(rows)
            self.at_end, self.total = len(places) < PAGE, total
            surplus = len(self.window) - MOST
            self.at_start = self.at_start and surplus <= 0
            if surplus > 0 and self.cursor > surplus + NEAR:
                del self.window[:surplus]
                self.before += surplus
                self.cursor -= surplus
                self.top = max(0, self.top - surplus)
        return bool(places)

    async def _extend_up(self) -> bool:
        first = self.window[0]
        places, rows, total = await self.store.read(lambda r: _page(r, self.selection, before=first))
        if self.window and self.window[0] == first:
            self.window[:0] = places
            self._let_in(places)
            self._keep_rows(rows)
            self.total = total
            self.cursor += len(places)
            self.top += len(places)
            self.before = max(0, self.before - len(places))
            self.at_start = len(places) < PAGE
            self.before = 0 if self.at_start else self.before
            if len(self.window) > MOST and self.cursor < MOST - NEAR:
                del self.window[MOST:]
                self.at_end = False
        return bool(places)

    async def reread(self, indexes: Sequence[int]) -> list[int]:
        """Reads the rows at these places again. Which of them look different now."""
        ids = [self.window[i].id for i in indexes if 0 <= i < len(self.window)]
        if not ids:
            return []
        fresh = {row.id: row for row in await self.store.read(lambda r: r.feed_rows(ids))}
        changed = [i for i in indexes if 0 <= i < len(self.window) and self._differs(self.window[i].id, fresh)]
        self.rows.update(fresh)
        return changed

    def _differs(self, item_id: int, fresh: dict[int, FeedRow]) -> bool:
        return item_id in fresh and self.rows.get(item_id) != fresh[item_id]

    async def notice(self, moves: Mapping[int, Status | None]) -> None:
        """Counts arrivals: of the items that changed (with the status that they had before; None: they are new),
        those that came into the view by it and are not in the window. What left again is no arrival any more."""
        known = {place.id for place in self.window}
        came = [i for i, before in moves.items() if i not in known and self._was_outside(before)][:500]
        asked = {*came, *(self.arrived & moves.keys())}
        if asked:
            there = await self.store.read(lambda r: {i for i in asked if r.place(self.selection, i) is not None})
            self.arrived = (self.arrived - asked) | there

    def _was_outside(self, before: Status | None) -> bool:
        statuses = self.selection.statuses
        return before is None or (statuses is not None and before not in statuses)

    async def count_again(self) -> None:
        """The kept tally of the view."""
        self.total = await self.store.read(lambda r: r.tally(self.selection))

    # -- moving ----------------------------------------------------------------------------------------

    def move(self, by: int) -> bool:
        """Moves the cursor as far as the window goes. Whether it moved."""
        target = min(max(0, self.cursor + by), max(0, len(self.window) - 1))
        moved = target != self.cursor
        self.cursor = target
        return moved

    def scroll_to_cursor(self, height: int, margin: int = 2) -> bool:
        """Moves the top so that the cursor shows, with some rows of context. Whether the top moved."""
        before = self.top
        margin = min(margin, max(0, (height - 1) // 2))
        self.top = min(self.top, max(0, self.cursor - margin))
        lowest = self.cursor + margin - height + 1
        if lowest > self.top:
            self.top = min(lowest, max(0, len(self.window) - height))
        self.top = max(0, min(self.top, len(self.window) - height))
        return self.top != before

    def remove(self, item_id: int) -> Taken | None:
        """Takes an item out of the window; the cursor stands on the one that came after. None: it was not there."""
        for index, place in enumerate(self.window):
            if place.id == item_id:
                taken = Taken(place, index, self.window[index - 1].id if index else None)
                del self.window[index]
                if self.total is not None:
                    self.total = max(0, self.total - 1)
                if index < self.cursor:
                    self.cursor -= 1
                if index < self.top:
                    self.top -= 1
                self.cursor = max(0, min(self.cursor, len(self.window) - 1))
                return taken
        return None

    def put_back(self, taken: Taken) -> None:
        """Puts an item back where it was taken from; the row under the cursor stays where it is."""
        ids = [place.id for place in self.window]
        if taken.place.id in ids:
            return
        index = ids.index(taken.after) + 1 if taken.after in ids else min(taken.index, len(ids))
        self.window.insert(index, taken.place)
        if self.total is not None:
            self.total += 1
        if len(ids) and index <= self.cursor:
            self.cursor += 1
            self.top += 1

    def _set(self, places: list[Place], rows: Iterable[FeedRow], total: int | None) -> None:
        self.window, self.total = places, total
        self.rows = {row.id: row for row in rows}
        self._let_in(places)

    def _let_in(self, places: Iterable[Place]) -> None:
        """What stands in the window has arrived."""
        self.arrived.difference_update(place.id for place in places)

    def _keep_rows(self, rows: Iterable[FeedRow]) -> None:
        if len(self.rows) > ROWS:
            near = {p.id for p in self.window[max(0, self.cursor - ROWS // 4) : self.cursor + ROWS // 4]}
            self.rows = {i: row for i, row in self.rows.items() if i in near}
        self.rows.update((row.id, row) for row in rows)


def _page(
    reader: Reader,
    selection: Selection,
    *,
    after: Place | None = None,
    before: Place | None = None,
    last: bool = False,
) -> tuple[list[Place], list[FeedRow], int | None]:
    places = reader.page(selection, after=after, before=before, last=last, limit=PAGE)
    return places, reader.feed_rows([place.id for place in places]), reader.tally(selection)


first_page = _page
