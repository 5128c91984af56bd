"""Hostile comments on real terminals: the bytes that leave are ours alone (ISSUE 3, Must show; RELIABILITY §5, 1, 2).

The same keys on a store of ordinary comments in many scripts and on one of hostile ones; ttybench's scanner looks for
every sequence, control and invisible character that the first run never sent, and for their effects. And in tmux.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from tests.program.home import ISSO, Home
from tests.program.seat import Seat, wait_until
from tests.shared import shared_dir
from tests.tui.hostile import STEERING
from tests.tui.hostile import corpus as read_corpus

pytestmark = [pytest.mark.shared, pytest.mark.slow]

ORDINARY = (
    "Können Sie sagen, wann die Größe 42 wieder da ist? Ich hatte schon zweimal gefragt.\n\n> ein Zitat\n\nDanke!",
    "Вылетает при оплате на Android 14, версия 5.2", "Hvala za hiter odgovor! Še eno vprašanje: ali…",
    "مرحبا، متى يتوفر؟", "می\u200cخواهم بدانم", "שלום, מתי זה חוזר למלאי?", "यह कब उपलब्ध होगा? क्षि",
    "สินค้าจะมาเมื่อไหร่ ก้ำ", "언제 다시 들어오나요?", "いつ再入荷しますか？", "tamil நி", "\U0001fae8",
    "👍🏽 great 👨\u200d👩\u200d👧 🇩🇪 ❤\ufe0f", "word " * 400, "one\ttwo\n\nthree", "x" * 300, "",
    "a link http://shop.example/a?b=1", "ordinary, but marked: \u202eabc", "zalgo e" + "\u0301" * 12,
)  # fmt: skip
"""What people write; among them two that are shown as altered, so that this run has those colours too."""
_COLOURS = re.compile(r"[34]8;2;\d+;\d+;\d+|[34]8;5;\d+|\d+")
PASTE = "\x1b[200~{}\x1b[201~"
PAGES = 30
OPENED = 70


@pytest.fixture(scope="module")
def ttybench() -> ModuleType:
    """The scanner of the shared folder."""
    place = shared_dir("ttybench", "ttybench.py")
    spec = importlib.util.spec_from_file_location("shared_ttybench", place)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[Home, Home, list[str]]]:
    """One with ordinary comments, one with as many hostile ones in every field, and these texts."""
    hostile = [*read_corpus(shared_dir("data", "hostile", "open")), *STEERING]
    pair = []
    for name, texts in (("ordinary", [ORDINARY[n % len(ORDINARY)] for n in range(len(hostile))]), ("hostile", hostile)):
        (tmp_path / name).mkdir()
        home = Home(tmp_path / name / "home")
        home.configure(ISSO)
        fill(home, texts)
        home.employ_nobody()
        pair.append(home)
    yield pair[0], pair[1], hostile
    for home in pair:
        home.close()


def fill(home: Home, texts: Sequence[str]) -> None:
    """Imports a comment with each text in all its fields, in threads of twelve; every fifth one comes a second time,
    changed, so that it is an edit."""
    lines = []
    for number, text in enumerate(texts):
        comment = {
            "id": f"c{number}", "text": text or "-", "author": {"id": f"a{number}", "name": text, "handle": text},
            "post": {"id": f"p{number}", "title": text, "url": f"http://x.example/{text}"}, "url": text, "lang": "en",
            "created_at": f"2026-11-{1 + number // 60 % 20:02}T{number // 60 % 24:02}:{number % 60:02}:00Z",
            "parent_id": f"c{number // 12 * 12}" if number % 12 else None, "rating": number % 6 or None,
        }  # fmt: skip
        lines.append(comment)
    edited = [{**comment, "text": f"{comment['text']} edited"} for comment in lines[::5]]
    file = home.folder.parent / "comments.jsonl"
    file.write_text("\n".join(map(json.dumps, [*lines, *edited])), "utf-8")
    ran = home.run("import", file, "--channel", "shop")
    assert ran.code in (0, 1), ran  # an empty text is a bad line, and said
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", ran.out + ran.err)


def walk(seat: Seat, pasted: Sequence[str]) -> bytes:
    """The same keys for everybody: the list, items with their raw texts and threads, composer, palette, outbox."""
    for _ in range(PAGES):
        seat.send("\x06")
        seat.quiet(0.05)
    seat.send("gg\r")
    seat.quiet()
    for number in range(OPENED):
        for keys in ("j", "V", "}", "V", "J" if number % 3 else "\t"):
            seat.send(keys)
            seat.quiet(0.03 if keys != "j" else 0.15)
    seat.send("uugg")
    for number in range(8):
        seat.send("r")
        seat.quiet()
        seat.send("some words \x12")
        seat.quiet(0.1)
        seat.send("than\x1b[B\r")
        seat.quiet()
        seat.send("\x13" if number % 2 else "\x1b")
        seat.quiet()
        seat.send("j")
        seat.quiet()
    seat.send("r")
    for text in pasted:
        # a terminal takes ESC out of what is pasted, or anything could end the paste
        seat.send(PASTE.format(text.replace("\x1b", "")[:2_000]).encode("utf-8", "replace"))
        seat.quiet(0.1)
    for keys in (
        "\x13", "\x1b", "O", *"jcu??", "\x10", "rep", "\x1b", ":nonsense\r", *"zee", "vw", "vi", *"maz",
    ):  # fmt: skip
        seat.send(keys)
        seat.quiet(0.15)
    seat.send("q")
    assert seat.exit_status() == 0
    return bytes(seat.output)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=str)
def test_nothing_of_theirs_leaves(
    homes: tuple[Home, Home, list[str]], ttybench: ModuleType, size: tuple[int, int]
) -> None:
    ordinary, hostile, texts = homes
    columns, rows = size
    some = texts[:: len(texts) // 30]
    baseline = walk(ordinary.opened(columns=columns, rows=rows), [*ORDINARY, *ORDINARY][: len(some)])
    test = walk(hostile.opened(columns=columns, rows=rows), some)
    payloads = [text for text in (*texts, *ttybench.HOSTILE_PAYLOADS) if raw(text) not in baseline]
    assert len(payloads) > 500
    found = ttybench.scan_hostile(baseline, test, payloads, cols=columns, rows=rows)
    left = [finding for finding in found if not is_a_colour_of_ours(finding, baseline)]
    assert not left, left
    assert "EVIL" not in hostile.said()


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def is_a_colour_of_ours(finding: object, baseline: bytes) -> bool:
    """A change from one of our pens to another that only happened not to stand beside it in the first run."""
    sequence = re.fullmatch(r"CSI ([0-9;]*)m", str(getattr(finding, "what", "")))
    if sequence is None:
        return False
    known = set(
        re.findall(
            r"[34]8;2;\d+;\d+;\d+|[0-9]+", " ".join(map(bytes.decode, re.findall(rb"\x1b\[([0-9;]*)m", baseline)))
        )
    )
    return set(re.findall(r"[34]8;2;\d+;\d+;\d+|[0-9]+", sequence[1])) <= known


def test_an_escape_in_a_paste_presses_no_keys(tmp_path: Path) -> None:
    """31 characters behind it would be typed, before the rest is pasted: with a control-s, that sends the answer."""
    home = Home(tmp_path / "home")
    home.comments(1, 3)
    home.employ_nobody()
    try:
        seat = home.opened()
        seat.send("r")
        seat.until("by hand")
        seat.send(PASTE.format("one \x1b[31m two \x13 three, four, five, six, seven, eight"))
        seat.until("eight")
        seat.until("one [31m two  three, four")
        assert home.answers(1) == []
    finally:
        home.close()


# -- tmux --------------------------------------------------------------------------------------------------


class Tmux:
    """A tmux server of this test's own, with a clipboard that programs may write to."""

    def __init__(self, folder: Path, home: Home, size: tuple[int, int]) -> None:
        self._socket = folder / "tmux"
        self._raw = folder / "raw"
        config = folder / "tmux.conf"
        config.write_text("set -g set-clipboard on\nset -g allow-rename on\nset -g allow-set-title on\n", "utf-8")
        self.environment = home.environment()
        self.run("-f", str(config), "new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), "exec cat")
        self.run("set", "-g", "set-clipboard", "on")
        self.run("select-pane", "-T", "UNTOUCHED")
        self.run("set", "-g", "remain-on-exit", "on")
        self.run("pipe-pane", "-O", f"cat > {self._raw}")
        words = " ".join(home._words(()))
        self.run("respawn-pane", "-k", f"exec env -u TMUX_PANE {words}")

    def run(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), *words], capture_output=True, text=True, check=False, timeout=20,
            env={**self.environment, "TERM": "xterm-256color"},
        )  # fmt: skip
        return done.stdout + done.stderr

    def until(self, words: str, patience: float = 20.0) -> str:
        end = time.monotonic() + patience
        while words not in (shown := self.run("capture-pane", "-p")):
            assert time.monotonic() < end, shown
            time.sleep(0.05)
        return shown

    @property
    def raw(self) -> bytes:
        """All that the program wrote into the pane."""
        return self._raw.read_bytes() if self._raw.exists() else b""

    def close(self) -> None:
        self.run("kill-server")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
