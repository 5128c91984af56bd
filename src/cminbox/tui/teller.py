"""The bottom line: one line tells what just happened, and how to take it back."""

from __future__ import annotations

from datetime import timedelta

from cminbox.domain.outgoing import ActState, Outgoing
from cminbox.store.protocol import Store
from cminbox.tui.runs import Line, Run, own
from cminbox.tui.widgets.bars import Bar

NEWS = {
    "live": ("the answer to {item} is live", "text"),
    "failed": ("the answer to {item} failed: {why} (O)", "alarm"),
    "uncertain": ("the answer to {item} is uncertain: it may stand there or not (O)", "alarm"),
}


class Teller:
    """Says things in the bottom line."""

    def __init__(self, bar: Bar, store: Store) -> None:
        self._bar = bar
        self._store = store
        self._countdown: tuple[int, int] | None = None

    def say(self, words: str, voice: str = "text") -> None:
        """One line; it ends a countdown."""
        self._countdown = None
        self.show([Run(own(words), voice)] if words else [])

    def show(self, runs: Line) -> None:
        """The line in several voices."""
        self._bar.show(runs, [])

    def news(self, kind: str, act: Outgoing) -> None:
        """What became of an answer of ours."""
        said, voice = NEWS[kind]
        self.say(said.format(item=act.item, why=act.error or ""), voice)

    def count_down(self, act_id: int, item_id: int) -> None:
        """Counts the undo window of an answer down, from the next second on."""
        self._countdown = (act_id, item_id)

    async def tick(self) -> None:
        """A second went by."""
        if self._countdown is None:
            return
        act_id, item_id = self._countdown
        act, now = await self._store.read(lambda r: (r.outgoing(act_id), r.now()))
        if self._countdown != (act_id, item_id):
            return
        if act is None or act.state is not ActState.QUEUED:
            self._countdown = None
            return
        left = max(0, round((act.not_before - now) / timedelta(seconds=1)))
        going = f"answered {item_id}, goes out in {left} s · z takes it back"
        self.show([Run(own(going if left else f"the answer to {item_id} is going out"), "text")])
