from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len, chop_cells, set_cell_size, split_graphemes
from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip

from cminbox.domain.text import Safe
from cminbox.text.cells import Wrapped, cut, drawn, fit, width, wrap
from cminbox.text.sanitize import MAX_CHARS, MAX_MARKS, PLAIN, joined, safe
from cminbox.text.simplify import simplified
from tests.text.strategies import HOT, ORDINARY, texts
from tests.text.test_sanitize import forbidden


def assert_drawable(text: str) -> None:
    """Nothing in ``text`` but what has an undisputed width."""
    assert forbidden(text) == []
    marks = MAX_MARKS
    for char in text:
        category = unicodedata.category(char)
        assert category not in ("Co", "Cn")
        assert char == "\u200c" or category != "Cf"
        assert category != "Zs" or char in " \u3000"
        assert not 0x1F1E6 <= ord(char) <= 0x1F1FF and not 0x1F3FB <= ord(char) <= 0x1F3FF
        if category[0] == "M":
            assert not 0xFE00 <= ord(char) <= 0xFE0F and char != "\u20e3"
            marks += 1
            assert marks <= MAX_MARKS, "too many marks, or a mark without a base"
        elif char != "\u200c":
            marks = MAX_MARKS if char in " \n\u3000" else 0
    assert unicodedata.is_normalized("NFC", text)


@given(texts)
@settings(max_examples=400)
@example("\u200d\u200d" + "中" * 40 + "a")
@example("a\u200db\u200dc")
@example("\u1100\u200b\u1161 \u1100\u1161\u11a8 \u11a8")
@example("a\u200c\u0301 \u06cc\u200c\u062e")
@example("🇩🇪🇸🇮🇷x1🇩🇪")
def test_the_drawn_form_has_one_width_everywhere(raw: str) -> None:
    text = drawn(safe(raw))
    assert isinstance(text, Safe)
    assert_drawable(text)
    assert drawn(text) == text
    assert width(text) == cell_len(text) == split_graphemes(text)[1] == sum(map(width, text))
    assert safe(text) == text or len(text) > MAX_CHARS or "\n\n\n" in text


@given(texts, st.integers(1, 120))
@settings(max_examples=300)
@example("\u200d\u200d" + "中" * 40 + "a", 80)
def test_rich_and_textual_take_the_drawn_form(raw: str, cells: int) -> None:
    text = drawn(safe(raw))
    Content(text).wrap(cells)
    Content(text).truncate(cells, ellipsis=True)
    for row in text.split("\n"):
        assert cell_len(set_cell_size(row, cells)) == cells
        chop_cells(row, cells)
        assert Strip([Segment(row)]).adjust_cell_length(cells).cell_length == cells


def test_every_character_counts_what_rich_counts() -> None:
    spans = (range(0x20, 0x3400), range(0x4DC0, 0x4E20), range(0xA000, 0xAC20), range(0xD7A0, 0x20010))
    others = range(0x20010, 0x110000, 251)
    for span in (*spans, others):
        for code in span:
            text = drawn(safe(f"a{chr(code)}b"))
            assert width(text) == cell_len(text), hex(code)


def test_plain_characters_are_drawn_as_they_are() -> None:
    plain = "".join(chr(code) for code in range(0x20, 0x20000) if PLAIN.fullmatch(chr(code)))
    assert simplified(plain) == plain
    assert_drawable(plain)
    assert all(width(char) == cell_len(char) for char in plain)


@pytest.mark.parametrize(
    ("raw", "form", "cells"),
    [
        ("Grüße", "Grüße", 5),
        ("Fu\u0308r", "Für", 3),
        ("中文", "中文", 4),
        ("👨‍👩‍👧‍👦", "👨", 2),
        ("🏳️‍🌈!", "🏳!", 2),
        ("❤️‍🔥", "❤", 1),
        ("🤷🏻‍♀️", "🤷", 2),
        ("👍🏽", "👍", 2),
        ("1️⃣", "1", 1),
        ("☎︎", "☎", 1),
        ("🇩🇪", "DE", 2),
        ("🇩🇪🇸🇮 🇷", "DE SI R", 7),
        ("Wien🇦🇹ok", "Wien AT ok", 10),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴", 2),
        ("🩷☰", "💗≡", 3),
        ("\U0001fae9\ue000", "\ufffd\ufffd", 2),
        ("می\u200cخواهم", "می\u200cخواهم", 7),
        ("क्\u200dष", "क्ष", 2),
        ("a\u00a0b\u2003c\u3000", "a b c\u3000", 7),
        ("Donau\u00addampf", "Donaudampf", 10),
        ("ส\u200bค", "สค", 2),
        ("\u1112\u1161\u11ab \u1112", "한 \ufffd", 4),
        ("\u0301x \u0301", "x ", 2),
        ("x\u00a0\u0301\u2800\u0301", "x \u2800\u0301", 3),
        ("שלום!\u200f", "שלום!", 5),
        ("a\tb\tc", "a   b   c", 9),
        ("中\tb\n\tc", "中  b\n    c", 10),
        ("\t", "    ", 4),
    ],
)
def test_what_is_drawn_for_what(raw: str, form: str, cells: int) -> None:
    text = drawn(safe(raw))
    assert text == form
    assert width(text) == cells


def test_tabs_go_to_their_stops() -> None:
    assert drawn(safe("a\tb"), tab=8) == "a       b"


