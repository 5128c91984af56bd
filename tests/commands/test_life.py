"""Whatever two operators, authors and the courier do, in any order: no item comes into a state that cannot be.

Hypothesis plays the commands against a real store and looks at everything after each step.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cminbox.commands import claim as claiming
from cminbox.commands import outbox, settle
from cminbox.commands.base import Context, Result
from cminbox.commands.drafts import keep
from cminbox.commands.marks import toggle
from cminbox.commands.reply import queue
from cminbox.commands.undo import undo
from cminbox.courier import outbox as courier
from cminbox.domain.errors import RefusedError
from cminbox.domain.item import Item, Standing, Status
from cminbox.domain.outgoing import ON_ITS_WAY, UNFINISHED, ActState, Outgoing
from cminbox.domain.view import Selection
from cminbox.library.live import LiveLibrary
from cminbox.store.protocol import Reader
from cminbox.store.sqlite import open_store
from tests.commands.desk import MANUAL_CHANNEL, SENDING_CHANNEL, Clock, Desk, config
from tests.commands.test_reply import HOLD

T = TypeVar("T")
WHO = st.sampled_from(["mina", "bob"])
ITEM = st.integers(0, 3)
ITEMS = st.lists(ITEM, min_size=1, max_size=4, unique=True)
ACT = st.integers(0, 30)
VERBS: dict[str, Callable[[Context, list[int]], Awaitable[Result]]] = {
    "claim": claiming.claim,
    "take": claiming.take,
    "release": claiming.release,
    "done": settle.done,
    "spam": lambda ctx, ids: settle.done(ctx, ids, outcome="spam"),
    "reopen": settle.reopen,
    "some done": lambda ctx, ids: settle.done(ctx, ids, skip_refused=True),
    "some open": lambda ctx, ids: settle.reopen(ctx, ids, skip_refused=True),
}
FATES = ("is_leaving", "is_live", "is_uncertain", "has_failed", "is_put_off")


class Life(RuleBasedStateMachine):
    """Four comments (one of them where nothing can be sent), two operators."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(prefix="cminbox-life-")
        self.clock = Clock()
        home = Path(self.folder.name)
        self.store = self.run(open_store(home / "inbox.db", state=home, clock=self.clock))
        library = LiveLibrary(())
        mina = Context(self.store, config(home), "mina", lambda: library, self.clock)
        self.people = {"mina": mina, "bob": replace(mina, operator="bob")}
        self.desk = Desk(self.store)
        self.ids = self.run(self.desk.comes_in("c1", "c2", "c3", channel=SENDING_CHANNEL))
        self.ids += self.run(self.desk.comes_in("c4", channel=MANUAL_CHANNEL))

    def run(self, work: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await work

        return self.loop.run(awaited())

    def attempt(self, work: Awaitable[Result]) -> Result | None:
        """A refusal is an answer, and changes nothing; any other error is a failure of the test."""
        before = self.everything()
        try:
            return self.run(work)
        except RefusedError:
            assert self.everything() == before
            return None

    def teardown(self) -> None:
        try:
            assert self.run(self.store.verify()) is None
        finally:
            self.run(self.store.close())
            self.loop.close()
            self.folder.cleanup()

    def everything(self) -> tuple[list[Item], list[Outgoing], int]:
        def read(reader: Reader) -> tuple[list[Item], list[Outgoing], int]:
            acts = [act for item_id in self.ids for act in reader.outgoing_of(item_id)]
            return reader.items(self.ids), acts, reader.head().n

        return self.run(self.store.read(read))

    def some_act(self, number: int) -> int | None:
        _, acts, _ = self.everything()
        return acts[number % len(acts)].id if acts else None

    # -- what people do -----------------------------------------------------------------------------------------

    @rule(who=WHO, verb=st.sampled_from(sorted(VERBS)), items=ITEMS)
    def settles(self, who: str, verb: str, items: list[int]) -> None:
        self.attempt(VERBS[verb](self.people[who], [self.ids[n] for n in items]))

    @rule(who=WHO, verb=st.sampled_from(sorted(VERBS)), items=ITEMS)
    def settles_and_takes_it_back(self, who: str, verb: str, items: list[int]) -> None:
        before, acts, n = self.everything()
        self.attempt(VERBS[verb](self.people[who], [self.ids[n] for n in items]))
        if self.everything()[2] > n:
            self.run(undo(self.people[who]))
            after, acts_after, _ = self.everything()
            assert [Standing.of(item) for item in after] == [Standing.of(item) for item in before]
            assert acts_after == acts

    @rule(who=WHO, item=ITEM, text=st.sampled_from(["Thank you!", "Which size?"]), wait=st.booleans())
    def answers(self, who: str, item: int, text: str, wait: bool) -> None:
        result = self.attempt(queue(self.people[who], self.ids[item], text, hold=HOLD, wait=wait))
        if result is not None:
            assert self.run(self.desk.standing(self.ids[item]))[0] == "waiting"

    @rule(who=WHO, item=ITEM)
    def answers_and_takes_it_back(self, who: str, item: int) -> None:
        before, _, _ = self.everything()
        if self.attempt(queue(self.people[who], self.ids[item], "Thank you!", hold=HOLD)) is not None:
            self.run(undo(self.people[who]))
            after, acts, _ = self.everything()
            assert [Standing.of(it) for it in after] == [Standing.of(it) for it in before]
            assert acts and not any(act.state in ON_ITS_WAY for act in acts if act.item == self.ids[item])

    @rule(who=WHO)
    def takes_back(self, who: str) -> None:
        self.attempt(undo(self.people[who]))

    @rule(who=WHO, act=ACT, word=st.sampled_from([outbox.retry, outbox.cancel, outbox.posted]))
    def says_what_becomes_of_an_act(self, who: str, act: int, word: Callable[..., Awaitable[Result]]) -> None:
        act_id = self.some_act(act)
        if act_id is not None:
            self.attempt(word(self.people[who], act_id))

    @rule(who=WHO, item=ITEM, steal=st.booleans())
    def writes(self, who: str, item: int, steal: bool) -> None:
        self.run(claiming.keep_lease(self.people[who], self.ids[item], steal=steal))
        self.run(keep(self.people[who], self.ids[item], text="half"))

    @rule(who=WHO, item=ITEM)
    def looks(self, who: str, item: int) -> None:
        self.run(toggle(self.people[who], [self.ids[item]]))

    # -- what happens elsewhere -----------------------------------------------------------------------------------

    @rule(act=ACT, fate=st.sampled_from(FATES))
    def is_sent(self, act: int, fate: str) -> None:
        act_id = self.some_act(act)
        if act_id is not None:
            self.run(getattr(self.desk, fate)(act_id))

    @rule(act=ACT)
    def is_surely_absent(self, act: int) -> None:
        act_id = self.some_act(act)
        if act_id is not None:
            self.run(self.store.write(lambda tx: courier.again(tx, act_id)))

    @rule(item=ITEM)
    def is_edited(self, item: int) -> None:
        if not self.run(self.desk.item(self.ids[item])).removed_at:
            self.run(self.desk.is_edited(self.ids[item]))

    @rule(item=st.sampled_from([0, 3]))
    def is_removed(self, item: int) -> None:
        if not self.run(self.desk.item(self.ids[item])).removed_at:
            self.run(self.desk.is_removed(self.ids[item]))

    @rule(minutes=st.integers(1, 20))
    def time_goes_by(self, minutes: int) -> None:
        self.clock.go(minutes=minutes)

    # -- what must hold ---------------------------------------------------------------------------------------------

    @invariant()
    def items_stand_as_they_may(self) -> None:
        items, acts, _ = self.everything()
        for it in items:
            on_its_way = [act for act in acts if act.item == it.id and act.state in ON_ITS_WAY]
            assert len(on_its_way) <= 1, f"{it.id} has two answers on their way"
            if it.outcome is not None:
                assert it.status is Status.DONE, f"{it.id} is {it.status} with an outcome"
            if it.status is Status.NEW:
                assert it.assignee is None, f"{it.id} is new and {it.assignee}'s"
                assert not on_its_way, f"{it.id} is new with an answer on its way"
            for act in on_its_way:
                assert it.removed_at or it.status in expected(act.state), (
                    f"{it.id} is {it.status}, its answer {act.state}"
                )

    @invariant()
    def tallies_are_the_real_counts(self) -> None:
        items, acts, _ = self.everything()

        def read(reader: Reader) -> dict[Any, int | None]:
            selections = [Selection()]
            selections += [Selection(frozenset({status})) for status in Status]
            selections += [Selection(channel=name) for name in (SENDING_CHANNEL, MANUAL_CHANNEL)]
            selections += [Selection(frozenset({Status.OPEN}), assignee=who) for who in ("", "mina", "bob")]
            return {selection: reader.tally(selection) for selection in selections}

        for selection, kept in self.run(self.store.read(read)).items():
            assert kept == sum(fits(it, selection) for it in items), selection
        states = Counter(act.state for act in acts if act.state in UNFINISHED)
        assert self.run(self.store.read(lambda reader: reader.outbox_tally())) == states


def expected(state: ActState) -> set[Status]:
    """What the item of such an act is."""
    return {Status.OPEN} if state is ActState.UNCERTAIN else {Status.WAITING}


def fits(item: Item, selection: Selection) -> bool:
    return (
        (selection.statuses is None or item.status in selection.statuses)
        and selection.channel in (None, item.channel)
        and (selection.assignee is None or (item.assignee or "") == selection.assignee)
    )


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
