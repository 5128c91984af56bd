"""Writing an answer: opening, drafts, snippets, the editor, sending."""

from __future__ import annotations

import asyncio
import os
import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cminbox.commands import claim, drafts
from cminbox.commands.reply import ThreadChangedError, counted, queue
from cminbox.domain.errors import CminboxError
from cminbox.domain.snippet import fill
from cminbox.text.cells import drawn
from cminbox.text.sanitize import error_line, line, safe
from cminbox.tui.desk import Desk, Writing
from cminbox.tui.item_model import ItemPage, read_page
from cminbox.tui.runs import Line, Run, own
from cminbox.tui.snippet_values import values_for
from cminbox.tui.widgets.composer import too_long
from cminbox.tui.widgets.picker import Choice

MOST = 24
"""Snippets offered at once."""


def reply(desk: Desk, _: str | None) -> None:
    """Opens the composer for the item, with the draft that is there."""
    item_id = desk.target
    if item_id is None or desk.writing is not None:
        return
    desk.screen.keyboard.hold()

    async def job() -> None:
        try:
            await _begin(desk, item_id)
        finally:
            # what was typed meanwhile is text: without a composer it would act on items
            desk.screen.keyboard.release(drop=desk.writing is None)

    desk.do(job)


async def _begin(desk: Desk, item_id: int) -> None:
    page = await desk.ctx.store.read(lambda r: read_page(r, item_id, desk.ctx.operator))
    if page is None:
        return
    if page.item.removed_at is not None:
        desk.screen.say("its author removed it: there is nothing to answer", "alarm")
        return
    draft = page.draft
    problem = too_long(len(draft.text)) if draft else None
    if problem is not None:
        desk.screen.say(f"your draft has {problem} · cminbox draft {item_id} --text … replaces it", "alarm")
        return
    holder = await claim.keep_lease(desk.ctx, item_id)
    if holder != desk.ctx.operator:
        desk.screen.say(f"{line(holder, 30)} is at it: A takes it from them", "alarm")
        return
    desk.writing = Writing(page, page.thread_head, draft.snippet if draft else None, saved=draft.text if draft else "")
    desk.screen.item.show(page)
    desk.screen.show_composer(True)
    desk.screen.composer.fill(draft.text if draft else "", draft.cursor if draft else None)
    show_head(desk)
    desk.screen.say("Ctrl+s sends · :: snippets · Ctrl+g editor · Esc keeps the draft", "muted")
    await asyncio.to_thread(desk.ctx.library().prepare)


def show_head(desk: Desk) -> None:
    """Whose account speaks, to whom, what is left."""
    writing = desk.writing
    if writing is None:
        return
    item = writing.page.item
    config = desk.ctx.config.channel(item.channel)
    account = (config.account if config else None) or (config.brand if config else None) or item.brand
    start: Line = [
        Run(own(f"as {line(account)}" if account else "by hand"), "bar-accent"),
        Run(own(f" on {line(item.channel)} → "), "bar-muted"),
        Run(drawn(item.author.shown or line("(no name)")), "bar"),
    ]
    if config is None or "reply" not in config.can:
        start.append(Run(own(" · this channel cannot send: you post it by hand"), "bar-alarm"))
    end: Line = []
    used = len(desk.screen.composer.text)
    if config is not None and config.max_length is not None:
        remaining = config.max_length - counted(desk.screen.composer.text, config.counts)
        end = [Run(own(f"{remaining} left"), "bar-alarm" if remaining < 0 else "bar-muted")]
    elif used:
        end = [Run(own(f"{used}"), "bar-muted")]
    desk.screen.composer.head(start, end)


async def save_draft(desk: Desk) -> None:
    """Puts what is typed on disk, where it is not there yet, and keeps the lease while one types."""
    writing = desk.writing
    if writing is None:
        return
    text = desk.screen.composer.text
    if text == writing.saved:
        return
    await drafts.keep(desk.ctx, writing.page.item.id, text=text, snippet=writing.snippet,
                      cursor=desk.screen.composer.cursor)  # fmt: skip
    writing.saved = text
    await renew_lease(desk)


async def renew_lease(desk: Desk) -> None:
    """After a stop: says who has taken the item meanwhile, where somebody has."""
    if desk.writing is None:
        return
    holder = await claim.keep_lease(desk.ctx, desk.writing.page.item.id)
    if holder != desk.ctx.operator:
        desk.screen.say(f"{line(holder, 30)} has it by now: your draft is kept", "alarm")