@given(texts, st.integers(0, 90), st.sampled_from(["…", "", "..."]))
@settings(max_examples=400)
def test_a_field_is_exactly_as_wide_as_it_should_be(raw: str, cells: int, ellipsis: str) -> None:
    text = safe(raw)
    for align in ("left", "right"):
        row = fit(text, cells, safe(ellipsis), align)  # type: ignore[arg-type]  # a loop widens the literals to str
        assert width(row) == cell_len(row) == cells
        assert "\n" not in row
        assert_drawable(row)
    short = cut(text, cells, safe(ellipsis))
    assert width(short) <= cells
    assert fit(text, cells, safe(ellipsis)).startswith(short)


@pytest.mark.parametrize(
    ("text", "cells", "row"),
    [
        ("abc", 5, "abc  "),
        ("abcdef", 5, "abcd…"),
        ("abcde", 5, "abcde"),
        ("中中中", 5, "中中…"),
        ("中中中", 4, "中… "),
        ("中", 1, "…"),
        ("ab\ncd", 5, "ab cd"),
        ("e\u0301e\u0323\u0301x", 3, "éẹ\u0301x"),
        ("key\tv", 6, "key v "),
        ("x" * 100_000, 3, "xx…"),
        ("👩‍👩‍👧" * 50, 5, "👩👩…"),
        ("abc", 0, ""),
        ("abc", -3, ""),
    ],
)
def test_cutting_and_padding(text: str, cells: int, row: str) -> None:
    assert fit(safe(text), cells) == row


def test_right_aligned() -> None:
    assert fit(safe("4m"), 5, align="right") == "   4m"
    assert fit(safe("中"), 300, align="right") == " " * 298 + "中"


@given(texts, st.integers(1, 60))
@settings(max_examples=400)
@example("  indented   words  that   go on", 7)
@example("a" + " " * 50 + "b", 4)
@example("中、中、中、", 3)
def test_wrapping_keeps_all_and_overflows_nothing(raw: str, cells: int) -> None:
    text = safe(raw)
    rows = wrap(text, cells)
    assert rows
    for row in rows:
        assert isinstance(row, Safe)
        assert width(row) <= cells
        assert "\n" not in row
    form = drawn(text)
    if cells > 1:
        kept = "".join(rows).replace(" ", "")
        assert kept == form.replace("\n", "").replace(" ", "")
    assert len(rows) >= form.count("\n") + 1
    assert Wrapped(text, cells).lines(0, 10**6) == rows


@pytest.mark.parametrize(
    ("text", "cells", "rows"),
    [
        ("the quick brown fox", 10, ["the quick", "brown fox"]),
        ("the quick brown fox", 9, ["the quick", "brown fox"]),
        ("a\n\nb\n", 5, ["a", "", "b", ""]),
        ("", 5, [""]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("xx abcdefgh", 5, ["xx", "abcde", "fgh"]),
        ("  - indented item", 10, ["  -", "indented", "item"]),
        ("注文した商品がまだ。", 8, ["注文した", "商品がま", "だ。"]),
        ("見た。商品", 4, ["見", "た。", "商品"]),
        ("ok 中文 ok", 6, ["ok 中", "文 ok"]),
        ("中中", 1, ["\ufffd", "\ufffd"]),
        ("Größe 42", 5, ["Größe", "42"]),
        ("x   ", 2, ["x"]),
        ("né né", 2, ["né", "né"]),
        ("🇩🇪🇸🇮", 3, ["DE", "SI"]),
    ],
)
def test_where_lines_break(text: str, cells: int, rows: list[str]) -> None:
    assert wrap(safe(text), cells) == rows


def test_wrapping_on_demand() -> None:
    text = safe("\n".join(f"line {number}" for number in range(500)))
    wrapped = Wrapped(text, 20)
    assert (wrapped.known, wrapped.complete) == (0, False)
    assert wrapped.lines(3, 5) == ["line 3", "line 4"]
    assert (wrapped.known, wrapped.complete) == (5, False)
    assert wrapped.lines(0, 2) == ["line 0", "line 1"]
    assert wrapped.lines(499, 600) == ["line 499"]
    assert wrapped.complete
    assert wrapped.total() == wrapped.known == 500
    assert Wrapped(text, 20).total() == 500


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY.keys())
def test_ordinary_text_is_drawn_in_every_width(text: str) -> None:
    form = drawn(safe(text))
    assert_drawable(form)
    assert "\ufffd" not in form
    for cells in (2, 7, 20, 79):
        assert all(width(row) <= cells for row in wrap(safe(text), cells))


@pytest.mark.parametrize(
    "unit", ["a", "\n", "中", "word ", "a\u0301", "\u0301", "👍🏽", "की ", "\t", " ", "слово ", "я", "\u0e01", "🇩🇪"]
)
def test_a_long_text_opens_at_once(unit: str) -> None:
    text = safe(unit * (1_000_000 // len(unit)))
    long = joined(*[text] * 10) if len(text) == MAX_CHARS else text
    for draw in (lambda: fit(text, 60), lambda: Wrapped(text, 60).lines(0, 50), lambda: wrap(text, 60)):
        before = time.process_time()
        draw()
        assert time.process_time() - before < 0.5  # measured: 0.05 s at most
    before = time.process_time()
    wrap(long, 60)
    assert time.process_time() - before < 4.0  # linear: ten times as much


def test_the_sample_has_every_kind_of_harm() -> None:
    """Were `drawn` to do nothing, these would fail the checks above."""
    assert sum(simplified(char) != char for char in HOT) > 20
