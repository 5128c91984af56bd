"""A list on the Line API with a moving highlight, and keys that make it fail in every way there is."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

from cminbox.tui.terminal.places import fit_for_textual

with fit_for_textual(os.environ):
    from rich.segment import Segment
    from rich.style import Style
    from textual import events
    from textual.app import App, ComposeResult
    from textual.geometry import Size
    from textual.scroll_view import ScrollView
    from textual.strip import Strip
    from textual.widgets import Static

    from cminbox.tui.terminal.base_app import TerminalApp
    from cminbox.tui.terminal.driver import TerminalSetup
    from cminbox.tui.terminal.first_paint import FirstPaint

COUNT = 300
SECRETS = ("SECRET-MESSAGE", "SECRET-LOCAL")
BACKGROUND, TEXT, MUTED, HIGH = "#101418", "#d0d4d8", "#808890", "#26323e"
NAMES = ("Petra Vogel", "ivan_k", "Änne", "TrailRunner", "M. Novak", "kestrel", "D. Okafor")
WORDS = (
    "Seit zwei Wochen keine Antwort. Das Paket ist nicht da",
    "Вылетает при оплате на Android 14, версия 5.2",
    "Können Sie sagen, wann die Größe 42 wieder da ist?",
    "Who's the guy on the left? Love the colours",
)


def stuck() -> None:
    time.sleep(60)


def row(index: int) -> list[tuple[str, str]]:
    """The pieces of a row: text and colour."""
    sign = "●" if index % 3 else "◦"
    return [(f" {sign} {index:>4}m  ", MUTED), (f"{NAMES[index % 7]:<18.18} ", TEXT), (WORDS[index % 4], TEXT)]


class Feed(ScrollView, can_focus=True):
    DEFAULT_CSS = "Feed { height: 1fr; scrollbar-size: 0 0; }"
    cursor = 0

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, COUNT)

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        shade = HIGH if index == self.cursor else BACKGROUND
        base = Style(bgcolor=shade)
        if index >= COUNT:
            return Strip.blank(self.size.width, base)
        segments = [Segment(text, Style(color=colour, bgcolor=shade)) for text, colour in row(index)]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def move(self, by: int) -> None:
        before, self.cursor = self.cursor, max(0, min(COUNT - 1, self.cursor + by))
        top, height = self.scroll_offset.y, self.size.height
        if not top <= self.cursor < top + height:
            self.scroll_to(y=self.cursor if self.cursor < top else self.cursor - height + 1, animate=False)
        self.refresh_lines(before, 1)
        self.refresh_lines(self.cursor, 1)
        self.app.query_one("#status", Static).update(f" {self.cursor + 1}/{COUNT}")


class Behaviour(App[int]):
    CSS = f"Screen {{ background: {BACKGROUND}; }} #status {{ height: 1; background: #181c20; color: {MUTED}; }}"

    def compose(self) -> ComposeResult:
        yield Feed()
        yield Static(f" 1/{COUNT}", id="status")

    def on_mount(self) -> None:
        if "--busy" in sys.argv:
            self.ticking = self.set_interval(0.02, self.tick)

    def tick(self) -> None:
        self.query_one(Feed).move(1 if self.query_one(Feed).cursor < COUNT - 1 else 1 - COUNT)
        if mark := os.environ.get("HEARTBEAT"):
            with Path(mark).open("a") as file:
                file.write(f"{time.monotonic()}\n")

    def on_unmount(self) -> None:
        if mark := os.environ.get("UNMOUNTED"):
            Path(mark).write_text("yes")

    def say(self, text: str) -> None:
        self.query_one("#status", Static).update(f" {text}")

    async def on_key(self, event: events.Key) -> None:
        feed = self.query_one(Feed)
        page = feed.size.height - 1
        steps = {"j": 1, "k": -1, "pagedown": page, "pageup": -page, "G": COUNT, "g": -COUNT}
        if event.key in steps:
            feed.move(steps[event.key])
        elif event.key == "q":
            self.exit(return_code=7)
        elif action := getattr(self, f"press_{event.key}", None):
            await action()
        else:
            self.say(f"key {event.key}")

    async def press_P(self) -> None:
        """No longer busy."""
        self.ticking.stop()

    async def press_x(self) -> None:
        """Fail in a handler."""
        await self.fail()

    async def press_w(self) -> None:
        """Fail in a worker."""
        self.run_worker(self.fail())

    async def press_t(self) -> None:
        """Fail in a task that nobody looks at."""
        asyncio.get_running_loop().create_task(self.fail())

    async def press_h(self) -> None:
        """Fail in a thread."""
        threading.Thread(target=lambda: int(SECRETS[0])).start()

    async def press_p(self) -> None:
        """What Textual would print at the end."""
        self.panic(SECRETS[0])

    async def press_K(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    async def press_S(self) -> None:
        """A segmentation fault."""
        ctypes.string_at(0)

    async def press_D(self) -> None:
        os._exit(3)

    async def press_B(self) -> None:
        """Stop the loop."""
        stuck()

    async def fail(self) -> None:
        secret = SECRETS[1]
        raise ValueError(f"{SECRETS[0]} {secret}")


class Stock(Behaviour):
    pass


class Ours(Behaviour, TerminalApp):
    def on_continued(self) -> None:
        self.say("continued")

    async def press_s(self) -> None:
        """Supervised failure."""
        self.supervise(self.fail())

    async def press_e(self) -> None:
        """Give the terminal to another program."""
        self.run_worker(self.lend())

    async def lend(self) -> None:
        outcome = await self.suspend_for(os.environ["GUEST"].split("\x1f"))
        self.say(f"guest {outcome.status} {type(outcome.error).__name__}")

    async def press_y(self) -> None:
        self.say(self.copy_out("copied text\x1b]0;evil\x07").note)

    async def press_T(self) -> None:
        self.set_window_title("cminbox\x1b]0;evil\x07 inbox")


def run(first_paint: FirstPaint | None) -> int:
    """Run until the end; the exit status."""
    if "--stock" in sys.argv:
        stock = Stock()
        stock.animation_level = "none"
        stock.run(mouse=False)
        return stock.return_code or 0
    return Ours(TerminalSetup(first_paint=first_paint), Path(os.environ.get("CRASHES", "crashes"))).run_terminal()
