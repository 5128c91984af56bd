"""Keys one after the other: the next is handed on when everything that the one before set in motion at once is over.

Textual hands a key to the widget that has the focus and goes on with the next; widget, containers and app each take it
from a queue of their own. So in a burst (typed ahead, or over a slow line) a key would overtake the one before it, or
reach the list although the one before it opened the composer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events

from cminbox.tui.widgets.lines_view import LinesView

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

Typed = events.Key | events.Paste


class KeyLine:
    """What was typed and not handed on yet. ``hand_on`` does that, and then calls :meth:`follow`."""

    def __init__(self, hand_on: Callable[[Typed], object]) -> None:
        self._hand_on = hand_on
        self._waiting: deque[Typed] = deque()
        self._is_held = False
        self._under_way = False
        self._then: Callable[[], object] | None = None

    def take(self, event: Typed) -> None:
        """A key came from the terminal."""
        self._waiting.append(event)
        self._next()

    def hold(self) -> None:
        """What is typed from now on waits: where it goes is not known yet."""
        self._is_held = True

    def release(self, *, drop: bool = False) -> None:
        """What was typed meanwhile goes where keys go now; ``drop``: nowhere."""
        self._is_held = False
        if drop:
            self._waiting.clear()
        self._next()

    def finish(self, then: Callable[[], object]) -> None:
        """Calls ``then`` once, when nothing waits any more; at once where keys are held."""
        self._then = then
        self._next()

    def follow(self, target: MessagePump, event: Typed) -> None:
        """Goes behind a key that was handed to ``target`` from queue to queue, as far as the key goes."""
        self._step(target, event, target)

    def _step(self, pump: MessagePump, event: Typed | None, target: MessagePump) -> None:
        def here() -> None:
            """All that stood in this queue before us has been dealt with."""
            parent = pump._parent
            if parent is not None and (event is None or not event._stop_propagation):
                self._step(parent, event, target)
            elif event is None or isinstance(target, LinesView):
                self._passed()
            else:
                # text fields tell what a key did by messages of their own: behind these, too
                self._step(target, None, target)

        if not pump.call_later(here):
            self._passed()

    def _passed(self) -> None:
        self._under_way = False
        self._next()

    def _next(self) -> None:
        if self._waiting and not self._is_held:
            if not self._under_way:
                self._under_way = True
                self._hand_on(self._waiting.popleft())
        elif self._then is not None and not (self._under_way and not self._is_held):
            then, self._then = self._then, None
            then()
