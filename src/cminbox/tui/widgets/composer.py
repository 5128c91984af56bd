"""Where an answer is written. Whose account speaks, to whom, and what is left stand above the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.document._document import Location
from textual.document._document_navigator import DocumentNavigator
from textual.document._wrapped_document import WrappedDocument
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from cminbox.text.cells import width
from cminbox.text.sanitize import clean
from cminbox.tui.pens import Pens
from cminbox.tui.runs import Line
from cminbox.tui.widgets.answer_document import HIDDEN, AnswerDocument
from cminbox.tui.widgets.bars import Bar
from cminbox.tui.widgets.lines_view import Route

MOST = 20_000
"""Characters of an answer at most: nobody writes as many, and laying more out would take longer than a key may."""
_LINE_ENDS = re.compile("\r\n?")  # terminals paste a carriage return for each line end
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_OTHER_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_MAY_GO = frozenset({"control", "bidi", "invisible", "blank"})
_JOINERS = ("\u200c", "\u200d")  # typed by people who write Persian or Hindi, and inside emoji


def too_long(characters: int) -> str | None:
    """Why the composer does not take a text of that length, or None."""
    return f"{characters:,} characters: the composer takes {MOST:,}" if characters > MOST else None


def without_controls(pasted: str) -> tuple[str, frozenset[str]]:
    """What was pasted without control characters and what else nobody could see, and the kinds that were left out.

    Anything else that cannot leave stays: it is shown, and refused when the answer is sent.
    """
    text = _LINE_ENDS.sub("\n", pasted)
    kinds: set[str] = set()
    if _CONTROLS.search(text) or _OTHER_LINE_ENDS.search(text):
        kinds.add("control")
        text = _CONTROLS.sub("", _OTHER_LINE_ENDS.sub("\n", text))
    lines = text.split("\n")
    for index, line in enumerate(lines):
        cleaned = clean(line)
        if cleaned.marks and cleaned.marks <= _MAY_GO and cleaned.text != line:
            kinds |= cleaned.marks - {"blank"}
            lines[index] = cleaned.text
    return "\n".join(lines), frozenset(kinds)


class AnswerArea(TextArea):
    """The text itself, as it will leave (:class:`AnswerDocument`). ``::`` asks for a snippet at the cursor."""

    @dataclass
    class Told(Message):
        """Something was not taken as it came."""

        words: str

    def __init__(self) -> None:
        super().__init__(
            "", soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False, compact=True, id="answer"
        )
        self.cursor_blink = False
        self.snippet_wanted: Callable[[], None] = lambda: None
        """Called at once when two colons were typed, so that the next letter already searches."""
        self.route: Route | None = None
        """Looks at each key before it is typed: whether it was taken."""

    def put(self, text: str) -> bool:
        """Puts a text in, in place of what is selected. Whether it fits."""
        problem = too_long(len(self.text) - len(self.selected_text) + len(text))
        if problem is not None:
            self.post_message(self.Told(f"not put in: {problem}"))
            return False
        self.move_cursor(self.replace(text, *self.selection, maintain_selection_offset=False).end_location)
        return True

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()  # Textual would paste it too
        event.stop()
        self._paste(event.text)

    def action_paste(self) -> None:
        self._paste(self.app.clipboard)

    def _paste(self, pasted: str) -> None:
        problem = too_long(len(pasted))
        if problem is not None:
            self.post_message(self.Told(f"not pasted: {problem}"))
            return
        text, left_out = without_controls(pasted)
        if (not text or self.put(text)) and left_out:
            self.post_message(self.Told(f"left out of what was pasted: {', '.join(sorted(left_out))} characters"))

    async def _on_key(self, event: events.Key) -> None:
        if self.route is not None and self.route(event):
            event.stop()
            event.prevent_default()
            return
        if event.character in _JOINERS or (event.is_printable and len(self.text) >= MOST):
            event.prevent_default()
            event.stop()
            self.put(event.character or "")
            return
        await super()._on_key(event)
        if event.character == ":" and self.selection.is_empty:
            row, column = self.cursor_location
            line = self.document.get_line(row)
            if column >= 2 and line[column - 2 : column] == "::" and (column < 3 or line[column - 3] != ":"):
                self.delete((row, column - 2), (row, column))
                self.snippet_wanted()

    # -- how it is laid out ----------------------------------------------------------------------------

    def _set_document(self, text: str, language: str | None) -> None:
        self.document = AnswerDocument(text)
        self.wrapped_document = WrappedDocument(self.document, self.wrap_width, self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._build_highlight_map()
        self.move_cursor((0, 0))
        self._refresh_size()

    def _rewrap_and_refresh_virtual_size(self) -> None:
        self._wrap()
        self._refresh_size()

    def _wrap(self) -> None:
        """Wraps again where the width is another one: Textual asks at every turn, and a long text takes a while."""
        if self.wrapped_document._width != self.wrap_width:
            self.wrapped_document.wrap(self.wrap_width, self.indent_width)
            self._line_cache.clear()

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """None is sought: it would look through the whole text at every step."""
        return None

    def get_cursor_left_location(self) -> Location:
        """Before the character at the left, with the marks on it."""
        row, column = super().get_cursor_left_location()
        line = self.document[row]
        while 0 < column < len(line) and not width(line[column]):
            column -= 1
        return row, column

    def get_cursor_right_location(self) -> Location:
        """Behind the character at the right, with the marks on it."""
        row, column = super().get_cursor_right_location()
        line = self.document[row]
        while 0 < column < len(line) and not width(line[column]):
            column += 1
        return row, column

    def render_line(self, y: int) -> Strip:
        """A row without what has no cell; marks stay with their base where the cursor parts them."""
        self._wrap()
        strip = super().render_line(y)
        segments: list[Segment] = []
        for segment in strip:
            text = segment.text
            if not text.isascii():
                text = text.replace(HIDDEN, "")
                first = next((place for place, char in enumerate(text) if width(char)), len(text))
                if first and segments:
                    segments[-1] = Segment(segments[-1].text + text[:first], segments[-1].style)
                text = text[first:]
            if text:
                segments.append(Segment(text, segment.style))
        return Strip(segments, strip.cell_length)


class Composer(Vertical):
    """Mounted once, shown when an answer is written. Knows nothing of items: it is told what to show."""

    DEFAULT_CSS = """
    Composer { height: 12; display: none; }
    Composer AnswerArea { height: 1fr; border: none; padding: 0 1; scrollbar-size: 0 0; }
    """

    class Typed(Message):
        """The text is different from what it was."""

    def __init__(self, pens: Pens) -> None:
        super().__init__(id="composer")
        self._head = Bar(pens, id="speaks")
        self.area = AnswerArea()
        self._filled: str | None = None

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
        self._filled = text
        self.area.load_text(text)
        place = len(text) if cursor is None else min(max(0, cursor), len(text))
        before = text[:place]
        row = before.count("\n")
        self.area.selection = Selection.cursor((row, len(before) - (before.rfind("\n") + 1)))

    def insert(self, text: str) -> bool:
        """Puts a text in at the cursor, in place of what is selected. Whether it fits."""
        return self.area.put(text)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        filled, self._filled = self._filled, None
        if self.text != filled:
            self.post_message(self.Typed())
