"""Items as they are stored and read again."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cminbox.domain.channel import ChannelState, Health
from cminbox.domain.draft import Draft
from cminbox.domain.errors import NotFoundError, RefusedError
from cminbox.domain.event import NewEvent
from cminbox.domain.item import Author, Item, Kind, Media, Outcome, Post, Priority, Status
from cminbox.domain.outgoing import ActState
from cminbox.domain.text import Raw, Safe
from cminbox.domain.view import Selection
from cminbox.store.protocol import Origin, Quarantined, UnstorableError
from cminbox.store.sqlite.aio import SqliteStore
from tests.store.conftest import Clock
from tests.store.making import NOW, act, add, item, later, move, save, send

# what the door lets through: no NUL, no lone surrogates
safe = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).map(Safe)
word = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
instant = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


items = st.builds(
    Item,
    channel=st.sampled_from(["blog", "shop"]), brand=optional(word), kind=st.sampled_from(Kind), remote_id=word,
    parent_remote_id=optional(word), url=optional(safe),
    post=optional(st.builds(Post, word, optional(safe), optional(safe))),
    author=st.builds(Author, optional(word), optional(word.map(Safe)), optional(word.map(Safe))), text=safe,
    marks=st.frozensets(st.sampled_from(["bidi", "control", "cut"])), lang=optional(word),
    rating=optional(st.integers(-(2**62), 2**62)), created_at=instant, received_at=instant, edited_at=optional(instant),
    removed_at=optional(instant), held=st.booleans(), seen=st.booleans(), status=st.sampled_from(Status),
    outcome=optional(st.sampled_from(Outcome)), assignee=optional(word), intent=optional(word),
    priority=st.sampled_from(Priority), due_at=optional(instant), due_kind=optional(word),
    snoozed_until=optional(instant),
    media=st.lists(st.builds(Media, word, safe, optional(safe)), max_size=2).map(tuple),
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(first=items, second=items)
async def test_an_item_is_read_as_it_was_written(store: SqliteStore, first: Item, second: Item) -> None:
    class Undo(Exception):
        pass

    def fn(tx: Any) -> None:
        [stored] = add(tx, first)
        assert tx.item(stored.id) == stored
        assert tx.find_item(first.channel, first.remote_id) == stored
        assert replace(stored, id=0, thread=0, arrived_done=False) == first
        changed = replace(second, id=stored.id, channel=first.channel, remote_id=first.remote_id)
        save(tx, changed)
        read = tx.item(stored.id)
        # a post keeps the title and address that it had where the newer word has none
        assert (read.post and read.post.remote_id) == (changed.post and changed.post.remote_id)
        plain = {"post": None, "thread": 0, "arrived_done": False}
        assert replace(read, **plain) == replace(changed, **plain)
        raise Undo

    with pytest.raises(Undo):
        await store.write(fn)


async def test_ids_are_short_and_rise_and_the_order_asked_for_is_kept(store: SqliteStore) -> None:
    added = await store.write(lambda tx: add(tx, item("a"), item("b"), item("c")))
    assert [i.id for i in added] == [1, 2, 3]
    assert [i.remote_id for i in await store.read(lambda r: r.items([3, 99, 1]))] == ["c", "a"]
    assert [r.id for r in await store.read(lambda r: r.feed_rows([2, 99, 1]))] == [2, 1]
    assert await store.read(lambda r: r.item(99)) is None


async def test_the_same_comment_is_stored_once(store: SqliteStore) -> None:
    await store.write(lambda tx: add(tx, item("a")))
    with pytest.raises(RefusedError, match="stored already"):
        await store.write(lambda tx: add(tx, item("a")))
    await store.write(lambda tx: add(tx, item("a", channel="shop")))
    assert await store.read(lambda r: r.channels_seen()) == ["blog", "shop"]
    assert await store.read(lambda r: r.tally(Selection())) == 2


async def test_what_cannot_be_stored_leaves_the_others_in_the_same_transaction(store: SqliteStore) -> None:
    broken = [
        item("nul\x00"), item("half\ud800"), item("x", text=Safe("\udfff")), item("y", rating=2**70),
        item("z", author=Author(name=Safe("\x00"))), item("p", post=Post("1", Safe("\ud800"))),
    ]  # fmt: skip

    def fn(tx: Any) -> None:
        add(tx, item("good"))
        for one in broken:
            with pytest.raises(UnstorableError):
                tx.add_item(one, Origin(Raw(""), {}))
            tx.set_aside(Quarantined("blog", one.remote_id, "cannot be stored", NOW), str(one.text))
        add(tx, item("better"))

    await store.write(fn)
    assert await store.read(lambda r: r.tally(Selection())) == 2
    assert await store.read(lambda r: r.channel_state("blog").quarantined) == len(broken)
    assert len(await store.read(lambda r: r.thread_nodes(1))) == 1


async def test_the_origin_is_kept_to_the_last_half_character(store: SqliteStore) -> None:
    raw = Raw("<p>\x00\ud800\U0001f469\x1b[31m</p>")
    extra = {"likes": 3, "odd": "\ud800", "deep": [{"a": None}]}

    def fn(tx: Any) -> tuple[Item, str]:
        stored = tx.add_item(item("a"), Origin(raw, extra))
        tx.append(NewEvent("ingested", "sync"))
        return stored, tx.salt(stored.id)

    stored, salt = await store.write(fn)
    assert await store.read(lambda r: r.origin(stored.id)) == Origin(raw, extra)
    assert len(salt) == 32

    def edit(tx: Any) -> None:
        tx.save_origin(stored.id, Origin(Raw("new"), {}))
        tx.append(NewEvent("edited", "sync", stored.id))

    await store.write(edit)
    assert await store.read(lambda r: r.origin(stored.id)) == Origin(Raw("new"), {})
    assert await store.read(lambda r: r.salt(stored.id)) == salt
    assert await store.read(lambda r: r.origin(99)) is None
    with pytest.raises(NotFoundError):
        await store.read(lambda r: r.salt(99))
    with pytest.raises(NotFoundError):
        await store.write(lambda tx: tx.save_origin(99, Origin(Raw(""), {})))
    with pytest.raises(NotFoundError):
        await store.write(lambda tx: tx.save_item(item("x", id=99)))


async def test_people_are_told_apart_by_id_and_keep_the_name_they_wrote_under(store: SqliteStore) -> None:
    ana, ann = Author("7", None, Safe("Ana")), Author("7", None, Safe("Ann"))
    other, nameless = Author("8", None, Safe("Ana")), Author()

    def fn(tx: Any) -> list[Item]:
        return add(
            tx,
            item(1, author=ana, created_at=later(1)), item(2, author=ann, created_at=later(2)), item(3, author=other),
            item(4, author=nameless), item(5, author=nameless), item(6, author=ana, channel="shop"),
            item(7, author=Author(None, Safe("zoe"))), item(8, author=Author(None, Safe("zoe"))),
        )  # fmt: skip

    await store.write(fn)

    def others(item_id: int) -> Any:
        return lambda r: [row.id for row in r.author_items(item_id, 10)]

    assert await store.read(others(1)) == [2]
    assert await store.read(others(3)) == []
    assert await store.read(others(4)) == []
    assert await store.read(others(7)) == [8]
    names = await store.read(lambda r: [i.author.name for i in r.items([1, 2])])
    assert names == ["Ana", "Ann"]


async def test_a_post_has_the_newest_title_that_it_was_given(store: SqliteStore) -> None:
    await store.write(lambda tx: add(tx, item(1, post=Post("p", Safe("Old"), Safe("https://a.example")))))
    await store.write(lambda tx: add(tx, item(2, post=Post("p", Safe("New")))))
    assert await store.read(lambda r: [i.post for i in r.items([1, 2])]) == [Post("p", "New", "https://a.example")] * 2


async def test_a_row_of_the_feed_shows_lease_drafts_and_the_newest_answer(store: SqliteStore, clock: Clock) -> None:
    long = Safe("a\n  b\tc " + "word " * 500)
    [one, two] = await store.write(
        lambda tx: add(
            tx,
            item(1, text=long, marks=frozenset({"bidi"}), post=Post("p", Safe("Title"))),
            item(2, text=Safe("x\u200d")),
        )
    )

    def fn(tx: Any) -> None:
        first = send(tx, act(one, "k1"))
        move(tx, first, ActState.CANCELLED)
        send(tx, act(one, "k2"))
        tx.take_item_lease(one.id, "jo", 60)
        for who in ("mina", "jo"):
            tx.save_draft(Draft(item=one.id, operator=who, text="Dear", updated_at=NOW))

    await store.write(fn)
    row, other = await store.read(lambda r: r.feed_rows([one.id, two.id]))
    assert row.preview.startswith("a b c word word")
    assert len(row.preview) <= 300
    assert row.post == "Title"
    assert row.altered
    assert row.author == "Vera"
    assert row.lease_holder == "jo"
    assert row.draft_by == {"mina", "jo"}
    assert row.act_state == "queued"
    assert (other.preview, other.lease_holder, other.draft_by, other.act_state) == ("x", None, frozenset(), None)
    clock.go(61)
    [row] = await store.read(lambda r: r.feed_rows([one.id]))
    assert row.lease_holder is None


async def test_a_changed_text_changes_the_preview(store: SqliteStore) -> None:
    [one] = await store.write(lambda tx: add(tx, item(1, text=Safe("long " * 300))))
    await store.write(lambda tx: save(tx, replace(one, text=Safe("short"))))
    [row] = await store.read(lambda r: r.feed_rows([one.id]))
    assert row.preview == "short"


async def test_items_are_found_again_for_another_look(store: SqliteStore, clock: Clock) -> None:
    added = await store.write(
        lambda tx: add(
            tx,
            *[item(n) for n in range(1, 6)],
            item("elsewhere", channel="shop"),
            item("old", status=Status.DONE, created_at=NOW - timedelta(days=30)),
        )
    )
    clock.go(3600)
    await store.write(lambda tx: save(tx, replace(added[1], status=Status.DONE, outcome=Outcome.ANSWERED)))
    clock.go(3600)
    await store.write(lambda tx: save(tx, replace(added[3], status=Status.DONE, outcome=Outcome.IGNORED)))

    def open_ids(after: int, limit: int) -> Any:
        return lambda r: [i.id for i in r.open_items("blog", after, limit)]

    assert await store.read(open_ids(0, 10)) == [1, 3, 5]
    assert await store.read(open_ids(1, 1)) == [3]

    def done_ids(since: datetime, after: int = 0, limit: int = 10) -> Any:
        return lambda r: [i.id for i in r.done_items("blog", since, after, limit)]

    assert await store.read(done_ids(NOW - timedelta(days=3))) == [2, 4]
    assert await store.read(done_ids(NOW - timedelta(days=3), limit=1)) == [2]
    assert await store.read(done_ids(NOW - timedelta(days=3), after=2)) == [4]
    assert await store.read(done_ids(later(5000))) == [4]
    assert await store.read(done_ids(NOW - timedelta(days=31))) == [2, 4, 7]
    await store.write(lambda tx: save(tx, replace(added[3], status=Status.OPEN)))
    assert await store.read(done_ids(NOW - timedelta(days=3))) == [2]


async def test_what_came_in_as_done_is_marked_until_somebody_deals_with_it(store: SqliteStore) -> None:
    old = {"status": Status.DONE, "created_at": NOW - timedelta(days=30)}
    made = [item(1), item(2, **old), item(3, **old, outcome=Outcome.ANSWERED), item(4, **old), item(5, **old)]
    added = await store.write(lambda tx: add(tx, *made))
    assert [one.arrived_done for one in added] == [False, True, False, True, True]
    assert await store.read(lambda r: r.items([one.id for one in added])) == added

    def deal(tx: Any) -> None:
        save(tx, replace(added[0], status=Status.DONE))
        save(tx, replace(added[1], seen=True, text=Safe("edited")))
        save(tx, replace(added[3], status=Status.OPEN))
        save(tx, replace(added[3], status=Status.DONE))
        save(tx, replace(added[4], outcome=Outcome.ANSWERED))

    await store.write(deal)
    now = await store.read(lambda r: r.items([one.id for one in added]))
    assert [one.arrived_done for one in now] == [False, True, False, False, False]


async def test_broken_items_are_kept_once(store: SqliteStore) -> None:
    def fn(tx: Any) -> None:
        for reason in ("no id", "no id", "no text"):
            tx.set_aside(Quarantined("blog", None, reason, NOW), "{payload\ud800")
        tx.set_aside(Quarantined("blog", None, "no id", NOW), "{another")
        tx.append(NewEvent("set_aside", "sync"))

    await store.write(fn)
    await store.write(lambda tx: tx.set_aside(Quarantined("blog", None, "no id", NOW), "{payload\ud800"))
    state = await store.read(lambda r: r.channel_state("blog"))
    assert state.quarantined == 3
    # the count is the store's own: the courier's notes do not overwrite it
    await store.write(
        lambda tx: tx.save_channel_state(replace(state, quarantined=0, cursor={"after": 5}, can=frozenset({"reply"})))
    )
    again = await store.read(lambda r: r.channel_state("blog"))
    assert (again.quarantined, again.cursor, again.can) == (3, {"after": 5}, {"reply"})
    assert await store.read(lambda r: r.channel_states()) == [again]
    assert [q.reason for q in await store.read(lambda r: r.quarantine("blog"))] == ["no id", "no text", "no id"]


async def test_the_notes_on_a_channel_are_read_as_they_were_written(store: SqliteStore) -> None:
    notes = ChannelState(
        name="blog", health=Health.LIMITED, error="429", todo="wait", since=later(-9), first_look_done=True,
        last_ok_at=later(1), next_at=later(2), retry_after_until=later(3), failures=4, cursor={"after": [5]},
        can=frozenset({"reply", "like"}), account="@acme", own_ids=frozenset({"7", "did:plc:8"}),
    )  # fmt: skip
    assert all(getattr(notes, field.name) != field.default for field in fields(notes) if field.name != "quarantined")
    await store.write(lambda tx: tx.save_channel_state(notes))
    assert await store.read(lambda r: r.channel_state("blog")) == notes
    assert await store.read(lambda r: r.channel_states()) == [notes]
