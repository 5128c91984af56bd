"""The screen as a person uses it: what stands where, and what the keys do."""

from __future__ import annotations

from cminbox.domain.item import Outcome, Status
from cminbox.domain.outgoing import ActState
from tests.tui.conftest import a_comment, adding


async def test_the_inbox_stands_there_with_the_oldest_first(seat) -> None:
    async with seat([a_comment(n) for n in range(1, 6)]) as s:
        assert "inbox 5" in s.lines[0]
        assert s.lines[1].startswith("▌●")
        assert "comment number 1" in s.lines[1]
        assert "1/5 · mina · blog" in s.text
        assert len(s.lines) == 24
        assert all(len(line) == 80 for line in s.lines)


async def test_moving_ends_where_it_should(seat) -> None:
    async with seat([a_comment(n) for n in range(1, 60)]) as s:
        await s.press("j", "j", "j", "k")
        assert s.main.desk.model.position == 3
        await s.press("G")
        assert s.main.desk.model.position == 59
        assert "comment number 59" in s.text
        await s.press("g", "g")
        assert s.main.desk.model.position == 1
        await s.press("ctrl+d")
        assert s.main.desk.model.position > 8
        await s.press("pagedown", "pageup", "ctrl+u")
        assert s.main.desk.model.position == 1


async def test_done_goes_on_to_the_next_and_undo_brings_it_back(seat) -> None:
    async with seat([a_comment(n) for n in range(1, 6)]) as s:
        first = s.main.desk.target
        await s.press("e")
        assert s.main.desk.target != first
        assert "inbox 4" in s.lines[0]
        assert "z takes it back" in s.lines[23]
        item = await s.store.read(lambda r: r.item(first))
        assert item.status is Status.DONE
        await s.press("z")
        assert s.main.desk.target == first
        assert "inbox 5" in s.lines[0]
        item = await s.store.read(lambda r: r.item(first))
        assert item.status is Status.NEW


async def test_a_burst_of_keys_ends_where_it_should(seat) -> None:
    async with seat([a_comment(n) for n in range(1, 12)]) as s:
        await s.press(*"jjjjee")
        items = await s.store.read(lambda r: r.items(list(range(1, 12))))
        assert [item.id for item in items if item.status is Status.DONE] == [5, 6]
        assert s.main.desk.target == 7


async def test_an_answer_is_queued_and_can_be_taken_back(seat) -> None:
    async with seat([a_comment(n) for n in range(1, 4)]) as s:
        await s.press("r")
        assert "as Acme on blog → author1" in s.text
        await s.press(*"Hello", "enter", *"there")
        await s.press("ctrl+s")
        acts = await s.store.read(lambda r: r.outgoing_of(1))
        assert [(act.text, act.state) for act in acts] == [("Hello\nthere", ActState.QUEUED)]
        assert "answered author1, goes out in" in s.lines[23]
        assert "inbox 2" in s.lines[0]
        await s.press("z")
        acts = await s.store.read(lambda r: r.outgoing_of(1))
        assert acts[0].state is ActState.CANCELLED
        draft = await s.store.read(lambda r: r.draft(1, "mina"))
        assert draft.text == "Hello\nthere"


async def test_a_draft_is_on_disk_after_a_pause_and_there_again(seat) -> None:
    async with seat([a_comment(1)]) as s:
        await s.press("r", *"half a thought")
        await s.pilot.pause(0.8)
        await s.settle()
        draft = await s.store.read(lambda r: r.draft(1, "mina"))
        assert draft.text == "half a thought"
        await s.press("escape")
        assert "✎" in s.lines[1]
        await s.press("r")
        assert s.main.composer.text == "half a thought"


async def test_an_arrival_never_moves_the_row_under_the_cursor(seat) -> None:
    async with seat([a_comment(n) for n in range(10, 20)]) as s:
        await s.press("j", "j")
        here = s.main.desk.target
        row = next(i for i, line in enumerate(s.lines) if line.startswith("▌"))
        await s.store.write(adding([a_comment(n) for n in range(1, 4)]))
        await s.until(lambda: "+3 new" in s.lines[0])
        assert s.main.desk.target == here
        await s.press("space")
        assert s.main.desk.target == here
        assert s.lines[row].startswith("▌") or "▌" in s.text
        assert " new · Space" not in s.lines[0]
        assert "inbox 13" in s.lines[0]


async def test_the_work_of_another_shows_by_itself(seat) -> None:
    async with seat([a_comment(n) for n in range(1, 4)]) as s:
        await s.store.write(lambda tx: tx.take_item_lease(2, "zoe", 900))
        await s.until(lambda: "[zoe is at it]" in s.text)
        await s.press("j", "r")
        assert "zoe is at it" in s.lines[23]
        assert s.main.desk.writing is None
        await s.press("A", "r")
        assert s.main.desk.writing is not None


async def test_a_thread_that_changed_stops_the_send_once(seat) -> None:
    async with seat([a_comment(1)]) as s:
        await s.press("r", *"my answer")
        await s.store.write(adding([a_comment(2, "me too", parent="r1")]))
        await s.press("ctrl+s")
        assert "the thread changed while you wrote" in s.lines[23]
        assert "came meanwhile" in s.text
        assert "me too" in s.text
        assert not await s.store.read(lambda r: r.outgoing_of(1))
        await s.press("ctrl+s")
        assert len(await s.store.read(lambda r: r.outgoing_of(1))) == 1


async def test_an_open_item_shows_comment_thread_and_log(seat) -> None:
    thread = [a_comment(1, "the question"), a_comment(2, "same here", parent="r1"), a_comment(3, "and me", parent="r2")]
    async with seat(thread) as s:
        await s.press("enter")
        for words in ("the question", "thread · 1 of 3", "same here", "and me", "received"):
            assert words in s.text, words
        await s.press("J")
        assert "thread · 2 of 3" in s.text
        await s.press("u", "u")
        assert "J K" not in s.text


