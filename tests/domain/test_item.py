"""The life of an item, as CONTRACT.md tells it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cminbox.domain.errors import RefusedError
from cminbox.domain.item import (
    ACTIVE,
    Author,
    Item,
    Outcome,
    Priority,
    Standing,
    Status,
    answer_live,
    answer_needs_person,
    answer_queued,
    answer_taken_back,
    claimed,
    put_back,
    reopened,
    rewritten,
    settled,
    withdrawn,
)
from cminbox.domain.text import Safe

AT = datetime(2026, 11, 20, tzinfo=UTC)
items = st.builds(
    Item,
    id=st.integers(1, 99),
    channel=st.just("blog"),
    remote_id=st.just("r"),
    text=st.text(max_size=5).map(Safe),
    created_at=st.just(AT),
    received_at=st.just(AT),
    status=st.sampled_from(Status),
    outcome=st.none(),
    arrived_done=st.booleans(),
    assignee=st.sampled_from([None, "mina", "jo"]),
    seen=st.booleans(),
).flatmap(
    lambda item: st.sampled_from([None, *Outcome]).map(
        lambda outcome: replace(
            item,
            outcome=outcome if item.status is Status.DONE else None,
            arrived_done=item.arrived_done and item.status is Status.DONE and outcome is None,
        )
    )
)


def same_but(before: Item, after: Item, *names: str) -> bool:
    """Whether nothing changed but the fields named."""
    return all(getattr(before, f.name) == getattr(after, f.name) for f in fields(Item) if f.name not in names)


@given(items)
def test_an_outcome_is_only_had_when_done(item: Item) -> None:
    changed = [
        answer_queued(item), answer_live(item), answer_live(item, wait=True), answer_needs_person(item),
        withdrawn(item, AT), rewritten(item, Safe("new"), frozenset(), AT),
    ]  # fmt: skip
    for one in changed:
        assert one.outcome is None or one.status is Status.DONE


@given(items)
def test_claiming(item: Item) -> None:
    if item.status is Status.DONE:
        with pytest.raises(RefusedError, match=f"cminbox reopen {item.id}"):
            claimed(item, "jo")
        return
    after = claimed(item, "jo")
    assert after.assignee == "jo"
    assert after.status is (Status.OPEN if item.status is Status.NEW else item.status)
    assert same_but(item, after, "assignee", "status")


@given(items)
def test_an_answers_way(item: Item) -> None:
    waiting = answer_queued(item)
    assert (waiting.status, waiting.seen) == (Status.WAITING, True)
    live = answer_live(waiting)
    assert (live.status, live.outcome) == (Status.DONE, Outcome.ANSWERED)
    assert answer_live(waiting, wait=True).status is Status.WAITING
    assert answer_needs_person(waiting).status is Status.OPEN
    for after in (waiting, live):
        assert same_but(item, after, "status", "outcome", "seen")


@given(items)
def test_an_answer_taken_back_in_time_puts_the_item_where_it_was(item: Item) -> None:
    back = answer_taken_back(answer_queued(item), Standing.of(item))
    assert same_but(item, back, "seen")


@given(items, st.sampled_from(["zoe", "ali"]))
def test_what_happened_meanwhile_stays_when_an_answer_is_taken_back(item: Item, other: str) -> None:
    before = Standing.of(item)
    waiting = answer_queued(item)
    gone = withdrawn(waiting, AT)
    assert answer_taken_back(gone, before) == gone
    failed = answer_needs_person(waiting)
    assert answer_taken_back(failed, before) == failed
    taken = answer_taken_back(claimed(waiting, other), before)
    assert taken.assignee == other
    assert taken.status is not Status.NEW


@given(items, items)
def test_undo_puts_back_exactly_what_an_act_changes(item: Item, other: Item) -> None:
    assert same_but(item, put_back(item, Standing.of(other)), "status", "outcome", "assignee")
    assert put_back(put_back(item, Standing.of(other)), Standing.of(item)) == item


@given(items, st.sampled_from([None, *Outcome]))
def test_settling_and_reopening(item: Item, outcome: Outcome | None) -> None:
    if item.status is Status.DONE:
        with pytest.raises(RefusedError, match="done already"):
            settled(item, outcome)
        return
    done = settled(item, outcome)
    assert (done.status, done.outcome, done.seen) == (Status.DONE, outcome, True)
    back = reopened(done)
    assert (back.status, back.outcome) == (Status.OPEN, None)
    with pytest.raises(RefusedError, match="already"):
        reopened(back)


@given(items)
def test_only_what_is_away_is_reopened(item: Item) -> None:
    if item.status in ACTIVE:
        with pytest.raises(RefusedError):
            reopened(item)
    else:
        assert reopened(item).status is Status.OPEN


@given(items)
def test_an_edit_opens_what_was_done_here_and_is_unseen_again(item: Item) -> None:
    after = rewritten(item, Safe("new"), frozenset({"bidi"}), AT)
    assert (after.text, after.marks, after.edited_at, after.seen) == ("new", {"bidi"}, AT, False)
    opened = item.status is Status.DONE and not item.arrived_done
    assert after.status is (Status.OPEN if opened else item.status)
    assert same_but(item, after, "text", "marks", "edited_at", "seen", "status", "outcome")


@given(items)
def test_what_the_author_removed_is_done_and_what_was_answered_stays_answered(item: Item) -> None:
    after = withdrawn(item, AT)
    assert (after.status, after.removed_at) == (Status.DONE, AT)
    assert after.outcome is (item.outcome or Outcome.WITHDRAWN)
    assert withdrawn(after, AT) == after


@given(items)
def test_no_step_changes_the_item_it_was_given(item: Item) -> None:
    assume(item.status is not Status.DONE)
    before = replace(item)
    claimed(item, "x")
    settled(item)
    answer_queued(item)
    withdrawn(item, AT)
    assert item == before


def test_priorities_sort_as_the_feed_does() -> None:
    assert sorted(Priority) == [Priority.HIGH, Priority.NORMAL, Priority.LOW]
    assert [p.word for p in Priority] == ["high", "normal", "low"]


def test_an_author_is_shown_by_name_else_by_handle() -> None:
    assert Author("1", Safe("ana"), Safe("Ana")).shown == "Ana"
    assert Author("1", Safe("ana"), Safe("")).shown == "ana"
    assert Author("1").shown is None
