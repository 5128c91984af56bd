"""What becomes of an answer, for everything that a platform may say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cminbox.channels.base import Sent, Session
from cminbox.courier import outbox
from cminbox.courier import sender as module
from cminbox.courier.lease import Lease, LeaseLost
from cminbox.courier.sender import ChannelDown, Sender, next_look
from cminbox.domain import item as life
from cminbox.domain.errors import StoreError, UsageError
from cminbox.domain.event import NewEvent
from cminbox.domain.item import Outcome, Status
from cminbox.domain.outgoing import ActState, Outgoing, moved
from cminbox.http import (
    Ambiguous,
    AuthFailed,
    Gone,
    Headers,
    Limited,
    NotSent,
    Rejected,
    Reply,
)
from cminbox.store.protocol import Store, Tx
from cminbox.store.sqlite import open_store
from tests.courier.support import Platform, act_of, channel_config, comment, held_lease, item_of, kinds, queue, take

SESSION = Session("Team", can=frozenset({"reply"}))


def reply(status: int) -> Reply:
    return Reply("blog.example", status, Headers(), b"", "/")


@pytest.fixture
async def lease(store: Store) -> Lease:
    return await held_lease(store)


@pytest.fixture
async def platform(store: Store) -> Platform:
    """A platform with one comment, which the store knows."""
    made = Platform()
    made.put(comment("1"), comment("2"))
    await take(store, comment("1"), comment("2"))
    return made


def sender_of(store: Store, lease: Lease) -> Sender:
    return Sender(store, lease, channel_config())


async def go_on(store: Store, lease: Lease, platform: Platform, rounds: int = 1) -> Sender:
    sender = sender_of(store, lease)
    for _ in range(rounds):
        try:
            await sender.deliver(platform, SESSION)
            await sender.look_for(platform)
        except ChannelDown:
            continue
    return sender


async def test_it_is_live_with_its_id_and_the_comment_answered(store: Store, lease: Lease, platform: Platform) -> None:
    act = await queue(store, "1", "Thank you!")
    sender = await go_on(store, lease, platform)
    stored, item = await act_of(store, act), await item_of(store, "1")
    assert (stored.state, stored.remote_id, stored.attempts, stored.error) == (ActState.LIVE, "p1", 1, None)
    assert stored.live_at is not None and stored.url == "https://blog.example/#p1"
    assert (item.status, item.outcome) == (Status.DONE, Outcome.ANSWERED)
    assert platform.posted == [("1", "Thank you!")] and sender.delivered.live == 1
    assert (await kinds(store, item.id))[-3:] == ["queued", "sending", "live"]
    own = await store.read(lambda r: r.find_own("blog", "p1"))
    assert own is not None and own.outgoing == act and own.thread == item.thread


async def test_it_is_on_disk_before_the_first_byte_leaves(
    store: Store, lease: Lease, platform: Platform, tmp_path: Path
) -> None:
    act = await queue(store, "1", "Thank you!")
    seen = []

    class Watched(Platform):
        async def send(self, sending: Any) -> Any:
            async with await open_store(tmp_path / "inbox.db", state=tmp_path) as other:
                seen.append(await act_of(other, act))
            return await super().send(sending)

    await sender_of(store, lease).deliver(Watched(comments=platform.comments), SESSION)
    (on_disk,) = seen
    assert (on_disk.state, on_disk.attempts, on_disk.fence) == (ActState.SENDING, 1, lease.fence)
    assert on_disk.first_attempt_at is not None and on_disk.last_attempt_at is not None


async def test_the_same_words_twice_are_two_answers(store: Store, lease: Lease, platform: Platform) -> None:
    first = await queue(store, "1", "Thank you!")
    await go_on(store, lease, platform)
    second = await queue(store, "2", "Thank you!")
    platform.faults = [UNCLEAR[0]()]
    asked = []

    class Watched(Platform):
        async def find(self, act: Any) -> Any:
            asked.append(act)
            return await super().find(act)

    await take(store, comment("2", parent_remote_id="1"), comment("3", parent_remote_id="1"))
    watched = Watched(comments=platform.comments, faults=platform.faults)
    await go_on(store, lease, watched)
    # what is known to be another answer is never taken for this one, where both stand in one thread
    third = await queue(store, "3", "Thank you!")
    watched.comments["3"] = comment("3")
    watched.faults = [UNCLEAR[0]()]
    await go_on(store, lease, watched)
    of_third = [act for act in asked if act.to.remote_id == "3"]
    assert of_third and all(act.known_ids == {"p1"} for act in of_third)
    assert (await act_of(store, first)).remote_id == "p1"
    for act in (second, third):
        assert (await act_of(store, act)).state is ActState.UNCERTAIN


async def test_with_the_wish_to_wait_the_comment_waits(store: Store, lease: Lease, platform: Platform) -> None:
    await queue(store, "1", "Which order?", wait=True)
    await go_on(store, lease, platform)
    assert (await item_of(store, "1")).status is Status.WAITING


@pytest.mark.parametrize(
    "fault",
    [NotSent("h", "refused"), Limited("h", "slow down", reply(429), 60), AuthFailed("h", "401", reply(401))],
    ids=lambda fault: type(fault).__name__,
)
async def test_what_was_surely_not_done_stays_queued(
    store: Store, lease: Lease, platform: Platform, fault: Exception
) -> None:
    act = await queue(store, "1", "Thank you!")
    platform.faults = [fault]
    sender = sender_of(store, lease)
    with pytest.raises(ChannelDown):
        await sender.deliver(platform, SESSION)
    stored = await act_of(store, act)
    assert (stored.state, stored.attempts) == (ActState.QUEUED, 1)
    assert stored.error and (await item_of(store, "1")).status is Status.WAITING
    await go_on(store, lease, platform)
    stored = await act_of(store, act)
    assert (stored.state, stored.attempts, len(platform.posted)) == (ActState.LIVE, 2, 1)
    # looked for before the second try
    assert platform.finds == 1


@pytest.mark.parametrize(
    "fault",
    [Gone("h", "404", reply(404)), Rejected("h", "422 too long", reply(422)), UsageError("cannot be answered")],
    ids=lambda fault: type(fault).__name__,
)
async def test_what_will_never_be_taken_has_failed(
    store: Store, lease: Lease, platform: Platform, fault: Exception
) -> None:
    act = await queue(store, "1", "Thank you!")
    platform.faults = [fault]
    sender = await go_on(store, lease, platform)
    stored = await act_of(store, act)
    assert stored.state is ActState.FAILED and stored.error
    assert len(sender.delivered.failed) == 1
    assert (await item_of(store, "1")).status is Status.OPEN
    await go_on(store, lease, platform)
    assert platform.sends == 1


UNCLEAR: list[Callable[[], Exception]] = [
    lambda: Ambiguous("h", "502 Bad Gateway; it may have been done", 502),
    lambda: Ambiguous("h", "no answer; it may have been done"),
    lambda: RuntimeError("a connector's own mistake"),
]


@pytest.mark.parametrize("fault", UNCLEAR)
async def test_done_but_not_told_is_found(
    store: Store, lease: Lease, platform: Platform, fault: Callable[[], Exception]
) -> None:
    act = await queue(store, "1", "Thank you!")
    platform.faults = [(fault(),)]
    sender = sender_of(store, lease)
    await sender.deliver(platform, SESSION)
    assert (await act_of(store, act)).state is ActState.UNCERTAIN
    assert (await item_of(store, "1")).status is Status.OPEN
    await sender.look_for(platform)
    stored = await act_of(store, act)
    assert (stored.state, stored.remote_id, len(platform.posted)) == (ActState.LIVE, "p1", 1)
    assert sender.delivered.uncertain == []
    assert (await item_of(store, "1")).outcome is Outcome.ANSWERED


async def test_absent_is_sent_again_only_after_the_quiet_time(
    store: Store, lease: Lease, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = await queue(store, "1", "Thank you!")
    platform.faults = [UNCLEAR[0]()]
    await go_on(store, lease, platform, rounds=5)
    assert ((await act_of(store, act)).state, platform.sends) == (ActState.UNCERTAIN, 1)
    # the test's variable counts only in a test's process
    monkeypatch.setenv("CMINBOX_QUIET", "0")
    await go_on(store, lease, platform, rounds=2)
    assert platform.sends == 1
    monkeypatch.setenv("CMINBOX_TESTING", "1")
    await go_on(store, lease, platform, rounds=2)
    assert ((await act_of(store, act)).state, platform.sends) == (ActState.LIVE, 2)


async def test_where_nobody_can_be_sure_a_person_decides(
    store: Store, lease: Lease, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMINBOX_TESTING", "1")
    monkeypatch.setenv("CMINBOX_QUIET", "0")
    platform.sure = False
    act = await queue(store, "1", "Thank you!")
    platform.faults = [UNCLEAR[1]()]
    await go_on(store, lease, platform, rounds=5)
    assert ((await act_of(store, act)).state, platform.sends) == (ActState.UNCERTAIN, 1)


async def test_what_an_answer_taught_is_doubted_after_a_day(store: Store, platform: Platform) -> None:
    async def learned() -> dict[str, Any]:
        sending = await store.read(lambda r: outbox.looked_for(r, act))
        assert sending is not None
        return sending.learned

    async def aged(hours: float | None) -> None:
        def work(tx: Tx) -> None:
            state = tx.channel_state("blog")
            told = {name: value for name, value in state.cursor["_learned"].items() if name != "_at"}
            at = {} if hours is None else {"_at": tx.now().timestamp() - hours * 3600}
            tx.save_channel_state(replace(state, cursor={**state.cursor, "_learned": {**told, **at}}))

        await store.write(work)

    first = await queue(store, "1", "Thank you!")
    await store.write(lambda tx: outbox.claim(tx, first, 1))
    sent = Sent("p1", learned={"moderated": False})
    await store.write(lambda tx: outbox.live(tx, first, sent, "Team", found=False))
    act = await act_of(store, await queue(store, "2", "Thank you!"))
    assert await learned() == {"moderated": False}
    await aged(23)
    assert await learned() == {"moderated": False}
    # the server may hold comments back by now; so it may where the clock cannot be trusted, or nobody noted when
    for hours in (25, -1, None):
        await aged(hours)
        assert await learned() == {}


async def test_three_tries_and_no_more(
    store: Store, lease: Lease, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMINBOX_TESTING", "1")
    monkeypatch.setenv("CMINBOX_QUIET", "0")
    act = await queue(store, "1", "Thank you!")
    platform.faults = [UNCLEAR[0]() for _ in range(9)]
    await go_on(store, lease, platform, rounds=9)
    stored = await act_of(store, act)
    assert (stored.state, stored.attempts, platform.sends) == (ActState.UNCERTAIN, 3, 3)
    assert (await item_of(store, "1")).status is Status.OPEN


async def test_the_comment_is_gone_before_the_answer_leaves(store: Store, lease: Lease, platform: Platform) -> None:
    act = await queue(store, "1", "Thank you!")
    del platform.comments["1"]
    await go_on(store, lease, platform)
    stored, item = await act_of(store, act), await item_of(store, "1")
    assert (stored.state, stored.error, platform.sends) == (ActState.FAILED, "the comment is gone", 0)
    assert (item.status, item.outcome) == (Status.DONE, Outcome.WITHDRAWN)


async def test_a_channel_that_lets_nobody_answer(store: Store, lease: Lease, platform: Platform) -> None:
    act = await queue(store, "1", "Thank you!")
    await sender_of(store, lease).deliver(platform, Session("Team"))
    assert (await act_of(store, act)).state is ActState.FAILED and platform.sends == 0


async def test_what_a_dead_courier_was_sending_is_looked_for(store: Store, platform: Platform) -> None:
    first = await queue(store, "1", "Thank you!")
    second = await queue(store, "2", "Thanks!")
    dead = await held_lease(store)
    for act in (first, second):
        await store.write(lambda tx, act=act: outbox.claim(tx, act, dead.fence))
    # of the first the request had left
    platform.keys[(await act_of(store, first)).key] = "p1"
    await dead.drop()
    lease = await held_lease(store)
    sender = sender_of(store, lease)
    await sender.deliver(platform, SESSION)
    assert (await act_of(store, first)).state is ActState.LIVE
    assert (await act_of(store, second)).state is ActState.UNCERTAIN
    assert platform.sends == 0 and len(sender.delivered.uncertain) == 1


async def test_one_that_lost_its_lease_writes_nothing(store: Store, lease: Lease, platform: Platform) -> None:
    act = await queue(store, "1", "Thank you!")
    await lease.drop()
    other = await held_lease(store)
    assert other.fence > lease.fence
    with pytest.raises(LeaseLost):
        await sender_of(store, lease).deliver(platform, SESSION)
    assert ((await act_of(store, act)).state, platform.sends) == (ActState.QUEUED, 0)


async def test_one_that_slept_too_long_does_not_send(
    store: Store, lease: Lease, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = await queue(store, "1", "Thank you!")

    async def overtaken(*_: Any) -> None:
        raise LeaseLost("another courier took over")

    monkeypatch.setattr(Lease, "assure", overtaken)
    with pytest.raises(LeaseLost):
        await sender_of(store, lease).deliver(platform, SESSION)
    # its successor finds it as left behind
    assert ((await act_of(store, act)).state, platform.sends) == (ActState.SENDING, 0)


async def test_cancelled_in_the_middle_it_is_looked_for(store: Store, lease: Lease, platform: Platform) -> None:
    act = await queue(store, "1", "Thank you!")
    hang = asyncio.Event()

    class Slow(Platform):
        async def send(self, act: Any) -> Any:
            self.sends += 1
            hang.set()
            await asyncio.sleep(3600)

    slow = Slow(comments=platform.comments)
    task = asyncio.ensure_future(sender_of(store, lease).deliver(slow, SESSION))
    await hang.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await act_of(store, act)).state is ActState.SENDING
    await lease.drop()
    await go_on(store, await held_lease(store), platform)
    assert (await act_of(store, act)).state is ActState.UNCERTAIN


async def test_a_person_was_quicker(store: Store, lease: Lease, platform: Platform) -> None:
    act = await queue(store, "1", "Thank you!")

    def cancel(tx: Tx) -> None:
        stored = tx.outgoing(act)
        assert stored is not None
        tx.save_outgoing(replace(moved(stored, ActState.CANCELLED)))
        tx.append(NewEvent("cancelled", "mina", stored.item))

    async def recheck(refs: Any) -> list[Any]:
        await store.write(cancel)
        return []

    platform.recheck = recheck  # type: ignore[method-assign,assignment]
    await sender_of(store, lease).deliver(platform, SESSION)
    assert ((await act_of(store, act)).state, platform.sends) == (ActState.CANCELLED, 0)


async def test_when_an_uncertain_one_is_looked_for(store: Store, platform: Platform) -> None:
    act: Outgoing = await act_of(store, await queue(store, "1", "Thank you!"))
    last, quiet = act.queued_at, timedelta(seconds=90)
    times, at = [], last - timedelta(microseconds=1)
    while len(times) < 8:
        following = next_look(act, quiet, at)
        assert following is not None
        times.append((following - last).total_seconds())
        at = following
    assert times == [0, 2, 6, 20, 60, 91, 691, 1291]
    assert next_look(act, quiet, last + timedelta(days=2)) is None
    assert module.MOST_TRIES == 3


class Full:
    """A store whose disk is full from the n-th commit on, until there is room."""

    def __init__(self, store: Store, after: int) -> None:
        self._store = store
        self.left = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def write(self, fn: Any) -> Any:
        if self.left <= 0:
            raise StoreError("the disk is full")
        self.left -= 1
        return await self._store.write(fn)


@pytest.mark.parametrize("room", range(1, 4))
async def test_a_full_disk_loses_and_doubles_nothing(store: Store, lease: Lease, platform: Platform, room: int) -> None:
    acts = [await queue(store, "1", "Thank you!"), await queue(store, "2", "Thanks!")]
    full = Full(store, room)
    sender = Sender(full, lease, channel_config())  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        await sender.deliver(platform, SESSION)
    # what was done and could not be written is not done again, and written when there is room
    sent = platform.sends
    assert sender.owes
    full.left = 1000
    await sender.deliver(platform, SESSION)
    assert not sender.owes and platform.sends == 2 and sent <= 2
    for act in acts:
        assert (await act_of(store, act)).state is ActState.LIVE


async def test_an_answer_of_the_platform_that_cannot_be_kept(store: Store, lease: Lease, platform: Platform) -> None:
    act = await queue(store, "1", "Thank you!")

    class Lying(Platform):
        async def send(self, act: Any) -> Sent:
            return Sent("id\x00with NUL")

    await sender_of(store, lease).deliver(Lying(comments=platform.comments), SESSION)
    stored = await act_of(store, act)
    assert stored.state is ActState.UNCERTAIN and "cannot be kept" in (stored.error or "")


async def test_what_was_settled_meanwhile_is_not_sent_again(
    store: Store, lease: Lease, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMINBOX_TESTING", "1")
    monkeypatch.setenv("CMINBOX_QUIET", "0")
    act = await queue(store, "1", "Thank you!")
    platform.faults = [UNCLEAR[0]()]
    await sender_of(store, lease).deliver(platform, SESSION)
    item = await item_of(store, "1")

    def settle(tx: Tx) -> None:
        tx.save_item(life.settled(item, Outcome.IGNORED))
        tx.append(NewEvent("done", "mina", item.id))

    await store.write(settle)
    await go_on(store, lease, platform, rounds=3)
    assert ((await act_of(store, act)).state, platform.sends) == (ActState.UNCERTAIN, 1)
