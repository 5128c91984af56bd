"""Made-up harm: texts by a grammar of everything that has broken a terminal, keys and sizes at random; nothing dies."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual import events
from textual.document._document import Selection

from cminbox.domain.errors import CminboxError
from cminbox.text.cells import width
from cminbox.tui.terminal.base_app import Suspended
from cminbox.tui.widgets.answer_document import HIDDEN, AnswerDocument, laid_out
from tests.tui.conftest import Seat, a_comment, adding
from tests.tui.hostile import STEERING, check_alive, check_screen, hostile_item, is_forbidden

ESCAPES = (
    "\x1b", "\x1b[", "\x1b]", "\x1bP", "\x1b_", "\x1b\\", "\x9b", "\x9d", "\x9c", "\x07", "31m", "2J", "?1049l", "6n",
    ";", "52;c;Zm9v", "0;title", "8;;http://e.example", "\x18", "\x00", "\x7f", "\x85", "\r", "\x08",
)  # fmt: skip
MARKUP = (
    "[",
    "]",
    "[/]",
    "[@click=app.exit]",
    "[link=x]",
    "[bold",
    "\\[",
    "{author}",
    "{",
    "}",
    "{{",
    "%s",
    "::",
    "<b>",
)
JOINERS = ("\u200d", "\u200c", "\u200b", "\u2060", "\ufeff", "\ufe0f", "\ufe0e", "\u00ad", "\u034f", "\U000e0041")
RIGHT = ("\u202e", "\u202a", "\u202c", "\u2066", "\u2069", "\u200f", "\u200e", "\u061c", "שלום", "مرحبا", "می‌")
MARKS = ("\u0301", "\u0489", "\u20e3", "\u0903", "\u093f", "\u0e33", "\u0336", "\U0001d165")
WIDE = ("中", "。", "한", "ﾊ", "Ａ", "\u3000", "👨", "👩", "🏽", "🇩", "🇪", "❤", "🏴", "1", "#", "☺", "\U0001fae8", "𝒳")
ODD = ("\ud800", "\udc00", "\uffff", "\U0010ffff", "\ue000", "\u1160", "\u3164", "\ufffc", "\u2028", "\u0378", "\ufdd0")
PLAIN = (
    "a",
    "word ",
    "Straße ",
    "\n",
    "\t",
    " ",
    "\n\n\n\n\n",
    "> quoted\n",
    "http://x.example/y ",
    "\u00a0",
    "x" * 90,
)
PIECES = (ESCAPES, MARKUP, JOINERS, RIGHT, MARKS, WIDE, ODD, PLAIN)
KEYS = (
    *"jkeaAmzuVJKGgOoprcyn?:{}/x ", "enter", "escape", "tab", "shift+tab", "backspace", "delete", "left", "right", "up",
    "down", "home", "end", "pageup", "pagedown", "space", "ctrl+s", "ctrl+o", "ctrl+r", "ctrl+t", "ctrl+p", "ctrl+d",
    "ctrl+u", "ctrl+k", "ctrl+w", "ctrl+z", "ctrl+y", "ctrl+v", "ctrl+x", "ctrl+a", "ctrl+e", "shift+right", "f1",
    "shift+up", "ctrl+left", "colon", "ctrl+c", "ctrl+q", "ctrl+g",
)  # fmt: skip
SIZES = ((40, 200), (8, 60))


def made_up(chance: random.Random, most: int = 40) -> str:
    """A text of random pieces; now and then one of them a few hundred times."""
    pieces: list[str] = []
    for _ in range(chance.randint(1, most)):
        piece = chance.choice(chance.choice(PIECES))
        pieces.append(piece * (chance.randint(2, 400) if chance.random() < 0.04 else 1))
    return "".join(pieces)


@pytest.mark.parametrize(
    ("seed", "rounds"), [(1, 30), *(pytest.param(seed, 400, marks=pytest.mark.slow) for seed in range(2, 8))]
)
async def test_random_texts_keys_and_sizes(seat, monkeypatch: pytest.MonkeyPatch, seed: int, rounds: int) -> None:
    """A round is a few keys, a paste, a new size, an arrival, or an error said; then the whole screen is looked at."""
    chance = random.Random(seed)
    items = [hostile_item(n, made_up(chance), parent=f"r{n - 1}" if n % 3 else None) for n in range(1, 30)]
    async with seat(items, raws={f"r{n}": made_up(chance) for n in range(1, 30)}) as s:
        monkeypatch.setattr(s.app, "leave", lambda: None)  # the palette offers it
        monkeypatch.setattr(s.main, "give_terminal", lent_to_nobody)
        for number in range(rounds):
            began = time.process_time()
            did = await one_round(s, chance, number)
            took = time.process_time() - began
            try:
                check_screen(s)
            except AssertionError as problem:
                raise AssertionError(f"seed {seed}, round {number}, after {did!a}") from problem
            assert took < 1.5, (did, took)
        check_alive(s)


async def lent_to_nobody(argv: list[str]) -> Suspended:
    """As an editor that changes nothing."""
    return Suspended(0, None)


async def one_round(s: Seat, chance: random.Random, number: int) -> object:
    """Does one thing; what it was."""
    kind = chance.random()
    if kind < 0.62:
        keys = [chance.choice(KEYS) for _ in range(chance.randint(1, 6))]
        for key in keys:
            character = key if len(key) == 1 else None
            s.app.post_message(events.Key(key, character))
        done: object = keys
    elif kind < 0.74:
        done = made_up(chance, 12)
        s.app.post_message(events.Paste(done))
    elif kind < 0.86:
        done = tuple(chance.randint(*bounds) for bounds in SIZES)
        await s.pilot.resize_terminal(*done)
    elif kind < 0.95:
        done = made_up(chance)
        parent = f"r{chance.randint(1, 30)}"
        await s.store.write(adding([hostile_item(1_000 + number, done, parent=parent)]))
    else:
        done = made_up(chance)

        async def job() -> None:
            raise CminboxError(str(done))

        s.main.desk.do(job)
    await s.pilot.pause()
    await s.main.desk.settled()
    await s.pilot.pause()
    return done


# -- the text that is being written ------------------------------------------------------------------------

pieces = st.sampled_from([piece for group in PIECES for piece in group] + list(STEERING))
any_text = st.lists(pieces | st.text(max_size=4), max_size=12).map("".join)


@settings(max_examples=400, deadline=None)
@given(line=any_text.map(lambda text: text.replace("\n", " ")))
def test_what_is_drawn_has_as_many_characters_of_known_width(line: str) -> None:
    shown = laid_out(line)
    assert len(shown) == len(line)
    assert width(shown) == cell_len(shown) == sum(map(cell_len, shown))
    assert not [char for char in shown if is_forbidden(char) and char not in (HIDDEN, "\t")], ascii(shown)
    assert laid_out(shown.replace(HIDDEN, "")) == shown.replace(HIDDEN, "")


@settings(max_examples=300, deadline=None)
@given(start=any_text, edits=st.lists(st.tuples(any_text, st.integers(0, 99), st.integers(0, 99)), max_size=5))
def test_every_edit_does_to_the_text_what_it_says(start: str, edits: list[tuple[str, int, int]]) -> None:
    """Against a plain string: no line end is changed, nothing is lost, and undoing brings every character back."""
    document, model = AnswerDocument(start), start
    for inserted, *places in edits:
        first, last = sorted(place % (len(model) + 1) for place in places)
        here, there = document.get_location_from_index(first), document.get_location_from_index(last)
        before = document.text
        result = document.replace_range(here, there, inserted)
        model = model[:first] + inserted + model[last:]
        assert document.text == model
        assert result.replaced_text == before[first:last]
        assert document.get_index_from_location(result.end_location) == first + len(inserted)
        assert document.lines == [laid_out(line) for line in model.split("\n")]
        assert document.get_text_range(document.start, document.end) == model


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 12))])
async def test_undo_brings_every_character_back(seat, seed: int) -> None:
    """Through the widget itself: edits, the cursor in between, then undone and done again."""
    chance = random.Random(seed)
    async with seat([a_comment(1)]) as s:
        await s.press("r")
        area = s.main.composer.area
        first = made_up(chance)[:2_000]
        area.load_text(first)
        texts = [first]
        for _ in range(12):
            start, end = (area.document.get_location_from_index(chance.randint(0, len(area.text))) for _ in range(2))
            area.selection = Selection(start, end)
            area.history.checkpoint()
            area.put(made_up(chance, 6)[:500]) if chance.random() < 0.7 else area.action_delete_left()
            texts.append(area.text)
        for text in reversed(texts[:-1]):
            if area.text != text:
                area.undo()
            assert area.text == text
        while area.history.redo_stack:
            area.redo()
        assert area.text == texts[-1]
        await s.settle()
        check_screen(s)
