"""Views: what CONTRACT.md says each of them shows, and in which order."""

from __future__ import annotations

import pytest

from cminbox.domain.errors import UsageError
from cminbox.domain.item import Status
from cminbox.domain.view import ME, VIEWS, Order, Selection, view

CONTRACT = {
    "inbox": ("i", Selection(frozenset({Status.NEW, Status.OPEN}))),
    "new": ("n", Selection(frozenset({Status.NEW}))),
    "mine": ("m", Selection(frozenset(set(Status) - {Status.DONE}), assignee="mina")),
    "unassigned": ("u", Selection(frozenset({Status.NEW, Status.OPEN}), assignee="")),
    "waiting": ("w", Selection(frozenset({Status.WAITING}))),
    "done": ("e", Selection(frozenset({Status.DONE}), order=Order.NEWEST)),
    "all": ("a", Selection(order=Order.NEWEST)),
}


@pytest.mark.parametrize("name", CONTRACT)
def test_each_view(name: str) -> None:
    found = view(name, "mina")
    assert (found.name, found.key, found.selection) == (name, *CONTRACT[name])
    assert found.title


def test_they_are_all_there_each_under_a_letter_of_its_own() -> None:
    assert [known.name for known in VIEWS] == list(CONTRACT)
    assert len({known.key for known in VIEWS}) == len(VIEWS)
    # v c chooses a channel
    assert "c" not in {known.key for known in VIEWS}


def test_mine_is_the_one_who_asks() -> None:
    assert view("mine", "bob").selection.assignee == "bob"
    assert [known.name for known in VIEWS if known.selection.assignee == ME] == ["mine"]


@pytest.mark.parametrize("name", ["", "Inbox", "nix", "\x1b[31m"])
def test_an_unknown_view_names_those_there_are(name: str) -> None:
    with pytest.raises(UsageError, match="inbox, new, mine") as caught:
        view(name, "mina")
    assert "\x1b" not in str(caught.value)
