"""Whatever people write, and wherever it is shown: nothing dies, nothing steers, every column stays in its cell."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events

from cminbox.domain.channel import ChannelState, Health
from cminbox.domain.draft import Draft
from cminbox.domain.errors import CminboxError
from cminbox.domain.event import NewEvent
from cminbox.domain.item import Item, Standing
from cminbox.domain.outgoing import ActState, Outgoing
from cminbox.library.live import LiveLibrary
from cminbox.store.protocol import Tx
from cminbox.text.cells import width
from cminbox.tui.actions import composing
from cminbox.tui.desk import Writing
from cminbox.tui.item_lines import Setting, head_line, page_lines
from cminbox.tui.item_model import read_page
from cminbox.tui.widgets.composer import AnswerArea, without_controls
from tests.shared import shared_dir
from tests.tui.conftest import NOW, a_comment
from tests.tui.hostile import (
    SIZES,
    STEERING,
    check_alive,
    check_columns,
    check_line,
    check_screen,
    check_widget,
    hostile_item,
    is_forbidden,
    press,
    storable,
)
from tests.tui.hostile import corpus as read_corpus


@pytest.fixture(params=["ours", pytest.param("shared", marks=[pytest.mark.shared, pytest.mark.slow])])
def texts(request: pytest.FixtureRequest) -> list[str]:
    """The hostile texts: our own, and all 626 of the shared folder."""
    return list(STEERING) if request.param == "ours" else read_corpus(shared_dir("data", "hostile", "open"))


def hostile_items(texts: Sequence[str], **settings: str) -> list[Item]:
    return [hostile_item(number, text, **settings) for number, text in enumerate(texts, 1)]


def raws(texts: Sequence[str]) -> dict[str, str]:
    """The raw text of each, as the store keeps it."""
    return {f"r{number}": f"§{text}" for number, text in enumerate(texts, 1)}


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_rows_of_the_feed(seat, texts: list[str], size: tuple[int, int]) -> None:
    items = hostile_items(texts)
    async with seat(items, size=size) as s:
        seen = 0
        while True:
            seen += check_columns(s, channel="blog", text=["§", "altered §"])
            check_screen(s)
            before = s.main.desk.model.top
            await press(s, "pagedown")
            if s.main.desk.model.top == before:
                break
        assert seen >= len(items)
        check_alive(s)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_open_item_and_the_raw_text(seat, texts: list[str], size: tuple[int, int]) -> None:
    """Comment, thread, answers, earlier items, log; what shows, and all that can be scrolled to."""
    items = [
        dataclasses.replace(item, parent_remote_id=f"r{n // 20 * 20}") for n, item in enumerate(hostile_items(texts), 1)
    ]
    async with seat(items, size=size, raws=raws(texts)) as s:
        await press(s, "enter")
        for number in range(1, len(items) + 1):
            await s.main.desk.open_item(number)
            lines = check_widget(s.main.item)
            s.main.item.toggle_raw()
            raw = check_widget(s.main.item)
            assert any("raw, as it came" in line for line in raw)
            if number % 40 == 1:
                await s.settle()
                check_screen(s)
                assert lines
        check_alive(s)


@pytest.mark.shared
async def test_all_that_can_be_scrolled_to(seat) -> None:
    """Every line of pages at both widths, seen or not."""
    texts = read_corpus(shared_dir("data", "hostile", "open"))
    items = [
        dataclasses.replace(item, parent_remote_id=f"r{n // 20 * 20}") for n, item in enumerate(hostile_items(texts), 1)
    ]
    lines = 0
    async with seat(items, raws=raws(texts)) as s:
        for number in range(1, len(items) + 1, 7):
            page = await s.store.read(lambda r, n=number: read_page(r, n, "mina"))
            assert page is not None
            for cells in (78, 99):
                setting = Setting(cells, NOW, s.main.item.zone, raw=number % 2 == 0)
                for line in (*page_lines(page, setting)[0], head_line(page, setting)):
                    text = "".join(run.text for run in line)
                    assert not any(map(is_forbidden, text)), ascii(text)
                    assert width(text) == cell_len(text), ascii(text)
                    lines += 1
    assert lines > 10_000


async def test_clicks_on_markup_do_nothing(seat) -> None:
    """RELIABILITY §0.2: a click on a comment must not run what the comment says."""
    evil = "[@click=app.exit(7)]" + "[@click=app.leave][link=http://evil.example]" + "click me " * 40
    async with seat([hostile_item(n, evil) for n in range(1, 30)], size=(140, 40)) as s:
        await press(s, "enter")
        for x in range(1, 140, 46):
            for y in (1, 2, 6, 39):
                await s.pilot.click(offset=(x, y))
        await s.settle()
        assert "[@click=app.exit(7)]" in "".join(check_screen(s))


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_names_of_channels_and_of_people_at_work(seat, size: tuple[int, int]) -> None:
    """What never came through the door: channel names of an import, names of operators, words of servers."""
    names = [name for text in STEERING if (name := storable(text)).strip()]
    items = [hostile_item(n, "x", channel=name) for n, name in enumerate(names, 1)]

    def work(tx: Tx) -> None:
        for number, name in enumerate(names, 1):
            tx.take_item_lease(number, name, 900) if number % 2 else tx.save_draft(draft(number, name, name))
            tx.append(NewEvent("held", name, number, {"why": name}, words=name))
            item = tx.item(number)
            assert item is not None
            tx.save_item(dataclasses.replace(item, assignee=name))

    async with seat(items, size=size) as s:
        await s.store.write(work)
        await press(s, "space", "enter")
        for number in range(1, len(items) + 1):
            await s.main.desk.open_item(number)
            check_widget(s.main.item)
            s.main.say(f"{names[number - 1]} is at it", "alarm")
            check_widget(s.main.message)
        await press(s, "u")
        for _ in range(0, len(items), s.main.feed.rows_shown):
            check_columns(s, channel="", text=["[", "altered [", "§"])
            check_screen(s)
            await press(s, "pagedown")


def draft(number: int, operator: str, text: str) -> Draft:
    return Draft(item=number, operator=operator, text=text, updated_at=NOW)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_outbox(seat, texts: list[str], size: tuple[int, int]) -> None:
    """Answers as they were written, and what servers said to them."""
    texts = [text for text in map(storable, texts) if text][:199]
    states = (ActState.FAILED, ActState.UNCERTAIN, ActState.MANUAL, ActState.QUEUED, ActState.SENDING, ActState.LIVE)

    def work(tx: Tx) -> None:
        item = tx.item(1)
        assert item is not None
        for number, text in enumerate(texts):
            act = Outgoing(
                item=1, channel=text[:80], text=text, operator=text[:80], state=states[number % 6], key=f"k{number}",
                error=text, queued_at=NOW, not_before=NOW, before=Standing.of(item), url=text,
            )  # fmt: skip
            act = tx.add_outgoing(act)
            tx.append(NewEvent("queued", "mina", 1, {"act": act.id}))

    async with seat([a_comment(1)], size=size) as s:
        await s.store.write(work)
        await press(s, "O")
        shown = set()
        for _ in range(0, len(texts), 8):
            shown.add(tuple(check_widget(s.main.outbox)))
            check_screen(s)
            s.main.outbox.move(8)
        assert len(shown) > len(texts) // 9
        await press(s, "u", "enter")
        for _ in range(40):
            check_widget(s.main.item)
            s.main.item.scroll_lines(20)
        check_alive(s)


async def test_what_a_channel_says_of_itself(seat, texts: list[str]) -> None:
    """In an empty inbox the error of a channel stands in the middle of the screen."""
    async with seat([]) as s:
        for text in map(storable, texts[:120]):
            state = ChannelState(name="blog", health=Health.ERROR, error=text, todo=text, last_ok_at=NOW)
            await s.store.write(lambda tx, state=state: tx.save_channel_state(state))
            await s.main.dashboard.update()
            for widget in (s.main.feed, s.main.top, s.main.bottom):
                check_widget(widget)
        await s.settle()
        assert "blog" in check_screen(s)[-2]


# -- composer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_drafts_in_the_composer_stay_as_they_are(seat, texts: list[str], size: tuple[int, int]) -> None:
    """To the letter, and drawn in cells that hold; wherever the cursor stands."""
    async with seat([a_comment(1)], size=size) as s:
        await press(s, "r")
        area = s.main.composer.area
        for number, text in enumerate(texts):
            s.main.composer.fill(text[:20_000])
            assert s.main.composer.text == text[:20_000]
            check_area(area)
            area.action_cursor_line_start()
            for _ in range(6):
                area.action_cursor_right()
                check_area(area)
            area.action_delete_left()
            area.action_cursor_up()
            area.select_all()
            check_area(area)
            if number % 40 == 0:
                await s.settle()
                check_screen(s)
        check_alive(s)


def check_area(area: AnswerArea) -> None:
    """Each row of the text, and as Textual cuts it to the width of the widget."""
    for y in range(area.size.height):
        strip = area.render_line(y)
        check_line(strip, strip.cell_length)
        check_line(strip.adjust_cell_length(area.size.width), area.size.width)


async def test_pasted_texts(seat, texts: list[str]) -> None:
    """Once, in the order in which they stand, without control characters, and the rest to the letter."""
    async with seat([a_comment(1)]) as s:
        await press(s, "r")
        area = s.main.composer.area
        for text in texts:
            area.load_text("[]")
            area.move_cursor((0, 1))
            area.post_message(events.Paste(text[:19_000]))
            await s.pilot.pause()
            kept, _ = without_controls(text[:19_000])
            assert area.text == f"[{kept}]"
            check_area(area)
        await s.settle()
        check_screen(s)


PASTES = (
    ("one\rtwo\r\nthree\nfour", "one\ntwo\nthree\nfour", ""),
    ("a\x1b]52;c;Zm9v\x07b\x9b1mc\x7f", "a]52;c;Zm9vb1mc", "control"),
    ("a\u2028b\x0cc", "a\nb\nc", "control"),
    ("\u202eabc\u202c \ufeffx\u200by", "abc xy", "bidi, invisible"),
    (
        "👨\u200d👩\u200d👧 ❤\ufe0f می\u200cخواهم \u05d0\u200f",
        "👨\u200d👩\u200d👧 ❤\ufe0f می\u200cخواهم \u05d0\u200f",
        "",
    ),
    ("\t1\t2\n\n\n\n\n\nend  ", "\t1\t2\n\n\n\n\n\nend  ", ""),
    ("\x00\x01\x02", "", "control"),
    ("e" + "\u0301" * 20, "e" + "\u0301" * 20, ""),
)
"""Pasted, what is kept of it, and what is said to be left out."""


async def test_what_is_left_out_of_a_paste_is_said(seat) -> None:
    async with seat([a_comment(1)]) as s:
        await press(s, "r")
        for pasted, kept, said in PASTES:
            s.main.composer.fill("")
            s.main.say("")
            s.app.post_message(events.Paste(pasted))
            await s.pilot.pause()
            assert s.main.composer.text == kept
            lines = check_screen(s)
            assert (f"left out of what was pasted: {said} characters" in lines[-1]) == bool(said), lines[-1]


async def test_an_answer_leaves_as_it_was_written_or_not_at_all(seat) -> None:
    """What the door would change is seen in the composer and refused, whoever put it there."""
    sent = 0
    texts = [storable(text) for text in STEERING[1::5]]
    async with seat([a_comment(n) for n in range(1, len(texts) + 1)]) as s:
        for text in texts:
            number = s.main.desk.target
            await press(s, "r")
            s.main.composer.fill(text)
            assert s.main.composer.text == text
            await press(s, "ctrl+s")
            acts = await s.store.read(lambda r, n=number: r.outgoing_of(n))
            if acts:
                assert [act.text for act in acts] == [text]
                sent += 1
            else:
                assert s.main.composer.text == text
                check_screen(s)
                s.main.composer.fill("")
                await press(s, "escape")
    assert 1 < sent < len(texts) - 1


async def test_joiners_can_be_typed(seat) -> None:
    """People who write Persian or Hindi press a key for them; emoji from an input method bring them."""
    async with seat([a_comment(1)]) as s:
        await press(s, "r")
        area = s.main.composer.area
        for char in "می\u200cخواهم 👨\u200d👩 ❤\ufe0f":
            area.post_message(events.Key(f"char-{ord(char)}", char))
        await s.settle()
        assert area.text == "می\u200cخواهم 👨\u200d👩 ❤\ufe0f"
        check_screen(s)
        await press(s, "backspace", "backspace")
        assert area.text == "می\u200cخواهم 👨\u200d👩"
        await press(s, "ctrl+s")
        acts = await s.store.read(lambda r: r.outgoing_of(1))
        assert [act.text for act in acts] == ["می\u200cخواهم 👨\u200d👩"]


# -- snippets, palette, notices ----------------------------------------------------------------------------


def snippet_folder(folder: Path, texts: Sequence[str]) -> Path:
    """A library whose titles, texts and tags are these, with the author's name in each."""
    written = []
    for number, text in enumerate(texts):
        title, tag = (quoted(part.replace("\n", " ").strip() or "none") for part in (text[:280], text[:40]))
        body = quoted(f"{{author}} §{text.replace('{', '{{').replace('}', '}}')}")
        written.append(f"[hostile-{number}]\ntitle = {title}\ntags = [{tag}]\ntext.en = {body}\ntext.de = {body}\n")
    (folder / "hostile.toml").write_text("\n".join(written), "utf-8")
    return folder


