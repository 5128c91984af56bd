"""Textual's way to the terminal, hardened: never waits for it, sees it close, and lets only its own sequences through.

It stands on Textual's public ``Driver`` and not on ``LinuxDriver``: every method of the latter would be replaced.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from textual import events
from textual.driver import Driver
from textual.geometry import Size

from cminbox.tui.terminal import sequences, tty_modes
from cminbox.tui.terminal.give_back import give_back
from cminbox.tui.terminal.key_reader import KeyReader
from cminbox.tui.terminal.places import is_remote
from cminbox.tui.terminal.writer import TerminalWriter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App
    from textual.message import Message

    from cminbox.tui.terminal.first_paint import FirstPaint

STDIN, STDOUT = 0, 1
_DRAIN = 0.4  # seconds that leaving waits for a slow terminal before it drops what was not shown


@dataclass
class TerminalSetup:
    """What the terminal layer has to know about where it runs."""

    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    mouse: bool = field(default_factory=lambda: not is_remote(os.environ))
    kitty: bool = True
    """Ask for the kitty keyboard protocol's "disambiguate"; terminals without it ignore that."""
    lifeline: int | None = None
    """A descriptor that ends when the guardian dies."""
    first_paint: FirstPaint | None = None
    """A screen that already stands there; it is taken over, not cleared."""


class TerminalHost(Protocol):
    """What the driver needs of the app."""

    terminal_setup: TerminalSetup

    def terminal_gone(self) -> None:
        """The terminal was closed. Called from any thread."""

    def terminal_drained(self) -> None:
        """The terminal took everything that had to wait. Called on the loop."""

    def terminal_changed(self) -> None:
        """Anything may stand on the screen now. Called on the loop."""

    @property
    def is_leaving(self) -> bool:
        """Whether the app is about to end."""


