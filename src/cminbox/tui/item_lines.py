"""How the open item reads: head, comment, thread, answers, the author's earlier items, log. Plain lines, no widget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache

from cminbox.domain.item import FeedRow, Item
from cminbox.domain.outgoing import ActState, Outgoing
from cminbox.domain.text import Safe
from cminbox.domain.thread import ThreadEntry
from cminbox.text.age import age
from cminbox.text.cells import Wrapped, drawn
from cminbox.text.sanitize import MAX_LINES, escaped, line, piece, safe
from cminbox.tui.item_model import ItemPage
from cminbox.tui.runs import Line, Run, own

MEASURE = 90
"""Text is set at most so wide, whatever the screen."""
WHOLE = MAX_LINES
"""Lines of the open comment that are set: all that the door lets in."""
MOST_LINES = 400
"""Lines of one of our own texts that are set; the rest is counted."""
LONG = 10_000
"""Characters from which on the rows of a text are kept for the next time that the page is set."""
BESIDE = 30
"""Lines of another message of the thread that are set: J and K open it whole. So fifty huge ones cost no time."""
INDENT = 8
"""A thread is set in at most so many steps."""
SAID = {
    ActState.QUEUED: "goes out", ActState.SENDING: "is being sent", ActState.LIVE: "live", ActState.UNCERTAIN:
    "uncertain: it may stand there or not (O: the outbox has both choices)", ActState.FAILED: "failed",
    ActState.CANCELLED: "taken back", ActState.MANUAL: "to be posted by hand (O y copies, O p: it stands there)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """What setting text needs to know."""

    width: int
    now: datetime
    zone: tzinfo
    raw: bool = False
    known: Mapping[int, str] | None = None
    """What the thread said when an answer was begun (key → text): what differs from it is marked."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page, with the line in which it begins."""

    name: str
    start: int


def page_lines(page: ItemPage, setting: Setting) -> tuple[list[Line], list[Section]]:
    """The whole page, section by section."""
    lines: list[Line] = []
    sections: list[Section] = []
    parts = (
        ("comment", comment_lines(page, setting)),
        ("thread", thread_lines(page, setting)),
        ("answers", answer_lines(page, setting)),
        ("author", author_lines(page, setting)),
        ("log", log_lines(page, setting)),
    )
    for name, part in parts:
        body = list(part)
        if body:
            if lines:
                lines.append([])
            sections.append(Section(name, len(lines)))
            lines.extend(body)
    return lines, sections


def head_line(page: ItemPage, setting: Setting) -> Line:
    """Who, where, when, on what: the line that stays above while the page scrolls."""
    item = page.item
    post = item.post.title or item.post.url if item.post else None
    parts: Line = [Run(_name(item), "bar-accent"), Run(own(f" · {line(item.channel)}"), "bar-muted")]
    if item.rating is not None:
        parts.append(Run(own(f" ★{item.rating}"), "bar-muted"))
    when = age(item.created_at, setting.now, setting.zone)
    parts.append(Run(own(f" · {when} · {item.outcome or item.status}"), "bar-muted"))
    if item.assignee:
        parts.append(Run(own(f" · {line(item.assignee)}'s"), "bar-muted"))
    if post:
        parts.append(Run(own(" · "), "bar-muted"))
        parts.append(Run(drawn(line(post)), "bar"))
    return parts


def comment_lines(page: ItemPage, setting: Setting) -> Iterator[Line]:
    """The comment whole, with what the door changed in it said first."""
    item = page.item
    if setting.raw:
        yield [Run(own("raw, as it came (V: back)"), "soon")]
        yield from _set(escaped(page.raw), setting.width, "text", WHOLE)
        return
    if item.removed_at is not None:
        yield [Run(own("removed by its author; what it said:"), "soon")]
    elif item.edited_at is not None:
        when = age(item.edited_at, setting.now, setting.zone)
        yield [Run(own("edited just now" if when == "now" else f"edited {when} ago"), "muted")]
    if item.held:
        yield [Run(own("held: it waits for moderation and is not public"), "soon")]
    if item.marks:
        yield [Run(own(f"altered for safety: {', '.join(sorted(item.marks))} (V: raw)"), "alarm")]
    yield from _set(item.text, setting.width, "text", WHOLE)
    for media in item.media:
        yield [Run(drawn(line(f"[{media.kind}] {media.alt or ''} {media.url}")), "muted")]
    if item.url:
        yield [Run(drawn(line(item.url)), "faint")]


def thread_lines(page: ItemPage, setting: Setting) -> Iterator[Line]:
    """The thread around the item; the item itself is one line in it, so that its place is seen."""
    if page.thread_size < 2:
        return
    yield [Run(own("thread"), "accent"), Run(own(f" · {page.place + 1} of {page.thread_size}  J K"), "muted")]
    if page.first:
        yield [Run(own(f"  … {page.first} before"), "faint")]
    for entry, depth in page.entries:
        yield from _entry_lines(entry, depth, entry.item == page.item.id, setting)
    behind = page.thread_size - page.first - len(page.entries)
    if behind > 0:
        yield [Run(own(f"  … {behind} more"), "faint")]


