"""Answers under kill -9 at every failpoint, with a server that tells and one that does not: each once, or uncertain."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from cminbox.domain.outgoing import ActState
from cminbox.store.sqlite import open_store
from tests.courier.blog import LATE, Blog
from tests.courier.support import queue

FAULTS = {"503": 0.1, "502": 0.1, "lost": 0.05, "late": 0.1, "reset": 0.05}
FAILPOINTS = ("claimed", "sent", "answered", "committed", "logged")
ROOT = Path(__file__).resolve().parents[2]
QUIET = LATE + 0.7


def sync(home: Path, url: str, failpoint: str | None) -> int:
    env = os.environ | {"CMINBOX_TESTING": "1", "CMINBOX_QUIET": str(QUIET), "PYTHONPATH": str(ROOT)}
    if failpoint:
        env["CMINBOX_FAILPOINT"] = failpoint
    words = [sys.executable, "-m", "tests.courier.sync_process", str(home), url, "once"]
    return subprocess.run(words, env=env, cwd=ROOT, timeout=120, check=False, capture_output=True).returncode


async def prepared(home: Path, blog: Blog, count: int) -> dict[int, str]:
    """A store that knows the blog's comments, with an answer queued to each; act → text. Some texts are the same."""
    for n in range(count):
        blog.write(f"question {n}", uri=f"/{n % 7}/", parent=1 + n % 7 if n >= 7 else None)
    assert await asyncio.to_thread(sync, home, blog.url, None) == 0
    store = await open_store(home / "inbox.db", state=home)
    try:
        acts = {}
        for n in range(count):
            text = "Thank you for your question!" if n % 4 == 0 else f"Answer number {n}, with ünïcode 🎉"
            acts[await queue(store, str(n + 1), text)] = text
        return acts
    finally:
        await store.close()


async def outcome(home: Path) -> dict[int, tuple[ActState, str | None, str]]:
    store = await open_store(home / "inbox.db", state=home)
    try:
        acts = await store.read(lambda r: r.outbox(frozenset(ActState), limit=10_000))
        items = await store.read(lambda r: r.items([act.item for act in acts]))
        assert len(items) == len({act.item for act in acts})
        assert await store.verify() is None
        assert all(not item.text.startswith(("Answer", "Thank")) for item in items)
        ours = await store.read(lambda r: [item.text for item in r.items(range(1, 10_000)) if "nswer n" in item.text])
        # what we wrote never comes back as a comment to be answered
        assert ours == []
        return {act.id: (act.state, act.remote_id, act.text) for act in acts}
    finally:
        await store.close()


def settled(states: dict[int, tuple[ActState, str | None, str]]) -> bool:
    return all(state is ActState.LIVE for state, _, _ in states.values())


async def deliver_under_fire(home: Path, count: int, seed: int, rounds: int) -> None:
    chance = random.Random(seed)
    with Blog(FAULTS, seed) as blog:
        acts = await prepared(home, blog, count)
        killed: Counter[str] = Counter()
        for n in range(rounds):
            failpoint = FAILPOINTS[n % len(FAILPOINTS)]
            status = await asyncio.to_thread(sync, home, blog.url, f"{failpoint}:kill@{chance.randint(1, 4)}")
            killed[failpoint] += status == -signal.SIGKILL
            if n % 5 == 4 and settled(await outcome(home)):
                break
        assert sum(killed.values()) >= min(len(FAILPOINTS), rounds // 2), killed
        # calm again: everything that can be known becomes known
        blog.faults = {}
        states, calm = await outcome(home), 0
        while not settled(states) and calm < 3:
            await asyncio.sleep(QUIET)
            await asyncio.to_thread(sync, home, blog.url, None)
            before, states = states, await outcome(home)
            calm = calm + 1 if states == before else 0
        wanted = Counter(acts.values())
        uncertain: Counter[str] = Counter()
        for act, text in acts.items():
            state, remote_id, _ = states[act]
            assert state in (ActState.LIVE, ActState.UNCERTAIN), (act, state)
            if state is ActState.UNCERTAIN:
                uncertain[text] += 1
            else:
                assert remote_id is not None and blog.comments[int(remote_id)]["text"] == text
        for text, times in wanted.items():
            standing = len(blog.texts(text))
            assert times - uncertain[text] <= standing <= times, (text, times, standing, uncertain[text])
        live = [remote_id for state, remote_id, _ in states.values() if state is ActState.LIVE]
        assert len(live) == len(set(live))
        # three tries are enough for a server that fails three times in ten
        assert sum(uncertain.values()) <= count // 10 + 1


async def test_killed_at_each_failpoint(tmp_path: Path) -> None:
    with Blog() as blog:
        acts = await prepared(tmp_path, blog, len(FAILPOINTS) + 1)
        for failpoint in FAILPOINTS:
            assert await asyncio.to_thread(sync, tmp_path, blog.url, f"{failpoint}:kill") == -signal.SIGKILL
        await assert_each_once(tmp_path, blog, acts)


async def test_each_fault_of_a_server(tmp_path: Path) -> None:
    with Blog() as blog:
        acts = await prepared(tmp_path, blog, len(FAULTS) + 1)
        blog.script = ["ok", *FAULTS]
        await assert_each_once(tmp_path, blog, acts)
        assert blog.script == []


async def assert_each_once(home: Path, blog: Blog, acts: dict[int, str]) -> None:
    """In a few rounds every answer is live, and there is none that stands twice."""
    states = await outcome(home)
    for _ in range(4):
        await asyncio.to_thread(sync, home, blog.url, None)
        states = await outcome(home)
        if settled(states):
            break
        await asyncio.sleep(QUIET)
    assert settled(states), states
    for text, times in Counter(acts.values()).items():
        assert len(blog.texts(text)) == times
    assert len({remote_id for _, remote_id, _ in states.values()}) == len(acts)


@pytest.mark.slow
async def test_twenty_answers_under_fire(tmp_path: Path) -> None:
    await deliver_under_fire(tmp_path, 20, seed=3, rounds=7)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
async def test_two_hundred_answers_under_fire(tmp_path: Path, seed: int) -> None:
    await deliver_under_fire(tmp_path, 200, seed=seed, rounds=150)