async def put_down(desk: Desk) -> None:
    """What is typed goes to disk, and the lease back: nobody is to wait for its end."""
    writing = desk.writing
    if writing is not None:
        await save_draft(desk)
        await claim.drop_lease(desk.ctx, writing.page.item.id)


def leave(desk: Desk, _: str | None) -> None:
    """Leaves the composer; the draft stays."""

    async def job() -> None:
        writing = desk.writing
        if writing is None:
            return
        await put_down(desk)
        kept = bool(desk.screen.composer.text.strip())
        _close(desk)
        desk.screen.say("the draft is kept · r goes on" if kept else "", "muted")
        await desk.after([writing.page.item.id])

    desk.do_then(job)


def _close(desk: Desk) -> None:
    desk.writing = None
    desk.screen.show_composer(False)
    desk.screen.composer.fill("")


def send(desk: Desk, _: str | None) -> None:
    """Sends; the undo window runs from now."""
    text = desk.screen.composer.text
    desk.do_then(lambda: _send(desk, text, wait=False))


def send_and_wait(desk: Desk, _: str | None) -> None:
    """Sends; it is the author's turn next."""
    text = desk.screen.composer.text
    desk.do_then(lambda: _send(desk, text, wait=True))


async def _send(desk: Desk, text: str, *, wait: bool) -> None:
    writing = desk.writing
    if writing is None:
        return
    item_id = writing.page.item.id
    hold = desk.ctx.config.ui.undo
    try:
        result = await queue(desk.ctx, item_id, text, hold=hold, wait=wait, snippet=writing.snippet,
                             thread_head=writing.thread_head)  # fmt: skip
    except ThreadChangedError as changed:
        await _show_change(desk, writing)
        desk.screen.say(str(changed), "alarm")
        return
    desk.detached = None
    _close(desk)
    await desk.after([item_id])
    desk.screen.moved()
    who = writing.page.item.author.shown or line(f"item {item_id}")
    if result.one is not None and result.one["state"] == "manual":
        desk.screen.say(f"the answer to {who} is yours to post: O, y copies it, p says that it stands there")
        return
    desk.screen.say(f"answered {who}, goes out in {int(hold.total_seconds())} s · z takes it back")
    if result.acts and hold:
        desk.screen.teller.count_down(result.acts[0], str(who))


async def _show_change(desk: Desk, writing: Writing) -> None:
    """Shows the thread as it is now; the next try goes by that."""
    item_id = writing.page.item.id
    page = await desk.ctx.store.read(lambda r: read_page(r, item_id, desk.ctx.operator))
    if page is not None:
        known = {entry.key: str(entry.text) for entry, _ in writing.page.entries}
        writing.page, writing.thread_head = page, page.thread_head
        desk.screen.item.show(page, known=known)


def snippet(desk: Desk, _: str | None) -> None:
    """Searches the library as one types; Enter puts the snippet in at the cursor."""
    writing = desk.writing
    if writing is None:
        return
    library = desk.ctx.library()
    lang = writing.page.item.lang

    async def source(typed: str) -> Sequence[Choice]:
        if not typed.strip():
            listed = sorted(library.library.snippets.values(), key=lambda found: found.id)
            return [_choice(found.id, found.language_for(lang), desk) for found in listed[:MOST]]
        return [_choice(hit.snippet_id, hit.lang, desk) for hit in library.search(typed, lang=lang, limit=MOST)]

    desk.screen.picker.open("snippet", "::", source)


def _choice(snippet_id: str, lang: str, desk: Desk) -> Choice:
    found = desk.ctx.library().get(snippet_id)
    state = desk.ctx.library().state(snippet_id, lang)
    return Choice(
        f"{snippet_id}\x1f{lang}",
        (Run(own(f" {line(snippet_id, 24):<24} "), "bar-accent"), Run(own(f"{lang:<3} "), "bar-muted"),
         Run(drawn(line(found.title)), "bar"), Run(own(f"  {state}  {line(' '.join(found.tags), 40)}"), "bar-muted")),
        preview=safe(found.texts[lang]),
    )  # fmt: skip


def insert_snippet(desk: Desk, value: str) -> None:
    """Puts the chosen snippet in, its placeholders filled."""
    writing = desk.writing
    if writing is None or not value:
        return
    snippet_id, lang = value.split("\x1f")
    text = _filled(desk, writing.page, snippet_id, lang)
    if text is not None and desk.screen.composer.insert(text):
        writing.snippet, writing.language, writing.inserted = snippet_id, lang, text


