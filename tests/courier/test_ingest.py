"""What a page means: new, changed, gone, ours, or as it was."""

from __future__ import annotations

import asyncio
import random
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cminbox.channels.base import Broken, Comment, Sent
from cminbox.courier import conversation, outbox
from cminbox.courier.ingest import Intake
from cminbox.courier.lease import LeaseLost
from cminbox.courier.taking import Taking
from cminbox.domain import item as life
from cminbox.domain.event import NewEvent, digest
from cminbox.domain.item import Outcome, Status
from cminbox.domain.outgoing import ActState, moved
from cminbox.domain.text import Raw
from cminbox.domain.thread import arranged
from cminbox.store.protocol import Store, Tx
from cminbox.store.sqlite import open_store
from tests.courier.support import NOW, comment, held_lease, item_of, kinds, queue, take

HOUR = timedelta(hours=1)


async def test_a_comment_comes_in_with_its_raw_and_a_digest_of_it(store: Store) -> None:
    raw = "Hallo, wo ist denn \x1b]0;x\x07 meine Bestellung? Ich warte auf sie."
    tally = await take(store, comment("1", raw, author_name=Raw("Vera\u202e"), post_id="/a/", post_title=Raw("A")))
    assert (tally.added, tally.edited) == (1, 0)
    item = await item_of(store, "1")
    assert item.status is Status.NEW
    assert "\x1b" not in item.text
    assert item.author.name == "Vera"
    assert {"control", "bidi"} <= item.marks
    assert item.lang == "de"
    origin = await store.read(lambda r: r.origin(item.id))
    assert origin is not None and origin.raw == raw
    (event,) = await store.read(lambda r: r.events())
    salt = await store.read(lambda r: r.salt(item.id))
    assert event.kind == "received" and event.values()["text"] == digest(raw, salt)
    assert "Bestellung" not in event.data and "Vera" not in event.data


async def test_html_becomes_text_and_the_markup_is_kept(store: Store) -> None:
    await take(store, comment("1", "<p>See <a href='https://a.example/x'>this</a></p><script>no</script>", html=True))
    item = await item_of(store, "1")
    assert item.text == "See this <https://a.example/x>"
    origin = await store.read(lambda r: r.origin(item.id))
    assert origin is not None and origin.raw.startswith("<p>")


async def test_the_same_again_changes_nothing_and_tells_nothing(store: Store) -> None:
    page = [comment(str(n), parent_remote_id=str(n - 1) if n % 3 else None) for n in range(1, 30)]
    await take(store, *page)
    head = await store.read(lambda r: r.head())
    tally = await take(store, *page)
    assert tally.unchanged == 29 and tally.added == tally.edited == 0
    assert await store.read(lambda r: r.head()) == head


async def test_an_edit_is_kept_and_opens_what_was_answered(store: Store) -> None:
    await take(store, comment("1", "first"), comment("2", "second"))
    answered = await item_of(store, "1")

    def settle(tx: Tx) -> None:
        tx.save_item(life.settled(answered, Outcome.ANSWERED))
        tx.append(NewEvent("done", "mina", answered.id))

    await store.write(settle)
    later = NOW + HOUR
    tally = await take(store, comment("1", "changed", edited_at=later), comment("2", "second"))
    assert (tally.edited, tally.unchanged) == (1, 1)
    item = await item_of(store, "1")
    assert (item.text, item.edited_at, item.status, item.outcome) == ("changed", later, Status.OPEN, None)
    assert (await kinds(store, item.id))[-1] == "edited"


async def test_stars_and_a_name_can_change_too(store: Store) -> None:
    await take(store, comment("1", "so so", rating=3))
    await take(store, comment("1", "so so", rating=1))
    item = await item_of(store, "1")
    assert item.rating == 1 and item.edited_at is not None
    tally = await take(store, comment("1", "so so", rating=1, author_name=Raw("Vera K.")))
    assert tally.edited == 1
    assert (await item_of(store, "1")).author.name == "Vera K."
    assert (await kinds(store, item.id))[-1] == "renamed"


