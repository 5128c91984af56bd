"""The outbox: every outgoing act that is not over, and its state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from cminbox.domain.outgoing import ActState, Outgoing
from cminbox.text.age import age
from cminbox.text.cells import cut, drawn, fit
from cminbox.text.sanitize import line, safe
from cminbox.tui.pens import Pens
from cminbox.tui.runs import Line, Run, blank, filled, own
from cminbox.tui.widgets.lines_view import LinesView

VOICE = {
    ActState.FAILED: "alarm", ActState.UNCERTAIN: "alarm", ActState.MANUAL: "soon", ActState.QUEUED: "accent",
    ActState.SENDING: "accent", ActState.LIVE: "muted", ActState.CANCELLED: "muted", ActState.APPROVAL: "soon",
}  # fmt: skip
NEXT = {
    ActState.UNCERTAIN: "it may stand there or not: look, then p (it stands there) or r (send again)",
    ActState.FAILED: "r sends it again, c gives it up",
    ActState.MANUAL: "post it by hand: y copies text and link, then p",
    ActState.QUEUED: "c takes it back",
    ActState.SENDING: "on its way",
}


class OutboxList(LinesView, can_focus=True):
    """Two lines an act: what and where, then why or what can be done."""

    def __init__(self, pens: Pens, *, zone: tzinfo, clock: Callable[[], datetime]) -> None:
        super().__init__(pens, id="outbox")
        self.acts: Sequence[Outgoing] = ()
        self.cursor = self.top = 0
        self.zone, self.clock = zone, clock

    def start(self) -> None:
        """The cursor on the first act: what needs a person stands there."""
        self.acts, self.cursor, self.top = (), 0, 0

    def show(self, acts: Sequence[Outgoing]) -> None:
        """The acts, newest first; the cursor stays on the act it was on."""
        here = self.current
        self.acts = acts
        places = [i for i, act in enumerate(acts) if here is not None and act.id == here.id]
        self.cursor = places[0] if places else max(0, min(self.cursor, len(acts) - 1))
        self._follow()
        self.redraw()

    @property
    def current(self) -> Outgoing | None:
        return self.acts[self.cursor] if self.cursor < len(self.acts) else None

    def move(self, by: int) -> None:
        """Moves the cursor."""
        self.cursor = max(0, min(len(self.acts) - 1, self.cursor + by))
        self._follow()
        self.redraw()

    def _follow(self) -> None:
        height = max(1, self.size.height // 2)
        self.top = max(0, min(self.top, self.cursor), self.cursor - height + 1)

    def line(self, y: int) -> Line:
        if not self.acts:
            return [Run(own("    Nothing is on its way. u: back"), "muted")] if y == self.size.height // 3 else []
        index, part = self.top + y // 2, y % 2
        if index >= len(self.acts):
            return []
        act, chosen = self.acts[index], index == self.cursor
        runs = _first(act, self) if part == 0 else _second(act)
        bar = Run(own("▌") if chosen else blank(1), "cursor-accent" if chosen else "text")
        if chosen:
            runs = [Run(run.text, "cursor" if run.voice == "text" else f"cursor-{run.voice}") for run in runs]
            return filled([bar, *runs], self.size.width, "cursor")
        return [bar, *runs]


def _first(act: Outgoing, view: OutboxList) -> Line:
    text = drawn(safe(act.text.replace("\n", " ")))
    return [
        Run(own(f"{act.id:>5} "), "muted"),
        Run(fit(own(act.state.value), 10), VOICE.get(act.state, "text")),
        Run(own(age(act.queued_at, view.clock(), view.zone).rjust(5) + "  "), "muted"),
        Run(fit(drawn(line(act.channel)), 9), "muted"),
        Run(own(f"to {act.item:<6} "), "muted"),
        Run(cut(text, max(0, view.size.width - 42)), "text"),
    ]


def _second(act: Outgoing) -> Line:
    why = drawn(line(act.error)) if act.error else None
    said: Line = [Run(blank(6), "muted"), Run(own(f"{line(act.operator)} · "), "muted")]
    if why is not None:
        said.append(Run(why, VOICE.get(act.state, "muted")))
        said.append(Run(own(" · "), "muted"))
    said.append(Run(own(NEXT.get(act.state, "")), "muted"))
    return said
