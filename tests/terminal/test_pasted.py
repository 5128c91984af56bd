"""What is pasted is text, whatever stands in it and however it is cut into reads."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from cminbox.tui.terminal.pasted import END, START, PastedApart


def read(chunks: list[str]) -> tuple[list[str], list[str]]:
    """(keys, pastes) of what a terminal sent in these pieces."""
    parser = XTermParser()
    apart = PastedApart(parser.feed)
    told = [message for chunk in chunks for message in apart.messages(chunk)]
    keys = [message.key for message in told if isinstance(message, events.Key)]
    return keys, [message.text for message in told if isinstance(message, events.Paste)]


@given(
    st.text(st.sampled_from("ab\x13\x1b[;m\n☃"), max_size=60).filter(
        lambda text: END not in text and START not in text
    ),
    st.lists(st.integers(0, 90), max_size=6),
)
def test_no_key_comes_out_of_a_paste(pasted: str, cuts: list[int]) -> None:
    sent = f"x{START}{pasted}{END}y"
    edges = sorted({0, len(sent), *(cut for cut in cuts if cut < len(sent))})
    keys, pastes = read([sent[start:end] for start, end in pairwise(edges)])
    assert keys == ["x", "y"]
    assert pastes == ([pasted] if pasted else [])


def test_an_escape_and_control_s_in_a_paste_are_text() -> None:
    assert read([f"{START}half an \x1b answer\x13 e{END}"]) == ([], ["half an \x1b answer\x13 e"])
