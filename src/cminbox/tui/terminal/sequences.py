"""Everything this program ever sends to a terminal besides text, and the filter that lets nothing else pass.

Meanings: ECMA-48, xterm's ctlseqs (invisible-island.net/xterm/ctlseqs), the kitty keyboard protocol
(sw.kovidgoyal.net/kitty/keyboard-protocol), synchronized output (mode 2026).
"""

from __future__ import annotations

import re

from cminbox.tui.terminal.cells import FORBIDDEN

TYPE_CHECKING = False  # not from typing: it costs 4 ms before the first paint

if TYPE_CHECKING:
    from collections.abc import Mapping

SYNC_START, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
SYNC_QUERY = "\x1b[?2026$p"
# Buttons, wheel and dragging, with SGR coordinates. Not 1003 (every motion costs a repaint) nor 1016 (pixels).
MOUSE_ON, MOUSE_OFF = "\x1b[?1000h\x1b[?1002h\x1b[?1006h", "\x1b[?1006l\x1b[?1002l\x1b[?1000l"
# Only "disambiguate": Esc needs no delay, Ctrl+Enter can be told from Enter, while typed text stays text. "All keys"
# is not asked for: Textual 8.2.7 brought it and 8.2.8 still mends it.
KEYBOARD_ON, KEYBOARD_OFF = "\x1b[>1u", "\x1b[<u"

# Alternate screen, cursor off, no wrapping at the edge, explicit bidi (the terminal must not reorder our columns).
ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[8l\x1b[m\x1b[H\x1b[2J"
_PASTE_ON = "\x1b[?2004h"
# Everything back, in an order that is right on the alternate screen and harmless where something was never on. Modes
# that we do not use are there for what a library may have switched on.
LEAVE = (
    "\x1b[?2026l\x1b[m\x1b[r\x1b[?2004l\x1b[?1004l\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l"
    "\x1b[<u\x1b[8h\x1b[?7h\x1b[?1049l\x1b[?25h"
)
# After output was cut off anywhere: CAN ends a control sequence, ST a control string.
CUT_OFF = "\x18\x1b\\"
TITLE_PUSH, TITLE_POP = "\x1b[22;2t", "\x1b[23;2t"

_CLIPBOARD_LIMIT = 74_994  # bytes: the base64 of more exceeds the 100,000 bytes that xterm, tmux and others take
_TITLE_LIMIT = 120

_foreign_in_frame = re.compile(
    "\x1b(?!\\[(?:[0-9;]*[HGKLMXmr]|\\?2026[hl]))|[" + FORBIDDEN.replace("\\x00-\\x1f", "\\x00-\\x1a\\x1c-\\x1f") + "]"
)
_own_controls = re.compile(
    "\x1b\\[(?:\\?(?:7|25|1000|1002|1003|1004|1006|1049|2004|2026)[hl]|\\?2026\\$p|8[hl]|>1u|<u|m|r|H|2J|22;2t|23;2t)"
)
_unprintable = re.compile(f"[{FORBIDDEN}]+")


def clean_frame(frame: str) -> str:
    """A painted frame without anything that the painter does not make. Text stays, without forbidden characters."""
    if _foreign_in_frame.search(frame) is None:
        return frame
    return _foreign_in_frame.sub("", frame)


def clean_controls(data: str) -> str:
    """Only the mode switches and queries of this module out of ``data``. Text is no mode switch: it is dropped too."""
    return "".join(_own_controls.findall(data))


def modes(environment: Mapping[str, str], *, mouse: bool, kitty: bool) -> str:
    """What follows :data:`ENTER`: how the keyboard, mouse and pasting are to be reported, and what the terminal can."""
    parts = [_PASTE_ON, KEYBOARD_ON if kitty else "", MOUSE_ON if mouse else ""]
    # These two print part of a query that they do not know.
    asks = environment.get("TERM_PROGRAM") != "Apple_Terminal" and not environment.get("TERM", "").startswith("linux")
    parts.append(SYNC_QUERY if asks else "")
    return "".join(parts)


def title(text: str) -> str:
    """OSC 2 with the text cleaned and cut."""
    return f"\x1b]2;{_unprintable.sub('', text)[:_TITLE_LIMIT]}\x1b\\"


def clipboard(text: str) -> str:
    """OSC 52, which asks the terminal to put ``text`` on the clipboard; empty where that is longer than they take."""
    from base64 import b64encode

    data = text.encode("utf-8", "replace")
    return "" if len(data) > _CLIPBOARD_LIMIT else f"\x1b]52;c;{b64encode(data).decode('ascii')}\x1b\\"
