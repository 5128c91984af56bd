"""The demo's files: complete, consistent, invented."""

from __future__ import annotations

import gzip
import json
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from cminbox.demo.world import FOLDER, Answer, ScriptedComment, World, load_world
from tests.shared import shared_dir

WORLD = load_world()
STANDING = [comment for comment in WORLD.comments if comment.minutes_ago is not None]
ARRIVING = [comment for comment in WORLD.comments if comment.arrives_at is not None]
BY_ID = {comment.id: comment for comment in WORLD.comments}


def answers(comment: ScriptedComment) -> Iterator[Answer]:
    answer = comment.after_reply
    while answer:
        yield answer
        answer = answer.then


def texts(world: World) -> Iterator[tuple[str, str]]:
    for comment in world.comments:
        yield comment.id, comment.text
        yield from ((comment.id, edit.text) for edit in comment.edits)
        yield from ((comment.id, answer.text) for answer in answers(comment))
    for (lang, mood), lines in world.small_talk.items():
        yield from ((f"{lang}/{mood}", line) for line in lines)


def test_three_hundred_items_stand_there_and_more_arrive() -> None:
    assert sum(not comment.ours for comment in STANDING) == 300
    assert len(ARRIVING) >= 80
    assert not any(comment.ours for comment in ARRIVING)
    ours = [comment for comment in STANDING if comment.ours]
    assert len(ours) >= 20
    assert {comment.channel for comment in ours} == set(WORLD.channels)


def test_four_channels_each_with_enough_to_see() -> None:
    assert list(WORLD.channels) == ["blog", "shop", "video", "forum"]
    count = Counter(comment.channel for comment in STANDING)
    assert min(count.values()) >= 50
    used = {(comment.channel, comment.post.id) for comment in WORLD.comments}
    posts = {(channel.name, post.id) for channel in WORLD.channels.values() for post in channel.posts}
    assert used == posts
    assert 25 <= len(posts) <= 32


def test_languages() -> None:
    count = Counter(comment.lang for comment in WORLD.comments)
    assert {lang for lang, _ in count.most_common(2)} == {"de", "en"}
    assert set(count) == {"de", "en", "sl", "ru", "it", "es", "fr", "pl", "tr", "ar", "he", "hi", "ko"}
    assert min(count.values()) >= 3
    for lang in count:
        assert all(WORLD.small_talk[lang, mood] for mood in ("glad", "calm", "cross"))


@pytest.mark.parametrize(
    ("lang", "script"),
    [("ru", "CYRILLIC"), ("ar", "ARABIC"), ("he", "HEBREW"), ("hi", "DEVANAGARI"), ("ko", "HANGUL")],
)
def test_texts_are_in_the_script_of_their_language(lang: str, script: str) -> None:
    for comment in WORLD.comments:
        letters = [letter for letter in comment.text if letter.isalpha()]
        own = sum(unicodedata.name(letter).startswith(script) for letter in letters)
        assert (2 * own > len(letters)) == (comment.lang == lang), comment.id


def test_ids_are_unique_and_begin_with_the_channel() -> None:
    assert len(BY_ID) == len(WORLD.comments)
    for comment in WORLD.comments:
        assert re.fullmatch(rf"{comment.channel[0]}\d{{3}}", comment.id)


def test_parents_stand_under_the_same_post_and_are_older() -> None:
    for comment in WORLD.comments:
        if comment.parent_id is None:
            continue
        parent = BY_ID[comment.parent_id]
        assert parent.post is comment.post, comment.id
        assert _order(parent) < _order(comment), comment.id


def test_threads_are_nested_deeply_somewhere() -> None:
    def depth(comment: ScriptedComment) -> int:
        return 1 + depth(BY_ID[comment.parent_id]) if comment.parent_id else 0

    assert max(depth(comment) for comment in STANDING) >= 6


def test_kinds_and_ratings_fit_the_channel() -> None:
    for comment in WORLD.comments:
        assert (comment.rating is not None) == (comment.kind == "review"), comment.id
        assert comment.rating is None or (1 <= comment.rating <= 5 and comment.channel == "shop"), comment.id
        assert comment.kind != "reply" or comment.parent_id, comment.id
        assert comment.kind != "message" or comment.post.id == "post", comment.id
    assert {comment.kind for comment in STANDING} == {"comment", "reply", "review", "mention", "message"}
    assert {comment.rating for comment in STANDING} == {None, 1, 2, 3, 4, 5}


def test_people_return_and_are_known_on_several_channels() -> None:
    places: dict[str, set[str]] = {}
    for comment in STANDING:
        if not comment.ours:
            places.setdefault(comment.author.id, set()).add(comment.channel)
    assert sum(len(channels) >= 2 for channels in places.values()) >= 15
    assert len(places) >= 120
    handles = [comment.author.handle for comment in {c.author.id: c for c in WORLD.comments}.values()]
    given = [handle for handle in handles if handle]
    assert len(given) == len(set(given))


def test_our_accounts_are_nobody_elses() -> None:
    accounts = {channel.account.id for channel in WORLD.channels.values()}
    assert len(accounts) == 4
    for comment in WORLD.comments:
        assert (comment.author.id in accounts) == comment.ours
        if comment.ours:
            assert comment.text.endswith(("^Zoe", "^Mina"))


