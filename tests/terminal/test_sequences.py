"""The last filter: what is ours passes, nothing else does."""

from __future__ import annotations

import re
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cminbox.tui.terminal import sequences
from cminbox.tui.terminal.cells import FORBIDDEN
from tests.terminal import texts
from tests.terminal.screen import Screen

_anything = st.one_of(texts.hostile, st.text(max_size=60))


@given(_anything)
def test_frames_keep_text_and_lose_what_is_foreign(text: str) -> None:
    cleaned = sequences.clean_frame(text)
    left = re.sub("\x1b\\[(?:[0-9;]*[HGKLMXmr]|\\?2026[hl])", "", cleaned)
    assert not re.search(f"[{FORBIDDEN}]", left)
    assert sequences.clean_frame(cleaned) == cleaned


@given(_anything)
def test_controls_are_ours_alone(text: str) -> None:
    strict = Screen()
    strict.feed(sequences.clean_controls(text + sequences.ENTER + text))
    assert (
        sequences.clean_controls(text + sequences.SYNC_QUERY) == sequences.clean_controls(text) + sequences.SYNC_QUERY
    )


@pytest.mark.parametrize("ours", [sequences.ENTER, sequences.LEAVE, sequences.MOUSE_ON, sequences.KEYBOARD_ON])
def test_what_we_send_passes(ours: str) -> None:
    assert sequences.clean_controls(ours) == ours


def test_a_frame_passes_as_it_is() -> None:
    frame = "\x1b[;23r\x1b[M\x1b[r\x1b[3;1H\x1b[1;38;5;7mtext: Größe 中\x1b[4X\x1b[12G\x1b[K\x1b[m"
    assert sequences.clean_frame(frame) == frame


@pytest.mark.parametrize(
    "foreign",
    ["\x1b]22;pointer\x07", "\x1b]52;c;eA==\x07", "\x1b]0;x\x07", "\x1b[?1003h\x07"[7:], "\x1b[6n", "\x1b[?2048h"],
)
def test_what_textual_may_write_but_we_do_not_is_dropped(foreign: str) -> None:
    assert sequences.clean_controls(foreign) == ""


@given(_anything)
def test_title_holds_no_end_of_its_own(text: str) -> None:
    screen = Screen()
    screen.feed(sequences.title(text).encode("utf-8", "replace"))
    assert len(screen.titles) == 1


@given(_anything)
def test_clipboard_carries_the_text_as_it_is(text: str) -> None:
    screen = Screen()
    screen.feed(sequences.clipboard(text))
    (sent,) = screen.clipboard
    assert b64decode(sent.removeprefix("c;")) == text.encode("utf-8", "replace")


def test_clipboard_has_a_limit() -> None:
    assert sequences.clipboard("x" * 74_994)
    assert sequences.clipboard("x" * 74_995) == ""


def test_no_query_to_terminals_that_print_it() -> None:
    for environment in ({"TERM": "linux"}, {"TERM": "xterm", "TERM_PROGRAM": "Apple_Terminal"}):
        assert sequences.SYNC_QUERY not in sequences.modes(environment, mouse=False, kitty=False)
    assert sequences.SYNC_QUERY in sequences.modes({"TERM": "xterm"}, mouse=False, kitty=False)
