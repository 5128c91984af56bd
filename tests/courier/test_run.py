"""The sync process: one at a time, its successor, its end; and ``--once`` with its status."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cminbox.courier import config_watch
from cminbox.courier import lease as lease_module
from cminbox.courier.lease import Lease, LeaseLost, fenced, told
from cminbox.courier.run import run
from cminbox.domain.channel import Health
from cminbox.domain.errors import NotFoundError
from cminbox.domain.lease import ProcessLease
from cminbox.domain.outgoing import ActState
from cminbox.presence import anyone_there, hold_presence
from cminbox.store.protocol import Store
from cminbox.store.sqlite import open_store
from tests.courier.blog import Blog
from tests.courier.support import act_of, channel_config, config_of, held_lease, item_of, queue

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def blog() -> Iterator[Blog]:
    with Blog() as made:
        yield made


class Processes:
    """Couriers of their own; none is left at the end."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.all: list[subprocess.Popen[bytes]] = []

    def start(self, url: str, mode: str = "stay") -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "tests.courier.sync_process", str(self.home), url, mode]
        child = subprocess.Popen(words, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE)
        self.all.append(child)
        return child

    def end(self) -> None:
        for child in self.all:
            child.kill()
            child.wait()
            assert child.stderr is not None
            child.stderr.close()


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[Processes]:
    made = Processes(tmp_path)
    yield made
    await asyncio.to_thread(made.end)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 30) -> float:
    """Seconds until it holds."""
    begun = time.monotonic()
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.02)
    return time.monotonic() - begun


async def holder(store: Store) -> ProcessLease | None:
    return await store.read(lambda r: r.process_lease("sync"))


async def once(store: Store, home: Path, url: str, **fields: object) -> tuple[int, list[str]]:
    said: list[str] = []
    channel = channel_config(url=url, **fields)
    return await run(config_of(home, channel), store, once=True, say=said.append), said


async def test_once_and_nothing_to_do(store: Store, tmp_path: Path, blog: Blog) -> None:
    blog.write("hello")
    assert await once(store, tmp_path, blog.url) == (0, [])
    assert (await item_of(store, "1")).text == "hello"
    assert await holder(store) is None


async def test_away_for_a_while_and_back(store: Store, tmp_path: Path) -> None:
    with Blog() as blog:
        blog.write("hello")
        assert await once(store, tmp_path, blog.url) == (0, [])
        url, comments = blog.url, blog.comments
    act = await queue(store, "1", "Thank you!")
    for _ in range(3):
        status, said = await once(store, tmp_path, url)
        assert status == 5 and len(said) == 1 and said[0].startswith("blog: ")
    assert (await act_of(store, act)).state is ActState.QUEUED
    with Blog() as back:
        back.comments = comments
        back._next = 2
        # at once, whatever back-off says: a person asked
        assert await once(store, tmp_path, back.url) == (0, [])
        assert len(back.texts("Thank you!")) == 1
    assert (await act_of(store, act)).state is ActState.LIVE


async def test_a_running_retry_after_is_kept_to(store: Store, tmp_path: Path, blog: Blog) -> None:
    blog.silence = "120"
    status, said = await once(store, tmp_path, blog.url)
    assert status == 5 and len(said) == 1
    asked = len(blog.requests)
    status, said = await once(store, tmp_path, blog.url)
    assert status == 5 and "silence" in said[0] and len(blog.requests) == asked


async def test_what_failed_for_good(store: Store, tmp_path: Path, blog: Blog) -> None:
    blog.write("hello")
    await once(store, tmp_path, blog.url)
    act = await queue(store, "1", "Thank you!")
    blog.comments.clear()
    status, said = await once(store, tmp_path, blog.url)
    assert status == 1 and "the comment is gone" in said[0]
    assert (await act_of(store, act)).state is ActState.FAILED
    assert await once(store, tmp_path, blog.url) == (0, [])


async def test_a_broken_item_alone_ends_with_0(store: Store, tmp_path: Path, blog: Blog) -> None:
    for n in range(50):
        blog.write(f"comment {n}")
    blog.comments[20]["created"] = "yesterday"
    assert await once(store, tmp_path, blog.url) == (0, [])
    state = await store.read(lambda r: r.channel_state("blog"))
    assert (state.health, state.quarantined) == (Health.OK, 1)
    assert len(await store.read(lambda r: r.items(range(1, 100)))) == 49


async def test_html_for_json_is_one_line(store: Store, tmp_path: Path, blog: Blog) -> None:
    blog.write("hello")
    blog.broken_page = b"<html>\x1b]0;x\x07welcome</html>"
    status, said = await once(store, tmp_path, blog.url)
    assert status == 5 and len(said) == 1 and "web page" in said[0] and said[0].isprintable()


