"""One channel's work: when it is asked, what a fault does to it, and that it delays no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cminbox.channels.base import Page
from cminbox.courier import look, trial, worker
from cminbox.courier.health import fault_of, went_well, went_wrong
from cminbox.courier.lease import Lease
from cminbox.courier.secrets import SecretError, Secrets
from cminbox.courier.worker import Worker
from cminbox.domain.channel import ChannelState, Health
from cminbox.domain.errors import UnreachableError
from cminbox.domain.event import GENESIS, Head
from cminbox.domain.item import Status
from cminbox.domain.outgoing import ActState
from cminbox.http import AuthFailed, BadAnswer, Gone, Headers, Limited, NoAnswer, NotSent, Reply, ServerFailed
from cminbox.store.protocol import Store, Tx
from tests.courier.support import NOW, Platform, act_of, channel_config, comment, held_lease, item_of, queue, take


def reply(status: int) -> Reply:
    return Reply("blog.example", status, Headers(), b"", "/")


@pytest.fixture
async def lease(store: Store) -> Lease:
    return await held_lease(store)


@pytest.fixture
def platforms(monkeypatch: pytest.MonkeyPatch) -> dict[str, Platform]:
    """Every channel's platform, by the channel's name."""
    known: dict[str, Platform] = {"blog": Platform(), "shop": Platform()}
    monkeypatch.setattr(worker, "connect", lambda config, secret: known[config.name])
    return known


def worker_of(store: Store, lease: Lease, name: str = "blog", **fields: Any) -> Worker:
    config = channel_config(name, **({"poll": timedelta(seconds=30)} | fields))
    return Worker(config, store, lease, Secrets([config]), rnd=lambda: 0.5)


@asynccontextmanager
async def at_work(*workers: Worker) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(one.run()) for one in workers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in the store
            await asyncio.sleep(0.01)


async def state_of(store: Store, name: str = "blog") -> ChannelState:
    return await store.read(lambda r: r.channel_state(name))


async def set_state(store: Store, name: str = "blog", **fields: Any) -> None:
    await store.write(lambda tx: tx.save_channel_state(replace(tx.channel_state(name), **fields)))


async def test_a_look_brings_in_and_tells_of_itself(store: Store, lease: Lease, platforms: dict[str, Platform]) -> None:
    platforms["blog"].put(comment("1"), comment("2", parent_remote_id="1"))
    delivered, fault = await worker_of(store, lease).once()
    assert fault is None and delivered.failed == []
    state = await state_of(store)
    assert state.health is Health.OK and state.first_look_done and state.last_ok_at is not None
    assert state.next_at is not None and timedelta(seconds=25) < state.next_at - state.last_ok_at < timedelta(
        seconds=35
    )
    assert state.cursor["seen"] == 2 and state.can == {"reply"}
    assert state.since is not None and abs(state.last_ok_at - state.since - timedelta(days=7)) < timedelta(minutes=1)


async def test_gone_from_the_platform_gone_from_the_inbox(
    store: Store, lease: Lease, platforms: dict[str, Platform]
) -> None:
    platforms["blog"].put(comment("1"), comment("2"))
    await worker_of(store, lease).once()
    del platforms["blog"].comments["1"]
    await worker_of(store, lease).once()
    assert (await item_of(store, "1")).removed_at is not None
    assert (await item_of(store, "2")).removed_at is None


async def test_many_open_items_are_looked_at_in_turn(
    store: Store, lease: Lease, platforms: dict[str, Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "RECHECKED", 10)
    monkeypatch.setattr(look, "OPEN_A_LOOK", 20)
    platform = platforms["blog"]
    platform.put(*[comment(str(n)) for n in range(55)])
    await worker_of(store, lease).once()
    platform.comments.clear()
    for _ in range(3):
        await worker_of(store, lease).once()
    items = await store.read(lambda r: r.items(range(1, 100)))
    assert len(items) == 55 and all(item.removed_at is not None for item in items)


FAULTS: list[tuple[Exception, Health, int]] = [
    (AuthFailed("h", "401 Unauthorized", reply(401)), Health.AUTH, 5),
    (Limited("h", "429 Too Many", reply(429), 60), Health.LIMITED, 5),
    (NotSent("h", "refused"), Health.UNREACHABLE, 5),
    (NoAnswer("h", "timed out"), Health.UNREACHABLE, 5),
    (ServerFailed("h", "500", reply(500)), Health.UNREACHABLE, 5),
    (Gone("h", "404", reply(404)), Health.GONE, 5),
    (BadAnswer("h", "a web page where JSON was expected"), Health.ERROR, 5),
    (SecretError("token_file x can be read by others: chmod 600 x"), Health.AUTH, 5),
    (KeyError("a connector's own mistake"), Health.ERROR, 5),
]


@pytest.mark.parametrize(("error", "health", "_status"), FAULTS, ids=lambda value: type(value).__name__)
async def test_what_a_fault_makes_of_a_channel(
    store: Store, lease: Lease, platforms: dict[str, Platform], error: Exception, health: Health, _status: int
) -> None:
    platforms["blog"].reading = [error]
    _, fault = await worker_of(store, lease).once()
    assert fault is not None and fault.health is health
    state = await state_of(store)
    assert (state.health, state.failures, state.error) == (health, 1, fault.error)
    assert state.last_ok_at is None
    assert (state.next_at is None) == (health is Health.AUTH)
    assert health is not Health.AUTH or "sync --once" in (state.todo or "")
    # and well again
    _, fault = await worker_of(store, lease).once()
    if health is not Health.LIMITED:
        assert fault is None
        state = await state_of(store)
        assert (state.health, state.failures, state.error, state.todo) == (Health.OK, 0, None, None)


def test_errors_are_clean_and_without_secrets() -> None:
    fault = fault_of(RuntimeError("token=SECRET-1"), "blog")
    assert "SECRET" not in fault.error
    fault = fault_of(SecretError("a\x1b]0;x\x07b\nhttps://mina:hunter2@blog.example/"), "blog")
    assert "\x1b" not in fault.error and "\n" not in fault.error and "hunter2" not in fault.error


def test_back_off_and_the_platforms_own_wish() -> None:
    state, fault = ChannelState(name="blog"), fault_of(NotSent("h", "refused"), "blog")
    waits = []
    for _ in range(14):
        state = went_wrong(state, NOW, fault, lambda: 0.999999)
        assert state.next_at is not None
        waits.append((state.next_at - NOW).total_seconds())
    assert waits == sorted(waits) and 1 <= waits[0] <= 4 and 890 < waits[-1] <= 900
    limited = fault_of(Limited("h", "429", reply(429), 120), "blog")
    state = went_wrong(ChannelState(name="blog"), NOW, limited, lambda: 0.0)
    assert state.retry_after_until == state.next_at == NOW + timedelta(seconds=120)
    # a later fault without a wish does not shorten it
    state = went_wrong(state, NOW, fault, lambda: 0.0)
    assert state.retry_after_until == NOW + timedelta(seconds=120)
    paused = replace(state, health=Health.PAUSED)
    assert went_wrong(paused, NOW, fault, lambda: 0.0).health is Health.PAUSED
    assert went_well(paused, NOW, timedelta(seconds=30), _session(), lambda: 0.0).health is Health.PAUSED


def _session() -> Any:
    from cminbox.channels.base import Session

    return Session("Team")


async def test_no_request_before_the_silence_is_over_not_even_once(
    store: Store, lease: Lease, platforms: dict[str, Platform]
) -> None:
    platform = platforms["blog"]
    platform.reading = [Limited("h", "429", reply(429), 3600)]
    await worker_of(store, lease).once()
    entered = platform.entered
    _, fault = await worker_of(store, lease).once()
    assert fault is not None and fault.health is Health.LIMITED and "silence until" in fault.error
    async with at_work(worker_of(store, lease)):
        await asyncio.sleep(0.3)
    assert platform.entered == entered


async def test_an_answer_leaves_as_soon_as_it_is_due(
    store: Store, lease: Lease, platforms: dict[str, Platform]
) -> None:
    platforms["blog"].put(comment("1"))
    one = worker_of(store, lease)
    async with at_work(one):
        await until(lambda: _ok(store))
        act = await queue(store, "1", "Thank you!")
        one.wake.set()
        await until(lambda: _is(store, act, ActState.LIVE), 5)
    assert platforms["blog"].posted == [("1", "Thank you!")]


async def test_an_answer_in_its_undo_window_waits(store: Store, lease: Lease, platforms: dict[str, Platform]) -> None:
    platforms["blog"].put(comment("1"))
    await take(store, comment("1"))
    act = await queue(store, "1", "Thank you!")

    def hold(tx: Tx) -> None:
        from cminbox.domain.event import NewEvent

        stored = tx.outgoing(act)
        assert stored is not None
        tx.save_outgoing(replace(stored, not_before=tx.now() + timedelta(seconds=0.8)))
        tx.append(NewEvent("queued", "mina", stored.item))

    await store.write(hold)
    await worker_of(store, lease).once()
    assert (await act_of(store, act)).state is ActState.QUEUED
    async with at_work(worker_of(store, lease)):
        await until(lambda: _is(store, act, ActState.LIVE), 10)


async def test_one_that_stalls_delays_no_other(store: Store, lease: Lease, platforms: dict[str, Platform]) -> None:
    class Stalled(Platform):
        async def pages(self, cursor: Any, since: Any) -> Any:
            await asyncio.sleep(3600)
            yield Page([], {})

    platforms["blog"] = Stalled()
    platforms["shop"].put(comment("1"))
    async with at_work(worker_of(store, lease), worker_of(store, lease, "shop")):
        await until(lambda: _ok(store, "shop"), 10)
    assert (await state_of(store)).last_ok_at is None


async def test_a_look_that_takes_too_long_is_ended(
    store: Store, lease: Lease, platforms: dict[str, Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "LONGEST", 0.3)

    class Slow(Platform):
        async def pages(self, cursor: Any, since: Any) -> Any:
            yield Page([comment("1")], {"seen": 1})
            await asyncio.sleep(3600)

    platforms["blog"] = Slow()
    _, fault = await worker_of(store, lease).once()
    assert fault is not None and fault.health is Health.UNREACHABLE
    # what had come is kept, with its place
    assert (await item_of(store, "1")).status is Status.DONE or (await item_of(store, "1")).status is Status.NEW
    assert (await state_of(store)).cursor["seen"] == 1


async def test_endless_pages_end(
    store: Store, lease: Lease, platforms: dict[str, Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "MOST_PAGES", 5)

    class Endless(Platform):
        async def pages(self, cursor: Any, since: Any) -> Any:
            n = cursor.get("n", 0)
            while True:
                n += 1
                yield Page([comment(f"e{n}")], {"n": n})

    platforms["blog"] = Endless()
    await worker_of(store, lease).once()
    await worker_of(store, lease).once()
    assert (await state_of(store)).cursor["n"] == 10
    assert len(await store.read(lambda r: r.items(range(1, 100)))) == 10


async def test_an_answer_goes_out_between_the_pages_of_a_long_look(
    store: Store, lease: Lease, platforms: dict[str, Platform]
) -> None:
    await take(store, comment("1"))
    order: list[str] = []

    class Long(Platform):
        async def pages(self, cursor: Any, since: Any) -> Any:
            for n in range(3):
                if n == 1:
                    await queue(store, "1", "Thank you!")
                order.append(f"page {n}")
                yield Page([comment("1")], {})

        async def send(self, act: Any) -> Any:
            order.append("sent")
            return await super().send(act)

    platforms["blog"] = Long()
    platforms["blog"].put(comment("1"))
    await worker_of(store, lease).once()
    assert order == ["page 0", "page 1", "sent", "page 2"]


async def test_a_failing_channel_is_asked_less_and_less(
    store: Store, lease: Lease, platforms: dict[str, Platform]
) -> None:
    class Down(Platform):
        async def hello(self) -> Any:
            raise NotSent("h", "refused")

    down = platforms["blog"] = Down()
    await take(store, comment("1"))
    await queue(store, "1", "Thank you!")
    one = worker_of(store, lease, poll=timedelta(seconds=0.05))
    async with at_work(one):
        for _ in range(100):
            one.wake.set()
            await asyncio.sleep(0.01)
    # the back-off is a second and more, whatever poll says and however much is queued
    assert down.entered <= 3


async def test_paused_it_is_left_alone_and_resumed_it_goes_on(
    store: Store, lease: Lease, platforms: dict[str, Platform]
) -> None:
    await set_state(store, health=Health.PAUSED)
    await take(store, comment("1"))
    act = await queue(store, "1", "Thank you!")
    platforms["blog"].put(comment("1"))
    _, fault = await worker_of(store, lease).once()
    assert fault is None and platforms["blog"].entered == 0
    one = worker_of(store, lease)
    async with at_work(one):
        await asyncio.sleep(0.1)
        assert platforms["blog"].entered == 0
        await set_state(store, health=Health.NEVER, next_at=None)
        one.wake.set()
        await until(lambda: _is(store, act, ActState.LIVE))


async def test_a_refused_credential_waits_for_a_person(
    store: Store, lease: Lease, platforms: dict[str, Platform]
) -> None:
    platform = platforms["blog"]
    platform.reading = [AuthFailed("h", "401", reply(401))]
    one = worker_of(store, lease, poll=timedelta(seconds=0.01))
    async with at_work(one):
        await until(lambda: _health(store, Health.AUTH))
        entered = platform.entered
        for _ in range(20):
            one.wake.set()
            await asyncio.sleep(0.01)
        assert platform.entered == entered
        now = await store.read(lambda r: r.now())
        await set_state(store, next_at=now)
        one.wake.set()
        await until(lambda: _ok(store))


async def test_the_cursor_does_not_pass_what_may_be_ours(
    store: Store, lease: Lease, platforms: dict[str, Platform]
) -> None:
    platform = platforms["blog"]
    platform.sure = False
    platform.put(comment("1"))
    await worker_of(store, lease).once()
    act = await queue(store, "1", "Thank you!")
    from cminbox.courier import outbox

    def lost(tx: Tx) -> None:
        outbox.claim(tx, act, lease.fence)
        outbox.uncertain(tx, act, "no answer")

    await store.write(lost)

    async def pages(cursor: Any, since: Any) -> Any:
        for place, one in enumerate(platform.comments.values(), 1):
            yield Page([one], {"seen": place})

    platform.pages = pages  # type: ignore[method-assign]
    # it stands there, and read-back cannot see it yet; what comes after it comes in all the same
    platform.put(comment("5", "Thank you!", parent_remote_id="1"), comment("6"))
    await worker_of(store, lease).once()
    assert await store.read(lambda r: r.find_item("blog", "5")) is None
    assert (await state_of(store)).cursor["seen"] == 1
    assert (await item_of(store, "6")).status is not None
    platform.keys[(await act_of(store, act)).key] = "5"
    await worker_of(store, lease).once()
    assert (await act_of(store, act)).remote_id == "5"
    assert await store.read(lambda r: r.find_item("blog", "5")) is None
    assert (await state_of(store)).cursor["seen"] == 3


async def test_a_clock_that_was_set_back_stops_nothing(
    store: Store, lease: Lease, platforms: dict[str, Platform]
) -> None:
    now = await store.read(lambda r: r.now())
    later = now + timedelta(days=1)
    await set_state(store, next_at=later, retry_after_until=later, failures=3, health=Health.LIMITED)
    async with at_work(worker_of(store, lease)):
        await until(lambda: _ok(store))


async def test_trying_a_channel_writes_nothing(
    store: Store, platforms: dict[str, Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "connect", lambda config, secret: platforms[config.name])
    platforms["blog"].put(comment("1"), comment("2"))
    told = await _tried(store)
    assert (told.account, told.can, told.entries) == ("Team", {"reply"}, 2)
    assert await store.read(lambda r: r.head()) == Head(0, GENESIS)
    assert await state_of(store) == ChannelState(name="blog")
    platforms["blog"].reading = [AuthFailed("h", "401", reply(401))]
    with pytest.raises(UnreachableError, match="blog: h: 401; check the channel's token"):
        await _tried(store)
    await set_state(store, retry_after_until=await store.read(lambda r: r.now()) + timedelta(minutes=5))
    entered = platforms["blog"].entered
    with pytest.raises(UnreachableError, match="silence"):
        await _tried(store)
    assert platforms["blog"].entered == entered


async def _tried(store: Store) -> trial.Trial:
    state, now = await store.read(lambda r: (r.channel_state("blog"), r.now()))
    return await trial.try_channel(channel_config(), state, now)


async def _ok(store: Store, name: str = "blog") -> bool:
    return (await state_of(store, name)).last_ok_at is not None


async def _health(store: Store, health: Health) -> bool:
    return (await state_of(store)).health is health


async def _is(store: Store, act: int, state: ActState) -> bool:
    return (await act_of(store, act)).state is state