def _entry_lines(entry: ThreadEntry, depth: int, here: bool, setting: Setting) -> Iterator[Line]:
    step = "  " * min(depth, INDENT)
    bar = own(f"{step}{'▌' if here else '┃' if entry.ours else '┆'} ")
    bar_voice = "accent" if here or entry.ours else "rule"
    who = f"us ({line(entry.operator)})" if entry.ours and entry.operator else "us" if entry.ours else None
    name = own(who) if who else drawn(entry.author.shown or line("(no name)"))
    voice = "ours" if entry.ours else "text"
    when = age(entry.created_at, setting.now, setting.zone)
    state = " · removed" if entry.removed_at else " · edited" if entry.edited_at else ""
    head: Line = [
        Run(bar, bar_voice),
        Run(name, "ours" if entry.ours else "muted"),
        Run(own(f" · {when}{state}"), "faint"),
        Run(own(_meanwhile(entry, setting.known)), "alarm"),
    ]
    yield head
    if here:
        return
    for text in _set(entry.text, setting.width - len(step) - 2, voice, BESIDE):
        yield [Run(bar, bar_voice), *text]


def _meanwhile(entry: ThreadEntry, known: Mapping[int, str] | None) -> str:
    if known is None or known.get(entry.key) == entry.text:
        return ""
    return " · changed meanwhile" if entry.key in known else " · came meanwhile"


def answer_lines(page: ItemPage, setting: Setting) -> Iterator[Line]:
    """Our answers to this item that the thread does not show yet, and the draft."""
    standing = {entry.remote_id for entry, _ in page.entries if entry.ours}
    for act in page.acts:
        if act.state is ActState.LIVE and act.remote_id in standing:
            continue
        yield from _act_lines(act, setting)
    if page.draft is not None:
        yield [Run(own("✎ your draft"), "accent"), Run(own("  r: go on"), "muted")]
        yield from (
            [Run(own("┃ "), "accent"), *text] for text in _set(safe(page.draft.text), setting.width - 2, "ours")
        )


def _act_lines(act: Outgoing, setting: Setting) -> Iterator[Line]:
    voice = "alarm" if act.state in (ActState.FAILED, ActState.UNCERTAIN) else "muted"
    said = SAID.get(act.state, str(act.state))
    why = f": {line(act.error)}" if act.error and act.state is not ActState.CANCELLED else ""
    yield [Run(own(f"answer {act.id} by {line(act.operator)} · "), "muted"), Run(own(f"{said}{why}"), voice)]
    yield from ([Run(own("┃ "), "accent"), *text] for text in _set(safe(act.text), setting.width - 2, "ours"))


def author_lines(page: ItemPage, setting: Setting) -> Iterator[Line]:
    """What else the author wrote, newest first."""
    if not page.earlier:
        return
    yield [Run(own("also by "), "accent"), Run(_name(page.item), "accent")]
    for row in page.earlier:
        yield _earlier(row, page.item.author.shown, setting)


def _earlier(row: FeedRow, name: str | None, setting: Setting) -> Line:
    """Some platforms give several people one id: another name is told."""
    when = age(row.created_at, setting.now, setting.zone).rjust(6)
    status = row.outcome or row.status
    under = f"as {row.author}: " if row.author and row.author != name else ""
    return [
        Run(own(f"{when}  {status:<9} "), "muted"),
        Run(drawn(line(under)), "soon"),
        Run(own(" " if under else ""), "text"),
        Run(drawn(row.preview), "text"),
    ]


def log_lines(page: ItemPage, setting: Setting) -> Iterator[Line]:
    """What happened to the item, newest first."""
    yield [Run(own("log"), "accent"), Run(own(f" · item {page.item.id} · {line(page.item.remote_id, 60)}"), "faint")]
    for event in page.log:
        at = datetime.fromisoformat(event.at).astimezone(setting.zone)
        yield [
            Run(own(f"  {at:%d %b %H:%M:%S}  "), "faint"),
            Run(own(f"{event.kind:<10} {line(event.actor)}"), "muted"),
        ]


def _set(text: Safe, width: int, voice: str, most: int = MOST_LINES) -> Iterator[Line]:
    """A text wrapped at words. Of a very long one no more is looked at than ``most`` lines hold; it says so."""
    cells = max(10, min(width, MEASURE))
    window = piece(text, 0, most * cells)
    rows = (_rows if len(window) < LONG else _kept_rows)(window, cells, most)
    for row in rows[:most]:
        quoted = row.startswith("> ")
        yield [Run(row, "muted" if quoted and voice == "text" else voice)]
    if len(rows) > most or len(window) < len(text):
        yield [Run(own(f"… and more: {len(text):,} characters in all"), "soon")]


def _rows(text: Safe, cells: int, most: int) -> Sequence[Safe]:
    return Wrapped(text, cells).lines(0, most + 1)


_kept_rows = lru_cache(maxsize=4)(_rows)


def _name(item: Item) -> Safe:
    return drawn(item.author.shown or line(item.author.remote_id or "(no name)"))