def quoted(text: str) -> str:
    """A string of TOML."""
    return json.dumps(text, ensure_ascii=False)


async def test_snippets_and_the_names_put_into_them(seat, texts: list[str], tmp_path: Path) -> None:
    """Search, preview, the text put in, its twin; names with joiners and marks stay as they are."""
    folder = tmp_path / "snippets"
    folder.mkdir()
    texts = [text for text in texts if NOT_IN_TOML.isdisjoint(text) and len(text) < 15_000]
    library = LiveLibrary((snippet_folder(folder, texts),))
    known = list(library.library.snippets)
    assert known, library.library.problems
    async with seat(hostile_items(STEERING)) as s:
        s.main.desk.ctx = dataclasses.replace(s.main.desk.ctx, library=lambda: library)
        await press(s, "r", "ctrl+r", *known[0], "down")
        check_screen(s)
        await press(s, "enter")
        check_screen(s)
        for snippet_id in known:
            await s.main.desk.open_item(int(snippet_id.partition("-")[2]) % len(STEERING) + 1)
            page = s.main.item.page
            assert page is not None
            s.main.desk.writing = Writing(page, page.thread_head)
            s.main.composer.fill("")
            composing.insert_snippet(s.main.desk, f"{snippet_id}\x1fen")
            assert s.main.composer.text.startswith(page.item.author.shown or " "), ascii(s.main.composer.text)
            check_area(s.main.composer.area)
            composing.twin(s.main.desk, None)
            assert s.main.desk.writing.language == "de"
        await press(s, "ctrl+r")
        choices = s.main.picker._list
        for snippet_id in known:
            assert s.main.picker._source is not None
            choices.choices, choices.cursor = await s.main.picker._source(snippet_id), 0
            check_widget(choices)
        await press(s, "escape")
        check_screen(s)


