"""A blog that holds comments back: seen with the admin's password, and never answered twice without it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from cminbox.domain.config import SecretSource
from cminbox.domain.item import Status
from cminbox.domain.outgoing import ActState
from cminbox.store.protocol import Store
from cminbox.store.sqlite import open_store
from tests.channels.servers import Proxy, Visitor, started
from tests.channels.test_isso_server import Desk
from tests.courier.support import act_of, item_of, queue

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.shared]


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, Any]]:
    with started("isso", "--moderated") as told:
        yield told


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "inbox.db", state=tmp_path)
    yield opened
    await opened.close()


def password(home: Path, server: dict[str, Any]) -> SecretSource:
    file = home / "password"
    file.write_text(server["admin_password"])
    file.chmod(0o600)
    return SecretSource(file=file)


def let_out(server: dict[str, Any], number: int) -> None:
    key = server["moderation_keys"][str(number)]
    import urllib.request

    request = urllib.request.Request(f"{server['base']}/id/{number}/activate/{key}", b"{}", method="POST")
    urllib.request.urlopen(request, timeout=20).close()


async def test_held_seen_let_out_answered(store: Store, tmp_path: Path, server: dict[str, Any]) -> None:
    with Proxy(server["base"]) as proxy:
        desk = Desk(store, tmp_path, proxy.url, token=password(tmp_path, server))
        assert await desk.sync() == (0, [])
        first, nested, hostile = [await item_of(store, str(number)) for number in server["comments"]]
        assert first.held and first.text == "First! Is there a **dark mode**?" and first.author.name == "bob"
        assert first.post is not None and first.post.title == "First post"
        assert hostile.text == "<script>alert(1)</script> buy pills http://spam.example/"
        assert (first.status, nested.parent_remote_id) == (Status.NEW, None)
        # what is not public cannot be answered
        act = await queue(store, nested.remote_id, "Too early")
        status, said = await desk.sync()
        assert status == 1 and "let it out first" in said[0]
        assert (await act_of(store, act)).state is ActState.FAILED
        for number in server["comments"][:2]:
            let_out(server, number)
        assert await desk.sync() == (0, [])
        first, nested = await item_of(store, "1"), await item_of(store, "2")
        assert not first.held and not nested.held and nested.parent_remote_id == "1"
        assert nested.thread == first.thread and (await item_of(store, "3")).held
        # our answer is held as well; lost in the gateway, it is found in the queue
        act = await queue(store, "1", "We are on it.")
        proxy.fault = "502"
        assert await desk.sync() == (0, [])
        stored = await act_of(store, act)
        assert stored.state is ActState.LIVE and stored.attempts == 1
        count = len(await desk.items())
        assert await desk.sync() == (0, [])
        assert len(await desk.items()) == count


async def test_without_the_password_nobody_is_sure(
    store: Store, tmp_path: Path, server: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMINBOX_TESTING", "1")
    monkeypatch.setenv("CMINBOX_QUIET", "0")
    with Proxy(server["base"]) as proxy:
        desk = Desk(store, tmp_path, proxy.url)
        assert await desk.sync() == (0, [])
        act = await queue(store, "1", "Thank you, bob.")
        assert await desk.sync() == (0, [])
        assert (await act_of(store, act)).state is ActState.LIVE
        act = await queue(store, "2", "Thank you, carol.")
        proxy.fault = "502"
        status, _ = await desk.sync()
        assert status == 5
        for _ in range(3):
            await desk.sync()
        stored = await act_of(store, act)
        assert (stored.state, stored.attempts) == (ActState.UNCERTAIN, 1)
    assert Visitor(server["base"]).thread(server["uri"])