def test_buffer_and_title_stay_untouched_in_tmux(homes: tuple[Home, Home, list[str]], tmp_path: Path) -> None:
    """With ``set-clipboard on``, where one sequence in a comment would be enough (RELIABILITY §0.1)."""
    _, home, _ = homes
    tmux = Tmux(tmp_path, home, (80, 24))
    try:
        tmux.until("? keys")
        title = tmux.run("display-message", "-p", "#{pane_title}")
        for _ in range(PAGES):
            tmux.run("send-keys", "C-f")
            time.sleep(0.05)
        tmux.run("send-keys", "g", "g", "Enter")
        for _ in range(60):
            for key in ("j", "V", "V", "Tab"):
                tmux.run("send-keys", key)
                time.sleep(0.05)
        tmux.until("? keys")
        assert "no buffers" in tmux.run("show-buffer")
        assert tmux.run("display-message", "-p", "#{pane_title}") == title == "UNTOUCHED\n"
        assert "\x1b]8;" not in tmux.run("capture-pane", "-p", "-e")
        assert len(tmux.raw) > 10_000
        assert b"\x1b]" not in tmux.raw, "no control string at all is ours"
        tmux.run("respawn-pane", "-k", r"printf '\033]52;c;Zm9v\007\033]2;CHANGED\007'; exec cat")
        wait_until(lambda: tmux.run("show-buffer") == "foo", "this tmux would have taken it")
        assert tmux.run("display-message", "-p", "#{pane_title}") == "CHANGED\n"
    finally:
        tmux.close()
