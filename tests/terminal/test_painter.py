"""The painter shows what stock Textual would show, cell for cell, whatever the widgets do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from cminbox.tui.terminal.grid import Grid
from cminbox.tui.terminal.painter import Painter
from cminbox.tui.terminal.sequences import clean_frame
from tests.terminal.screen import Screen
from tests.terminal.texts import LATIN, PLAIN

# No marks: where Textual wraps a line before one, stock draws it onto the neighbouring pane, and we leave it out.
SYLLABLES = [*PLAIN, *LATIN, "привет", "שלום", "中文", "한국", "Größe ", "  "]
COLOURS = ["#d0d4d8", "#808890", "#e0a060", "red", "bright_blue", "default"]
FLAGS = ["bold", "dim", "italic", "underline", "reverse", "strike", "not bold"]


def some_text(rng: random.Random, length: int) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(length))


class Lines(ScrollView):
    """Rows in many styles on the Line API; a row differs by its number and by the version of the whole."""

    DEFAULT_CSS = "Lines { width: 1fr; height: 1fr; scrollbar-size: 0 0; }"
    version = 0

    def on_mount(self) -> None:
        self.virtual_size = Size(40, 200)

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        rng = random.Random(index * 1000 + (self.version if index % 3 == 0 else 0))
        segments = []
        for _ in range(rng.randint(1, 5)):
            style = Style.parse(f"{rng.choice(FLAGS)} {rng.choice(COLOURS)} on {rng.choice(COLOURS)}")
            segments.append(Segment(some_text(rng, rng.randint(1, 12)), style))
        return Strip(segments).adjust_cell_length(self.size.width, Style(bgcolor="#101418"))


class Twin(App[None]):
    """Shows the updates of the compositor through the painter only."""

    CSS = """
    Screen { layers: base over; background: #101418; }
    #side { width: 40%; height: 1fr; background: #182028; }
    #over { layer: over; width: 12; height: 4; background: #402020; border: round red; }
    """

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__()
        self.animation_level = "none"
        self.twin_console = Console(force_terminal=True, color_system="256", legacy_windows=False)
        self.shown = 0
        self.ours = Screen(columns, rows)
        self.painter = Painter(Grid(columns, rows), "256")

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Lines()
            yield Static("side", id="side", markup=False)
        yield Static("over 中文", id="over", markup=False)

    def _display(self, screen: object, renderable: object) -> None:
        if not isinstance(renderable, (LayoutUpdate, ChopsUpdate)):
            return
        if isinstance(renderable, LayoutUpdate) and renderable.region.size != (self.ours.columns, self.ours.rows):
            self.ours = Screen(*renderable.region.size)  # the painter has to notice by itself
        self.ours.feed(clean_frame(self.painter.paint(renderable)))
        self.shown += 1

    def difference(self) -> list[object]:
        """Cells that differ from what stock shows when it paints the whole screen on a blank one.

        Not from its partial updates: these cut wide characters in two at the edge of what changed.
        """
        stock = Screen(self.ours.columns, self.ours.rows)
        stock.feed(self.screen._compositor.render_full_update().render_segments(self.twin_console))
        return [
            (x, y, ours, theirs)
            for y, (our_row, their_row) in enumerate(zip(self.ours.picture(), stock.picture(), strict=True))
            for x, (ours, theirs) in enumerate(zip(our_row, their_row, strict=True))
            if ours != theirs
        ]


def steps(app: Twin, rng: random.Random) -> list[Callable[[], object]]:
    lines, side, over = app.query_one(Lines), app.query_one("#side", Static), app.query_one("#over", Static)

    def change_rows() -> None:
        lines.version += 1
        lines.refresh()

    return [
        lambda: lines.scroll_to(y=rng.randint(0, 150), animate=False),
        lambda: lines.scroll_relative(y=rng.choice([-3, -1, 1, 2]), animate=False),
        change_rows,
        lambda: lines.refresh_lines(lines.scroll_offset.y + rng.randint(0, 5), 2),
        lambda: side.update(some_text(rng, rng.randint(0, 200))),
        lambda: over.update(some_text(rng, 20)),
        lambda: setattr(over.styles, "offset", (rng.randint(-3, 60), rng.randint(-2, 20))),
        lambda: setattr(over, "display", not over.display),
        lambda: setattr(side.styles, "width", rng.choice(["40%", "20", "60%"])),
    ]


@pytest.mark.parametrize("size", [(80, 24), (41, 7), (200, 50)])
async def test_painter_equals_stock_rendering(size: tuple[int, int]) -> None:
    rng = random.Random(size[0])
    app = Twin(*size)
    async with app.run_test(size=size) as pilot:
        for number in range(40):
            rng.choice(steps(app, rng))()
            if number % 10 == 9:
                await pilot.resize_terminal(rng.randint(20, 120), rng.randint(5, 40))
            await pilot.pause()
            await asyncio.sleep(0.02)  # one frame of Textual's
            assert app.difference() == []
        assert app.shown > 20


def painter(columns: int, rows: int, *, no_colour: bool = False) -> tuple[Painter, Screen]:
    return Painter(Grid(columns, rows), "256", no_colour=no_colour), Screen(columns, rows)


def test_panes_keep_their_columns_when_a_strip_is_too_long_or_too_short() -> None:
    ours, screen = painter(20, 1)
    strips = [Strip([Segment("far too long for this")], 10), Strip([Segment("short")], 10)]
    screen.feed(ours.paint(LayoutUpdate([strips], Region(0, 0, 20, 1))))
    assert screen.lines() == ["far too loshort"]


def test_no_colour_sends_none_but_keeps_attributes() -> None:
    ours, screen = painter(10, 1, no_colour=True)
    strip = Strip([Segment("ab", Style.parse("bold red on blue")), Segment("cd", Style.parse("reverse #123456"))])
    screen.feed(ours.paint(LayoutUpdate([[strip]], Region(0, 0, 4, 1))))
    assert [cell[1] for cell in screen.cells[0][:4]] == [("1", "", "")] * 2 + [("7", "", "")] * 2


def test_links_and_blinking_are_not_sent() -> None:
    ours, screen = painter(10, 1)
    style = Style(blink=True, conceal=True, link="https://evil.example/")
    screen.feed(ours.paint(LayoutUpdate([[Strip([Segment("text", style)])]], Region(0, 0, 10, 1))))
    assert screen.cells[0][0] == ("t", ("", "", ""))


def test_control_segments_are_not_sent() -> None:
    ours, screen = painter(10, 1)
    strip = Strip([Segment("\x1b[2J", None, [(1,)]), Segment("ok")], 10)  # type: ignore[list-item]
    screen.feed(ours.paint(LayoutUpdate([[strip]], Region(0, 0, 10, 1))))
    assert screen.lines() == ["ok"]
