"""Isso from end to end, on the real server: visitors write, nest, edit, delete; we answer, and it stands there once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from cminbox.channels.base import on_platform
from cminbox.courier.run import run
from cminbox.domain.channel import Health
from cminbox.domain.item import Item, Outcome, Status
from cminbox.domain.outgoing import ActState
from cminbox.store.protocol import Store
from cminbox.store.sqlite import open_store
from tests.channels.servers import Proxy, Visitor, started
from tests.courier.support import act_of, channel_config, config_of, item_of, queue

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.shared]
ACCOUNT = "Team & <Co>"


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, Any]]:
    with started("isso") as told:
        yield told


@pytest.fixture
def proxy(server: dict[str, Any]) -> Iterator[Proxy]:
    with Proxy(server["base"]) as made:
        yield made


@pytest.fixture
def visitor(server: dict[str, Any]) -> Visitor:
    return Visitor(server["base"])


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "inbox.db", state=tmp_path)
    yield opened
    await opened.close()


class Desk:
    def __init__(self, store: Store, home: Path, url: str, **fields: Any) -> None:
        self.store = store
        self.config = config_of(home, channel_config(url=url, account=ACCOUNT, **fields))

    async def sync(self) -> tuple[int, list[str]]:
        said: list[str] = []
        return await run(self.config, self.store, once=True, say=said.append), said

    async def items(self) -> list[Item]:
        return await self.store.read(lambda r: r.items(range(1, 1000)))


@pytest.fixture
def desk(store: Store, tmp_path: Path, proxy: Proxy) -> Desk:
    return Desk(store, tmp_path, proxy.url)


async def test_from_a_comment_to_an_answer_that_stands_there_once(
    desk: Desk, store: Store, visitor: Visitor, server: dict[str, Any]
) -> None:
    uri = "/end-to-end/"
    first = visitor.write(uri, "dora", "Wann kommt mein *Paket*? <b>42</b>")
    nested = visitor.write(uri, "emil", "Das frage ich mich auch.", first)
    other = visitor.write(uri, "fritz", "Bald weg")
    assert await desk.sync() == (0, [])
    item, below = await item_of(store, str(first)), await item_of(store, str(nested))
    assert item.text == "Wann kommt mein *Paket*? <b>42</b>" and item.author.name == "dora"
    assert item.url == f"{server['base']}{uri}#isso-{first}"
    assert item.post is not None and item.post.remote_id == uri and item.post.url == f"{server['base']}{uri}"
    assert below.parent_remote_id == str(first) and below.thread == item.thread and below.kind.value == "reply"

    # the author edits one, deletes the other
    visitor.edit(first, "dora", "Wann kommt mein Paket 43?")
    visitor.delete(other)
    assert await desk.sync() == (0, [])
    item = await item_of(store, str(first))
    assert item.text == "Wann kommt mein Paket 43?" and item.edited_at is not None
    gone = await item_of(store, str(other))
    assert gone.removed_at is not None and (gone.status, gone.outcome) == (Status.DONE, Outcome.WITHDRAWN)

    # two answers: to the topmost comment, and to the one below it
    text = 'Morgen. "Wirklich" & ünbedingt <script> 🎉\n\nZweite Zeile  '
    top, deep = await queue(store, str(first), text), await queue(store, str(nested), "Auch morgen.")
    assert await desk.sync() == (0, [])
    for act, wanted in ((top, text), (deep, "Auch morgen.")):
        stored = await act_of(store, act)
        standing = [one for one in visitor.thread(uri) if one["text"] == wanted]
        assert len(standing) == 1 and standing[0]["parent"] == first
        assert (stored.state, stored.remote_id) == (ActState.LIVE, str(standing[0]["id"]))
        assert stored.url == f"{server['base']}{uri}#isso-{stored.remote_id}"
    assert (await item_of(store, str(first))).outcome is Outcome.ANSWERED

    # own answers do not come back as items; they stand in the thread
    before = len(await desk.items())
    for _ in range(2):
        assert await desk.sync() == (0, [])
    assert len(await desk.items()) == before
    nodes = await store.read(lambda r: r.thread_nodes(item.thread))
    assert len([node for node in nodes if node.key < 0]) == 2

    # the topmost one goes too: a placeholder stays for those below, and the item is withdrawn there but answered
    visitor.edit(first, "dora", "xxx xxx")
    visitor.delete(first)
    assert await desk.sync() == (0, [])
    item = await item_of(store, str(first))
    assert item.removed_at is not None and item.outcome is not None
    assert (await item_of(store, str(nested))).removed_at is None


async def test_an_id_that_is_given_out_again(desk: Desk, store: Store, visitor: Visitor) -> None:
    uri = "/again/"
    first = visitor.write(uri, "dora", "stays")
    last = visitor.write(uri, "emil", "goes")
    await desk.sync()
    visitor.delete(last)
    # nobody looked in between
    assert visitor.write(uri, "fritz", "is somebody else") == last
    assert await desk.sync() == (0, [])
    assert (await item_of(store, str(last))).removed_at is not None
    fresh = next(item for item in await desk.items() if item.text == "is somebody else")
    assert on_platform(fresh.remote_id) == str(last) != fresh.remote_id and fresh.author.name == "fritz"
    act = await queue(store, fresh.remote_id, "Hello fritz")
    await desk.sync()
    assert (await act_of(store, act)).state is ActState.LIVE
    assert next(one for one in visitor.thread(uri) if one["text"] == "Hello fritz")["parent"] == last
    # and ours may get the id of one that was deleted
    visitor.write(uri, "gerd", "to be deleted")
    await desk.sync()
    newest = max(visitor.cookies)
    visitor.delete(newest)
    act = await queue(store, str(first), "Hello dora")
    assert await desk.sync() == (0, [])
    assert (await act_of(store, act)).remote_id == str(newest)
    count = len(await desk.items())
    await desk.sync()
    assert len(await desk.items()) == count


async def test_down_for_a_while(desk: Desk, store: Store, visitor: Visitor, proxy: Proxy) -> None:
    uri = "/down/"
    number = visitor.write(uri, "dora", "Hallo?")
    assert await desk.sync() == (0, [])
    act = await queue(store, str(number), "Wir sind da.")
    proxy.down()
    for _ in range(2):
        status, said = await desk.sync()
        assert status == 5 and len(said) == 1 and said[0].startswith("blog: ") and "\n" not in said[0]
    state = await store.read(lambda r: r.channel_state("blog"))
    assert state.health is Health.UNREACHABLE and state.failures == 2
    assert (await act_of(store, act)).state is ActState.QUEUED
    proxy.up()
    assert await desk.sync() == (0, [])
    assert (await act_of(store, act)).state is ActState.LIVE
    assert [one["text"] for one in visitor.thread(uri)].count("Wir sind da.") == 1


async def test_done_but_a_bad_gateway_told(desk: Desk, store: Store, visitor: Visitor, proxy: Proxy) -> None:
    uri = "/gateway/"
    number = visitor.write(uri, "dora", "Hallo?")
    await desk.sync()
    act = await queue(store, str(number), "Wir sind da.")
    proxy.fault = "502"
    assert await desk.sync() == (0, [])
    stored = await act_of(store, act)
    assert stored.state is ActState.LIVE and stored.attempts == 1
    assert [one["text"] for one in visitor.thread(uri)].count("Wir sind da.") == 1


async def test_lost_on_the_way_and_sent_once_more(
    store: Store, tmp_path: Path, visitor: Visitor, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMINBOX_TESTING", "1")
    monkeypatch.setenv("CMINBOX_QUIET", "0.2")
    desk = Desk(store, tmp_path, proxy.url)
    uri = "/lost/"
    number, second = visitor.write(uri, "dora", "Hallo?"), visitor.write(uri, "emil", "Hallo auch")
    await desk.sync()
    # whether this server holds comments back is not known before the first answer: a person has to decide
    act = await queue(store, str(number), "Wir sind da.")
    proxy.fault = "reset"
    status, said = await desk.sync()
    assert status == 5 and "uncertain" in said[0]
    assert (await act_of(store, act)).state is ActState.UNCERTAIN
    await desk.sync()
    assert (await act_of(store, act)).state is ActState.UNCERTAIN
    # now it is known
    other = await queue(store, str(second), "Zweite Antwort")
    await desk.sync()
    assert (await act_of(store, other)).state is ActState.LIVE
    await desk.sync()
    assert (await act_of(store, act)).state is ActState.LIVE
    texts = [one["text"] for one in visitor.thread(uri)]
    assert (texts.count("Wir sind da."), texts.count("Zweite Antwort")) == (1, 1)


async def test_the_comment_goes_while_the_answer_is_on_its_way(
    desk: Desk, store: Store, visitor: Visitor, proxy: Proxy
) -> None:
    uri = "/gone/"
    stays = visitor.write(uri, "emil", "bleibt")
    number = visitor.write(uri, "dora", "geht")
    await desk.sync()
    act = await queue(store, str(number), "Schon da.")

    def delete() -> None:
        proxy.before_posting = None
        visitor.delete(number)

    proxy.before_posting = delete
    status, said = await desk.sync()
    assert status == 1 and "the comment is gone" in said[0]
    stored = await act_of(store, act)
    assert (stored.state, stored.error) == (ActState.FAILED, "the comment is gone")
    # it was taken back, and does not stand at the top of the page
    assert [one["id"] for one in visitor.thread(uri)] == [stays]


async def test_too_short_is_refused(desk: Desk, store: Store, visitor: Visitor) -> None:
    number = visitor.write("/short/", "dora", "Hallo?")
    await desk.sync()
    act = await queue(store, str(number), "ok")
    status, said = await desk.sync()
    assert status == 1 and "too short" in said[0]
    assert (await act_of(store, act)).state is ActState.FAILED


async def test_pages_by_name_where_latest_is_off(
    store: Store, tmp_path: Path, visitor: Visitor, server: dict[str, Any]
) -> None:
    for n in range(3):
        visitor.write(f"/named/{n}/", "dora", f"Nummer {n}")
    desk = Desk(store, tmp_path, server["base"], options={"uris": ["/named/0/", "/named/2/"]})
    assert await desk.sync() == (0, [])
    assert {"Nummer 0", "Nummer 2"} <= {str(item.text) for item in await desk.items()}


async def test_a_wrong_password_of_the_admin(store: Store, tmp_path: Path, server: dict[str, Any]) -> None:
    from cminbox.domain.config import SecretSource

    file = tmp_path / "password"
    file.write_text("wrong")
    file.chmod(0o600)
    desk = Desk(store, tmp_path, server["base"], token=SecretSource(file=file))
    status, said = await desk.sync()
    assert status == 5 and "password is refused" in said[0] and "wrong" not in said[0]
    assert (await store.read(lambda r: r.channel_state("blog"))).health is Health.AUTH
