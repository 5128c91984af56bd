"""When things happen in the demo, and what stands on a channel at a moment."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cminbox.demo.timeline import DemoComment, OperatorReply, timeline, visible
from cminbox.demo.world import load_world
from cminbox.domain.text import Raw

WORLD = load_world()
START = datetime(2026, 11, 23, 10, 17, 41, tzinfo=timezone(timedelta(hours=1)))
HOUR = START + timedelta(hours=1)
CHANNELS = list(WORLD.channels)


def stands(channel: str, now: datetime, *replies: OperatorReply, start: datetime = START) -> dict[str, DemoComment]:
    return {comment.id: comment for comment in visible(WORLD, channel, start, now, replies)}


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def reply(to: str, seconds: float = 5, key: str = "r1") -> OperatorReply:
    return OperatorReply(key, to, Raw("Thank you for writing! ^You"), after(seconds))


def test_at_the_start_three_hundred_items_stand_there() -> None:
    at_start = [comment for channel in CHANNELS for comment in stands(channel, START).values()]
    assert sum(not comment.ours for comment in at_start) == 300
    assert all(comment.created_at <= START for comment in at_start)
    assert all(comment.removed_at is None and comment.edited_at is None for comment in at_start)
    assert all(comment.url == f"{comment.post.url}#{comment.id}" for comment in at_start)


def test_the_list_is_oldest_first() -> None:
    for channel in CHANNELS:
        order = [(comment.created_at, comment.id) for comment in visible(WORLD, channel, START, HOUR, ())]
        assert order == sorted(order)


@settings(max_examples=40, deadline=None)
@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_parents_are_older_and_nothing_is_a_week_old_whenever_it_is_opened(start: datetime, zone: str) -> None:
    start = start.replace(tzinfo=ZoneInfo(zone))
    created = {place.script.id: place.created_at for place in timeline(WORLD, start)}
    for comment in WORLD.comments:
        if comment.parent_id:
            assert created[comment.parent_id] < created[comment.id], comment.id
    oldest = min(created.values())
    assert timedelta(days=2.5) < start.astimezone(UTC) - oldest < timedelta(days=5)


@pytest.mark.parametrize("hour", [3, 10, 15, 22])
def test_few_write_at_night(hour: int) -> None:
    start = START.replace(hour=hour)
    lately = start - timedelta(minutes=90)
    hours = Counter(
        place.created_at.astimezone(start.tzinfo).hour for place in timeline(WORLD, start) if place.created_at < lately
    )
    assert sum(hours[night] for night in (1, 2, 3, 4)) < 20
    assert sum(hours[evening] for evening in (18, 19, 20, 21)) > 60


@pytest.mark.parametrize("hour", [1, 3, 4, 10, 22])
def test_somebody_writes_at_three_in_the_morning(hour: int) -> None:
    start = START.replace(hour=hour)
    ada = stands("shop", start, start=start)["s052"]
    assert f"{ada.created_at.astimezone(start.tzinfo):%H:%M}" == "03:07"
    assert ada.created_at < start


def test_the_last_ninety_minutes_are_real_ones_at_any_hour() -> None:
    for hour in range(24):
        start = START.replace(hour=hour)
        ages = {p.script.id: start - p.created_at for p in timeline(WORLD, start) if p.script.minutes_ago is not None}
        for comment in WORLD.comments:
            if comment.minutes_ago is not None and comment.minutes_ago <= 90:
                assert timedelta(0) <= ages[comment.id] - timedelta(minutes=comment.minutes_ago) < timedelta(seconds=30)


def test_a_calm_start_a_storm_and_calm_again() -> None:
    arrivals = [place for place in timeline(WORLD, START) if place.script.arrives_at is not None]
    minute = Counter((place.script.arrives_at or 0) // 60 for place in arrivals)
    assert max(minute[m] for m in range(6)) <= 4
    assert sum(minute[m] for m in range(6, 16)) >= 50
    assert max(minute[m] for m in range(17, 60)) <= 2
    in_storm = Counter(
        (place.script.channel, place.script.post.id)
        for place in arrivals
        if 360 <= (place.script.arrives_at or 0) < 960
    )
    place, count = in_storm.most_common(1)[0]
    assert place == ("video", "mahlzeit-4")
    assert count >= 40
    assert {p.script.channel for p in arrivals} == set(CHANNELS)


def test_what_arrives_is_seen_from_its_second_on() -> None:
    for comment in WORLD.comments:
        if comment.arrives_at is not None:
            assert comment.id not in stands(comment.channel, after(comment.arrives_at - 1))
            assert comment.id in stands(comment.channel, after(comment.arrives_at))


@settings(max_examples=30, deadline=None)
@given(first=st.integers(0, 4000), more=st.integers(0, 2000), channel=st.sampled_from(CHANNELS))
def test_nothing_vanishes_and_nothing_is_moved(first: int, more: int, channel: str) -> None:
    replies = [reply("v012", 30, "x1"), reply("b033", 40, "x2"), reply("s005", 50, "x3"), reply("f020", 60, "x4")]
    earlier, later = stands(channel, after(first), *replies), stands(channel, after(first + more), *replies)
    for key, comment in earlier.items():
        again = later[key]
        assert (again.created_at, again.author, again.parent_id) == (
            comment.created_at,
            comment.author,
            comment.parent_id,
        )
        assert comment.removed_at in (None, again.removed_at)
        if comment.edited_at:
            assert again.edited_at and again.edited_at >= comment.edited_at


def test_the_same_in_every_process() -> None:
    script = "import hashlib; from tests.demo.test_timeline import digest; print(digest())"
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {digest()}


def digest() -> str:
    replies = [reply(comment.id, 10, f"r-{comment.id}") for comment in WORLD.comments if comment.minutes_ago]
    everything = [visible(WORLD, channel, START, HOUR, replies) for channel in CHANNELS]
    return hashlib.sha256(repr(everything).encode()).hexdigest()


def test_edits_show_from_their_second_on_and_removed_text_is_gone() -> None:
    for comment in WORLD.comments:
        seen_at = comment.arrives_at or 0
        for edit in comment.edits:
            before = stands(comment.channel, after(seen_at + edit.after_s - 1))[comment.id]
            then = stands(comment.channel, after(seen_at + edit.after_s))[comment.id]
            assert before.text == comment.text
            assert then.text == edit.text
            assert then.edited_at == after(seen_at + edit.after_s)
        if comment.removed_after_s is not None:
            before = stands(comment.channel, after(seen_at + comment.removed_after_s - 1))[comment.id]
            then = stands(comment.channel, after(seen_at + comment.removed_after_s))[comment.id]
            assert before.text
            assert before.removed_at is None
            assert then.text == ""
            assert then.removed_at == after(seen_at + comment.removed_after_s)


def test_our_answer_stands_under_the_comment_as_our_account() -> None:
    now = stands("blog", after(6), reply("b044"))
    ours = now["r1"]
    assert ours.ours
    assert ours.parent_id == "b044"
    assert ours.author == WORLD.channels["blog"].account
    assert ours.text == "Thank you for writing! ^You"
    assert ours.created_at == after(5)
    assert ours.post == now["b044"].post
    assert "r1" not in stands("blog", after(4), reply("b044"))
    assert "r1" not in stands("shop", HOUR, reply("b044"))


def test_the_author_answers_in_their_own_words() -> None:
    scripted = next(comment for comment in WORLD.comments if comment.id == "b044").after_reply
    assert scripted
    when = 5 + scripted.after_s
    assert "b044.re" not in stands("blog", after(when - 1), reply("b044"))
    answer = stands("blog", after(when), reply("b044"))["b044.re"]
    assert answer.text == scripted.text
    assert answer.parent_id == "r1"
    assert answer.author.id == "carla"
    assert not answer.ours
    assert answer.lang == "de"


def test_a_conversation_goes_on() -> None:
    first, second = reply("b026", 5, "r1"), reply("b026.re", 200, "r2")
    third = reply("b026.re.re", 400, "r3")
    now = stands("blog", HOUR, first, second, third)
    assert [now[key].author.id for key in ("b026.re", "b026.re.re")] == ["thea", "thea"]
    assert now["b026.re.re"].parent_id == "r2"
    assert "b026.re.re.re" not in now
    assert now["r3"].ours


def test_only_the_first_reply_is_answered() -> None:
    now = stands("blog", HOUR, reply("b044", 5, "r1"), reply("b044", 6, "r2"))
    assert {"r1", "r2"} <= set(now)
    assert now["b044.re"].parent_id == "r1"
    assert sum(comment.author.id == "carla" for comment in now.values()) == 2


def test_who_has_no_lines_talks_small_or_keeps_silent() -> None:
    plain = [
        comment
        for comment in WORLD.comments
        if comment.minutes_ago is not None and not comment.after_reply and not comment.ours
    ]
    replies = [reply(comment.id, 5, f"r-{comment.id}") for comment in plain]
    talked = 0
    for channel in CHANNELS:
        now = stands(channel, after(5 + 90), *replies)
        at_once = stands(channel, after(5 + 19), *replies)
        for comment in plain:
            if comment.channel != channel:
                continue
            answer = now.get(f"{comment.id}.re")
            assert f"{comment.id}.re" not in at_once
            if answer:
                talked += 1
                assert comment.mood != "silent"
                assert answer.author == comment.author
                mood = "calm" if comment.mood == "asks" else comment.mood
                assert answer.text in WORLD.small_talk[comment.lang, mood]
    may_talk = sum(comment.mood != "silent" for comment in plain)
    assert may_talk > 80
    assert 0.5 < talked / may_talk < 0.7


def test_who_took_the_comment_back_does_not_answer() -> None:
    removed = next(comment for comment in WORLD.comments if comment.removed_after_s and comment.after_reply)
    late = (removed.arrives_at or 0) + (removed.removed_after_s or 0) + 5
    now = stands(removed.channel, after(late + 100), reply(removed.id, late))
    assert "r1" in now
    assert f"{removed.id}.re" not in now


def test_the_troll_and_the_links_never_answer() -> None:
    silent = [c.id for c in WORLD.comments if c.author.id in {"nurbohne", "k5", "gewinn", "gewinn2", "scam3"}]
    assert len(silent) >= 12
    for channel in CHANNELS:
        now = stands(channel, after(4000), *(reply(key, 3700, f"r-{key}") for key in silent))
        assert not any(f"{key}.re" in now for key in silent)


def test_a_start_without_timezone_and_an_unknown_channel_are_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        timeline(WORLD, datetime(2026, 11, 23, 10, 0))
    with pytest.raises(KeyError):
        visible(WORLD, "fax", START, START, ())