async def test_what_its_author_removes_is_done_and_may_come_back(store: Store) -> None:
    await take(store, comment("1"))
    tally = await take(store, comment("1", removed=True, created_at=None))
    item = await item_of(store, "1")
    assert tally.removed == 1
    assert (item.status, item.outcome) == (Status.DONE, Outcome.WITHDRAWN) and item.removed_at is not None
    assert item.text == "comment 1"
    assert (await take(store, comment("1", removed=True, created_at=None))).unchanged == 1
    await take(store, comment("1"))
    back = await item_of(store, "1")
    assert (back.status, back.outcome, back.removed_at) == (Status.OPEN, None, None)
    # what was never seen need not be shown as gone
    assert (await take(store, comment("9", removed=True))).added == 0


async def test_held_and_let_out(store: Store) -> None:
    await take(store, comment("1", held=True, created_at=None))
    assert (await item_of(store, "1")).held
    await take(store, comment("1", parent_remote_id="0", created_at=NOW), reuses_ids=True)
    item = await item_of(store, "1")
    assert not item.held and item.parent_remote_id == "0" and item.created_at == NOW
    assert (await kinds(store, item.id))[-1] == "published"


async def test_the_first_look_does_not_flood(store: Store) -> None:
    old, new = NOW - timedelta(days=9), NOW
    await take(store, comment("1", created_at=old), comment("2", created_at=new), since=NOW - timedelta(days=7))
    first, second = await item_of(store, "1"), await item_of(store, "2")
    assert (first.status, first.outcome, second.status) == (Status.DONE, None, Status.NEW)
    # an old one that is edited does not come back to life
    await take(store, comment("1", "again", created_at=old), since=NOW - timedelta(days=7))
    assert (await item_of(store, "1")).status is Status.DONE


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("pages", [1, 2])
async def test_answered_elsewhere_in_any_order(store: Store, order: tuple[int, int], pages: int) -> None:
    entries = [comment("1"), comment("2", author_id="us", parent_remote_id="1", created_at=NOW + HOUR)]
    chosen = [entries[place] for place in order]
    intake = Intake(channel="blog", own_ids=frozenset({"us"}))
    for page in [chosen] if pages == 1 else [[one] for one in chosen]:
        await take(store, *page, intake=intake)
    item = await item_of(store, "1")
    assert (item.status, item.outcome) == (Status.DONE, Outcome.ANSWERED)
    assert await store.read(lambda r: r.find_item("blog", "2")) is None
    own = await store.read(lambda r: r.find_own("blog", "2"))
    assert own is not None and own.thread == item.thread


async def test_answered_elsewhere_in_a_look_long_before(store: Store) -> None:
    ours = {"author_id": "us", "created_at": NOW + HOUR}
    first = [comment("9"), comment("3", parent_remote_id="2", **ours), comment("5", parent_remote_id="4", **ours)]
    await take(store, *first, own_ids=frozenset({"us"}))
    # the next one taken in is of a thread that was looked at already, and draws another one in
    page = [comment("6", parent_remote_id="9"), comment("2", parent_remote_id="9"), comment("4"), comment("7")]
    await take(store, *page, own_ids=frozenset({"us"}))
    answered = {name: (await item_of(store, name)).outcome for name in ("2", "4", "6", "7", "9")}
    assert answered == {"2": Outcome.ANSWERED, "4": Outcome.ANSWERED, "6": None, "7": None, "9": None}
    assert (await kinds(store, (await item_of(store, "2")).id)) == ["received", "answered-elsewhere"]


async def test_an_old_answer_of_ours_to_one_that_had_this_id_before(store: Store) -> None:
    how = {"own_ids": frozenset({"us"}), "reuses_ids": True}
    await take(store, comment("3", parent_remote_id="2", author_id="us", created_at=NOW - HOUR), **how)
    await take(store, comment("2"), **how)
    assert (await item_of(store, "2")).status is Status.NEW


async def test_an_answer_of_ours_that_is_gone_answers_nothing(store: Store) -> None:
    ours = comment("3", parent_remote_id="2", author_id="us")
    await take(store, ours, own_ids=frozenset({"us"}))
    await take(store, replace(ours, removed=True), comment("2"), own_ids=frozenset({"us"}))
    assert (await item_of(store, "2")).status is Status.NEW


