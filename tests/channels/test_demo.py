"""The simulated channels: the courier works on them as on any other."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cminbox.channels.demo import Connector
from cminbox.courier.run import run
from cminbox.demo.world import load_world
from cminbox.domain.channel import Health
from cminbox.domain.errors import CminboxError, UsageError
from cminbox.domain.item import Outcome
from cminbox.domain.outgoing import ActState
from cminbox.store.sqlite import open_store
from tests.courier.support import act_of, channel_config, config_of, queue


def demo_config(home: Path, name: str, started: datetime) -> object:
    options = {"state": str(home / "platform.json"), "started": started.isoformat()}
    return channel_config(name, "demo", options=options, poll=timedelta(seconds=1))


async def test_a_round_an_answer_and_what_its_author_says(tmp_path: Path) -> None:
    started = datetime.now(UTC) - timedelta(seconds=1)
    channels = [demo_config(tmp_path, name, started) for name in load_world().channels]
    config = config_of(tmp_path, *channels)  # type: ignore[arg-type]
    store = await open_store(tmp_path / "inbox.db", state=tmp_path)
    try:
        assert await run(config, store, once=True) == 0
        states = await store.read(lambda r: r.channel_states())
        assert len(states) == len(channels) and all(state.health is Health.OK for state in states)
        items = await store.read(lambda r: r.items(range(1, 1000)))
        assert len(items) > 150 and {item.channel for item in items} == set(load_world().channels)
        # what the brand answered before is no item, and what it answered is answered
        assert any(item.outcome is Outcome.ANSWERED for item in items)
        accounts = {str(channel.account.name) for channel in load_world().channels.values()}
        assert not any(item.author.shown in accounts for item in items)
        open_one = next(item for item in items if item.status.value == "new" and item.parent_remote_id is None)
        act = await queue(store, open_one.remote_id, "Thank you!", channel=open_one.channel)
        assert await run(config, store, once=True) == 0
        stored = await act_of(store, act)
        assert stored.state is ActState.LIVE and stored.remote_id == f"r-{stored.key}"
        head = await store.read(lambda r: r.head())
        assert await run(config, store, once=True) == 0
        assert (await store.read(lambda r: r.head())).n - head.n < 10
    finally:
        await store.close()
    kept = json.loads((tmp_path / "platform.json").read_text())
    assert [reply["text"] for reply in kept["replies"]] == ["Thank you!"]
    assert (tmp_path / "platform.json").stat().st_mode & 0o777 == 0o600


async def test_the_same_key_is_one_answer_and_is_read_back(tmp_path: Path) -> None:
    from cminbox.channels.base import Ref, Sending

    now = datetime.now(UTC)
    name = next(iter(load_world().channels))
    config = demo_config(tmp_path, name, now)
    act = Sending(to=Ref("x", None, None, None, None, now, {}), text="Hi", key="k1", first_attempt_at=now)
    async with Connector(config, None) as first:  # type: ignore[arg-type]
        assert (await first.find(act)).sent is None
        sent = await first.send(act)
    async with Connector(config, None) as second:  # type: ignore[arg-type]
        assert (await second.send(act)).remote_id == sent.remote_id
        found = await second.find(act)
    assert found.sent is not None and found.sent.remote_id == sent.remote_id
    assert len(json.loads((tmp_path / "platform.json").read_text())["replies"]) == 1


async def test_wrong_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CMINBOX_HOME", raising=False)
    with pytest.raises(UsageError, match="state"):
        Connector(channel_config("blog", "demo"), None)
    options = {"state": str(tmp_path / "platform.json")}
    with pytest.raises(UsageError, match="no channel"):
        await Connector(channel_config("nowhere", "demo", options=options), None).hello()
    (tmp_path / "platform.json").write_text("{broken")
    broken = Connector(channel_config(next(iter(load_world().channels)), "demo", options=options), None)
    with pytest.raises(CminboxError, match=r"platform\.json"):
        await broken.recheck([])
