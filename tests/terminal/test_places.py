"""What the environment says about the terminal, and what of it Textual gets to see."""

from __future__ import annotations

import pytest

from cminbox.tui.terminal import places


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, "16"),
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "screen"}, "16"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "tmux-256color"}, "256"),
        ({"TERM": "screen-256color"}, "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, "truecolor"),
        ({"TERM": "alacritty"}, "truecolor"),
        ({"TERM": "foot"}, "truecolor"),
        ({"TERM": "foot-extra"}, "truecolor"),
        ({"TERM": "xterm-ghostty"}, "truecolor"),
        ({"TERM": "xterm-kitty"}, "truecolor"),
        ({"TERM": "xterm-direct"}, "truecolor"),
        ({"TERM": "footloose"}, "16"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "truecolor"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, "256"),
    ],
)
def test_colours_by_what_is_known(environment: dict[str, str], found: str) -> None:
    assert places.colours("auto", environment) == found


@pytest.mark.parametrize("setting", ["16", "256", "truecolor"])
def test_what_is_set_wins(setting: places.Colours) -> None:
    assert places.colours(setting, {"TERM": "xterm", "COLORTERM": "truecolor"}) == setting


@pytest.mark.parametrize(
    ("term", "stdin", "stdout"), [("dumb", True, True), ("xterm", False, True), ("xterm", True, False)]
)
def test_no_screen_without_a_terminal(term: str, stdin: bool, stdout: bool) -> None:
    why = places.refusal({"TERM": term}, stdin_is_tty=stdin, stdout_is_tty=stdout)
    assert why is not None and "\n" not in why


def test_a_screen_where_there_is_one() -> None:
    assert places.refusal({"TERM": "xterm"}, stdin_is_tty=True, stdout_is_tty=True) is None
    assert places.refusal({}, stdin_is_tty=True, stdout_is_tty=True) is None


@pytest.mark.parametrize(("value", "none"), [(None, False), ("", False), ("1", True), ("0", True)])
def test_no_color_counts_when_it_is_not_empty(value: str | None, none: bool) -> None:
    assert places.wants_no_colour({} if value is None else {"NO_COLOR": value}) is none


def test_textual_sees_nothing_of_textual_from_outside() -> None:
    environment = {"TEXTUAL_DEBUG": "1", "TEXTUAL": "devtools", "TEXTUAL_PRESS": "q", "TERM": "foot", "NO_COLOR": ""}
    with places.fit_for_textual(environment):
        assert environment.pop("TEXTUAL_ANIMATIONS") == "none"
        assert environment.pop("TEXTUAL_COLOR_SYSTEM") == "truecolor"
        assert environment.pop("TEXTUAL_SMOOTH_SCROLL") == "0"
        assert int(environment.pop("ESCDELAY")) < 100
        assert environment == {"TERM": "foot"}
    assert environment == {"TERM": "foot"}, "an editor that is started later must not inherit ours"


def test_the_users_escdelay_stays() -> None:
    environment = {"ESCDELAY": "300"}
    with places.fit_for_textual(environment):
        assert environment["ESCDELAY"] == "300"
    assert environment == {"ESCDELAY": "300"}


def test_gnu_screen_does_not_erase_to_a_colour_but_tmux_does() -> None:
    assert not places.erases_to_colour({"TERM": "screen-256color"})
    assert places.erases_to_colour({"TERM": "screen-256color", "TMUX": "/tmp/tmux,1,0"})
    assert places.erases_to_colour({"TERM": "xterm-256color"})


def test_remote() -> None:
    assert places.is_remote({"SSH_CONNECTION": "1.2.3.4 1 5.6.7.8 22"})
    assert not places.is_remote({"SSH_CONNECTION": ""})