def twin(desk: Desk, _: str | None) -> None:
    """The snippet that was put in last, in its next language, as long as it stands there unchanged."""
    writing = desk.writing
    if writing is None or writing.snippet is None or not writing.inserted:
        desk.screen.say("put a snippet in first (::)", "muted")
        return
    found = desk.ctx.library().library.snippets.get(writing.snippet)
    languages = [] if found is None else list(found.langs)
    text = desk.screen.composer.text
    if len(languages) < 2 or writing.language not in languages or writing.inserted not in text:
        desk.screen.say("it has no other language, or its words were changed", "muted")
        return
    other = languages[(languages.index(writing.language) + 1) % len(languages)]
    replacement = _filled(desk, writing.page, writing.snippet, other)
    if replacement is None:
        return
    whole = text.replace(writing.inserted, replacement, 1)
    problem = too_long(len(whole))
    if problem is not None:
        desk.screen.say(f"not put in: {problem}", "alarm")
        return
    desk.screen.composer.fill(whole)
    writing.language, writing.inserted = other, replacement
    desk.screen.typed()


def _filled(desk: Desk, page: ItemPage, snippet_id: str, lang: str) -> str | None:
    """The snippet's text for this item; None where it cannot be filled, and then that was said."""
    try:
        found = desk.ctx.library().get(snippet_id)
        return fill(found.texts[found.language_for(lang)], values_for(desk.ctx, page.item, lang))
    except CminboxError as problem:
        desk.screen.say(error_line(problem), "alarm")
        return None


def editor(desk: Desk, _: str | None) -> None:
    """The draft in $EDITOR."""
    if desk.writing is not None:
        desk.do_then(lambda: _edit_outside(desk))


async def _edit_outside(desk: Desk) -> None:
    """The draft is on disk before, and again after."""
    await save_draft(desk)
    composer = desk.screen.composer
    with tempfile.TemporaryDirectory(prefix="cminbox-") as folder:
        path = Path(folder) / "answer.txt"
        path.touch(0o600)
        path.write_text(composer.text + "\n", "utf-8")  # a line without its end is not what tools expect
        try:
            argv = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
            ended = await desk.screen.give_terminal([*_without_secrets(desk), *argv, str(path)])
            written = path.read_bytes()
        except (OSError, ValueError) as problem:
            desk.screen.say(f"not edited, your text is as it was: {error_line(problem)}", "alarm")
            return
    if ended.status == 0 or written.decode("utf-8", "replace").rstrip("\n") != composer.text.rstrip("\n"):
        await _take_edited(desk, written)  # what was saved there is taken, however the editor ended
    if ended.status != 0:
        why = f"ended with {ended.status}" if ended.error is None else "could not be started"
        desk.screen.say(f"the editor {why}: look at your text", "alarm")
    show_head(desk)


def _without_secrets(desk: Desk) -> list[str]:
    """The beginning of a command that does not see the tokens that stand in the environment."""
    names = {channel.token.env for channel in desk.ctx.config.channels if channel.token and channel.token.env}
    return ["env", *(word for name in sorted(names & os.environ.keys()) for word in ("-u", name))]


async def _take_edited(desk: Desk, written: bytes) -> None:
    """What the editor left; where it is too long for the composer, it is kept as the draft all the same."""
    writing = desk.writing
    if writing is None:
        return
    text = written.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")
    problem, item_id = too_long(len(text)), writing.page.item.id
    if problem is not None:
        await drafts.keep(desk.ctx, item_id, text=text, snippet=writing.snippet)
        await claim.drop_lease(desk.ctx, item_id)
        _close(desk)
        desk.screen.say(f"{problem}: kept as your draft · cminbox draft {item_id} --text … replaces it", "alarm")
        return
    desk.screen.composer.fill(text)
    await save_draft(desk)
    if text.count("\ufffd") > written.decode("utf-8", "ignore").count("\ufffd"):
        desk.screen.say("the editor's file is not UTF-8: look for \ufffd before you send", "alarm")


ACTIONS = {
    "reply": reply, "send": send, "send-and-wait": send_and_wait, "leave": leave, "snippet": snippet, "twin": twin,
    "editor": editor,
}  # fmt: skip