async def test_side_by_side_on_a_wide_screen(seat) -> None:
    async with seat([a_comment(n) for n in range(1, 60)], size=(200, 50)) as s:
        assert "comment number 1" in s.lines[2]
        assert all(len(line) == 200 for line in s.lines)
        column = s.lines[1].index("│")
        assert all(line[column] == "│" for line in s.lines[1:48])
        await s.press("j")
        await s.until(lambda: "author2 ·" in s.lines[1])


async def test_help_palette_and_what_may_follow_a_prefix(seat) -> None:
    async with seat([a_comment(1)]) as s:
        await s.press("question_mark")
        assert "keys in the list" in s.text
        assert "Reply" in s.text
        await s.press("question_mark")
        assert "keys in the list" not in s.text
        await s.press("v")
        await s.until(lambda: "w waiting" in s.lines[23])
        await s.press("w")
        assert "waiting 0" in s.lines[0]
        await s.press("v", "i", "ctrl+p", *"don")
        assert "done, and on to the next" in s.text
        await s.press("enter")
        item = await s.store.read(lambda r: r.item(1))
        assert (item.status, item.outcome) == (Status.DONE, None)


async def test_a_channel_that_cannot_send_is_posted_by_hand(seat) -> None:
    async with seat([a_comment(1, channel="import")]) as s:
        await s.press("r")
        assert "this channel cannot send" in s.text
        await s.press(*"by hand then", "ctrl+s", "O")
        assert "manual" in s.text
        await s.press("p")
        item = await s.store.read(lambda r: r.item(1))
        assert item.outcome is Outcome.ANSWERED


async def test_markup_in_a_comment_is_text(seat) -> None:
    hostile = "[@click=app.exit(1)]click[/] [/nope] \x1b]52;c;Zm9v\x07 end"
    async with seat([a_comment(1, hostile)], raws={"r1": hostile}) as s:
        assert "[@click=app.exit(1)]click[/] [/nope]" in s.text
        await s.press("enter")
        assert "altered for safety: control" in s.text
        await s.press("V")
        assert "raw, as it came" in s.text
        assert "\x1b" not in s.text


async def test_what_is_typed_ahead_of_the_composer_is_text_and_not_keys(seat) -> None:
    async with seat([a_comment(n) for n in range(1, 6)]) as s:
        await s.press(*"rdone e")
        assert s.main.composer.text == "done e"
        items = await s.store.read(lambda r: r.items([1, 2, 3, 4, 5]))
        assert all(item.status is Status.NEW for item in items)
        await s.press("ctrl+s", "e", "j")
        acts = await s.store.read(lambda r: r.outgoing_of(1))
        assert [act.text for act in acts] == ["done e"]
        items = await s.store.read(lambda r: r.items([1, 2, 3]))
        assert [item.status for item in items] == [Status.WAITING, Status.DONE, Status.NEW]


async def test_what_is_typed_after_two_colons_searches_snippets(seat) -> None:
    async with seat([a_comment(1, author="Änne")]) as s:
        await s.press("r", *"Hi. ::refund late")
        await s.until(lambda: "refund-late" in s.text)
        await s.press("enter")
        assert s.main.composer.text.startswith("Hi. ")
        assert "Änne" in s.main.composer.text
        assert "^Mina" in s.main.composer.text
        assert "{" not in s.main.composer.text
        await s.press("ctrl+t")
        assert s.main.composer.text.startswith("Hi. ")
        assert "^Mina" in s.main.composer.text


async def test_help_shows_in_the_outbox_of_a_wide_screen_too(seat) -> None:
    async with seat([a_comment(1)], size=(200, 50)) as s:
        await s.press("O", "question_mark")
        assert "keys in the outbox" in s.text
        assert "It stands there" in s.text


async def test_the_last_page_is_full_and_the_way_back_up_is_whole(seat) -> None:
    async with seat([a_comment(n) for n in range(1, 400)]) as s:
        for _ in range(8):
            await s.press("ctrl+f")
        await s.press("G")
        assert sum("comment number" in line for line in s.lines) >= 20
        await s.store.write(adding([a_comment(n) for n in range(-150, 0)]))
        await s.until(lambda: "new · Space" in s.lines[0])
        await s.press("space")
        for _ in range(40):
            await s.press("ctrl+b")
        assert s.main.desk.model.at_start
        assert "comment number -150" in s.text


async def test_an_older_reading_never_covers_a_newer_one(seat) -> None:
    async with seat([a_comment(n) for n in range(1, 6)], size=(200, 50)) as s:
        await s.press("j", "j", "k", "j", "j")
        await s.until(lambda: s.main.item.page is not None and s.main.item.page.item.id == s.main.desk.target)


async def test_a_refused_done_puts_the_row_back_where_it_was(seat) -> None:
    async with seat([a_comment(n) for n in range(1, 6)]) as s:
        await s.store.write(lambda tx: tx.take_item_lease(1, "zoe", 900))
        await s.press("e")
        assert "zoe is at 1" in s.text
        await s.press("e")
        assert [place.id for place in s.main.desk.model.window] == [1, 3, 4, 5]
        assert s.main.desk.target == 3
        assert "inbox 4" in s.lines[0]


async def test_one_goes_on_writing_where_one_left_off(seat) -> None:
    async with seat([a_comment(1)]) as s:
        await s.press("r", *"hi", "escape", "r", *" there")
        assert s.main.composer.text == "hi there"
        await s.press("escape")
        draft = await s.store.read(lambda r: r.draft(1, "mina"))
        assert draft.cursor == len("hi there")
