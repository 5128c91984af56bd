"""Cells: the widths agree with Rich's, nothing forbidden gets in, and the tables say what the libraries say."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from rich.cells import cell_len, get_character_cell_size
from wcwidth import wcwidth

from cminbox.tui.terminal.cells import FORBIDDEN, MARKS, NARROW, WIDE, is_certain, most_cells, split
from tests.terminal import texts

_forbidden = re.compile(f"[{FORBIDDEN}]")


@pytest.mark.parametrize(("table", "cells"), [(NARROW, 1), (MARKS, 0), (WIDE, 2)], ids=["narrow", "marks", "wide"])
def test_tables_agree_with_rich_and_wcwidth(table: str, cells: int) -> None:
    members = re.findall(f"[{table}]", "".join(map(chr, range(0x20, 0x30000))))
    assert len(members) > 100
    disputed = [
        f"U+{ord(character):04X}"
        for character in members
        if {get_character_cell_size(character), wcwidth(character)} != {cells}
        and unicodedata.category(character) != "Cn"
    ]
    assert disputed == []


@given(texts.shown)
def test_text_takes_the_cells_that_rich_gives_it(text: str) -> None:
    if not text.startswith(("\u200d", "\ufe0f")):  # there Rich's own two functions disagree
        assert len(split(text)) == cell_len(text)


@given(texts.hostile)
def test_nothing_forbidden_gets_into_a_cell(text: str) -> None:
    cells = split(text)
    assert _forbidden.search("".join(cells)) is None
    for before, cell in zip(("", *cells), cells, strict=False):
        assert cell or before, "a second half needs a first one before it"


@given(texts.hostile)
def test_no_cell_begins_with_a_mark(text: str) -> None:
    """It would join the cell before it."""
    assert not any(unicodedata.category(cell[0]) in ("Mn", "Me") for cell in split(text) if cell)


def test_cells_stay_where_they_are_when_something_is_taken_out() -> None:
    assert split("a\x1bb") == ("a", "b")
    assert split("中\x1b[2Jx") == ("中", "", "[", "2", "J", "x")
    assert split("a\ud800b") == ("a", " ", "b")


def test_what_is_certain() -> None:
    for text in ("plain", "Größe", "Вылетает", "中文", "한국어", "שלום", "สวัสดี", "e\u0301", "● ◦ ✎ ★ ↗ ▌", ""):
        assert is_certain(text), text
    for text in texts.DISPUTED:
        assert not is_certain(text), text


@pytest.mark.parametrize(("cluster", "cells"), [("👍🏽", 4), ("நி", 2 + 1), ("क्षि", 4), ("x\u0301", 2), ("x", 1)])
def test_most_cells_a_terminal_may_give(cluster: str, cells: int) -> None:
    assert most_cells(cluster) == cells
