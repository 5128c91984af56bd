"""When the demo's comments were, or will be, written, and what stands on a channel at a moment.

Pure and deterministic: the same world, start, moment and answers of ours give the same comments, to the second.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zlib import crc32

from cminbox.demo.world import Answer, Author, DemoChannel, Kind, Post, ScriptedComment, World
from cminbox.domain.text import Raw

# How much is written in each hour of the day, midnight first: people comment at lunch and after supper.
_BUSY = (3, 1, 1, 1, 1, 2, 5, 9, 12, 13, 13, 14, 16, 15, 13, 12, 13, 15, 17, 19, 20, 19, 15, 8)
_USUAL = sum(_BUSY) / len(_BUSY)
_LATELY = timedelta(minutes=90)  # so far back, minutes ago are real ones, at whatever hour the demo is opened
_FURTHEST_HOURS = 24 * 5
_TALKATIVE_PER_CENT = 60  # of the authors who have no lines of their own


@dataclass(frozen=True, slots=True)
class DemoComment:
    """A comment as the platform would show it at a moment. Instants are UTC.

    ``text`` is the one that stands there then; once ``removed_at`` is set it is empty, as platforms keep no text.
    """

    id: str
    channel: str
    kind: Kind
    url: str
    post: Post
    parent_id: str | None
    author: Author
    ours: bool
    lang: str | None
    rating: int | None
    text: Raw
    created_at: datetime
    edited_at: datetime | None = None
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OperatorReply:
    """An answer of ours that the channel took: ``id`` is the one it gave, ``at`` an aware instant."""

    id: str
    parent_id: str
    text: Raw
    at: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    """A scripted comment with its instants (UTC): when it was written, and from when on anybody looks at it."""

    script: ScriptedComment
    created_at: datetime
    in_sight_at: datetime


@lru_cache(maxsize=4)
def timeline(world: World, started_at: datetime) -> tuple[Placed, ...]:
    """Every scripted comment at its instants, oldest first.

    The hours of night are those of ``started_at``'s own timezone. Raises ``ValueError`` for a start without one.
    """
    if started_at.tzinfo is None:
        raise ValueError("the demo's start needs a timezone")
    marks = _hour_marks(started_at)
    placed = [_place(comment, started_at, marks) for comment in world.comments]
    return tuple(sorted(placed, key=lambda place: (place.created_at, place.script.id)))


def visible(
    world: World, channel: str, started_at: datetime, now: datetime, replies: Sequence[OperatorReply]
) -> list[DemoComment]:
    """What stands on ``channel`` at ``now``, oldest first, our own answers and what authors said to them included.

    ``replies`` may be those of all channels: one whose parent does not stand here is passed over. An author answers
    only the first reply to each comment of theirs. Raises ``KeyError`` for an unknown channel.
    """
    stage = _Stage(world, world.channels[channel])
    for place in timeline(world, started_at):
        if place.script.channel == channel and place.created_at <= now:
            stage.enter(place, now)
    for reply in sorted(replies, key=lambda reply: (reply.at, reply.id)):
        if reply.at <= now and reply.parent_id in stage.comments:
            stage.answer(reply, now)
    return sorted(stage.comments.values(), key=lambda comment: (comment.created_at, comment.id))


class _Stage:
    """What stands on one channel, and what its authors would say next."""

    def __init__(self, world: World, channel: DemoChannel) -> None:
        self.comments: dict[str, DemoComment] = {}
        self._world = world
        self._channel = channel
        self._would_say: dict[str, Answer] = {}

    def enter(self, place: Placed, now: datetime) -> None:
        """Put a scripted comment on the stage, as edited and removed by ``now``."""
        script = place.script
        edits = [(_after(place.in_sight_at, edit.after_s), edit.text) for edit in script.edits]
        edited_at, text = max((edit for edit in edits if edit[0] <= now), default=(None, script.text))
        removed_at = None
        if script.removed_after_s is not None:
            removed_at = _after(place.in_sight_at, script.removed_after_s)
        gone = removed_at is not None and removed_at <= now
        self.comments[script.id] = DemoComment(
            id=script.id,
            channel=script.channel,
            kind=script.kind,
            url=_url(script.post, script.id),
            post=script.post,
            parent_id=script.parent_id,
            author=script.author,
            ours=script.ours,
            lang=script.lang,
            rating=script.rating,
            text=Raw("") if gone else text,
            created_at=place.created_at,
            edited_at=edited_at,
            removed_at=removed_at if gone else None,
        )
        would_say = script.after_reply or _small_talk(self._world, script)
        if would_say:
            self._would_say[script.id] = would_say

    def answer(self, reply: OperatorReply, now: datetime) -> None:
        """Put our answer on the stage, and what its addressee has written about it by ``now``."""
        to = self.comments[reply.parent_id]
        self._add(reply.id, reply.at, reply.text, under=to, parent_id=to.id, author=self._channel.account, ours=True)
        says = self._would_say.pop(to.id, None)
        if says is None or (to.removed_at is not None and to.removed_at <= reply.at):
            return
        at = _after(reply.at, says.after_s)
        if at <= now:
            key = f"{to.id}.re"
            self._add(key, at, says.text, under=to, parent_id=reply.id, author=to.author, ours=False)
            if says.then:
                self._would_say[key] = says.then

    def _add(
        self, key: str, at: datetime, text: Raw, *, under: DemoComment, parent_id: str, author: Author, ours: bool
    ) -> None:
        self.comments[key] = DemoComment(
            id=key,
            channel=under.channel,
            kind="message" if under.kind == "message" else "reply",
            url=_url(under.post, key),
            post=under.post,
            parent_id=parent_id,
            author=author,
            ours=ours,
            lang=None if ours else under.lang,
            rating=None,
            text=text,
            created_at=at.astimezone(UTC),
        )


def _url(post: Post, key: str) -> str:
    return f"{post.url}#{key}"


def _after(at: datetime, seconds: int) -> datetime:
    return at.astimezone(UTC) + timedelta(seconds=seconds)


def _chance(what: str, key: str) -> int:
    """A number that is the same for the same comment in every run and process, unlike ``random`` and ``hash``."""
    return crc32(f"{what}:{key}".encode())


def _small_talk(world: World, script: ScriptedComment) -> Answer | None:
    if script.ours or script.mood == "silent" or _chance("talks", script.id) % 100 >= _TALKATIVE_PER_CENT:
        return None
    mood = "calm" if script.mood == "asks" else script.mood
    lines = world.small_talk.get((script.lang, mood))
    if not lines:
        return None
    return Answer(20 + _chance("after", script.id) % 71, lines[_chance("line", script.id) % len(lines)])


def _place(comment: ScriptedComment, started_at: datetime, marks: Sequence[float]) -> Placed:
    start = started_at.astimezone(UTC)
    if comment.arrives_at is not None:
        at = start + timedelta(seconds=comment.arrives_at)
        return Placed(comment, at, at)
    assert comment.minutes_ago is not None  # the loader asks for one of the two
    ago = timedelta(minutes=comment.minutes_ago)
    if ago > _LATELY:
        ago = _LATELY + _awake(ago - _LATELY, marks)
    # Not everybody writes on the second at which the demo was opened. Under the shortest minute of a waking day.
    at = (start - ago - timedelta(seconds=_chance("second", comment.id) % 25)).replace(microsecond=0)
    if comment.clock is not None:
        at = _back_to(comment.clock, at.astimezone(started_at.tzinfo)).astimezone(UTC)
    return Placed(comment, at, start)


def _back_to(clock: tuple[int, int], at: datetime) -> datetime:
    hour, minute = clock
    shown = at.replace(hour=hour, minute=minute)
    return shown if shown <= at else shown - timedelta(days=1)


def _hour_marks(started_at: datetime) -> tuple[float, ...]:
    """Minutes of a waking day that lie within the last 0, 1, 2, … hours before what counts as lately."""
    marks = [0.0]
    zone, at = started_at.tzinfo, started_at.astimezone(UTC) - _LATELY
    for _ in range(_FURTHEST_HOURS):
        at -= timedelta(hours=1)
        marks.append(marks[-1] + 60 * _BUSY[at.astimezone(zone).hour] / _USUAL)
    return tuple(marks)


def _awake(ago: timedelta, marks: Sequence[float]) -> timedelta:
    """So much time by the clock, for so much of a day on which everybody sleeps at night. Grows with ``ago``."""
    minutes = ago / timedelta(minutes=1)
    whole = min(bisect_right(marks, minutes) - 1, len(marks) - 2)
    part = (minutes - marks[whole]) / (marks[whole + 1] - marks[whole])
    return timedelta(hours=whole + part)