class TerminalDriver(Driver):
    """Input and output of a full-screen app on Linux and macOS."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size or tty_modes.size(STDOUT))
        self._host = cast("TerminalHost", app)
        self._setup = self._host.terminal_setup
        self._mouse = mouse and self._setup.mouse
        self._modes_before: tty_modes.Modes | None = None
        self._writer: TerminalWriter | None = None
        self._reader: KeyReader | None = None
        self._titled = False

    @property
    def can_suspend(self) -> bool:
        return True

    @property
    def is_active(self) -> bool:
        """Whether the screen is ours at the moment."""
        return self._writer is not None

    @property
    def is_congested(self) -> bool:
        """Whether the terminal still has to take an earlier frame. Paint nothing then: ``terminal_drained`` follows."""
        return self._writer is None or self._writer.is_waiting

    # -- output ----------------------------------------------------------------------------------------------------

    def write(self, data: str) -> None:
        """Textual's own writes: mode switches and queries that we know pass, everything else is dropped."""
        self._send(sequences.clean_controls(data))

    def write_frame(self, frame: str, *, synchronized: bool) -> None:
        """A frame of the painter; ``synchronized``: the terminal is to show it in one piece (mode 2026)."""
        frame = sequences.clean_frame(frame)
        self._send(f"{sequences.SYNC_START}{frame}{sequences.SYNC_END}" if synchronized else frame)

    def set_title(self, text: str) -> None:
        """Name the window. The old name comes back at the end, in terminals that can keep one."""
        self._send(("" if self._titled else sequences.TITLE_PUSH) + sequences.title(text))
        self._titled = True

    def put_on_clipboard(self, text: str) -> bool:
        """Ask the terminal to keep ``text`` on its clipboard; it does not say whether it did. False: too long."""
        request = sequences.clipboard(text)
        self._send(request)
        return bool(request)

    def ring(self) -> None:
        """The terminal's bell."""
        self._send("\x07")

    def set_mouse(self, on: bool) -> None:
        """Switch mouse reports; while they are on, selecting text with the mouse needs Shift."""
        self._mouse = on
        self._send(sequences.MOUSE_ON if on else sequences.MOUSE_OFF)

    def _send(self, data: str) -> None:
        if self._writer is not None:
            self._writer.write(data.encode("utf-8", "replace"))

    # -- taking the terminal and giving it back -----------------------------------------------------------------------

    def start_application_mode(self) -> None:
        """Take the terminal, or take it over from the first paint."""
        painted, self._setup.first_paint = self._setup.first_paint, None
        if painted is None:
            self._modes_before = tty_modes.save(STDIN)
            tty_modes.set_raw(STDIN)
            self._writer = TerminalWriter(STDOUT)
        else:
            self._modes_before, self._writer = painted.modes, painted.writer
        self._writer.on_gone = self._host.terminal_gone
        self._writer.on_drained = self._drained
        if self._writer.is_gone:
            self._host.terminal_gone()
        if painted is None:
            self._send(sequences.ENTER)
        self._send(sequences.modes(self._setup.environment, mouse=self._mouse, kitty=self._setup.kitty))
        self._reader = KeyReader(STDIN, self.process_message, self._host.terminal_gone, self._setup.lifeline)
        self._reader.start()
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGWINCH, lambda *_: self._soon(self.resized))
        self._size = tty_modes.size(STDOUT)
        if painted is None or painted.size != self._size:
            self._host.terminal_changed()
        self._tell_size()

    def enter_again(self) -> None:
        """After SIGCONT: somebody else had the terminal. Take it as at the start; nothing on the screen is certain."""
        if self._writer is None:
            self.start_application_mode()
            return
        tty_modes.set_raw(STDIN)
        self._send(sequences.ENTER)
        self._send(sequences.modes(self._setup.environment, mouse=self._mouse, kitty=self._setup.kitty))
        self.resized()

    def resized(self) -> None:
        """Tell the app how large the terminal is now, and that what stands there may have been moved by it."""
        self._size = tty_modes.size(STDOUT)
        self._host.terminal_changed()
        self._tell_size()

    def _tell_size(self) -> None:
        size = Size(*tty_modes.size(STDOUT))
        self._app.post_message(events.Resize(size, size))

    def disable_input(self) -> None:
        """Read no more keys, and drop those that nobody read: late answers of the terminal must not reach the shell."""
        if self._reader is not None:
            self._reader.stop()
            self._reader = None
            tty_modes.drop_typed(STDIN)
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGWINCH, signal.SIG_DFL)

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was. Takes at most about a second, whatever the terminal does."""
        self.disable_input()
        writer, self._writer = self._writer, None
        if writer is None:
            return
        tty_modes.restore(STDIN, self._modes_before)  # first, so that who sees the old screen finds the old modes
        writer.write(((sequences.TITLE_POP if self._titled else "") + sequences.LEAVE).encode("ascii"))
        self._titled = False
        drained = writer.drain(_DRAIN)
        if not drained:
            writer.cut()
        writer.close()
        if not drained:
            give_back(STDOUT, self._modes_before, _DRAIN / 2, after_cut=True)

    def resume_application_mode(self) -> None:
        """Take the terminal back after a guest, unless the app is about to end."""
        if not self._host.is_leaving:
            self.start_application_mode()

    def force_stop(self) -> None:
        """As :meth:`stop_application_mode` from any thread, when the rest of the program may be stuck."""
        writer, self._writer = self._writer, None
        if writer is not None:
            was_cut = writer.cut()
            writer.close()
            give_back(STDOUT, self._modes_before, _DRAIN / 2, after_cut=was_cut)

    def close(self) -> None:
        """Nothing is left to do after :meth:`stop_application_mode`."""

    # -- input ---------------------------------------------------------------------------------------------------------

    def send_message(self, message: Message) -> None:
        """Hand a message to the app from the reading thread."""
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            self._loop.call_soon_threadsafe(self._app.post_message, message)

    def _soon(self, callback: Any) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback)

    def _drained(self) -> None:
        self._soon(self._host.terminal_drained)
