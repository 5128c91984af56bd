"""Against the shared folder: its hostile texts as they are, and its terminal emulator as a second opinion."""

from __future__ import annotations

import gzip
import importlib.util
import json
import random
import re
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from cminbox.tui.terminal.cells import FORBIDDEN
from cminbox.tui.terminal.grid import Grid
from cminbox.tui.terminal.painter import Painter
from cminbox.tui.terminal.sequences import clean_frame
from tests.shared import shared_dir
from tests.terminal.screen import Screen

pytestmark = pytest.mark.shared

COLUMNS, ROWS = 80, 24
STYLES = [Style.parse(text) for text in ("#d0d4d8 on #101418", "bold #e0a060 on #26323e", "underline red", "reverse")]


@pytest.fixture(scope="module")
def ttybench() -> Iterator[ModuleType]:
    place = shared_dir("ttybench", "ttybench.py")
    spec = importlib.util.spec_from_file_location("ttybench", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ttybench"] = module  # its dataclasses look for it there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["ttybench"]


def hostile_texts() -> list[str]:
    texts: list[str] = []
    for file in sorted(shared_dir("data", "hostile").rglob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                item = json.loads(line)
                texts += [value for value in (item.get("text"), item.get("author")) if isinstance(value, str)]
    assert len(texts) > 500
    return texts


def screenful(rows: list[str], rng: random.Random) -> LayoutUpdate:
    """Rows of a raw text in one pane and a mark in the next one, as a careless widget would draw them."""
    strips = []
    for text in rows:
        left = Strip([Segment(text[:200], rng.choice(STYLES))], 60)
        strips.append([left, Strip([Segment("|mark".ljust(20), rng.choice(STYLES))], 20)])
    return LayoutUpdate(strips, Region(0, 0, COLUMNS, ROWS))


def test_no_hostile_text_gets_out_and_none_shifts_a_column(ttybench: ModuleType) -> None:
    rng = random.Random(3)
    texts = hostile_texts()
    painter = Painter(Grid(COLUMNS, ROWS), "256")
    ours, theirs = Screen(COLUMNS, ROWS), ttybench.Screen(COLUMNS, ROWS)
    for start in range(0, len(texts) - ROWS, ROWS):
        frame = clean_frame(painter.paint(screenful(texts[start : start + ROWS], rng)))
        assert not re.search(f"[{FORBIDDEN}]", re.sub("\x1b\\[[0-9;]*[HGKLMXmr]", "", frame))
        ours.feed(frame.encode())
        theirs.feed(b"\x1b[?7l" + frame.encode())
        for screen_line, their_line in zip(ours.cells, theirs.chars, strict=True):
            assert "".join(cell for cell, _ in screen_line[60:65]) == "|mark"
            assert "".join(their_line[60:65]) == "|mark"
    assert not theirs.unknown and not theirs.clipboard_writes and not theirs.title and not theirs.bells


def test_the_other_emulator_sees_the_same_picture(ttybench: ModuleType) -> None:
    """Random screens, scrolled and changed in part: both emulators end with the same text, and so does a full paint."""
    rng = random.Random(5)
    words = ["Seit", "zwei", "Wochen", "keine", "Größe", "42", "Вылетает", "при", "中文", "한국어", "שלום", "●", "│"]
    lines = [" ".join(rng.choice(words) for _ in range(rng.randint(0, 14))) for _ in range(400)]
    lines = [line for line in lines if cell_len(line) <= COLUMNS]
    painter = Painter(Grid(COLUMNS, ROWS), "truecolor")
    ours, theirs = Screen(COLUMNS, ROWS), ttybench.Screen(COLUMNS, ROWS)
    top = 0
    for _ in range(120):
        top = max(0, min(len(lines) - ROWS, top + rng.choice([-20, -3, -1, 0, 1, 1, 2, 23])))
        high = rng.randrange(ROWS)
        strips = [
            [Strip([Segment(line, STYLES[y == high])]).adjust_cell_length(COLUMNS, STYLES[y == high])]
            for y, line in enumerate(lines[top : top + ROWS])
        ]
        frame = clean_frame(painter.paint(LayoutUpdate(strips, Region(0, 0, COLUMNS, ROWS)))).encode()
        ours.feed(frame)
        theirs.feed(b"\x1b[?7l" + frame)
        assert ours.lines() == theirs.lines() == [line.rstrip() for line in lines[top : top + ROWS]]
        assert theirs.highlighted() == [high]
    assert not theirs.unknown
