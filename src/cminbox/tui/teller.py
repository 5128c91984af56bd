"""The bottom line: one line tells what just happened, and how to take it back."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

from cminbox.domain.outgoing import ActState, Outgoing
from cminbox.store.protocol import Store
from cminbox.tui.runs import Line, Run, own
from cminbox.tui.widgets.bars import Bar

AT_LEAST = 1.0
"""Seconds that a line stays, however fast one types."""
GOING = 8.0
"""Seconds after the undo window until it is said that an answer still waits."""
NEWS = {
    "live": ("the answer to {item} is live", "text"),
    "failed": ("the answer to {item} failed: {why} (O)", "alarm"),
    "uncertain": ("the answer to {item} is uncertain: it may stand there or not (O)", "alarm"),
}


class Teller:
    """Says things in the bottom line. A line stays until the next key, and no less than a moment."""

    def __init__(self, bar: Bar, store: Store) -> None:
        self._bar = bar
        self._store = store
        self._countdown: tuple[int, str] | None = None
        self._said_at = 0.0
        self._zero_since: float | None = None

    def say(self, words: str, voice: str = "text") -> None:
        """One line; it ends a countdown."""
        self._countdown = None
        self._said_at = monotonic()
        self.show([Run(own(words), voice)] if words else [])

    def hint(self, runs: Line) -> None:
        """What may follow a prefix; the next key takes it away."""
        self._said_at = 0.0
        self.show(runs)

    def show(self, runs: Line) -> None:
        """The line in several voices."""
        self._bar.show(runs, [])

    def touched(self) -> None:
        """A key was pressed: what was said has been read, or was about something else."""
        if self._countdown is None and monotonic() - self._said_at > AT_LEAST:
            self.show([])

    def news(self, kind: str, act: Outgoing) -> None:
        """What became of an answer of ours."""
        said, voice = NEWS[kind]
        self.say(said.format(item=act.item, why=act.error or ""), voice)

    def count_down(self, act_id: int, who: str) -> None:
        """Counts the undo window of an answer down, from the next second on. ``who``: to whom it goes."""
        self._countdown, self._zero_since = (act_id, who), None

    async def tick(self) -> None:
        """A second went by."""
        asked = self._countdown
        if asked is None:
            return
        act_id, who = asked
        act, now = await self._store.read(lambda r: (r.outgoing(act_id), r.now()))
        if self._countdown != asked:
            return
        if act is None or act.state not in (ActState.QUEUED, ActState.SENDING):
            self._countdown = None
            return
        left = max(0, round((act.not_before - now) / timedelta(seconds=1)))
        if left and not act.attempts:
            self.show([Run(own(f"answered {who}, goes out in {left} s · z takes it back"), "text")])
            return
        self._zero_since = monotonic() if self._zero_since is None else self._zero_since
        if act.error or monotonic() - self._zero_since > GOING:
            self.say(f"the answer to {who} waits: {act.error or 'nothing has sent it yet'} (O)", "soon")
        else:
            self.show([Run(own(f"the answer to {who} is going out"), "text")])
