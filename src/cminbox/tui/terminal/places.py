"""Where the screen runs: what the environment says about the terminal, and what of it Textual may see.

Used before Textual is imported: it reads its environment while it is imported.
"""

from __future__ import annotations

import contextlib
import os

TYPE_CHECKING = False  # not from typing: it costs 4 ms before the first paint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping
    from typing import Literal

    Colours = Literal["auto", "16", "256", "truecolor"]

# What Rich calls them (TEXTUAL_COLOR_SYSTEM).
_RICH_NAMES = {"16": "standard", "256": "256", "truecolor": "truecolor"}
# Terminals that show 24 bit colours and say so by their name alone, since sshd drops COLORTERM.
_TRUECOLOR_TERMS = (
    "alacritty",
    "foot",
    "ghostty",
    "xterm-ghostty",
    "xterm-kitty",
    "kitty",
    "wezterm",
    "contour",
    "rio",
)
_TRUECOLOR_PROGRAMS = ("iTerm.app", "WezTerm", "ghostty", "vscode", "rio", "Hyper")
_DUMB = ("dumb", "unknown")
_ESCAPE_DELAY, _ESCAPE_DELAY_REMOTE = "25", "60"  # milliseconds; a sequence may arrive in two packets


def refusal(environment: Mapping[str, str], *, stdin_is_tty: bool, stdout_is_tty: bool) -> str | None:
    """Why no screen can be opened here, in one line; None where it can. The exit status for it is 2."""
    if not stdin_is_tty or not stdout_is_tty:
        return "the screen needs a terminal; `cminbox list` and the other commands do without"
    if environment.get("TERM") in _DUMB:
        return f"the screen cannot be drawn on TERM={environment['TERM']}; `cminbox list` and the other commands can"
    return None


def why_no_screen() -> str | None:
    """:func:`refusal` for this process."""
    return refusal(os.environ, stdin_is_tty=os.isatty(0), stdout_is_tty=os.isatty(1))


def colours(setting: Colours, environment: Mapping[str, str]) -> Literal["16", "256", "truecolor"]:
    """How many colours to send: what is set, else what the terminal is known to show."""
    if setting != "auto":
        return setting
    term = environment.get("TERM", "").lower()
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith(("-direct", "-truecolor")):
        return "truecolor"
    if any(term == name or term.startswith(f"{name}-") for name in _TRUECOLOR_TERMS):
        return "truecolor"
    if environment.get("TERM_PROGRAM") in _TRUECOLOR_PROGRAMS or "WT_SESSION" in environment:
        return "truecolor"
    return "256" if "256color" in term or environment.get("TERM_PROGRAM") == "Apple_Terminal" else "16"


def wants_no_colour(environment: Mapping[str, str]) -> bool:
    """NO_COLOR as no-color.org defines it: set and not empty."""
    return bool(environment.get("NO_COLOR"))


def is_remote(environment: Mapping[str, str]) -> bool:
    """Whether a network lies between us and the terminal, as far as can be told."""
    return any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "MOSH_CONNECTION"))


def erases_to_colour(environment: Mapping[str, str]) -> bool:
    """terminfo's ``bce``: erased cells take the background colour. GNU screen's do not; tmux's do."""
    return not environment.get("TERM", "").startswith("screen") or "TMUX" in environment


@contextlib.contextmanager
def fit_for_textual(environment: MutableMapping[str, str], setting: Colours = "auto") -> Iterator[None]:
    """Import Textual and make the app inside of this.

    Nothing of ``TEXTUAL*`` comes from outside (TEXTUAL_DEBUG would write every key to a file); no animations, our
    colours, a short wait after Esc. What is set here is taken out again at the end: $EDITOR is not to inherit it.
    """
    for name in [name for name in environment if name.startswith("TEXTUAL")]:
        del environment[name]
    if not wants_no_colour(environment):
        environment.pop("NO_COLOR", None)
    ours = {
        "TEXTUAL_ANIMATIONS": "none",
        "TEXTUAL_SMOOTH_SCROLL": "0",
        "TEXTUAL_COLOR_SYSTEM": _RICH_NAMES[colours(setting, environment)],
    }
    if "ESCDELAY" not in environment:
        ours["ESCDELAY"] = _ESCAPE_DELAY_REMOTE if is_remote(environment) else _ESCAPE_DELAY
    environment.update(ours)
    try:
        yield
    finally:
        for name in ours:
            environment.pop(name, None)
