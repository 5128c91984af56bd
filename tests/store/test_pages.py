"""Pages by key and kept tallies, against a plain sort and a plain count."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cminbox.store
from cminbox.domain.draft import Draft
from cminbox.domain.item import Author, Item, Post, Priority, Status
from cminbox.domain.outgoing import ActState
from cminbox.domain.text import Safe
from cminbox.domain.view import VIEWS, Order, Selection, view
from cminbox.store.protocol import Place, Reader
from cminbox.store.sqlite.aio import SqliteStore
from cminbox.store.sqlite.pages import page_sql
from tests.store.making import NOW, act, add, item, later, move, save, send

STATES = st.fixed_dictionaries(
    {
        "status": st.sampled_from(Status),
        "assignee": st.sampled_from([None, "mina", "jo"]),
        "seen": st.booleans(),
        "priority": st.sampled_from(Priority),
        # few instants, so that there are ties
        "created_at": st.integers(0, 3).map(later),
        "due_at": st.none() | st.integers(0, 2).map(later),
        "channel": st.sampled_from(["blog", "shop"]),
    }
)
SELECTIONS = st.builds(
    Selection,
    statuses=st.none() | st.frozensets(st.sampled_from(Status)),
    channel=st.sampled_from([None, "blog", "shop", "nowhere"]),
    assignee=st.sampled_from([None, "", "mina", "nobody"]),
    order=st.sampled_from(Order),
)
EVERY_VIEW = [
    replace(view(known.name, "mina").selection, order=order, channel=channel)
    for known in VIEWS
    for order in Order
    for channel in (None, "blog")
]


def chosen(selection: Selection, items: list[Item]) -> list[int]:
    """What a page should hold, by a plain filter and sort."""

    def fits(one: Item) -> bool:
        return (
            (selection.statuses is None or one.status in selection.statuses)
            and (selection.channel is None or one.channel == selection.channel)
            and (selection.assignee is None or (one.assignee or "") == selection.assignee)
        )

    def urgent(one: Item) -> Any:
        return (one.priority, one.due_at is None, one.due_at or NOW, one.created_at, one.id)

    def created(one: Item) -> Any:
        return (one.created_at, one.id)

    key = urgent if selection.order is Order.URGENT else created
    return [one.id for one in sorted(filter(fits, items), key=key, reverse=selection.order is Order.NEWEST)]


def walked(reader: Reader, selection: Selection, limit: int, *, up: bool) -> list[int]:
    """Every id of a selection, page by page, from the first or from the last."""
    found = list[int]()
    page = reader.page(selection, limit=limit, last=up)
    while page:
        ids = [place.id for place in page]
        found = [*ids, *found] if up else [*found, *ids]
        page = (
            reader.page(selection, before=page[0], limit=limit)
            if up
            else reader.page(selection, after=page[-1], limit=limit)
        )
    return found


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    first=st.lists(STATES, max_size=12),
    changes=st.lists(st.tuples(st.integers(0, 11), STATES), max_size=10),
    selections=st.lists(SELECTIONS, min_size=1, max_size=6),
    limit=st.integers(1, 5),
)
async def test_pages_and_tallies_are_those_of_a_plain_sort(
    store: SqliteStore,
    first: list[dict[str, Any]],
    changes: list[tuple[int, dict[str, Any]]],
    selections: list[Selection],
    limit: int,
) -> None:
    class Undo(Exception):
        pass

    def fn(tx: Any) -> None:
        items = add(tx, *[item(n, **state) for n, state in enumerate(first)])
        for which, state in changes:
            if items:
                at = which % len(items)
                # the channel of an item never changes
                items[at] = save(tx, replace(items[at], **state | {"channel": items[at].channel}))
        tx.settle()
        for selection in [*selections, *EVERY_VIEW]:
            wanted = chosen(selection, items)
            assert walked(tx, selection, limit, up=False) == wanted
            assert walked(tx, selection, limit, up=True) == wanted
            assert tx.tally(selection) == len(wanted)
            for one in items:
                place = tx.place(selection, one.id)
                assert (place is not None) == (one.id in wanted)
                if place is not None:
                    page = tx.page(selection, after=place, limit=100)
                    assert [p.id for p in page] == wanted[wanted.index(one.id) + 1 :]
        cells = Counter((i.status.value, i.channel, i.assignee or "", int(i.seen)) for i in items)
        kept = tx.db.execute("SELECT status, channel, assignee, seen, count FROM tally").fetchall()
        assert {tuple(row[:4]): row[4] for row in kept} == cells
        assert tx.channels_seen() == sorted({one.channel for one in items})
        raise Undo

    with pytest.raises(Undo):
        await store.write(fn)


async def test_a_page_goes_on_where_an_item_went_away_or_came_in(store: SqliteStore) -> None:
    added = await store.write(lambda tx: add(tx, *[item(n, created_at=later(n)) for n in range(10)]))
    inbox = view("inbox", "mina").selection
    page = await store.read(lambda r: r.page(inbox, limit=4))
    assert [p.id for p in page] == [1, 2, 3, 4]
    await store.write(lambda tx: save(tx, replace(added[3], status=Status.DONE)))
    await store.write(lambda tx: add(tx, item("new", created_at=later(-5))))
    assert [p.id for p in await store.read(lambda r: r.page(inbox, after=page[-1], limit=3))] == [5, 6, 7]
    assert [p.id for p in await store.read(lambda r: r.page(inbox, before=page[0], limit=3))] == [11]
    assert await store.read(lambda r: r.place(inbox, 4)) is None


async def test_filters_are_looked_at_while_walking(store: SqliteStore) -> None:
    [one, two, three, four] = await store.write(
        lambda tx: add(
            tx,
            item(1, text=Safe("Größe STRASSE naïve")),
            item(2, author=Author("99", Safe("zoë"), Safe("Жанна")), lang="de"),
            item(3, post=Post("p", Safe("Ångström")), lang="de-AT", edited_at=NOW, held=True),
            item(4, lang="den", removed_at=NOW),
        )
    )

    async def ids(**what: Any) -> list[int]:
        selection = Selection(order=Order.OLDEST, **what)
        places = await store.read(lambda r: r.page(selection))
        assert await store.read(lambda r: r.tally(selection)) is None
        for place in places:
            assert await store.read(lambda r, p=place: r.place(selection, p.id)) == place
        return [place.id for place in places]

    assert await ids(words=("grosse",)) == [1]
    assert await ids(words=("straße", "NAIVE")) == [1]
    assert await ids(words=("grosse", "absent")) == []
    assert await ids(words=("жанна",)) == [2]
    assert await ids(words=("angstrom",)) == [3]
    assert await ids(words=("%",)) == []
    assert await ids(author="ZOE") == [2]
    assert await ids(author="99") == [2]
    assert await ids(author="vera") == [1, 3, 4]
    assert await ids(lang="de") == [2, 3]
    assert await ids(flags=frozenset({"edited"})) == [3]
    assert await ids(flags=frozenset({"held", "edited"})) == [3]
    assert await ids(flags=frozenset({"removed"})) == [4]
    assert await ids(ids=(4, 2, 77)) == [2, 4]
    assert await ids(ids=()) == []

    def fn(tx: Any) -> None:
        move(tx, move(tx, send(tx, act(one, "k1")), ActState.SENDING), ActState.FAILED)
        send(tx, act(two, "k2", state=ActState.UNCERTAIN))
        tx.save_draft(Draft(item=four.id, operator="jo", text="x", updated_at=NOW))
        tx.save_draft(Draft(item=three.id, operator="jo", text="x", updated_at=NOW))

    await store.write(fn)
    assert await ids(flags=frozenset({"failed"})) == [1]
    assert await ids(flags=frozenset({"uncertain"})) == [2]
    assert await ids(flags=frozenset({"draft"})) == [3, 4]
    assert await ids(flags=frozenset({"draft", "held"})) == [3]
    assert await ids(flags=frozenset({"draft", "failed"})) == []
    drafted = Selection(flags=frozenset({"draft"}), order=Order.NEWEST)
    first = await store.read(lambda r: r.page(drafted, limit=1))
    assert [p.id for p in first] == [4]
    assert [p.id for p in await store.read(lambda r: r.page(drafted, after=first[0]))] == [3]
    assert [p.id for p in await store.read(lambda r: r.page(drafted, last=True, limit=1))] == [3]
    assert await store.read(lambda r: r.page(drafted, before=first[0])) == []


async def test_a_rolled_back_change_leaves_the_tallies(store: SqliteStore) -> None:
    [one] = await store.write(lambda tx: add(tx, item(1)))

    def fails(tx: Any) -> None:
        save(tx, replace(one, status=Status.DONE))
        raise ValueError

    with pytest.raises(ValueError):
        await store.write(fails)
    assert await store.read(lambda r: r.tally(view("inbox", "mina").selection)) == 1


async def test_every_page_walks_an_index_and_sorts_nothing(store: SqliteStore) -> None:
    conditions: list[dict[str, Any]] = [
        {}, {"lang": "de"}, {"author": "ana"}, {"words": ("late",)},
        {"flags": frozenset({"edited", "held", "removed"})},
    ]  # fmt: skip
    selections = {
        replace(known, assignee=assignee, **extra)
        for known in EVERY_VIEW
        for assignee in (known.assignee, None, "", "mina")
        for extra in conditions
    }
    places = {Order.URGENT: Place((1, 2, 3), 4), Order.NEWEST: Place((1,), 4), Order.OLDEST: Place((1,), 4)}

    def fn(reader: Any) -> None:
        for selection, backward in itertools.product(selections, (False, True)):
            for at in (None, places[selection.order]):
                sql, values = page_sql(selection, at, backward=backward)
                plan = [row[3] for row in reader.db.execute(f"EXPLAIN QUERY PLAN {sql}", (*values, 50))]
                assert plan
                for line in plan:
                    assert not line.startswith("SCAN"), (plan, sql)
                    assert "TEMP B-TREE" not in line, (plan, sql)
                for step in plan:
                    if step.startswith("SEARCH item USING"):
                        # every part of the range is sought, none is walked over
                        assert "INDEX item_" in step
                        assert "status=?" in step

    await store.read(fn)


async def test_the_other_queries_search_too(store: SqliteStore) -> None:
    """Every statement that a reader sends on its way is looked at: none may scan a table that grows."""
    seen = set[str]()
    [one] = await store.write(lambda tx: add(tx, item(1, parent_remote_id="0")))
    selection = view("inbox", "mina").selection

    def fn(reader: Any) -> None:
        reader.db.set_trace_callback(seen.add)
        states = frozenset(ActState)
        reader.items([1]), reader.feed_rows([1]), reader.find_item("blog", "1"), reader.origin(1), reader.salt(1)
        reader.page(selection), reader.place(selection, 1), reader.tally(selection), reader.author_items(1, 5)
        reader.page(Selection(ids=(1, 2))), reader.page(Selection(flags=frozenset({"failed", "uncertain"})))
        (
            reader.thread_nodes(one.thread),
            reader.thread_entries([1, -1]),
            reader.thread_head(1),
            reader.find_own("a", "b"),
        )
        reader.outgoing(1), reader.outgoing_of(1), reader.outbox(states), reader.outbox(states, channel="blog")
        reader.outbox_tally(), reader.next_to_send(NOW, ["blog"]), reader.next_due(["blog"])
        reader.draft(1, "mina"), reader.item_lease(1), reader.process_lease("sync")
        reader.channel_state("blog"), reader.quarantine("blog"), reader.open_items("blog", 0, 5)
        reader.done_items("blog", NOW - timedelta(days=3), 0, 5), reader.head(), reader.events(), reader.events(item=1)
        (
            reader.event(1),
            reader.last_events(actor="a"),
            reader.last_events(item=1),
            reader.last_events(item=1, actor="a"),
        )
        reader.db.set_trace_callback(None)
        small = re.compile(r"SCAN (tally|outgoing_tally|channel|json_each|CONSTANT|1 CONSTANT)|SCAN log$")
        for sql in sorted(seen):
            if sql.startswith("SELECT"):
                for row in reader.db.execute(f"EXPLAIN QUERY PLAN {sql}"):
                    line = row[3]
                    assert not line.startswith("SCAN") or small.match(line), (line, sql)

    await store.read(fn)
    assert len(seen) > 30


def test_nothing_counts_over_items_or_skips_rows() -> None:
    folder = Path(cminbox.store.__file__).parent
    code = {path: path.read_text() for path in [*folder.rglob("*.py"), *folder.rglob("*.sql")]}
    assert len(code) > 15
    for path, text in code.items():
        # keywords of SQL are written large here, functions small
        assert not re.search(r"\bOFFSET\b|\bCOUNT *\(|\bcount\((\*|DISTINCT|item)", text), path


async def test_ten_thousand_items_of_one_instant_cost_no_more(store: SqliteStore) -> None:
    """An import without times gives all its items one ``created_at``; a page in the middle must not walk them all."""
    await store.write(lambda tx: add(tx, *[item(n) for n in range(3000)]))
    everything = Selection(order=Order.NEWEST)

    def steps(reader: Any, at: Place | None) -> int:
        count = 0

        def tick() -> int:
            nonlocal count
            count += 1
            return 0

        reader.db.set_progress_handler(tick, 10)
        reader.page(everything, after=at, limit=50)
        reader.db.set_progress_handler(None, 0)
        return count

    def fn(reader: Any) -> tuple[int, int]:
        middle = reader.place(everything, 1500)
        return steps(reader, None), steps(reader, middle)

    first, middle = await store.read(fn)
    assert middle < 3 * first + 20