def test_every_address_is_an_example() -> None:
    everything = "\n".join(file.read_text("utf-8") for file in FOLDER.iterdir())
    addresses = re.findall(r"https?://([^/\s\"'#]+)", everything) + re.findall(r"[\w.]+@([\w-]+\.[\w.-]+)", everything)
    assert len(addresses) > 30
    assert [address for address in addresses if not address.rstrip(".").endswith(".example")] == []
    assert re.findall(r"\b[\w-]+\.(?:com|net|org|de|at|si|it|io|co|me|app|shop|ru)\b", everything) == []


def test_lengths_vary() -> None:
    lengths = sorted(len(comment.text) for comment in STANDING if not comment.ours)
    assert lengths[5] <= 12
    assert 60 <= lengths[len(lengths) // 2] <= 160
    assert lengths[-3] >= 600
    assert lengths[-1] >= 1000
    assert sum("\n\n" in comment.text for comment in STANDING) >= 10


def test_emoji_of_every_make() -> None:
    everything = "".join(text for _, text in texts(WORLD))
    assert "\N{ZERO WIDTH JOINER}" in everything
    assert re.search("[\U0001f1e6-\U0001f1ff]{2}", everything), "a flag"
    assert re.search("[\U0001f3fb-\U0001f3ff]", everything), "a skin tone"
    assert "\N{VARIATION SELECTOR-16}" in everything


def test_every_text_is_clean() -> None:
    for key, text in texts(WORLD):
        assert text == text.strip() != "", key
        assert text == unicodedata.normalize("NFC", text), key
        odd = [char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"}]
        assert set(odd) <= {"\n", "\N{ZERO WIDTH JOINER}"}, key
        assert not any(mark in text for mark in ("TODO", "Lorem", "\ufffd", "  ")), key


def test_nobody_says_the_same_twice_outside_the_storm() -> None:
    calm = [comment.text for comment in STANDING if len(comment.text) > 25]
    assert len(calm) == len(set(calm))


def test_answers_come_soon_and_are_many() -> None:
    scripted = [comment for comment in WORLD.comments if comment.after_reply]
    assert len(scripted) >= 60
    assert any(len(list(answers(comment))) > 1 for comment in scripted)
    for comment in scripted:
        assert not comment.ours
        assert all(20 <= answer.after_s <= 90 for answer in answers(comment)), comment.id


def test_authors_edit_and_remove() -> None:
    assert sum(bool(comment.edits) for comment in WORLD.comments) >= 6
    assert sum(comment.removed_after_s is not None for comment in WORLD.comments) >= 3


def test_what_one_expects_to_meet_is_there() -> None:
    everything = "\n".join(text.casefold() for _, text in texts(WORLD))
    for sign in ("anwalt", "screen reader", "bewerbung", "magazin", "kornblitz", "#meinemühle", "r24-1899", "3:07"):
        assert sign in everything
    assert sum(comment.author.id == "nurbohne" for comment in STANDING) >= 5


def test_the_storm_repeats_itself() -> None:
    storm = [comment for comment in ARRIVING if comment.post.id == "mahlzeit-4" and comment.channel == "video"]
    for said in ("329 € bezahlt und jetzt sind meine eigenen Profile gesperrt. So nicht.", "I paid 329 for a grinder."):
        model = next(comment.text for comment in storm if comment.text.startswith(said))
        alike = [c for c in storm if fuzz.ratio(model, c.text, processor=default_process) >= 80]
        assert 5 <= len(alike) <= 15, [comment.text for comment in alike]
        assert len({comment.author.id for comment in alike}) == len(alike)
    assert {comment.lang for comment in storm} >= {"de", "en", "ru", "it", "es", "fr", "ko", "tr", "ar", "he", "hi"}


def test_routes_are_named_only() -> None:
    assert WORLD.brand == "Zeisig & Tochter"
    assert WORLD.operator == "you"
    assert len({route.key for route in WORLD.routes}) == len(WORLD.routes) >= 3


def test_loading_costs_little() -> None:
    # 21 ms of CPU where it was measured; the bound leaves room for slow and busy machines.
    load_world.cache_clear()
    best = min(_cpu_of_loading() for _ in range(3))
    assert best < 0.15


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    blog = tmp_path / "blog.toml"
    blog.write_text(blog.read_text("utf-8").replace('by = "gerd"', 'by = "nobody"', 1), "utf-8")
    with pytest.raises(ValueError, match=r"blog\.toml, comment b001: .*nobody"):
        load_world(tmp_path)


@pytest.mark.shared
def test_not_one_line_is_from_the_shared_data() -> None:
    own = {_folded(text): key for key, text in texts(WORLD)}
    all_of_it = "\n".join(own)
    sets = list(shared_dir("data", "comments").rglob("*.jsonl.gz"))
    assert sets
    for file in sets:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                theirs = _folded(json.loads(line)["text"])
                # A word or two ("super", "same here") is nobody's; everything longer has to be our own.
                if len(theirs) >= 14:
                    assert theirs not in own, f"{own.get(theirs)}: {theirs}"
                if len(theirs) >= 28:
                    assert theirs not in all_of_it, theirs


def _cpu_of_loading() -> float:
    load_world.cache_clear()
    before = time.process_time()
    load_world()
    return time.process_time() - before


def _folded(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text).casefold() if char.isalnum())


def _order(comment: ScriptedComment) -> float:
    return comment.arrives_at if comment.arrives_at is not None else -60 * (comment.minutes_ago or 0)
