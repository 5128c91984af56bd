"""Texts that want to do harm, and what must be so of every line of the screen whatever they hold."""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from rich.cells import cell_len
from textual.strip import Strip
from textual.widget import Widget

from cminbox.channels.base import Comment
from cminbox.courier.door import through_the_door
from cminbox.domain.item import Item
from cminbox.domain.text import Raw
from cminbox.text.cells import width
from cminbox.tui import feed_row
from cminbox.tui.terminal.cells import split
from tests.tui.conftest import NOW, Seat

SIZES = ((80, 24), (200, 50))
STEERING = (
    "\x1b]52;c;Y3VybCBldmlsLmV4YW1wbGV8c2g=\x07", "\x1b]0;PWNED\x1b\\", "\x1b[2J\x1b[H\x1b[31m", "\x1b[?1049l\x1bc",
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\", "\x9b31m\x9d0;PWNED\x9c\x90q\x9c",
    "a\x00b\x07c\x08d\x7fe\x0e\x0f", "one\rtwo\x0bthree\x0cfour\x85five\u2028six\u2029seven\r\neight", "\x1b", "\x1b[",
    "\ud800\udfff\uffff\U0010ffff", "\u202egnp.exe\u202c \u2066x\u2069 \u200e\u200f\u061c", "a\u200db\u200dc" * 18,
    "\u200d\u200d" + "中" * 40 + "a", "\u200b\u2060\ufeff\u00ad\u034f\u115f\u3164\uffa0\u2800\U000e0041\U000e007f",
    "e" + "\u0301\u0489" * 60, "\u0301" * 30, "\ufe0f\u20e3\u200c", "\u1100\u1161\u11a8 \u1160\ud7b0",
    "👨\u200d👩\u200d👧\u200d👦 👍🏽 🏽 🇩🇪🇩 ❤\ufe0f 1\ufe0f\u20e3 🏳\ufe0f\u200d🌈 🏴\U000e0067\U000e0062\U000e007f",
    "நி क्षि ก้ำ \u0e33 \u0903\u093f", "مَا\u200cهِيَ \u200fשלום\u200e", "\t\ta\tb\t中\t", "中" * 200, "＝１＋\u3000Ａ",
    "\n" * 60, " " * 300 + "x", "x" * 3_000, "(" * 500, "{0.__class__} %s %(x)s ${x} {{7*7}}", "]\n[", ":: ", "",
    "[@click=app.exit(1)]x[/] [/nope] [link=http://evil.example]y[/link] [bold", "\\[red]", " ", "\u3000",
)  # fmt: skip
"""Enough to try every rule where the shared folder is not there."""
FORBIDDEN_MARKS = frozenset("\u034f\u115f\u1160\u3164\uffa0\u17b4\u17b5\ufe0e\ufe0f\u20e3\u180b\u180c\u180d")


def corpus(folder: Path) -> list[str]:
    """All hostile texts of a folder."""
    texts: list[str] = []
    for file in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            texts += [json.loads(line)["text"] for line in lines]
    return texts


def is_forbidden(char: str) -> bool:
    """Whether no cell may hold it: it steers, hides, turns, joins, or has no width that terminals agree about."""
    if char == "\u200c":  # between Arabic letters it is spelling, and no terminal gives it a cell
        return False
    if char in FORBIDDEN_MARKS or "\U000e0000" <= char <= "\U000e0fff":
        return True
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def check_line(strip: Strip, cells: int) -> str:
    """A line of the screen: nothing forbidden in it, exactly so wide by every count. Its text."""
    text = "".join(segment.text for segment in strip)
    found = sorted({f"U+{ord(char):04X}" for char in text if is_forbidden(char)})
    assert not found, f"{found} in {text!a}"
    counts = (width(text), cell_len(text), sum(cell_len(segment.text) for segment in strip), strip.cell_length)
    assert counts == (cells,) * 4, f"{counts} cells instead of {cells}: {text!a}"
    assert sum(len(split(segment.text)) for segment in strip) == cells
    return text


def check_widget(widget: Widget) -> list[str]:
    """Every line of a widget, as it would be drawn now."""
    return [check_line(widget.render_line(y), widget.size.width) for y in range(widget.size.height)]


def check_screen(seat: Seat) -> list[str]:
    """The whole screen as it is composed, and that the program is well."""
    check_alive(seat)
    strips = seat.app.screen._compositor.render_strips()
    columns, rows = seat.app.size
    assert len(strips) == rows
    return [check_line(strip, columns) for strip in strips]


def check_alive(seat: Seat) -> None:
    """No failure so far, no crash file."""
    assert seat.app._exception is None, seat.app._exception
    assert seat.app.return_code is None
    assert seat.app.is_running
    assert not list(seat.app.crash_folder.glob("*"))


def check_columns(seat: Seat, *, channel: str, text: Sequence[str], author: str | None = None) -> int:
    """The columns of the feed begin in their cells in every row that shows, as do author and text (one of these).

    The number of rows.
    """
    feed, lines = seat.main.feed, check_widget(seat.main.feed)
    look = feed_row.Look(feed.size.width, feed.two_lines, feed._now, feed.zone, feed.me, feed_row.SIGNS)
    at_author = look.start - look.author - 1
    model = feed.model
    assert model is not None
    rows = min(feed.rows_shown, len(model.window) - model.top)
    for y in range(0, rows * feed.row_height, feed.row_height):
        cells, last = split(lines[y]), split(lines[y + feed.row_height - 1])
        assert cells[0] in " ▌", lines[y]
        assert cells[1] in feed_row.SIGNS.values(), lines[y]
        assert cells[2] == " ", lines[y]
        assert cells[2 + feed_row.AGE] not in ("", " "), lines[y]
        assert_begins(cells, at_author - look.channel - 1, [channel[: look.channel]])
        assert_begins(cells, at_author, [author] if author else [""])
        assert_begins(last, 1 + 2 + feed_row.AGE + 2 if look.two_lines else look.start, text)
    return rows


def assert_begins(cells: Sequence[str], place: int, words: Sequence[str]) -> None:
    """After a blank cell, and with one of these words, a column begins there."""
    line = "".join(cells)
    assert cells[place - 1] == " ", (place, line)
    assert "".join(cells[place:]).startswith(tuple(words)), (place, words, line)


def storable(text: str) -> str:
    """The text without what no column takes, for values that never come through the door."""
    return "".join(char for char in text if char != "\x00" and not "\ud800" <= char <= "\udfff")


def hostile_item(number: int, text: str, *, channel: str = "blog", parent: str | None = None) -> Item:
    """A comment with the text in every field, through the courier's own door; a sign tells where a column begins."""
    comment = Comment(
        remote_id=f"r{number}", parent_remote_id=parent, author_id=storable(f"{number}{text[:50]}"), lang=text,
        author_name=Raw(text if number % 2 else f"¶{text}"), author_handle=Raw(text), post_id="p",
        post_title=Raw(text), post_url=Raw(f"http://x/{text}"), text=Raw(f"§{text}"), url=Raw(text),
        created_at=NOW + timedelta(minutes=number - 9_000), media=((text[:40], text, text),),
    )  # fmt: skip
    return through_the_door(comment, channel, storable(text[:100]), NOW).item


async def press(seat: Seat, *keys: str) -> None:
    """Keys one by one, each done and drawn; with less waiting than ``seat.press``, for tests of hundreds of keys."""
    for key in keys:
        await seat.pilot.press(key)
        await seat.main.desk.settled()
        await seat.app.workers.wait_for_complete()
    await seat.pilot.pause()
