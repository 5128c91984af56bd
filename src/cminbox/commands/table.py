"""The one table of commands: keys, palette, help, ``:`` line, command line and docs are all made from it.

Importing it imports no other room. Keys are written as in CONTRACT.md: single keys by name, sequences with a space.
"""

from __future__ import annotations

from cminbox.commands.base import BOTH, EVERYWHERE, JSON, LINE, Argument, Command, Takes, Where

_IDS = Argument("ids", Takes.ITEMS, "items, by their number", required=True, metavar="ID…")
_ID = Argument("id", Takes.ITEM, "an item, by its number", required=True, metavar="ID")
_ACT = Argument("id", Takes.ACT, "an outgoing act, by its number", required=True, metavar="ID")
_FEED = frozenset({Where.FEED})
_OUTBOX = frozenset({Where.OUTBOX})
_COMPOSER = frozenset({Where.COMPOSER})

MOVING: tuple[Command, ...] = (
    Command("next", "Next", "the next item", ("j", "down"), EVERYWHERE),
    Command("previous", "Previous", "the item above", ("k", "up"), EVERYWHERE),
    Command("first", "First", "the first item", ("g g", "home"), EVERYWHERE),
    Command("last", "Last", "the last item", ("G", "end"), EVERYWHERE),
    Command("half-page-down", "Half a page down", "half a page down", ("ctrl+d",), EVERYWHERE),
    Command("half-page-up", "Half a page up", "half a page up", ("ctrl+u",), EVERYWHERE),
    Command("page-down", "Page down", "a page down", ("ctrl+f", "pagedown"), EVERYWHERE),
    Command("page-up", "Page up", "a page up", ("ctrl+b", "pageup"), EVERYWHERE),
    Command("open", "Open", "the item under the cursor", ("enter",), _FEED | _OUTBOX),
    Command("back", "Back", "back to where one came from", ("escape", "u"), EVERYWHERE),
    Command("thread-next", "Next in the thread", "the next message of the thread", ("J",), BOTH),
    Command("thread-previous", "Previous in the thread", "the message before in the thread", ("K",), BOTH),
    Command("scroll-down", "Scroll the comment down", "a long comment, down", ("}",), BOTH),
    Command("scroll-up", "Scroll the comment up", "a long comment, up", ("{",), BOTH),
    Command("pane", "Next pane", "the next pane: comment, thread, author, log", ("tab",), BOTH),
    Command("arrivals", "Show what has come in", "what has come in since", ("space",), BOTH),
    Command("view", "Go to a view", "a view, by its letter", ("v",), EVERYWHERE),
    Command("raw", "Raw text", "the text as it came, every unusual character escaped", ("V",), BOTH),
)

ACTING: tuple[Command, ...] = (
    Command("reply", "Reply", "answer it", ("r",), BOTH,
            (_ID,
             Argument("text", Takes.TEXT, "the answer", option=True),
             Argument("text-file", Takes.FILE, "a file that holds the answer, - for standard input", option=True),
             Argument("snippet", Takes.WORD, "an approved snippet, by its id", option=True),
             Argument("wait", Takes.FLAG, "it is the author's turn next: the item waits", option=True),
             Argument("private", Takes.FLAG, "to its author alone, where the channel can", option=True),
             Argument("yes", Takes.FLAG, "accept warnings (never a refusal)", option=True),
             Argument("after", Takes.DURATION, "hold it for so long, e.g. 10s", option=True), JSON),
            run="cminbox.commands.reply:reply", on_line=True, undoable=True, leaves=True),
    Command("done", "Done", "done, and on to the next", ("e",), BOTH,
            (_IDS,
             Argument("outcome", Takes.CHOICE, "how it ended", option=True, choices=("answered", "ignored", "spam")),
             Argument("reason", Takes.TEXT, "a word on it, for the log", option=True),
             Argument("skip-refused", Takes.FLAG, "do the others where a rule refuses one", option=True), JSON),
            run="cminbox.commands.settle:done", on_line=True, undoable=True),
    Command("reopen", "Reopen", "open again", (), BOTH,
            (_IDS, Argument("reason", Takes.TEXT, "a word on it, for the log", option=True),
             Argument("skip-refused", Takes.FLAG, "do the others where a rule refuses one", option=True), JSON),
            run="cminbox.commands.settle:reopen", on_line=True, undoable=True),
    Command("claim", "Claim", "it is mine: assignee and lease", ("a",), BOTH, (_IDS, JSON),
            run="cminbox.commands.claim:claim", on_line=True, undoable=True),
    Command("take", "Take over", "take it from whoever has it", ("A",), BOTH, (_IDS, JSON),
            run="cminbox.commands.claim:take", on_line=True, undoable=True),
    Command("release", "Release", "nobody's again", (), BOTH, (_IDS, JSON),
            run="cminbox.commands.claim:release", on_line=True, undoable=True),
    Command("seen", "Seen", "mark as seen", (), LINE, (_IDS,), run="cminbox.commands.marks:seen", on_line=True),
    Command("unseen", "Unseen", "mark as not seen", (), LINE, (_IDS,),
            run="cminbox.commands.marks:unseen", on_line=True),
    Command("toggle-seen", "Seen or unseen", "mark as seen, or as not seen", ("m",), BOTH,
            run="cminbox.commands.marks:toggle"),
    Command("undo", "Undo", "take the last act back", ("z",), EVERYWHERE, (JSON,),
            run="cminbox.commands.undo:undo", on_line=True),
    Command("copy-link", "Copy the link", "the link of the item, to the terminal's clipboard", ("y",), BOTH),
    Command("draft", "Keep a draft", "keeps a draft, as the composer does", (), LINE,
            (_ID, Argument("text", Takes.TEXT, "the draft", option=True, required=True), JSON),
            run="cminbox.commands.drafts:keep", on_line=True),
)  # fmt: skip

