"""Loads the demo's world from the files in ``world/`` into frozen types. What happens when is :mod:`.timeline`'s."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from cminbox.domain.text import Raw

Kind = Literal["comment", "reply", "review", "mention", "message"]
Mood = Literal["glad", "calm", "cross", "asks", "silent"]

FOLDER = Path(__file__).parent / "world"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote, or the account that speaks for the brand. ``handle`` is empty where a person left only a name."""

    id: str
    handle: Raw
    name: Raw


@dataclass(frozen=True, slots=True)
class Post:
    """What is commented on: an article, a product, a video, a forum topic."""

    id: str
    title: Raw
    url: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A text that its author changes, ``after_s`` seconds after it came into sight."""

    after_s: int
    text: Raw


@dataclass(frozen=True, slots=True)
class Answer:
    """What an author writes ``after_s`` seconds after our answer; ``then`` follows our next one."""

    after_s: int
    text: Raw
    then: Answer | None = None


@dataclass(frozen=True, slots=True)
class ScriptedComment:
    """A comment as the files have it, not yet placed in time.

    ``minutes_ago`` is set for what stands there at the start, ``arrives_at`` (seconds after the start) for the rest.
    ``clock`` is an hour and a minute to which the comment is moved back; ``removed_after_s`` counts as in
    :class:`Edit`.
    """

    id: str
    channel: str
    post: Post
    parent_id: str | None
    author: Author
    ours: bool
    lang: str
    kind: Kind
    rating: int | None
    text: Raw
    mood: Mood
    minutes_ago: int | None
    arrives_at: int | None
    clock: tuple[int, int] | None
    edits: tuple[Edit, ...]
    removed_after_s: int | None
    after_reply: Answer | None


@dataclass(frozen=True, slots=True)
class DemoChannel:
    """A place where people write to the brand. ``kind`` is comments, reviews, video or forum."""

    name: str
    kind: str
    title: str
    url: str
    account: Author
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class DemoRoute:
    """Where the brand would pass things on to; only named, the demo sends nothing."""

    name: str
    key: str
    what: str
    to: str


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """All of it. Compared by identity, so that a timeline can be kept for it."""

    brand: str
    operator: str
    about: str
    channels: Mapping[str, DemoChannel]
    routes: tuple[DemoRoute, ...]
    comments: tuple[ScriptedComment, ...]
    small_talk: Mapping[tuple[str, str], tuple[Raw, ...]]


@cache
def load_world(folder: Path = FOLDER) -> World:
    """Read the files of ``folder``, once a process.

    Raises ``OSError``, ``tomllib.TOMLDecodeError``, and ``ValueError`` naming the file and comment that is wrong.
    """
    brand = _read(folder / "brand.toml")
    people = {key: Author(key, Raw(handle), Raw(name)) for key, (handle, name) in _read(folder / "people.toml").items()}
    channels: dict[str, DemoChannel] = {}
    comments: list[ScriptedComment] = []
    for row in brand["channels"]:
        content = _read(folder / f"{row['name']}.toml")
        channel = _channel(row, content["post"])
        channels[channel.name] = channel
        comments.extend(_comments(channel, content["comment"], people))
    return World(
        brand=brand["name"],
        operator=brand["operator"],
        about=brand["about"].strip(),
        channels=channels,
        routes=tuple(DemoRoute(row["name"], row["key"], row["for"], row["to"]) for row in brand["routes"]),
        comments=tuple(comments),
        small_talk={
            (lang, mood): tuple(map(Raw, lines))
            for lang, moods in _read(folder / "small_talk.toml").items()
            for mood, lines in moods.items()
        },
    )


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def _channel(row: dict[str, Any], posts: list[dict[str, str]]) -> DemoChannel:
    account = row["account"]
    return DemoChannel(
        name=row["name"],
        kind=row["kind"],
        title=row["title"],
        url=row["url"],
        account=Author(account["id"], Raw(account["handle"]), Raw(account["name"])),
        posts=tuple(Post(post["id"], Raw(post["title"]), post["url"]) for post in posts),
    )


def _comments(
    channel: DemoChannel, rows: list[dict[str, Any]], people: Mapping[str, Author]
) -> Iterator[ScriptedComment]:
    posts = {post.id: post for post in channel.posts}
    for row in rows:
        try:
            yield _comment(channel, row, posts, people)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{channel.name}.toml, comment {row.get('id', '?')}: {error!r}") from error


def _comment(
    channel: DemoChannel, row: dict[str, Any], posts: Mapping[str, Post], people: Mapping[str, Author]
) -> ScriptedComment:
    if ("minutes_ago" in row) == ("arrives_at" in row):
        raise ValueError("needs either minutes_ago or arrives_at")
    parent, rating, ours = row.get("parent"), row.get("rating"), row.get("ours", False)
    return ScriptedComment(
        id=row["id"],
        channel=channel.name,
        post=posts[row["post"]],
        parent_id=parent,
        author=channel.account if ours else people[row["by"]],
        ours=ours,
        lang=row["lang"],
        kind=row.get("kind") or ("review" if rating else "reply" if parent else "comment"),
        rating=rating,
        text=Raw(row["text"]),
        mood=row.get("mood") or _mood_by_stars(rating),
        minutes_ago=row.get("minutes_ago"),
        arrives_at=row.get("arrives_at"),
        clock=_clock(row["clock"]) if "clock" in row else None,
        edits=tuple(Edit(edit["after_s"], Raw(edit["text"])) for edit in row.get("edits", ())),
        removed_after_s=row.get("removed_after_s"),
        after_reply=_answer(row.get("after_reply")),
    )


def _answer(row: dict[str, Any] | None) -> Answer | None:
    return Answer(row["after_s"], Raw(row["text"]), _answer(row.get("then"))) if row else None


def _mood_by_stars(rating: int | None) -> Mood:
    if rating is None or rating == 3:
        return "calm"
    return "glad" if rating > 3 else "cross"


def _clock(text: str) -> tuple[int, int]:
    hour, minute = text.split(":")
    return int(hour), int(minute)
