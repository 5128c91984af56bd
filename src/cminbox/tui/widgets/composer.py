"""Where an answer is written. Whose account speaks, to whom, and what is left stand above the text."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from cminbox.tui.pens import Pens
from cminbox.tui.runs import Line
from cminbox.tui.widgets.bars import Bar
from cminbox.tui.widgets.lines_view import Route

MOST_PASTED = 100_000
"""Characters taken from one paste; more would freeze the widget, and no answer is that long."""


class AnswerArea(TextArea):
    """The text itself. ``::`` asks for a snippet at the cursor."""

    class SnippetWanted(Message):
        """Two colons were typed; they are taken out again."""

    def __init__(self) -> None:
        super().__init__(
            "", soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False, compact=True, id="answer"
        )
        self.cursor_blink = False
        self.route: Route | None = None
        """Looks at each key before it is typed: whether it was taken."""

    async def _on_paste(self, event: events.Paste) -> None:
        if len(event.text) > MOST_PASTED:
            event.text = event.text[:MOST_PASTED]
        await super()._on_paste(event)

    async def _on_key(self, event: events.Key) -> None:
        if self.route is not None and self.route(event):
            event.stop()
            event.prevent_default()
            return
        await super()._on_key(event)
        if event.character == ":" and self.selection.is_empty:
            row, column = self.cursor_location
            line = self.document.get_line(row)
            if column >= 2 and line[column - 2 : column] == "::" and (column < 3 or line[column - 3] != ":"):
                self.delete((row, column - 2), (row, column))
                self.post_message(self.SnippetWanted())


class Composer(Vertical):
    """Mounted once, shown when an answer is written. Knows nothing of items: it is told what to show."""

    DEFAULT_CSS = """
    Composer { height: 12; display: none; }
    Composer AnswerArea { height: 1fr; border: none; padding: 0 1; }
    """

    class Typed(Message):
        """The text is different from what it was."""

    def __init__(self, pens: Pens) -> None:
        super().__init__(id="composer")
        self._head = Bar(pens, id="speaks")
        self.area = AnswerArea()
        self._filling = False

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.area

    @property
    def text(self) -> str:
        return self.area.text

    @property
    def cursor(self) -> int:
        """The cursor's place, in characters from the start."""
        row, column = self.area.cursor_location
        lines = self.area.text.split("\n")
        return sum(len(line) + 1 for line in lines[:row]) + column

    def head(self, start: Line, end: Line) -> None:
        """The line above the text."""
        self._head.show(start, end)

    def fill(self, text: str, cursor: int | None = None) -> None:
        """Puts a text in, without calling it typed."""
        self._filling = True
        self.area.load_text(text)
        place = len(text) if cursor is None else min(max(0, cursor), len(text))
        before = text[:place]
        row = before.count("\n")
        self.area.selection = Selection.cursor((row, len(before) - (before.rfind("\n") + 1)))
        self.call_after_refresh(self._filled)

    def _filled(self) -> None:
        self._filling = False

    def insert(self, text: str) -> None:
        """Puts a text in at the cursor, in place of what is selected."""
        start, end = self.area.selection
        self.area.replace(text, start, end, maintain_selection_offset=False)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if not self._filling:
            self.post_message(self.Typed())