async def test_our_name_on_a_strangers_comment_does_not_make_it_ours(store: Store) -> None:
    await take(store, comment("1"), own_ids=frozenset({"us"}))
    await take(
        store, comment("2", author_name=Raw("Team"), author_id="troll", parent_remote_id="1"), own_ids=frozenset({"us"})
    )
    assert (await item_of(store, "2")).status is Status.NEW
    assert (await item_of(store, "1")).status is Status.NEW


async def test_what_we_sent_is_no_item_when_it_is_read_back(store: Store) -> None:
    await take(store, comment("1"))
    act = await queue(store, "1", "Thank you!")
    await store.write(lambda tx: outbox.claim(tx, act, 1))
    # its sending is not over: nobody knows the id yet, so the same text under the same comment waits
    reply = comment("5", "Thank you!", parent_remote_id="1", author_id="v", created_at=NOW + HOUR)
    tally = await take(store, reply)
    assert (tally.awaited, tally.added) == (1, 0)
    await store.write(lambda tx: outbox.live(tx, act, Sent("5", created_at=NOW + HOUR), "Team", found=True))
    tally = await take(store, reply)
    assert (tally.unchanged, tally.added) == (1, 0)
    assert await store.read(lambda r: r.find_item("blog", "5")) is None
    own = await store.read(lambda r: r.find_own("blog", "5"))
    assert own is not None and own.outgoing == act and own.text == "Thank you!"


async def test_what_a_person_says_to_stand_there_is_recognised(store: Store) -> None:
    await take(store, comment("1"))
    act = await queue(store, "1", "Thank you!")

    def posted(tx: Tx) -> None:
        outbox.claim(tx, act, 1)
        outbox.uncertain(tx, act, "no answer")
        stored = tx.outgoing(act)
        assert stored is not None
        tx.save_outgoing(replace(moved(stored, ActState.LIVE), live_at=tx.now()))
        tx.append(NewEvent("posted", "mina", stored.item))

    await store.write(posted)
    now = await store.read(lambda r: r.now())
    await take(store, comment("5", "Thank you!", parent_remote_id="1", created_at=now))
    assert await store.read(lambda r: r.find_item("blog", "5")) is None
    stored = await store.read(lambda r: r.outgoing(act))
    assert stored is not None and stored.remote_id == "5"


async def test_an_id_that_is_given_out_again_is_another_comment(store: Store) -> None:
    await take(store, comment("1"), comment("2", parent_remote_id="1"), reuses_ids=True)
    await take(store, comment("2", removed=True, created_at=None), reuses_ids=True)
    again = comment("2", "somebody else", author_id="w", created_at=NOW + HOUR)
    child = comment("3", parent_remote_id="2", created_at=NOW + 2 * HOUR)
    assert (await take(store, again, child, reuses_ids=True)).added == 2
    assert (await item_of(store, "2")).removed_at is not None
    fresh = await store.read(lambda r: r.items([3]))
    assert fresh[0].text == "somebody else" and fresh[0].remote_id.startswith("2~")
    assert (await item_of(store, "3")).parent_remote_id == fresh[0].remote_id
    # and again it is known
    assert (await take(store, again, child, reuses_ids=True)).unchanged == 2
    # unnoticed in between: the one that was deleted is still thought to stand
    third = comment("2", "a third one", created_at=NOW + 5 * HOUR)
    assert (await take(store, third, reuses_ids=True)).added == 1


async def test_our_answer_may_get_the_id_of_a_deleted_comment(store: Store) -> None:
    await take(store, comment("1"), comment("2", parent_remote_id="1"), reuses_ids=True)
    await take(store, comment("2", removed=True, created_at=None), reuses_ids=True)
    act = await queue(store, "1", "Thank you!")
    at = NOW + HOUR
    await store.write(lambda tx: outbox.claim(tx, act, 1))
    await store.write(lambda tx: outbox.live(tx, act, Sent("2", created_at=at), "Team", found=False))
    ours = comment("2", "Thank you!", parent_remote_id="1", created_at=at)
    assert (await take(store, ours, reuses_ids=True)).added == 0
    item = await item_of(store, "1")
    nodes = await store.read(lambda r: r.thread_nodes(item.thread))
    assert len(arranged(nodes)) == 3
    # it is deleted in its turn, and a visitor's comes under that id
    visitor = comment("2", "a visitor", parent_remote_id="1", created_at=at + HOUR)
    assert (await take(store, visitor, reuses_ids=True)).added == 1


