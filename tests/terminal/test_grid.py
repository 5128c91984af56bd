"""The grid: whatever changes, in whatever order, the terminal shows what is wanted, with few bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import get_character_cell_size

from cminbox.tui.terminal import pens
from cminbox.tui.terminal.cells import FORBIDDEN, is_certain
from cminbox.tui.terminal.grid import Grid
from cminbox.tui.terminal.sequences import clean_frame
from tests.terminal import texts
from tests.terminal.screen import Screen

WIDTH, HEIGHT = 16, 8
PENS = [pens.from_sgr(sgr) for sgr in ("", "31", "48;5;17", "1;4;38;5;9;48;5;17", "7", "38;2;1;2;3;48;2;9;9;9")]

_run = st.tuples(texts.shown, st.sampled_from(PENS))
_put = st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), st.lists(_run, min_size=1, max_size=3))
_scroll = st.tuples(st.integers(-3, 3), st.integers(0, HEIGHT - 1))
_frames = st.lists(st.lists(st.one_of(_put, _scroll), min_size=1, max_size=12), min_size=1, max_size=6)


def fill(grid: Grid) -> None:
    for y in range(grid.height):
        grid.put(y, 0, grid.width, [(f"{y}: {'row' * 9}"[: grid.width].ljust(grid.width), pens.DEFAULT)])


def paint(grid: Grid, frame: list[tuple[object, ...]]) -> None:
    """Put what a frame says; two numbers mean that rows from some place on move."""
    for step in frame:
        if len(step) == 3:
            y, x, runs = step
            grid.put(y, x, WIDTH, runs)  # type: ignore[arg-type]
            continue
        up, top = step
        rows = [(chars.copy(), row_pens.copy()) for chars, row_pens in grid._shown]
        for y in range(top, HEIGHT):  # type: ignore[call-overload]
            if 0 <= y + up < HEIGHT:  # type: ignore[operator]
                chars, row_pens = rows[y + up]  # type: ignore[operator]
                x = 0
                for cell, pen in zip(chars, row_pens, strict=True):
                    if cell:
                        x = grid.put(y, x, WIDTH, [(cell, pen)])


def anew(grid: Grid) -> Screen:
    """What a terminal shows that is painted from nothing."""
    screen, other = Screen(WIDTH, HEIGHT), Grid(WIDTH, HEIGHT)
    other._wanted = {y: (chars.copy(), row_pens.copy()) for y, (chars, row_pens) in enumerate(grid._shown)}
    screen.feed(other.flush())
    return screen


@pytest.mark.parametrize("bce", [True, False])
@settings(max_examples=80, deadline=None)
@given(frames=_frames)
def test_differences_add_up_to_the_whole(bce: bool, frames: list[list[tuple[object, ...]]]) -> None:
    grid, screen = Grid(WIDTH, HEIGHT, erase_keeps_background=bce), Screen(WIDTH, HEIGHT)
    fill(grid)
    screen.feed(grid.flush())
    for frame in frames:
        paint(grid, frame)
        screen.feed(clean_frame(grid.flush()))
        assert screen.picture() == anew(grid).picture()


def narrow_minded(character: str) -> int:
    """A terminal that gives what is disputed one cell and counts joiners."""
    width = get_character_cell_size(character)
    return width if is_certain(character) or (width == 0 and character != "\u200d") else 1


def generous(character: str) -> int:
    """A terminal that gives everything that is disputed two cells, and counts marks and joiners."""
    if is_certain(f"a{character}"):
        return get_character_cell_size(character)
    return 1 if unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf") else 2


@pytest.mark.parametrize("width", [narrow_minded, generous])
@settings(max_examples=80, deadline=None)
@given(frames=_frames)
def test_a_terminal_that_counts_otherwise_shifts_no_column(
    width: Callable[[str], int], frames: list[list[tuple[object, ...]]]
) -> None:
    grid, screen = Grid(WIDTH, HEIGHT), Screen(WIDTH, HEIGHT, width=width)
    fill(grid)
    screen.feed(grid.flush())
    for frame in frames:
        paint(grid, frame)
        screen.feed(clean_frame(grid.flush()))
        for (chars, _), shown in zip(grid._shown, screen.cells, strict=True):
            for x, cell in enumerate(chars):
                if cell.isascii() and cell.strip():
                    assert shown[x][0] == cell, f"column {x} of {chars}"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(texts.hostile, st.sampled_from(PENS)), min_size=1, max_size=4))
def test_no_foreign_character_leaves(runs: list[tuple[str, pens.Pen]]) -> None:
    grid, screen = Grid(WIDTH, 1), Screen(WIDTH, 1)
    grid.put(0, 0, WIDTH, runs)
    frame = grid.flush()
    assert clean_frame(frame) == frame, "the guard of the cells is enough by itself"
    screen.feed(frame)  # strict: fails on any sequence that is not ours
    assert not re.search(f"[{FORBIDDEN}]", re.sub("\x1b\\[[0-9;]*[HGKLMXmr]", "", frame))


def test_nothing_changed_costs_nothing() -> None:
    grid = Grid(WIDTH, HEIGHT)
    fill(grid)
    assert grid.flush()
    fill(grid)
    assert grid.flush() == ""


def test_one_cell_costs_one_cell() -> None:
    grid = Grid(80, 24)
    fill(grid)
    grid.flush()
    grid.put(5, 40, 80, [("x", pens.DEFAULT)])
    assert grid.flush() == "\x1b[6;41Hx"


@pytest.mark.parametrize("up", [1, -1, 5])
def test_scrolling_moves_rows_in_the_terminal(up: int) -> None:
    grid, screen = Grid(80, 24), Screen(80, 24)

    def show(top: int) -> str:
        for y in range(2, 22):
            grid.put(y, 0, 80, [(f"row {top + y} with some text to read".ljust(80), pens.DEFAULT)])
        return grid.flush()

    fill(grid)
    screen.feed(grid.flush() + show(10))
    frame = show(10 + up)
    screen.feed(frame)
    assert screen.lines()[2] == f"row {12 + up} with some text to read"
    assert screen.lines()[21] == f"row {31 + up} with some text to read"
    assert screen.lines()[22].startswith("22: row") and screen.lines()[1].startswith("1: row")
    assert len(frame) < 40 + 45 * abs(up)


def test_unknown_screen_is_painted_whole_and_parts_are_blanked() -> None:
    grid, screen = Grid(WIDTH, 2), Screen(WIDTH, 2)
    screen.feed("rubbish, left there")
    grid.put(0, 4, 8, [("here", pens.DEFAULT)])
    screen.feed(grid.flush())
    assert screen.lines()[0] == "    here"
    assert grid.is_unknown, "the second row"
    fill(grid)
    grid.flush()
    assert not grid.is_unknown
    grid.forget()
    assert grid.is_unknown


def test_what_is_outside_is_left_out() -> None:
    grid = Grid(WIDTH, HEIGHT)
    fill(grid)
    grid.flush()
    for y, x in ((-1, 0), (HEIGHT, 0), (0, WIDTH), (0, -1)):
        grid.put(y, x, WIDTH, [("x", pens.DEFAULT)])
    assert grid.flush() == ""


@pytest.mark.parametrize("text", ["中", "x中", "中中"])
def test_wide_character_at_the_edge(text: str) -> None:
    grid, screen = Grid(3, 1), Screen(3, 1)
    screen.feed(grid.flush())
    grid.put(0, 0, 3, [("abc", pens.DEFAULT)])
    screen.feed(grid.flush())
    grid.put(0, 2, 3, [(text, pens.DEFAULT)])
    screen.feed(grid.flush())
    assert [character for character, _ in screen.cells[0]] == ["a", "b", " " if text[0] == "中" else "x"]
