"""The chain of the log: what it finds, and that it is the same on every machine."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cminbox.domain.event import GENESIS, Event, Head, NewEvent, canonical, chained, digest, first_break, stamp

AT = datetime(2026, 11, 20, 9, 30, 0, 1, tzinfo=UTC)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
news = st.builds(
    NewEvent,
    kind=st.text(min_size=1, max_size=8),
    actor=st.text(min_size=1, max_size=8),
    item=st.none() | st.integers(1, 10**6),
    data=st.dictionaries(st.text(max_size=6), values, max_size=4),
)


def chain(*new: NewEvent) -> list[Event]:
    lines, head = list[Event](), Head(0, GENESIS)
    for n, one in enumerate(new):
        lines.append(chained(head, AT + timedelta(seconds=n), one))
        head = Head(lines[-1].n, lines[-1].hash)
    return lines


chains = st.lists(news, min_size=1, max_size=6).map(lambda new: chain(*new))


def head_of(lines: list[Event]) -> Head:
    return Head(lines[-1].n, lines[-1].hash) if lines else Head(0, GENESIS)


@given(chains)
def test_an_untouched_log_is_whole_against_every_head_it_ever_had(lines: list[Event]) -> None:
    assert first_break(lines, None) is None
    assert first_break(lines, Head(0, GENESIS)) is None
    for line in lines:
        assert first_break(lines, Head(line.n, line.hash)) is None


@given(chains, st.data())
def test_any_changed_field_is_found(lines: list[Event], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(lines) - 1))
    line = lines[place]
    changed = data.draw(
        st.sampled_from(
            [
                replace(line, at=line.at.replace("2026", "2025")),
                replace(line, actor=line.actor + "x"),
                replace(line, kind=line.kind[:-1] + "\x01" + line.kind[-1]),
                replace(line, item=(line.item or 0) + 1),
                replace(line, item=None if line.item is not None else 0),
                replace(line, data=line.data + " "),
                replace(line, hash=hashlib.sha256(line.hash.encode()).hexdigest()),
                # a field's end moved over into the next one
                replace(line, actor=line.actor + line.kind[:1], kind=line.kind[1:]),
            ]
        )
    )
    broken = [*lines[:place], changed, *lines[place + 1 :]]
    assert first_break(broken, head_of(lines)) is not None
    # even where whoever did it also mended the hash of that line
    if place < len(lines) - 1:
        before = head_of(lines[:place])
        mended = chained(before, AT, NewEvent("forged", "x", None, {}))
        assert first_break([*lines[:place], mended, *lines[place + 1 :]], None) is not None


@given(chains, st.data())
def test_a_removed_added_moved_or_cut_line_is_found(lines: list[Event], data: st.DataObject) -> None:
    kept = head_of(lines)
    place = data.draw(st.integers(0, len(lines) - 1))
    without = [*lines[:place], *lines[place + 1 :]]
    closed = [replace(line, n=n) for n, line in enumerate(without, 1)]
    doubled = [replace(line, n=n) for n, line in enumerate([*lines[: place + 1], *lines[place:]], 1)]
    for broken in (without, closed, doubled, lines[:place]):
        found = first_break(broken, kept)
        assert found is not None
        assert "\n" not in found
    assert "cut off" in str(first_break(lines[:place], kept))
    if place:
        swapped = [*lines[: place - 1], lines[place], lines[place - 1], *lines[place + 1 :]]
        assert first_break(swapped, None) is not None


@given(chains)
def test_another_whole_chain_is_not_taken_for_the_kept_one(lines: list[Event]) -> None:
    forged = chain(*[NewEvent("forged", "x")] * (len(lines) + 2))
    assert first_break(forged, None) is None
    assert "kept outside" in str(first_break(forged, head_of(lines)))


def test_an_empty_log() -> None:
    assert first_break([], None) is None
    assert first_break([], Head(0, GENESIS)) is None
    assert "cut off" in str(first_break([], Head(1, "a" * 64)))


def test_the_hash_is_what_the_docs_say() -> None:
    """A fixed value: a log written by one version is checked by all later ones."""
    line = chained(Head(0, GENESIS), AT, NewEvent("queued", "mina", 7, {"b": "ü", "a": 1}))
    assert line.at == "2026-11-20T09:30:00.000001Z"
    assert line.data == '{"a":1,"b":"\\u00fc"}'
    told = f'["{GENESIS}",1,"{line.at}","mina","queued",7,{json.dumps(line.data)}]'
    assert line.hash == hashlib.sha256(told.encode()).hexdigest()
    assert line.values() == {"a": 1, "b": "ü"}


@given(st.dictionaries(st.text(max_size=6), values, max_size=5))
def test_canonical_json_is_ascii_sorted_and_reads_back(data: dict[str, object]) -> None:
    text = canonical(data)
    assert text.isascii()
    assert json.loads(text) == data
    assert canonical(dict(reversed(list(data.items())))) == text
    assert canonical(MappingProxyType(data)) == text


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError):
        canonical({"n": float("nan")})


def test_instants_are_written_in_utc() -> None:
    assert stamp(AT.astimezone(timezone(timedelta(hours=5, minutes=45)))) == stamp(AT)
    assert stamp(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"


@given(st.text(), st.text(), st.text(min_size=1))
def test_a_digest_depends_on_text_and_salt(text: str, salt: str, more: str) -> None:
    assert digest(text, salt) == digest(text, salt)
    assert digest(text + more, salt) != digest(text, salt)
    assert digest(text, salt + more) != digest(text, salt)
    assert len(digest("\ud800", salt)) == 64
