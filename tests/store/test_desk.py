"""Drafts and leases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cminbox.domain.draft import Draft
from cminbox.domain.errors import NotFoundError, RefusedError
from cminbox.domain.item import ItemLease
from cminbox.store.sqlite.aio import SqliteStore
from tests.store.conftest import Clock
from tests.store.making import NOW, add, item, later


async def test_drafts_belong_to_an_item_and_an_operator(store: SqliteStore) -> None:
    await store.write(lambda tx: add(tx, item(1), item(2)))
    mine = Draft(item=1, operator="mina", text="Liebe 👩‍🔧,\n", updated_at=NOW, snippet="hello", cursor=7)
    others = [replace(mine, item=2, updated_at=later(5)), replace(mine, operator="jo", text="Hi")]

    def fn(tx: Any) -> None:
        for draft in (mine, *others):
            tx.save_draft(draft)

    await store.write(fn)
    assert await store.read(lambda r: r.draft(1, "mina")) == mine
    assert await store.read(lambda r: r.draft(2, "mina")) == others[0]
    changed = replace(mine, text="", cursor=0, snippet=None)
    await store.write(lambda tx: tx.save_draft(changed))
    assert await store.read(lambda r: r.draft(1, "mina")) == changed
    await store.write(lambda tx: tx.drop_draft(1, "mina"))
    assert await store.read(lambda r: r.draft(1, "mina")) is None
    assert await store.read(lambda r: r.draft(1, "jo")) == others[1]
    with pytest.raises(NotFoundError):
        await store.write(lambda tx: tx.save_draft(replace(mine, item=99)))


async def test_an_item_is_leased_to_one_until_the_time_is_over(store: SqliteStore, clock: Clock) -> None:
    await store.write(lambda tx: add(tx, item(1)))

    def take(who: str, **more: Any) -> Any:
        return lambda tx: tx.take_item_lease(1, who, 60, **more)

    assert await store.write(take("mina")) == ItemLease("mina", later(60))
    clock.go(10)
    assert await store.write(take("jo")) == ItemLease("mina", later(60))
    assert await store.write(take("mina")) == ItemLease("mina", later(70))
    assert await store.write(take("jo", steal=True)) == ItemLease("jo", later(70))
    await store.write(lambda tx: tx.drop_item_lease(1, "mina"))
    assert await store.read(lambda r: r.item_lease(1)) == ItemLease("jo", later(70))
    clock.go(60)
    assert await store.read(lambda r: r.item_lease(1)) is None
    assert await store.write(take("mina")) == ItemLease("mina", later(130))
    await store.write(lambda tx: tx.drop_item_lease(1, "mina"))
    assert await store.read(lambda r: r.item_lease(1)) is None
    with pytest.raises(NotFoundError):
        await store.write(lambda tx: tx.take_item_lease(9, "mina", 60))


async def test_one_process_holds_a_duty_and_each_new_one_has_a_higher_fence(store: SqliteStore, clock: Clock) -> None:
    def take(who: str) -> Any:
        return lambda tx: tx.take_process_lease("sync", who, 30)

    assert await store.read(lambda r: r.process_lease("sync")) is None
    first = await store.write(take("a"))
    assert await store.write(take("b")) is None
    clock.go(20)
    again = await store.write(take("a"))
    assert (again.fence, again.until) == (first.fence, later(50))
    clock.go(20)
    assert await store.write(take("b")) is None
    clock.go(11)
    assert not (await store.read(lambda r: r.process_lease("sync"))).held(clock.at)
    second = await store.write(take("b"))
    assert second.fence > first.fence
    assert await store.write(take("a")) is None
    await store.write(lambda tx: tx.drop_process_lease("sync", "a"))
    assert (await store.read(lambda r: r.process_lease("sync"))).owner == "b"
    await store.write(lambda tx: tx.drop_process_lease("sync", "b"))
    assert await store.read(lambda r: r.process_lease("sync")) is None
    with pytest.raises(RefusedError):
        await store.write(lambda tx: tx.check_fence("sync", second.fence))
    third = await store.write(take("b"))
    assert third.fence > second.fence


async def test_a_late_write_under_an_old_fence_changes_nothing(store: SqliteStore, clock: Clock) -> None:
    old = await store.write(lambda tx: tx.take_process_lease("sync", "a", 30))
    clock.go(31)
    await store.write(lambda tx: tx.take_process_lease("sync", "b", 30))

    def page(tx: Any) -> None:
        add(tx, item(1))
        tx.check_fence("sync", old.fence)

    with pytest.raises(RefusedError):
        await store.write(page)
    assert await store.read(lambda r: r.item(1)) is None
    assert await store.read(lambda r: r.head().n) == 0
