"""How an item reads in the feed: its columns, signs and voices. One line where there is little room, else two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from cminbox.domain.item import FeedRow, Status
from cminbox.text.age import age, left
from cminbox.text.cells import drawn, fit
from cminbox.text.sanitize import line
from cminbox.tui.runs import Line, Run, blank, filled, own

AGE = 5
SIGNS = {
    "queued": "›", "sending": "›", "uncertain": "?", "failed": "!", "manual": "¶", "draft": "✎", "lease": "@",
    "new": "●", "seen": "◦", "open": "·", "waiting": "…", "snoozed": "z", "done": "✓", "gone": "×",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """What a row needs to know of the screen around it."""

    width: int
    two_lines: bool
    now: datetime
    zone: tzinfo
    me: str
    signs: dict[str, str]

    @property
    def channel(self) -> int:
        """Cells of the channel column."""
        return 8 if self.width < 100 else 10

    @property
    def author(self) -> int:
        """Cells of the author column."""
        return 15 if self.width < 100 else 20

    @property
    def start(self) -> int:
        """The cell in which the text column begins."""
        return 1 + 2 + AGE + 2 + self.channel + 1 + self.author + 1


def sign_of(row: FeedRow, look: Look) -> tuple[str, str]:
    """The row's one sign and its voice: what needs a person first."""
    signs = look.signs
    if row.act_state in ("failed", "uncertain", "manual"):
        return signs[row.act_state], "alarm" if row.act_state != "manual" else "soon"
    if row.lease_holder and row.lease_holder != look.me:
        return signs["lease"], "soon"
    if look.me in row.draft_by:
        return signs["draft"], "accent"
    if row.removed:
        return signs["gone"], "muted"
    if row.act_state in ("queued", "sending"):
        return signs["queued"], "accent"
    if row.status is Status.NEW:
        return (signs["seen"], "muted") if row.seen else (signs["new"], "accent")
    return signs[row.status.value], "muted"


def age_of(row: FeedRow, look: Look) -> tuple[str, str]:
    """What is left until the deadline, else the age, with its voice."""
    if row.due_at is not None and row.status is not Status.DONE:
        text = left(row.due_at, look.now)
        return text, "alarm" if row.due_at <= look.now else "text"
    return age(row.created_at, look.now, look.zone), "muted"


def row_lines(row: FeedRow | None, look: Look, *, cursor: bool) -> list[Line]:
    """The row's lines, each exactly as wide as the feed."""
    if row is None:
        waiting = [Run(blank(look.start), "muted"), Run(own("…"), "faint")]
        return [filled(part, look.width, "text") for part in ([waiting, []] if look.two_lines else [waiting])]
    voices = Voices(cursor=cursor, quiet=row.status is Status.DONE or row.removed)
    sign, sign_voice = sign_of(row, look)
    when, when_voice = age_of(row, look)
    bar = Run(own("▌") if cursor else blank(1), voices["accent"])
    head: Line = [
        bar,
        Run(fit(own(sign), 2), voices[sign_voice]),
        Run(own(when.rjust(AGE)), voices[when_voice]),
        Run(blank(2), voices["text"]),
        Run(fit(drawn(line(row.channel)), look.channel), voices["muted"]),
        Run(blank(1), voices["text"]),
        Run(fit(drawn(row.author) if row.author else own("(no name)"), look.author), voices["text"]),
        Run(blank(1), voices["text"]),
    ]
    fresh = row.status is Status.NEW and not row.seen
    text = [*_notes(row, look, voices), Run(drawn(row.preview), voices["unseen" if fresh else "text"])]
    if not look.two_lines:
        return [filled([*head, *text], look.width, voices["text"])]
    if row.post:
        head.append(Run(drawn(row.post), voices["muted"]))
    second = [bar, Run(blank(2 + AGE + 2), voices["text"]), *text]
    return [filled(part, look.width, voices["text"]) for part in (head, second)]


@dataclass(frozen=True, slots=True)
class Voices:
    """The voice of each part, as it is under the cursor and where the item is over."""

    cursor: bool
    quiet: bool

    def __getitem__(self, name: str) -> str:
        if self.quiet and name in ("text", "unseen"):
            name = "muted"
        if not self.cursor:
            return name
        return "cursor" if name == "text" else f"cursor-{name}"


def _notes(row: FeedRow, look: Look, voices: Voices) -> Line:
    """What must be read before the text: who is at it, stars, what was done to it."""
    notes: list[tuple[str, str]] = []
    if row.lease_holder and row.lease_holder != look.me:
        notes.append((f"[{line(row.lease_holder, 20)} is at it] ", "soon"))
    others = row.draft_by - {look.me}
    if others:
        notes.append((f"[draft by {line(', '.join(sorted(others)), 30)}] ", "muted"))
    if row.rating is not None:
        notes.append((f"★{row.rating} ", "soon" if row.rating <= 2 else "muted"))
    for word, on in (("held", row.held), ("removed", row.removed), ("edited", row.edited), ("altered", row.altered)):
        if on:
            notes.append((f"{word} ", "alarm" if word == "altered" else "soon" if word == "held" else "muted"))
    return [Run(own(words), voices[name]) for words, name in notes]
