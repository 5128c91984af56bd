"""Choosing one of many by typing: palette, commands, snippets. A line to type in, and what fits above it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from cminbox.domain.text import Safe
from cminbox.text.cells import Wrapped, drawn
from cminbox.text.sanitize import safe
from cminbox.tui.pens import Pens
from cminbox.tui.runs import Line, Run, filled, own
from cminbox.tui.widgets.bars import Bar
from cminbox.tui.widgets.lines_view import LinesView

SHOWN = 8
PREVIEW = 6
TYPED = 200
"""Characters of a search at most."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: its value, how it reads, and what a longer look at it shows."""

    value: str
    runs: tuple[Run, ...]
    preview: Safe | None = None


Source = Callable[[str], Awaitable[Sequence[Choice]]]


class ChoiceList(LinesView):
    """The choices that fit, the best one nearest to the line that is typed in."""

    def __init__(self, pens: Pens) -> None:
        super().__init__(pens, id="choices")
        self.ground = "bar"
        self.choices: Sequence[Choice] = ()
        self.cursor = 0
        self.nothing = False
        """What was typed fits nothing."""

    def line(self, y: int) -> Line:
        width = self.size.width
        if self.nothing:
            return filled([Run(own("  nothing fits"), "bar-muted")], width, "bar")
        listed = min(SHOWN, len(self.choices))
        first = max(0, self.cursor - listed + 1)
        if y < listed:
            choice, chosen = self.choices[first + y], first + y == self.cursor
            runs = [Run(own("▌" if chosen else " "), "cursor-accent" if chosen else "bar"), *choice.runs]
            if chosen:
                runs = [Run(run.text, _lit(run.voice)) for run in runs]
            return filled(runs, width, "cursor" if chosen else "bar")
        preview = self.choices[self.cursor].preview if self.choices else None
        if preview is None:
            return []
        if y == listed:
            return [Run(own("─" * width), "bar-muted")]
        rows = Wrapped(drawn(preview), max(10, min(90, width - 3))).lines(0, PREVIEW)
        index = y - listed - 1
        return filled([Run(own("  "), "bar"), Run(rows[index], "bar")], width, "bar") if index < len(rows) else []


def _lit(voice: str) -> str:
    return {"bar": "cursor", "bar-muted": "cursor-muted", "bar-accent": "cursor-accent"}.get(voice, voice)


class TypedLine(Input):
    """What is searched for: one short line, kept in the form in which it is drawn. It never leaves the house."""

    def validate_value(self, value: str) -> str:
        """Whatever was typed or pasted, so much of it as a search needs."""
        return drawn(safe(value[:TYPED], multiline=False), tab=1)[:TYPED]


class Picker(Vertical):
    """Mounted once, shown when asked. Says :class:`Chosen` with the value, or :class:`Left`."""

    DEFAULT_CSS = """
    Picker { layer: overlay; dock: bottom; height: auto; display: none; }
    Picker #choices { height: auto; }
    Picker Horizontal { height: 1; }
    Picker #asked { width: auto; }
    Picker Input, Picker Input:focus { width: 1fr; height: 1; border: none; padding: 0; }
    """

    @dataclass
    class Chosen(Message):
        """One was chosen; ``typed`` is what stood in the line. ``value`` is empty where nothing fitted."""

        purpose: str
        value: str
        typed: str

    @dataclass
    class Left(Message):
        """Left without choosing."""

        purpose: str

    def __init__(self, pens: Pens) -> None:
        super().__init__(id="picker")
        self.pens = pens
        self.purpose = ""
        self._source: Source | None = None
        self._list = ChoiceList(pens)
        self._asked = Bar(pens, id="asked", ground="field")
        self._input = TypedLine(id="typed", select_on_focus=False)
        self._input.cursor_blink = False

    def compose(self) -> ComposeResult:
        yield self._list
        with Horizontal():
            yield self._asked
            yield self._input

    @property
    def is_open(self) -> bool:
        return bool(self.display) and bool(self.purpose)

    def open(self, purpose: str, asked: str, source: Source) -> None:
        """Asks for one of what ``source`` gives for the letters typed so far."""
        self.purpose, self._source = purpose, source
        self._asked.styles.width = len(asked) + 2
        self._asked.show([Run(own(asked), "field")], [])
        self._input.value = ""
        self._list.choices, self._list.cursor = (), 0
        self._list.styles.height = 0
        self.display = True
        self._input.focus()
        self._look("")

    def take(self, event: events.Key) -> None:
        """A key that was meant for the line, pressed before it had the focus."""
        self._input._forward_event(event)

    def close(self) -> None:
        """Hides it. Whoever opened it sets the focus."""
        self.purpose, self._source = "", None
        self.display = False

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._source is not None:
            self._look(event.value)

    @work(exclusive=True, group="picker", exit_on_error=True)
    async def _look(self, typed: str) -> None:
        source = self._source
        if source is None:
            return
        choices = await source(typed)
        if self._source is source and self._input.value == typed:
            self._list.choices, self._list.cursor = choices, 0
            self._resize_list()

    def _resize_list(self) -> None:
        if not self._list.choices and self._input.value.strip():
            self._list.choices = ()
            self._list.nothing = True
            self._list.styles.height = 1
            self._list.redraw()
            return
        self._list.nothing = False
        shown = min(SHOWN, len(self._list.choices))
        preview = PREVIEW + 1 if any(choice.preview for choice in self._list.choices[:SHOWN]) else 0
        self._list.styles.height = shown + preview if shown else 0
        self._list.redraw()

    def on_key(self, event: events.Key) -> None:
        steps = {"down": 1, "ctrl+n": 1, "ctrl+j": 1, "tab": 1, "up": -1, "ctrl+p": -1, "shift+tab": -1}
        choices = self._list.choices
        if event.key in steps:
            if choices:
                self._list.cursor = (self._list.cursor + steps[event.key]) % len(choices)
                self._list.redraw()
        elif event.key in ("escape", "ctrl+c", "ctrl+g") or (event.key == "backspace" and not self._input.value):
            purpose = self.purpose
            self.close()
            self.post_message(self.Left(purpose))
        elif event.key == "enter" and self.purpose == "snippet" and not choices:
            pass  # nothing fits: what was typed is not thrown away
        elif event.key == "enter":
            value = choices[self._list.cursor].value if choices else ""
            purpose, typed = self.purpose, self._input.value
            self.close()
            self.post_message(self.Chosen(purpose, value, typed))
        else:
            return
        event.stop()
        event.prevent_default()
