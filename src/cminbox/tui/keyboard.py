"""Where a key goes: to the picker, to the text, to a command, or to wait until it is known where keys go."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.timer import Timer

from cminbox.commands.base import Where
from cminbox.tui.key_line import KeyLine, Typed
from cminbox.tui.keymap import Continuation, Keymap, Pressed, normal
from cminbox.tui.runs import Line, Run, own

if TYPE_CHECKING:
    from cminbox.tui.app import CminboxApp
    from cminbox.tui.main_screen import MainScreen

HINT_AFTER = 0.4
"""Seconds after a prefix until what may follow is shown."""


class Keyboard:
    """Every key comes here first, in the order of the fingers."""

    def __init__(self, screen: MainScreen, keymap: Keymap) -> None:
        self.screen = screen
        self.keymap = keymap
        self.line = KeyLine(self._hand_on)
        self._hint_timer: Timer | None = None

    def route(self, event: events.Key) -> bool:
        """Takes a key; False: it is for the text that is being written."""
        screen = self.screen
        if screen.picker.is_open:
            screen.picker.take(event)
            return True
        screen.teller.touched()
        where = screen.where
        key = normal(event.key, event.character)
        if where is Where.COMPOSER and (event.is_printable or key == "enter"):
            return False
        if self.keymap.waiting and key == "escape":
            self.keymap.reset()
            self._hint(())
            return True
        pressed = self.keymap.press(where, key)
        if pressed.command is None and not pressed.waiting:
            self._hint(())
            return where is Where.COMPOSER and key in ("tab", "shift+tab")
        self._hint_later(pressed)
        if pressed.command is not None:
            screen.run_command(pressed.command.id, pressed.argument)
        return True

    def hold(self) -> None:
        """What is typed from now on waits: where it goes is not known yet."""
        self.line.hold()

    def release(self, *, drop: bool = False) -> None:
        """What was typed meanwhile goes where keys go now; it is dropped where it was meant for a text that is not."""
        self.line.release(drop=drop)

    def _hand_on(self, event: Typed) -> None:
        app = cast("CminboxApp", self.screen.app)
        app.call_later(app.hand_on, event)  # behind what is to happen first, such as a change of focus

    def _hint_later(self, pressed: Pressed) -> None:
        if self._hint_timer is not None:
            self._hint_timer.stop()
            self._hint_timer = None
        if pressed.waiting:
            self._hint_timer = self.screen.set_timer(HINT_AFTER, lambda: self._hint(pressed.waiting))
        else:
            self._hint(())

    def _hint(self, waiting: tuple[Continuation, ...]) -> None:
        runs: Line = []
        for continuation in waiting:
            runs += [Run(own(f"{continuation.key} "), "accent"), Run(own(f"{continuation.what}   "), "muted")]
        if runs or self.keymap.waiting:
            self.screen.teller.hint(runs)
