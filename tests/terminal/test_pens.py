"""Pens: a change of pen leaves the terminal with exactly the new one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cminbox.tui.terminal import pens
from tests.terminal.screen import Screen

_attributes = st.sets(st.sampled_from(pens.ATTRIBUTES)).map(lambda codes: ";".join(sorted(codes, key=int)))
_colour = st.sampled_from(["", "{}1", "{}8;5;77", "{}8;2;1;2;3"])
_pen = st.builds(
    lambda attributes, front, back: pens.make(attributes, front.format("3"), back.format("4")),
    _attributes,
    _colour,
    _colour,
)


@given(_pen, _pen)
def test_change_gives_the_new_pen(before: pens.Pen, after: pens.Pen) -> None:
    screen = Screen(2, 1)
    screen.feed(pens.change(pens.DEFAULT, before) + pens.change(before, after) + "x")
    assert screen.cells[0][0] == ("x", after)


@given(_pen, _pen)
def test_change_is_never_longer_than_starting_anew(before: pens.Pen, after: pens.Pen) -> None:
    anew = f"\x1b[{';'.join(('0', *filter(None, after)))}m"
    assert len(pens.change(before, after)) <= len(anew)


@given(_pen)
def test_equal_pens_are_one_object(pen: pens.Pen) -> None:
    assert pens.make(*pen) is pen


@given(_pen)
def test_sgr_parameters_are_read_back(pen: pens.Pen) -> None:
    assert pens.from_sgr(";".join(filter(None, pen))) is pen


def test_blinking_and_hidden_text_are_left_out() -> None:
    assert pens.from_sgr("5;8;1;31") == ("1", "31", "")


def test_bright_colours() -> None:
    assert pens.from_sgr("97;104") == ("", "97", "104")


@given(_pen, _pen)
def test_same_on_blank_is_what_is_seen(one: pens.Pen, other: pens.Pen) -> None:
    if pens.same_on_blank(one, other):
        screen = Screen(2, 1)
        screen.feed(pens.change(pens.DEFAULT, one) + " \x1b[m" + pens.change(pens.DEFAULT, other) + " ")
        left, right = screen.picture()[0]
        assert left == right