COMPOSING: tuple[Command, ...] = (
    Command("send", "Send", "send it", ("ctrl+s", "ctrl+enter"), _COMPOSER, leaves=True),
    Command("send-and-wait", "Send and wait", "send it; the author's turn next", ("ctrl+o",), _COMPOSER, leaves=True),
    Command("snippet", "Insert a snippet", "search the approved answers; also by ::", ("ctrl+r",), _COMPOSER),
    Command("editor", "Edit in $EDITOR", "the draft in your editor", ("ctrl+g",), _COMPOSER),
    Command("twin", "Other language", "the snippet just put in, in its next language", ("ctrl+t",), _COMPOSER),
    Command("leave", "Leave", "leave; the draft stays", ("escape",), _COMPOSER),
)

OUTBOX: tuple[Command, ...] = (
    Command("outbox", "Outbox", "every outgoing act and its state", ("O",), BOTH),
    Command("outbox list", "List the outbox", "outgoing acts, newest first", (), LINE,
            (Argument("all", Takes.FLAG, "also what is live or taken back", option=True), JSON),
            run="cminbox.commands.outbox:listing", on_line=True),
    Command("outbox retry", "Send again", "send it again: failed, or surely not there", ("r",), _OUTBOX, (_ACT, JSON),
            run="cminbox.commands.outbox:retry", on_line=True, leaves=True),
    Command("outbox cancel", "Cancel", "it shall not be sent", ("c",), _OUTBOX, (_ACT, JSON),
            run="cminbox.commands.outbox:cancel", on_line=True),
    Command("outbox posted", "It stands there", "it was posted, on your word: it becomes live", ("p",), _OUTBOX,
            (_ACT, Argument("url", Takes.WORD, "where it stands", option=True), JSON),
            run="cminbox.commands.outbox:posted", on_line=True),
    Command("copy-answer", "Copy text and link", "text and link, to the terminal's clipboard", ("y",), _OUTBOX),
)  # fmt: skip

LOOKING: tuple[Command, ...] = (
    Command("list", "List", "items, most urgent or newest first as the view says", (), LINE,
            (Argument("view", Takes.WORD, "inbox, new, mine, unassigned, waiting, done, all", option=True),
             Argument("query", Takes.TEXT, "words and fields, e.g. channel:blog status:new", option=True),
             Argument("limit", Takes.NUMBER, "at most so many", option=True), JSON),
            run="cminbox.commands.looking:listing", on_line=True),
    Command("show", "Show", "an item with its thread, answers and log", (), LINE, (_ID, JSON),
            run="cminbox.commands.looking:show", on_line=True),
    Command("log", "Log", "the append-only log, of everything or of an item", (), LINE,
            (Argument("id", Takes.ITEM, "an item, by its number", metavar="[ID]"), JSON),
            run="cminbox.commands.log:listing", on_line=True),
    Command("log verify", "Verify the log", "checks the whole chain, and its head kept outside", (), LINE, (JSON,),
            run="cminbox.commands.log:verify", on_line=True),
    Command("snippets search", "Search snippets", "fuzzy, best first", (), LINE,
            (Argument("query", Takes.WORDS, "what to look for; - reads a query a line", required=True, metavar="Q"),
             Argument("lang", Takes.WORD, "prefer this language", option=True),
             Argument("limit", Takes.NUMBER, "at most so many", option=True), JSON),
            run="cminbox.commands.snippets:search", on_line=True),
    Command("snippets list", "List snippets", "the library", (), LINE,
            (Argument("lang", Takes.WORD, "only this language", option=True), JSON),
            run="cminbox.commands.snippets:listing", on_line=True),
    Command("snippets show", "Show a snippet", "a snippet in each of its languages", (), LINE,
            (Argument("name", Takes.WORD, "its id", required=True, metavar="ID"),
             Argument("lang", Takes.WORD, "only this language", option=True), JSON),
            run="cminbox.commands.snippets:show", on_line=True),
    Command("keys", "Keys", "every key and what it does", (), LINE, (JSON,),
            run="cminbox.commands.keys:listing", on_line=True),
)  # fmt: skip