@pytest.mark.parametrize("where", ["page:kill@2", "paged:kill@2"])
async def test_killed_while_taking_in_and_again(store: Store, tmp_path: Path, blog: Blog, where: str) -> None:
    for n in range(250):
        blog.write(f"comment {n}", parent=1 + n // 2 if n % 3 == 1 else None)
    words = [sys.executable, "-m", "tests.courier.sync_process", str(tmp_path), blog.url, "once"]
    env = os.environ | {"PYTHONPATH": str(ROOT), "CMINBOX_TESTING": "1", "CMINBOX_FAILPOINT": where}
    done = await asyncio.to_thread(lambda: subprocess.run(words, cwd=ROOT, env=env, timeout=60, check=False))
    assert done.returncode == -signal.SIGKILL
    assert await once(store, tmp_path, blog.url) == (0, [])
    items = await store.read(lambda r: r.items(range(1, 1000)))
    assert sorted(int(item.remote_id) for item in items) == list(range(1, 251))
    kinds = [event.kind for event in await store.read(lambda r: r.events())]
    assert kinds == ["received"] * 250


async def test_a_channel_that_is_none(store: Store, tmp_path: Path, blog: Blog) -> None:
    with pytest.raises(NotFoundError):
        await run(config_of(tmp_path, channel_config(url=blog.url)), store, once=True, channel="other")


async def test_two_at_once_never_double(store: Store, tmp_path: Path, blog: Blog, processes: Processes) -> None:
    blog.write("hello")
    await once(store, tmp_path, blog.url)
    acts = [await queue(store, "1", f"Thank you {n}!") for n in range(3)]
    blog.delay = 0.03
    children = [processes.start(blog.url, "once") for _ in range(3)]
    statuses = [await asyncio.to_thread(child.wait, 60) for child in children]
    assert statuses == [0, 0, 0]
    for n, act in enumerate(acts):
        assert len(blog.texts(f"Thank you {n}!")) == 1
        assert (await act_of(store, act)).state is ActState.LIVE


async def test_once_beside_one_that_stays(store: Store, tmp_path: Path, blog: Blog, processes: Processes) -> None:
    processes.start(blog.url)
    await until(lambda: _looked(store))
    lease = await holder(store)
    assert lease is not None and told(lease.owner)[0] == "sync"
    blog.write("hello")
    assert await once(store, tmp_path, blog.url) == (0, [])
    assert (await item_of(store, "1")).text == "hello"
    act = await queue(store, "1", "Thank you!")
    assert await once(store, tmp_path, blog.url) == (0, [])
    assert (await act_of(store, act)).state is ActState.LIVE
    # it was the other one that did it
    after = await holder(store)
    assert after is not None and after.fence == lease.fence


async def test_an_answer_is_taken_out_by_the_one_that_stays(store: Store, blog: Blog, processes: Processes) -> None:
    blog.write("hello")
    child = processes.start(blog.url)
    await until(lambda: _looked(store))
    act = await queue(store, "1", "Thank you!")
    assert await until(lambda: _live(store, act)) < 10
    # a change by its author shows, and the process ends in order
    blog.comments[1]["text"] = "hello, changed"
    await until(lambda: _text(store, "hello, changed"))
    child.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(child.wait, 10) == 0
    assert await holder(store) is None


async def test_interrupted_in_order(store: Store, blog: Blog, processes: Processes) -> None:
    working = processes.start(blog.url)
    await until(lambda: _looked(store))
    waiting = processes.start(blog.url)
    assert waiting.stderr is not None
    assert b"another courier is at work" in await asyncio.to_thread(waiting.stderr.readline)
    for child in (waiting, working):
        child.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(child.wait, 10) == 130
    assert await holder(store) is None


async def test_a_changed_configuration_is_taken_up(
    store: Store, tmp_path: Path, blog: Blog, processes: Processes
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("one = 1")
    child = processes.start(blog.url)
    await until(lambda: _looked(store))
    before = await holder(store)
    assert before is not None
    config.write_text("one = 11")
    await until(lambda: _another(store, before))
    # the same process, and again at work with the words that it was started with
    assert child.poll() is None and await _held_by(store, child.pid)
    blog.write("hello")
    await until(lambda: _text(store, "hello"))
    child.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(child.wait, 10) == 0


async def test_when_a_configuration_counts_as_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_watch, "EVERY", 0.01)
    places = replace(config_of(tmp_path).places, team=tmp_path)
    for name in ("config.toml", "team.toml"):
        for file in ("config.toml", "team.toml"):
            (tmp_path / file).write_text("one = 1")
        watching = asyncio.ensure_future(config_watch.changed(places))
        assert (await asyncio.wait([watching], timeout=0.2))[0] == set()
        (tmp_path / name).unlink()
        assert (await asyncio.wait([watching], timeout=0.2))[0] == set()
        (tmp_path / name).write_text("one = 11")
        await asyncio.wait_for(watching, 10)


async def test_the_successor_of_one_that_was_killed(store: Store, blog: Blog, processes: Processes) -> None:
    first = processes.start(blog.url)
    await until(lambda: _looked(store))
    second = processes.start(blog.url)
    assert second.stderr is not None
    said = await asyncio.to_thread(second.stderr.readline)
    assert b"another courier is at work (pid %d)" % first.pid in said
    before = await holder(store)
    first.kill()
    # a process of this machine that is dead need not be waited for
    assert await until(lambda: _held_by(store, second.pid)) < lease_module.SECONDS - lease_module.HEARTBEAT - 1
    after = await holder(store)
    assert before is not None and after is not None and after.fence > before.fence
    blog.write("hello")
    await until(lambda: _text(store, "hello"))


@pytest.mark.slow
async def test_the_successor_of_one_that_was_stopped(store: Store, blog: Blog, processes: Processes) -> None:
    first = processes.start(blog.url)
    await until(lambda: _looked(store))
    second = processes.start(blog.url)
    await asyncio.sleep(1)
    first.send_signal(signal.SIGSTOP)
    assert await until(lambda: _held_by(store, second.pid)) < lease_module.SECONDS + 5
    first.send_signal(signal.SIGCONT)
    await asyncio.sleep(lease_module.HEARTBEAT + 1)
    # awake again it stands in the line, and takes over in its turn
    assert first.poll() is None and await _held_by(store, second.pid)
    second.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(second.wait, 10) == 0
    await until(lambda: _held_by(store, first.pid))


async def test_one_for_screens_ends_with_the_last_of_them(
    store: Store, tmp_path: Path, blog: Blog, processes: Processes
) -> None:
    blog.write("hello")
    screen = hold_presence(tmp_path)
    child = processes.start(blog.url, "screen")
    await until(lambda: _looked(store))
    # a second one is not needed, and says nothing
    other = processes.start(blog.url, "screen")
    assert await asyncio.to_thread(other.wait, 20) == 0
    with pytest.raises(subprocess.TimeoutExpired):
        await asyncio.to_thread(child.wait, 3)
    act = await queue(store, "1", "Thank you!")
    screen.leave()
    assert await asyncio.to_thread(child.wait, 20) == 0
    assert (await act_of(store, act)).state is ActState.LIVE
    assert await holder(store) is None


def test_presence(tmp_path: Path) -> None:
    assert not anyone_there(tmp_path / "not" / "yet")
    assert not anyone_there(tmp_path)
    first, second = hold_presence(tmp_path), hold_presence(tmp_path)
    assert anyone_there(tmp_path)
    first.leave()
    first.leave()
    assert anyone_there(tmp_path)
    with second:
        pass
    assert not anyone_there(tmp_path)
    assert (tmp_path / "screens.lock").stat().st_mode & 0o777 == 0o600


async def test_a_lease_that_ran_out_fences_its_holder(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "SECONDS", 0.2)
    first = await held_lease(store)
    second = Lease(store, "sync")
    assert await second.take() is not None
    await asyncio.sleep(0.3)
    assert await second.take() is None
    assert second.fence == first.fence + 1
    with pytest.raises(LeaseLost):
        await store.write(lambda tx: fenced(tx, first.fence))
    with pytest.raises(LeaseLost):
        await first.assure()
    await asyncio.sleep(0.3)
    # free again: but what was begun under the old fence is not its own any more
    with pytest.raises(LeaseLost):
        await first.take()


async def test_a_holder_elsewhere_is_waited_for(store: Store) -> None:
    await store.write(lambda tx: tx.take_process_lease("sync", "sync@other-host/boot:99999999:abcd", 60))
    mine = Lease(store, "sync")
    found = await mine.take()
    assert found is not None and told(found.owner) == ("sync", "pid 99999999")


async def test_state_is_kept_over_processes(tmp_path: Path, blog: Blog) -> None:
    """A look of one process goes on where another's ended: nothing is asked for twice."""
    blog.write("hello")
    for _ in range(2):
        store = await open_store(tmp_path / "inbox.db", state=tmp_path)
        try:
            await once(store, tmp_path, blog.url, poll=timedelta(seconds=1))
        finally:
            await store.close()
    assert [path.split("?")[0] for path in blog.requests] == ["/config", "/latest", "/", "/config", "/latest"]


async def _looked(store: Store) -> bool:
    return (await store.read(lambda r: r.channel_state("blog"))).last_ok_at is not None


async def _another(store: Store, before: ProcessLease) -> bool:
    now = await holder(store)
    return now is not None and now.fence > before.fence


async def _live(store: Store, act: int) -> bool:
    return (await act_of(store, act)).state is ActState.LIVE


async def _text(store: Store, text: str) -> bool:
    item = await store.read(lambda r: r.find_item("blog", "1"))
    return item is not None and item.text == text


async def _held_by(store: Store, pid: int) -> bool:
    lease = await holder(store)
    return lease is not None and told(lease.owner)[1] == f"pid {pid}"
