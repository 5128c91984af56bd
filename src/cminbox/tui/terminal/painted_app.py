"""What of the app goes to the terminal: frames as differences, the cursor, title, clipboard, bell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App

from cminbox.tui.terminal.driver import TerminalDriver, TerminalSetup
from cminbox.tui.terminal.grid import Grid
from cminbox.tui.terminal.painter import Painter
from cminbox.tui.terminal.places import erases_to_colour, wants_no_colour

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.screen import Screen

_SYNC_FROM = 600  # characters: smaller frames arrive in one piece anyway, and 16 bytes are a tenth of them
HELD_AT_MOST = 2.0  # seconds
_SETTLED = 0.03  # seconds; Textual lays a new size out after 1/120


class Copied(NamedTuple):
    """What became of a text for the clipboard."""

    sent: bool
    note: str
    """One line for the operator: the terminal does not say whether it took the text."""


class PaintedApp(App[int]):
    """An app whose frames go through the grid, and that paints nothing while the terminal does not take it."""

    ENABLE_COMMAND_PALETTE = False
    RING: ClassVar[bool] = False
    """Whether :meth:`bell` is heard."""

    def __init__(self, setup: TerminalSetup, **textual: Any) -> None:
        super().__init__(**textual)
        self.terminal_setup = setup
        self.animation_level = "none"
        self._seed = setup.first_paint.grid if setup.first_paint is not None else None
        self._painter: Painter | None = None
        self._owes_frame = False
        self._is_held = False
        self._last_cursor = ""

    def get_driver_class(self) -> type[Driver]:
        return TerminalDriver

    # -- painting ------------------------------------------------------------------------------------------------------

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        if not isinstance(driver, TerminalDriver) or not isinstance(renderable, (LayoutUpdate, ChopsUpdate)):
            super()._display(screen, renderable)
            return
        try:
            if self._batch_count or not self._running or self._closed:
                return
            if self._is_held or driver.is_congested:
                self._owes_frame = True
                return
            try:
                frame = self._with_cursor(self._get_painter().paint(renderable))
            except Exception as error:
                self._handle_exception(error)
                return
            if frame:
                driver.write_frame(frame, synchronized=self._sync_available and len(frame) >= _SYNC_FROM)
        finally:
            self.post_display_hook()

    def _get_painter(self) -> Painter:
        if self._painter is None:
            environment = self.terminal_setup.environment
            grid = self._seed or Grid(*self.size, erase_keeps_background=erases_to_colour(environment))
            self._painter = Painter(grid, self.console.color_system, no_colour=wants_no_colour(environment))
        return self._painter

    def _with_cursor(self, frame: str) -> str:
        """The frame, and after it the cursor where input methods and screen readers look: in the focused text field."""
        if getattr(self.focused, "cursor_screen_offset", None) is None:
            return frame
        x, y = self.size.clamp_offset(self.cursor_position)
        cursor = f"\x1b[{y + 1};{x + 1}H"
        if not frame and cursor == self._last_cursor:
            return ""
        self._last_cursor = cursor
        return frame + cursor

    def hold_frames(self) -> None:
        """Keep the first paint until the app has what its first frame needs, or two seconds are over."""
        self._is_held = True
        if self._loop is not None:
            self._loop.call_later(HELD_AT_MOST, self.call_later, self.release_frames)

    def release_frames(self) -> None:
        """Paint from now on."""
        if self._is_held:
            self._is_held = False
            self._pay_frame()

    def _pay_frame(self) -> None:
        if self._owes_frame:
            self._owes_frame = False
            self._repaint()

    def _repaint(self) -> None:
        """Compose the whole screen anew; the grid sends what differs from what the terminal shows."""
        if self._running and self._screen_stack and not self._exit:
            self.screen.refresh()

    def terminal_drained(self) -> None:
        self.call_later(self._pay_frame)

    def terminal_changed(self) -> None:
        if self._painter is None:
            return
        self._painter.grid.forget()
        # A new size lays the screen out and paints it anyway; look a little later whether that has happened.
        self.call_later(self.set_timer, _SETTLED, self._repaint_unknown)

    def _repaint_unknown(self) -> None:
        if self._painter is not None and self._painter.grid.is_unknown:
            self._repaint()

    @property
    def is_leaving(self) -> bool:
        return self._exit

    # -- the window and the clipboard ------------------------------------------------------------------------------

    def set_window_title(self, text: str) -> None:
        """Name the terminal's window."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.set_title(text)

    def set_mouse(self, on: bool) -> None:
        """Switch the mouse on or off; off, the terminal selects text by itself."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.set_mouse(on)

    def copy_out(self, text: str) -> Copied:
        """Ask the terminal to put ``text`` on the clipboard (OSC 52), and say honestly what is known about it."""
        self._clipboard = text
        if not isinstance(self._driver, TerminalDriver) or not self._driver.put_on_clipboard(text):
            return Copied(False, "too long for the terminal's clipboard")
        environment = self.terminal_setup.environment
        if "TMUX" in environment:
            return Copied(True, "sent to tmux (passed on where `set -g set-clipboard on` is set)")
        if environment.get("TERM", "").startswith("screen"):
            return Copied(False, "GNU screen does not pass a clipboard on")
        return Copied(True, "sent to the terminal")

    def copy_to_clipboard(self, text: str) -> None:
        self.copy_out(text)

    def bell(self) -> None:
        if self.RING and isinstance(self._driver, TerminalDriver):
            self._driver.ring()

    def _set_pointer_shape(self, shape: str) -> None:
        """Textual's OSC 22: not ours to send."""