RUNNING: tuple[Command, ...] = (
    Command("demo", "Demo", "a throw-away inbox with a simulated hour; leaves nothing behind", (), LINE,
            run="cminbox.cli.demo:demo", on_line=True),
    Command("init", "Init", "writes a commented config.toml; refuses to overwrite", (), LINE,
            run="cminbox.cli.init:init", on_line=True),
    Command("doctor", "Doctor", "checks config, permissions, store, channels, terminal, clock", (), LINE, (JSON,),
            run="cminbox.cli.doctor:doctor", on_line=True),
    Command("sync", "Sync", "brings comments in and delivers the outbox; stays unless --once", (), LINE,
            (Argument("once", Takes.FLAG, "one look at each channel, one round of the outbox", option=True),
             Argument("channel", Takes.WORD, "only this channel", option=True),
             Argument("for-screens", Takes.FLAG, "end when no screen is left and nothing waits to go", option=True)),
            run="cminbox.cli.sync:sync", on_line=True),
    Command("import", "Import", "JSON Lines or CSV into the inbox", (), LINE,
            (Argument("file", Takes.FILE, "a file, - for standard input; .gz is read as it is", required=True),
             Argument("channel", Takes.WORD, "the channel of all lines", option=True),
             Argument("done", Takes.FLAG, "comes in as done", option=True),
             Argument("strict", Takes.FLAG, "nothing, if a line is bad", option=True), JSON),
            run="cminbox.cli.data:import_", on_line=True),
    Command("export", "Export", "all items, as JSON Lines or CSV", (), LINE,
            (Argument("format", Takes.CHOICE, "jsonl or csv", option=True, choices=("jsonl", "csv")),),
            run="cminbox.cli.data:export", on_line=True),
    Command("backup", "Backup", "a checked copy of the store, while it is in use", (), LINE,
            (Argument("file", Takes.FILE, "where to", required=True),),
            run="cminbox.cli.data:backup", on_line=True),
    Command("restore", "Restore", "puts a backup in the store's place, after a check", (), LINE,
            (Argument("file", Takes.FILE, "the backup", required=True),),
            run="cminbox.cli.data:restore", on_line=True),
    Command("channels", "Channels", "each channel and how it does", (), LINE, (JSON,),
            run="cminbox.commands.channels:listing", on_line=True),
    Command("channels test", "Test a channel", "reads one page and says what may be done", (), LINE,
            (Argument("name", Takes.WORD, "the channel", required=True), JSON),
            run="cminbox.cli.channels:test", on_line=True),
    Command("channels pause", "Pause a channel", "not looked at and not sent to until resumed", (), LINE,
            (Argument("name", Takes.WORD, "the channel", required=True),),
            run="cminbox.commands.channels:pause", on_line=True),
    Command("channels resume", "Resume a channel", "looked at again", (), LINE,
            (Argument("name", Takes.WORD, "the channel", required=True),),
            run="cminbox.commands.channels:resume", on_line=True),
    Command("completion", "Shell completion", "a script for bash, zsh or fish", (), LINE,
            (Argument("shell", Takes.CHOICE, "which shell", required=True, choices=("bash", "zsh", "fish")),),
            run="cminbox.cli.completion:completion", on_line=True),
)  # fmt: skip

HELPING: tuple[Command, ...] = (
    Command("help", "Help", "the keys of this place", ("?",), EVERYWHERE),
    Command("command", "Command", "a command by its words", (":",), EVERYWHERE),
    Command("palette", "Palette", "every command by what it does", ("ctrl+p",), EVERYWHERE),
    Command("quit", "Leave", "leave cminbox", ("q",), EVERYWHERE),
)

COMMANDS: tuple[Command, ...] = (*ACTING, *MOVING, *COMPOSING, *OUTBOX, *LOOKING, *RUNNING, *HELPING)


def command(command_id: str) -> Command:
    """The entry of that id. KeyError where there is none."""
    return _BY_ID[command_id]


_BY_ID = {entry.id: entry for entry in COMMANDS}