NOT_IN_TOML = frozenset(map(chr, (*range(9), *range(0xB, 0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000))))


@pytest.mark.parametrize("broken", ["{operator.token} {0}", "{author!r:>99999999}"])
async def test_a_snippet_that_cannot_be_filled_is_said(seat, tmp_path: Path, broken: str) -> None:
    (tmp_path / "one.toml").write_text(f'[one]\ntitle = "one"\ntext.en = {json.dumps(broken)}\n', "utf-8")
    library = LiveLibrary((tmp_path,))
    async with seat([a_comment(1)]) as s:
        s.main.desk.ctx = dataclasses.replace(s.main.desk.ctx, library=lambda: library)
        await press(s, "r", "ctrl+r", *"one", "enter")
        assert s.main.composer.text == ""
        assert "unknown placeholder" in check_screen(s)[-1]
        await press(s, "x")
        assert s.main.composer.text == "x"


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_notices_and_the_lines_that_are_typed_in(seat, texts: list[str], size: tuple[int, int]) -> None:
    async with seat([a_comment(1)], size=size) as s:
        for text in texts:
            s.main.say(text, "alarm")
            check_widget(s.main.message)
        await press(s, "ctrl+p")
        typed = s.main.picker._input
        for text in texts[::5]:
            typed.value = ""
            typed.post_message(events.Paste(text))
            await s.pilot.pause()
            check_screen(s)
        await press(s, "enter")
        check_screen(s)
        await press(s, "colon")
        for text in texts[::40]:
            await press(s, "colon") if not s.main.picker.is_open else None
            s.main.picker._input.value = text
            await press(s, "enter")
            check_screen(s)


async def test_an_error_with_a_hostile_text_is_one_line(seat, texts: list[str]) -> None:
    async with seat([a_comment(1)]) as s:
        for text in texts[::10]:

            async def job(text: str = text) -> None:
                raise CminboxError(text)

            s.main.desk.do(job)
            await s.main.desk.settled()
            check_widget(s.main.message)
        await s.settle()
        check_screen(s)