async def test_the_author_whom_we_wait_for_wrote_again(store: Store) -> None:
    await take(store, comment("1"))
    act = await queue(store, "1", "Which order?", wait=True)
    await store.write(lambda tx: outbox.claim(tx, act, 1))
    await store.write(lambda tx: outbox.live(tx, act, Sent("7"), "Team", found=False))
    assert (await item_of(store, "1")).status is Status.WAITING
    await take(store, comment("8", author_id="w", author_name=Raw("Willi"), parent_remote_id="1"))
    assert (await item_of(store, "1")).status is Status.WAITING
    await take(store, comment("9", "Number 12", parent_remote_id="7"))
    item = await item_of(store, "1")
    assert item.status is Status.OPEN
    assert (await kinds(store, item.id))[-1] == "author-wrote"


async def asked_back(store: Store, remote_id: str, own_id: str) -> None:
    """A live answer that waits for its author."""
    act = await queue(store, remote_id, "Which order?", wait=True)
    await store.write(lambda tx: outbox.claim(tx, act, 1))
    await store.write(lambda tx: outbox.live(tx, act, Sent(own_id), "Team", found=False))


async def test_waited_for_although_another_answer_was_taken_back(store: Store) -> None:
    await take(store, comment("1"))
    await asked_back(store, "1", "7")
    again = await queue(store, "1", "One more thing")

    def taken_back(tx: Tx) -> None:
        act = tx.outgoing(again)
        assert act is not None
        tx.save_outgoing(moved(act, ActState.CANCELLED))
        tx.append(NewEvent("cancelled", "mina", act.item, {"act": again}))

    await store.write(taken_back)
    await take(store, comment("9", "Number 12", parent_remote_id="7"))
    assert (await item_of(store, "1")).status is Status.OPEN


async def test_waited_for_behind_more_than_a_page_of_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "_PAGE", 2)
    old = NOW - timedelta(days=1)
    await take(store, *[comment(f"o{n}", author_id=f"a{n}", created_at=old) for n in range(5)], comment("1"))
    for n in range(5):
        await queue(store, f"o{n}", "On its way")
    await asked_back(store, "1", "7")
    await take(store, comment("9", "Number 12", parent_remote_id="7"))
    assert (await item_of(store, "1")).status is Status.OPEN


async def test_one_broken_item_costs_only_itself(store: Store) -> None:
    page: list[Comment | Broken] = [comment(str(n)) for n in range(49)]
    page.insert(20, Broken("x\x00", "id is no whole number", '{"id": "x"}'))
    tally = await take(store, *page)
    assert (tally.added, tally.aside) == (49, 1)
    state = await store.read(lambda r: r.channel_state("blog"))
    assert state.quarantined == 1
    (aside,) = await store.read(lambda r: r.quarantine("blog"))
    assert aside.reason == "id is no whole number"
    head = await store.read(lambda r: r.head())
    await take(store, *page)
    assert await store.read(lambda r: r.head()) == head


@pytest.mark.parametrize("place", [0, 17, 49])
async def test_one_that_the_store_does_not_take_costs_only_itself(store: Store, place: int) -> None:
    page = [comment(str(n), parent_remote_id=str(n - 1)) for n in range(50)]
    page[place] = comment("bad\x00id")
    tally = await take(store, *page)
    assert (tally.added, tally.aside) == (49, 1)
    (aside,) = await store.read(lambda r: r.quarantine("blog"))
    assert "NUL" in aside.reason
    assert (await kinds(store)).count("received") == 49


