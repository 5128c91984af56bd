"""The channels of ``cminbox demo``: an invented brand's, simulated in this process. No network.

What stands there follows from the world's files, the moment at which the demo began, and our own answers, which are
kept in the file named by ``state``; so a courier that starts anew, or reads back, finds them.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import random
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from cminbox.channels.base import Comment, Found, Page, Ref, Sending, Sent, Session
from cminbox.demo.timeline import DemoComment, OperatorReply, visible
from cminbox.demo.world import DemoChannel, load_world
from cminbox.domain.channel import KindFacts
from cminbox.domain.config import ChannelConfig
from cminbox.domain.errors import CminboxError, UsageError
from cminbox.domain.item import Kind
from cminbox.domain.text import Raw

FACTS = KindFacts(
    kind="demo",
    title="Demo",
    can=frozenset({"reply"}),
    needs_url=False,
    max_length=2_000,
    options={
        "state": "str: the file in which the simulated platform keeps our answers (demo-platform.json in CMINBOX_HOME)",
        "started": "str: when the demo began, ISO 8601 with a zone; without it, when the file was made",
    },
)

T = TypeVar("T")
_STATE = "demo-platform.json"
_PAGE = 50
_OVERLAP = timedelta(seconds=10)
_LATENCY = (0.02, 0.06)
"""Seconds that an answer of the platform takes: enough to be seen, too little to be in the way."""


class Connector:
    """One simulated channel; the channel's name is the one of the world."""

    reuses_ids = False
    quiet = timedelta(seconds=2)

    def __init__(self, config: ChannelConfig, secret: str | None) -> None:
        home = os.environ.get("CMINBOX_HOME")
        file = config.options.get("state") or (f"{home}/{_STATE}" if home else None)
        if file is None:
            raise UsageError(f"channel {config.name}: state is missing (the file of the simulated platform)")
        self._name = config.name
        self._file = Path(str(file))
        self._started: str | None = config.options.get("started")

    async def __aenter__(self) -> Connector:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def hello(self) -> Session:
        """The brand's account there."""
        account = (await self._channel()).account
        return Session(str(account.name), frozenset({account.id}), FACTS.can)

    async def pages(self, cursor: dict[str, Any], since: datetime) -> AsyncIterator[Page]:
        """What was written, edited or removed since the last look."""
        after = datetime.fromisoformat(cursor["at"]) - _OVERLAP if "at" in cursor else None
        now = datetime.now(UTC)
        fresh = [one for one in await self._visible(now) if after is None or _touched(one) >= after]
        for start in range(0, len(fresh), _PAGE):
            part = fresh[start : start + _PAGE]
            last = start + _PAGE >= len(fresh)
            yield Page([_comment(one) for one in part], {"at": now.isoformat()} if last else dict(cursor))
            await _latency()

    async def recheck(self, refs: Sequence[Ref]) -> Sequence[Comment]:
        """These comments as they stand now."""
        standing = {one.id: one for one in await self._visible(datetime.now(UTC))}
        return [_comment(standing[ref.remote_id]) for ref in refs if ref.remote_id in standing]

    async def send(self, act: Sending) -> Sent:
        """Posts the answer: the same key twice is one answer."""
        now = datetime.now(UTC)
        reply = {"id": f"r-{act.key}", "parent": act.to.remote_id, "text": act.text, "at": now.isoformat()}

        def post(kept: dict[str, Any]) -> dict[str, str]:
            for known in kept["replies"]:
                if known["id"] == reply["id"]:
                    return dict(known)
            kept["replies"].append(reply)
            return reply

        await _latency()
        return _sent(act, await self._kept(post))

    async def find(self, act: Sending) -> Found:
        """Reads back by the key."""
        replies: list[dict[str, str]] = await self._kept(lambda kept: list(kept["replies"]))
        for reply in replies:
            if reply["id"] == f"r-{act.key}":
                return Found(_sent(act, reply), True)
        return Found(None, True)

    async def _channel(self) -> DemoChannel:
        world = await asyncio.to_thread(load_world)
        try:
            return world.channels[self._name]
        except KeyError:
            names = ", ".join(world.channels)
            raise UsageError(f"the demo has no channel {self._name!r}: there are {names}") from None

    async def _visible(self, now: datetime) -> list[DemoComment]:
        await self._channel()
        await _latency()

        def look(kept: dict[str, Any]) -> tuple[str, list[OperatorReply]]:
            replies = [
                OperatorReply(one["id"], one["parent"], Raw(one["text"]), datetime.fromisoformat(one["at"]))
                for one in kept["replies"]
            ]
            return kept["started"], replies

        started, replies = await self._kept(look)
        return visible(load_world(), self._name, datetime.fromisoformat(started), now, replies)

    async def _kept(self, fn: Callable[[dict[str, Any]], T]) -> T:
        return await asyncio.to_thread(_with_state, self._file, self._started, fn)


def _with_state(file: Path, started: str | None, fn: Callable[[dict[str, Any]], T]) -> T:
    """Runs ``fn`` over what the platform knows, alone on this machine; what it changes is kept."""
    try:
        fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "r+", encoding="utf-8") as stream:
            fcntl.flock(fd, fcntl.LOCK_EX)
            before = stream.read()
            kept = json.loads(before) if before else {"started": None, "replies": []}
            kept["started"] = kept["started"] or started or datetime.now(UTC).isoformat()
            result = fn(kept)
            after = json.dumps(kept)
            if after != before:
                stream.seek(0)
                stream.write(after)
                stream.truncate()
            return result
    except (OSError, ValueError) as error:
        raise CminboxError(f"the demo's file cannot be used ({type(error).__name__}): {file}") from error


def _comment(one: DemoComment) -> Comment:
    return Comment(
        remote_id=one.id,
        parent_remote_id=one.parent_id,
        kind=Kind(one.kind),
        author_id=one.author.id,
        author_handle=one.author.handle or None,
        author_name=one.author.name,
        post_id=one.post.id,
        post_title=one.post.title,
        post_url=Raw(one.post.url),
        text=one.text,
        lang=one.lang,
        rating=one.rating,
        url=Raw(one.url),
        created_at=one.created_at,
        edited_at=one.edited_at,
        removed=one.removed_at is not None,
        own=one.ours,
    )


def _touched(one: DemoComment) -> datetime:
    """When it was last changed."""
    return max(at for at in (one.created_at, one.edited_at, one.removed_at) if at is not None)


def _sent(act: Sending, reply: dict[str, str]) -> Sent:
    url = f"{act.to.post_url}#{reply['id']}" if act.to.post_url else None
    return Sent(reply["id"], url, created_at=datetime.fromisoformat(reply["at"]))


async def _latency() -> None:
    await asyncio.sleep(random.uniform(*_LATENCY))
