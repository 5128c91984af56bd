"""Outgoing acts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cminbox.domain.errors import NotFoundError, RefusedError
from cminbox.domain.item import Outcome, Standing, Status
from cminbox.domain.outgoing import UNFINISHED, ActState
from cminbox.store.sqlite.aio import SqliteStore
from tests.store.conftest import Clock
from tests.store.making import NOW, act, add, item, later, move, send

FULL = Standing(Status.DONE, Outcome.IGNORED, "jo")


async def test_an_act_is_read_as_it_was_written(store: SqliteStore) -> None:
    [one] = await store.write(lambda tx: add(tx, item(1)))
    new = act(one, "k", text="Hvala!\n👩‍🔧", snippet="thanks", wait=True, before=FULL, not_before=later(10))
    stored = await store.write(lambda tx: send(tx, new))
    assert replace(stored, id=0) == new
    changed = replace(
        stored, state=ActState.SENDING, attempts=2, error="late", first_attempt_at=later(1), last_attempt_at=later(2),
        fence=7, url="https://a.example/1", remote_id="99", live_at=later(3),
    )  # fmt: skip
    await store.write(lambda tx: move(tx, changed, ActState.LIVE))
    assert await store.read(lambda r: r.outgoing(stored.id)) == replace(changed, state=ActState.LIVE)
    assert await store.read(lambda r: r.outgoing(99)) is None


async def test_a_text_on_its_way_cannot_be_changed(store: SqliteStore) -> None:
    [one] = await store.write(lambda tx: add(tx, item(1)))
    stored = await store.write(lambda tx: send(tx, act(one, "k")))
    with pytest.raises(RefusedError, match="cannot be changed"):
        await store.write(lambda tx: tx.save_outgoing(replace(stored, text="Thank you.")))
    with pytest.raises(RefusedError, match="this key"):
        await store.write(lambda tx: send(tx, act(one, "k")))
    with pytest.raises(NotFoundError):
        await store.write(lambda tx: tx.save_outgoing(replace(stored, id=99)))
    with pytest.raises(NotFoundError):
        await store.write(lambda tx: tx.add_outgoing(act(replace(one, id=99), "k2")))


async def test_the_outbox_is_newest_first_and_its_tally_is_kept(store: SqliteStore) -> None:
    [one, two] = await store.write(lambda tx: add(tx, item(1), item(2, channel="shop")))
    acts = await store.write(lambda tx: [send(tx, act(one if n % 2 else two, str(n))) for n in range(6)])

    def fn(tx: Any) -> None:
        move(tx, acts[0], ActState.SENDING)
        move(tx, acts[1], ActState.LIVE)
        move(tx, acts[2], ActState.FAILED)

    await store.write(fn)

    def keys(*states: ActState, **more: Any) -> Any:
        return lambda r: [a.key for a in r.outbox(frozenset(states), **more)]

    assert await store.read(keys(*UNFINISHED)) == ["5", "4", "3", "2", "0"]
    assert await store.read(keys(*UNFINISHED, limit=2)) == ["5", "4"]
    assert await store.read(keys(*UNFINISHED, channel="shop")) == ["4", "2", "0"]
    assert await store.read(keys(ActState.LIVE)) == ["1"]
    assert await store.read(keys()) == []
    tally = await store.read(lambda r: r.outbox_tally())
    assert tally == {ActState.QUEUED: 3, ActState.SENDING: 1, ActState.FAILED: 1}
    assert [a.key for a in await store.read(lambda r: r.outgoing_of(one.id))] == ["1", "3", "5"]


async def test_the_courier_gets_the_oldest_that_is_due_on_its_channels(store: SqliteStore) -> None:
    [one, two] = await store.write(lambda tx: add(tx, item(1), item(2, channel="shop")))

    def fn(tx: Any) -> None:
        send(tx, act(one, "held", not_before=later(10)))
        send(tx, act(two, "shop", not_before=later(-5)))
        send(tx, act(one, "due"))
        send(tx, act(one, "next"))

    await store.write(fn)

    async def chosen(seconds: float, *channels: str) -> str | None:
        found = await store.read(lambda r: r.next_to_send(later(seconds), channels))
        return found and found.key

    assert await chosen(0, "blog") == "due"
    assert await chosen(0, "blog", "shop") == "shop"
    assert await chosen(10, "blog") == "held"
    assert await chosen(-1, "blog") is None
    assert await chosen(10) is None
    assert await store.read(lambda r: r.next_due(["blog"])) == NOW
    assert await store.read(lambda r: r.next_due(["blog", "shop"])) == later(-5)
    assert await store.read(lambda r: r.next_due(["none"])) is None


async def test_what_a_courier_left_half_sent_is_taken_up_by_the_next(store: SqliteStore, clock: Clock) -> None:
    [one] = await store.write(lambda tx: add(tx, item(1)))
    stored = await store.write(lambda tx: send(tx, act(one, "k", not_before=later(-1))))
    first = await store.write(lambda tx: tx.take_process_lease("sync", "a", 30))
    assert first is not None
    sending = await store.write(lambda tx: move(tx, stored, ActState.SENDING, fence=first.fence))
    assert await store.read(lambda r: r.next_to_send(later(99), ["blog"])) is None
    clock.go(31)
    second = await store.write(lambda tx: tx.take_process_lease("sync", "b", 30))
    assert second is not None
    assert await store.read(lambda r: r.next_to_send(clock.at, ["blog"])) == sending
    assert await store.read(lambda r: r.next_to_send(clock.at, ["shop"])) is None
    # the one that was thought dead wakes up
    with pytest.raises(RefusedError):
        await store.write(lambda tx: tx.check_fence("sync", first.fence))
    await store.write(lambda tx: tx.check_fence("sync", second.fence))
    await store.write(lambda tx: tx.drop_process_lease("sync", "b"))
    assert await store.read(lambda r: r.next_to_send(clock.at, ["blog"])) == sending