async def test_one_on_which_the_door_breaks_costs_only_itself(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from cminbox.courier import ingest

    real = ingest.through_the_door

    def door(entry: Comment, *rest: object) -> object:
        if entry.remote_id == "7":
            raise ZeroDivisionError("secret words of a stranger")
        return real(entry, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(ingest, "through_the_door", door)
    tally = await take(store, *[comment(str(n)) for n in range(50)])
    assert (tally.added, tally.aside) == (49, 1)
    (aside,) = await store.read(lambda r: r.quarantine("blog"))
    assert aside.reason == "cannot be taken in (ZeroDivisionError)"
    assert all("stranger" not in event.data for event in await store.read(lambda r: r.events()))


async def test_lone_surrogates_and_nul_in_a_text_come_in_harmless(store: Store) -> None:
    raw = "half \ud83d and \x00 nothing"
    await take(store, comment("1", raw, author_name=Raw("\udfff")))
    item = await item_of(store, "1")
    assert {"control", "surrogate"} <= item.marks
    item.text.encode()
    origin = await store.read(lambda r: r.origin(item.id))
    assert origin is not None and origin.raw == raw


async def test_the_cursor_stands_or_falls_with_its_page(store: Store) -> None:
    seen = []

    def last(tx: Tx, tally: object) -> None:
        seen.append(tally)
        raise RuntimeError("before the commit")

    taking = Taking(store=store, intake=Intake(channel="blog"), last=last)
    with pytest.raises(RuntimeError):
        await taking.take([comment("1")])
    # the entry alone came in, the cursor did not
    assert len(seen) == 2


async def test_a_late_page_of_a_courier_that_was_replaced_is_rejected(store: Store) -> None:
    first = await held_lease(store)
    await take(store, comment("1"))
    await first.drop()
    second = await held_lease(store)
    late = Taking(store=store, intake=Intake(channel="blog"), fence=first.fence)
    with pytest.raises(LeaseLost):
        await late.take([comment("2"), comment("1", "changed")])
    assert await store.read(lambda r: r.find_item("blog", "2")) is None
    assert (await item_of(store, "1")).text == "comment 1"
    await Taking(store=store, intake=Intake(channel="blog"), fence=second.fence).take([comment("2")])
    assert (await item_of(store, "2")).text == "comment 2"


TEXTS = st.sampled_from(["Thank you", "Wo bleibt das Paket?", "x", "\u202eabc", "Очень плохо"])


@st.composite
def threads(draw: st.DrawFn) -> list[Comment]:
    """A few conversations, ours among them; ids say nothing about age."""
    count = draw(st.integers(1, 14))
    made: list[Comment] = []
    for n in range(count):
        parent = draw(st.one_of(st.none(), st.integers(0, count - 1)))
        author = draw(st.sampled_from(["v", "w", "us"]))
        made.append(
            comment(
                f"c{n}",
                draw(TEXTS),
                parent_remote_id=None if parent in (None, n) else f"c{parent}",
                author_id=author,
                author_name=Raw(author),
                created_at=NOW + n * HOUR,
            )
        )
    return made


def picture(store_path: Path, pages: list[list[Comment]]) -> tuple[object, int]:
    """What the store holds after these pages, ids left out, and how many events that took."""

    async def run() -> tuple[object, int]:
        store = await open_store(store_path / "inbox.db", state=store_path)
        try:
            intake = Intake(channel="blog", own_ids=frozenset({"us"}), since=NOW + 3 * HOUR)
            for page in pages:
                await take(store, *page, intake=intake)
            items = await store.read(lambda r: r.items(range(1, 100)))
            threads: dict[int, set[str]] = {}
            for thread in {item.thread for item in items}:
                nodes = await store.read(lambda r, t=thread: r.thread_nodes(t))
                threads[thread] = {node.remote_id for node in nodes}
            rows = {
                (i.remote_id, i.parent_remote_id, i.text, i.status, i.outcome, frozenset(threads[i.thread]))
                for i in items
            }
            return rows, (await store.read(lambda r: r.head())).n
        finally:
            await store.close()

    with tempfile.TemporaryDirectory(dir=store_path) as folder:
        store_path = Path(folder)
        return asyncio.run(run())


@settings(max_examples=25, deadline=None)
@given(made=threads(), seed=st.integers(0, 2**32), cuts=st.integers(1, 4))
def test_the_order_of_pages_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, made: list[Comment], seed: int, cuts: int
) -> None:
    base = tmp_path_factory.getbasetemp()
    wanted, _ = picture(base, [made])
    shuffled = made[:]
    random.Random(seed).shuffle(shuffled)
    size = max(1, len(shuffled) // cuts)
    pages = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
    got, events = picture(base, pages)
    assert got == wanted
    again, more = picture(base, [*pages, *pages])
    assert again == wanted and more == events
