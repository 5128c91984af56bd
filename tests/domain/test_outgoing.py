"""What may follow what in the life of an outgoing act."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cminbox.domain.errors import RefusedError
from cminbox.domain.item import Outcome, Standing, Status
from cminbox.domain.outgoing import FOLLOWS, IN_FLIGHT, UNFINISHED, ActState, Outgoing, moved

AT = datetime(2026, 11, 20, tzinfo=UTC)
ACT = Outgoing(
    item=1, channel="blog", text="Thanks", operator="mina", state=ActState.DRAFT, key="k", queued_at=AT, not_before=AT,
    before=Standing(Status.NEW, None, None),
)  # fmt: skip


@given(st.sampled_from(ActState), st.sampled_from(ActState))
def test_only_what_may_follow_follows(first: ActState, second: ActState) -> None:
    act = replace(ACT, state=first)
    if second in FOLLOWS[first]:
        assert moved(act, second) == replace(act, state=second)
    else:
        with pytest.raises(RefusedError, match=f"{first}.*cannot become {second}"):
            moved(act, second)


def test_every_state_has_its_rule_and_two_are_the_end() -> None:
    assert set(FOLLOWS) == set(ActState)
    assert {state for state in ActState if not FOLLOWS[state]} == {ActState.LIVE, ActState.CANCELLED}


def test_what_stands_in_public_is_never_sent_again() -> None:
    assert not FOLLOWS[ActState.LIVE]


def test_nothing_is_live_without_having_been_sent_or_told_by_a_person() -> None:
    before_live = {state for state in ActState if ActState.LIVE in FOLLOWS[state]}
    assert before_live == {ActState.SENDING, ActState.UNCERTAIN, ActState.MANUAL}


def test_a_sent_act_cannot_be_taken_back_while_it_is_on_its_way() -> None:
    assert ActState.CANCELLED not in FOLLOWS[ActState.SENDING]


def test_every_state_can_come_to_an_end() -> None:
    for start in ActState:
        reached, edge = {start}, {start}
        while edge:
            edge = {after for state in edge for after in FOLLOWS[state]} - reached
            reached |= edge
        assert reached & {ActState.LIVE, ActState.CANCELLED}


def test_the_outbox_shows_what_is_not_over() -> None:
    assert IN_FLIGHT < UNFINISHED
    assert set(ActState) - UNFINISHED == {ActState.DRAFT, ActState.LIVE, ActState.CANCELLED}


@given(
    st.builds(Standing, st.sampled_from(Status), st.none() | st.sampled_from(Outcome), st.none() | st.text(max_size=5))
)
def test_how_an_item_stood_is_kept_exactly(standing: Standing) -> None:
    assert Standing.from_json(standing.to_json()) == standing
