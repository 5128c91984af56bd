"""Queries: what each word and field means, and that a mistake is one line with its column."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cminbox.domain.errors import UsageError
from cminbox.domain.item import Status
from cminbox.domain.query import parsed
from cminbox.domain.view import Order, Selection

NOTHING = frozenset[Status]()
ACTIVE = frozenset({Status.NEW, Status.OPEN})


@pytest.mark.parametrize(
    ("query", "means"),
    [
        ("", Selection()),
        ("  \t ", Selection()),
        ("refund", Selection(words=("refund",))),
        ("  refund   late ", Selection(words=("refund", "late"))),
        ('"not arrived"', Selection(words=("not arrived",))),
        ('late "not arrived" again', Selection(words=("late", "not arrived", "again"))),
        ('""', Selection()),
        ('" "', Selection()),
        (":-( wrong", Selection(words=(":-(", "wrong"))),
        ("- :) 5-6 a(b", Selection(words=("-", ":)", "5-6", "a(b"))),
        ('"OR" "(x)" "-no"', Selection(words=("OR", "(x)", "-no"))),
        ("Größe привет", Selection(words=("Größe", "привет"))),
        ("channel:blog", Selection(channel="blog")),
        ('channel:"my blog"', Selection(channel="my blog")),
        ("author:vera lang:de", Selection(author="vera", lang="de")),
        ("status:new", Selection(statuses=frozenset({Status.NEW}))),
        ("status:new status:done", Selection(statuses=NOTHING)),
        ("is:done", Selection(statuses=frozenset({Status.DONE}))),
        ("is:new status:new", Selection(statuses=frozenset({Status.NEW}))),
        ("is:mine", Selection(assignee="mina")),
        ("assignee:me", Selection(assignee="mina")),
        ("assignee:none", Selection(assignee="")),
        ("assignee:bob", Selection(assignee="bob")),
        ("is:mine is:mine", Selection(assignee="mina")),
        ("is:mine assignee:bob", Selection(assignee="mina", statuses=NOTHING)),
        ("is:unassigned", Selection(assignee="", statuses=ACTIVE)),
        ("is:unassigned is:new", Selection(assignee="", statuses=frozenset({Status.NEW}))),
        ("is:edited is:held", Selection(flags=frozenset({"edited", "held"}))),
        ("is:failed has:draft", Selection(flags=frozenset({"failed", "draft"}))),
        ("id:7", Selection(ids=(7,))),
        ("id:7 id:7", Selection(ids=(7,))),
        ("id:7 id:8", Selection(ids=())),
        ("sort:oldest", Selection(order=Order.OLDEST)),
        ("refund sort:newest channel:blog", Selection(words=("refund",), order=Order.NEWEST, channel="blog")),
    ],
)
def test_meaning(query: str, means: Selection) -> None:
    assert parsed(query, "mina") == means


@pytest.mark.parametrize(
    ("query", "column", "says"),
    [
        ('"open', 1, "a quote is not closed"),
        ('late  "open', 7, "a quote is not closed"),
        ('channel:"open', 1, "a quote is not closed"),
        ('a "b" "', 7, "a quote is not closed"),
        ("nix:1", 1, "no field is called 'nix'"),
        ("a b  https://example.org", 6, "no field is called 'https'"),
        ("status:nix", 1, "'nix' is none of new, open, waiting, snoozed, done"),
        ("a status:NEW", 3, "'NEW' is none of"),
        ("sort:best", 1, "urgent, newest, oldest"),
        ("is:nix", 1, "is: knows new, open"),
        ("has:nix", 1, "has: knows draft"),
        ("id:x", 1, "id: wants a number"),
        ("id:²", 1, "id: wants a number"),
        ("id:٣", 1, "id: wants a number"),
        ("id:" + "9" * 5000, 1, "id: wants a number"),
        ("a channel:", 3, "channel: wants a value"),
        ("a channel: blog", 3, "channel: wants a value"),
        ('channel:""', 1, "channel: wants a value"),
        ("channel:a channel:b", 11, "channel: stands there twice"),
        ("author:a author:b", 10, "author: stands there twice"),
        ("sort:newest sort:oldest", 13, "sort: stands there twice"),
        ("a OR b", 3, "not known yet"),
        ("a -b", 3, "not known yet"),
        ('a -"b c"', 3, "not known yet"),
        ("-status:done", 1, "not known yet"),
        ("()", 1, "not known yet"),
        ("(a b)", 1, "not known yet"),
        ("a b)", 3, "not known yet"),
    ],
)
def test_mistakes_with_their_column(query: str, column: int, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(query, "mina")
    assert str(caught.value).startswith(f"query, column {column}: ")
    assert says in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_query_narrows_its_base_and_keeps_its_order() -> None:
    base = Selection(ACTIVE, assignee="mina", order=Order.OLDEST)
    assert parsed("", "mina", base) == base
    assert parsed("status:open refund", "mina", base) == Selection(
        frozenset({Status.OPEN}), assignee="mina", words=("refund",), order=Order.OLDEST
    )
    assert parsed("assignee:bob", "mina", base).statuses == NOTHING
    assert parsed("status:done", "mina", base).statuses == NOTHING
    assert parsed("sort:urgent", "mina", base).order is Order.URGENT
    assert parsed("id:3", "mina", Selection(ids=(1, 2))).ids == ()


TEXT = st.text(st.one_of(st.sampled_from('ab:"-() OR'), st.characters()), max_size=60)


@given(TEXT)
@example('is:"\x1b[31m"')
@example("id:\u202e1")
@example("x" * 5000 + ":y")
def test_any_text_is_a_selection_or_one_harmless_line(query: str) -> None:
    try:
        parsed(query, "mina")
    except UsageError as mistake:
        line = str(mistake)
        assert "\n" not in line and "\x1b" not in line
        assert len(line) < 200
        column = int(line.removeprefix("query, column ").partition(":")[0])
        assert 1 <= column <= len(query)


WORDS = st.lists(st.from_regex(r"[a-zžäßа-я]{1,8}", fullmatch=True).filter(lambda w: w != "OR"), max_size=6)


@given(WORDS)
def test_plain_words_are_words(words: list[str]) -> None:
    assert parsed(" ".join(words), "mina").words == tuple(words)


@given(st.text(st.characters(exclude_characters='"'), min_size=1, max_size=30).filter(str.strip))
def test_a_phrase_is_taken_as_it_is(phrase: str) -> None:
    assert parsed(f'"{phrase}"', "mina").words == (phrase,)
