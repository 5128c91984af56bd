"""A list on the Line API with a moving highlight, on our terminal layer or (--stock) on Textual as it comes."""

from __future__ import annotations

import sys
from pathlib import Path

from cminbox.tui.terminal.places import fit_for_textual

STOCK = "--stock" in sys.argv
GUARDED = "--guarded" in sys.argv
BUSY = "--busy" in sys.argv
COUNT = 300


def main() -> int:
    import os

    with fit_for_textual(os.environ):
        from textual import events
        from textual.app import App, ComposeResult
        from textual.geometry import Size
        from textual.scroll_view import ScrollView
        from textual.strip import Strip
        from textual.widgets import Static

        from cminbox.tui.terminal.base_app import TerminalApp
        from cminbox.tui.terminal.driver import TerminalSetup
    from rich.segment import Segment
    from rich.style import Style

    base, text_style, mute = Style(bgcolor="#101418"), Style(color="#d0d4d8", bgcolor="#101418"), Style(color="#808890", bgcolor="#101418")
    high = Style(bgcolor="#26323e")
    names = ["Petra Vogel", "ivan_k", "Änne", "TrailRunner", "M. Novak", "kestrel", "D. Okafor"]
    texts = ["Seit zwei Wochen keine Antwort. Das Paket ist nicht da", "Вылетает при оплате на Android 14, версия 5.2",
             "Können Sie sagen, wann die Größe 42 wieder da ist?", "Who's the guy on the left? Love the colours"]

    class Feed(ScrollView, can_focus=True):
        DEFAULT_CSS = "Feed { height: 1fr; background: #101418; scrollbar-size: 0 0; }"
        cursor = 0

        def on_mount(self) -> None:
            self.virtual_size = Size(self.size.width or 80, COUNT)

        def render_line(self, y: int) -> Strip:
            index = y + self.scroll_offset.y
            width = self.size.width
            if index >= COUNT:
                return Strip.blank(width, base)
            segments = [Segment(f" {'●' if index % 3 else '◦'} {index:>4}m  ", mute),
                        Segment(f"{names[index % 7]:<18.18} ", text_style), Segment(texts[index % 4], text_style)]
            strip = Strip(segments).adjust_cell_length(width, base)
            return strip.apply_style(high) if False else (Strip([Segment(s.text, (s.style or base) + high) for s in strip], width) if index == self.cursor else strip)

        def move(self, by: int) -> None:
            old = self.cursor
            self.cursor = max(0, min(COUNT - 1, old + by))
            top, height = self.scroll_offset.y, self.size.height
            if self.cursor >= top + height:
                self.scroll_to(y=self.cursor - height + 1, animate=False)
            elif self.cursor < top:
                self.scroll_to(y=self.cursor, animate=False)
            self.refresh_lines(old, 1)
            self.refresh_lines(self.cursor, 1)
            self.app.query_one("#status", Static).update(f" {self.cursor + 1}/{COUNT}")

        def on_key(self, event: events.Key) -> None:
            step = {"j": 1, "k": -1, "pagedown": self.size.height - 1, "pageup": 1 - self.size.height}.get(event.key)
            if step:
                self.move(step)
            elif event.key == "q":
                self.app.exit(return_code=7)
            elif event.key == "x":
                raise ValueError("SECRET-CONTENT")
            elif event.key == "w":
                self.app.run_worker(self.fail())
            elif event.key == "t":
                import asyncio

                asyncio.create_task(self.fail())
            elif event.key == "h":
                import threading

                threading.Thread(target=lambda: 1 / 0).start()
            elif event.key == "K":
                os.kill(os.getpid(), 9)
            elif event.key == "S":
                import ctypes

                ctypes.string_at(0)
            elif event.key == "_":
                os._exit(3)
            elif event.key == "B":
                import time

                time.sleep(30)

        async def fail(self) -> None:
            secret = "SECRET-LOCAL"
            raise ValueError(f"SECRET-CONTENT {secret}")

    class Both:
        CSS = "Screen { background: #101418; } #status { height: 1; background: #181c20; color: #808890; }"

        def compose(self) -> ComposeResult:
            yield Feed()
            yield Static(f" 1/{COUNT}", id="status")

        def on_mount(self) -> None:
            if BUSY:
                self.set_interval(0.05, self.tick)  # type: ignore[attr-defined]

        def tick(self) -> None:
            self.query_one(Feed).move(1)  # type: ignore[attr-defined]

        def on_unmount(self) -> None:
            Path(os.environ["MARK"]).write_text("unmounted") if "MARK" in os.environ else None

    if STOCK:
        class Stock(Both, App[int]):
            pass
        stock = Stock()
        stock.animation_level = "none"
        stock.run(mouse=False)
        return stock.return_code or 0

    class Ours(Both, TerminalApp):
        def on_continued(self) -> None:
            self.query_one("#status", Static).update(" continued")

    return Ours(TerminalSetup(), Path(os.environ.get("CRASHES", "/tmp/crashes"))).run_terminal()


if __name__ == "__main__":
    if GUARDED:
        from cminbox.tui.terminal.guardian import run_guarded

        sys.exit(run_guarded(main, lambda: Path(__import__("os").environ.get("CRASHES", "/tmp/crashes"))))
    sys.exit(main())
