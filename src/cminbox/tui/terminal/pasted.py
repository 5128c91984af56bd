"""Pasted text, taken out of what is typed before anything looks for keys in it.

Textual 8.2.8's parser looks for sequences inside of a bracketed paste (xterm's mode 2004) too: after an ESC in the
pasted text the 31 characters that follow become key presses (a control-s among them sends the answer), and arrive
before the paste that they were taken from. Here everything between the two marks is text, and costs no parsing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from textual import events
from textual.message import Message

START, END = "\x1b[200~", "\x1b[201~"
MOST = 1_000_000
"""Characters kept of one paste: more than anything takes, and it says so."""


class PastedApart:
    """Stands before a parser of keys; ``feed`` is the parser's."""

    def __init__(self, feed: Callable[[str], Iterable[Message]]) -> None:
        self._feed = feed
        self._before = ""
        """The last characters: a mark may begin in them."""
        self._pasted: list[str] | None = None

    def messages(self, text: str) -> Iterator[Message]:
        """What the next characters from the terminal mean. An empty text means nothing (to the parser: its end)."""
        while text:
            mark = START if self._pasted is None else END
            both = self._before + text
            at = both.find(mark)
            if at < 0:
                self._before = both[1 - len(mark) :]
                yield from self._taken(text)
                return
            behind = at + len(mark) - len(self._before)
            yield from self._taken(text[:behind])
            yield from self._turned()
            text = text[behind:]

    def _taken(self, text: str) -> Iterable[Message]:
        if self._pasted is None:
            return self._feed(text)
        if sum(map(len, self._pasted)) < MOST:
            self._pasted.append(text)
        return ()

    def _turned(self) -> Iterator[Message]:
        """A mark is over."""
        self._before = ""
        if self._pasted is None:
            self._pasted = []
            return
        pasted, self._pasted = "".join(self._pasted).removesuffix(END), None
        # The parser waits for the mark's end since its beginning; the paste that it finds between them is empty.
        yield from (each for each in self._feed(END) if not isinstance(each, events.Paste))
        if pasted:
            yield events.Paste(pasted.replace("\x00", ""))
