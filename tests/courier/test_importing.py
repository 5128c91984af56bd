"""Importing: good lines come in, bad ones are named, whatever the file is like."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cminbox.courier import reading
from cminbox.courier.importing import ImportReport, import_file
from cminbox.domain.errors import NotFoundError, UsageError
from cminbox.domain.item import Kind, Status
from cminbox.store.protocol import Store
from cminbox.store.sqlite import open_store
from tests.courier.support import item_of, kinds
from tests.shared import shared_dir

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def lines(*objects: Any) -> bytes:
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in objects)


async def load(store: Store, content: bytes, **how: Any) -> ImportReport:
    given = {"channel": "paper", "actor": "mina", "now": NOW}
    return await import_file(store, io.BytesIO(content), **(given | how))


async def test_every_field_of_a_line(store: Store) -> None:
    await load(
        store,
        lines(
            {
                "id": 7, "text": "Schön!", "created_at": "2026-11-19T08:00:00+02:00", "parent_id": "6", "lang": "de",
                "author": {"id": "u1", "handle": "vera", "name": "Vera"}, "kind": "review", "rating": 4,
                "post": {"id": "p1", "title": "A post", "url": "https://blog.example/p1"}, "url": "https://x.example/7",
                "label": {"stars": 4}, "tags": ["praise"],
            },
            {"id": "8", "text": "", "author": "Willi", "post": "A title"},
            {"id": "9", "text": "x", "author": None, "post": "https://blog.example/p2", "parent_id": None},
        ),
    )  # fmt: skip
    item = await item_of(store, "7", "paper")
    assert item.created_at == datetime(2026, 11, 19, 6, tzinfo=UTC)
    assert (item.kind, item.rating, item.lang, item.parent_remote_id) == (Kind.REVIEW, 4, "de", "6")
    assert (item.author.remote_id, item.author.handle, item.author.name) == ("u1", "vera", "Vera")
    assert item.post is not None and (item.post.remote_id, item.post.title) == ("p1", "A post")
    assert item.status is Status.NEW and item.url == "https://x.example/7"
    origin = await store.read(lambda r: r.origin(item.id))
    assert origin is not None and origin.extra == {"label": {"stars": 4}, "tags": ["praise"]}
    second = await item_of(store, "8", "paper")
    assert second.author.name == "Willi" and second.post is not None and second.post.title == "A title"
    assert second.created_at == NOW and second.kind is Kind.COMMENT
    third = await item_of(store, "9", "paper")
    assert third.post is not None and third.post.url == "https://blog.example/p2" and third.author.shown is None


async def test_again_changes_nothing_and_a_changed_line_is_an_edit(store: Store) -> None:
    first = lines({"id": "1", "text": "one"}, {"id": "2", "text": "two"})
    assert (await load(store, first)).added == 2
    head = await store.read(lambda r: r.head())
    report = await load(store, first, now=datetime(2027, 1, 1, tzinfo=UTC))
    assert (report.added, report.unchanged) == (0, 2)
    assert await store.read(lambda r: r.head()) == head
    report = await load(store, lines({"id": "1", "text": "one, changed"}, {"id": "2", "text": "two"}))
    assert (report.added, report.edited, report.unchanged) == (0, 1, 1)
    assert (await item_of(store, "1", "paper")).edited_at is not None


BAD = {
    b"{": "no valid JSON",
    b"[1]": "no JSON object",
    b'{"text": "x"}': "no id",
    b'{"id": "1"}': "no text",
    b'{"id": "1", "text": 5}': "text is no text",
    b'{"id": true, "text": "x"}': "id is neither text nor a whole number",
    b'{"id": "a\\u0000b", "text": "x"}': "id holds a character",
    b'{"id": "\\ud800", "text": "x"}': "id holds a character",
    b'{"id": "1", "text": "x", "created_at": "yesterday"}': "created_at is no time",
    b'{"id": "1", "text": "x", "created_at": 1e300}': "created_at is no time",
    b'{"id": "1", "text": "x", "rating": 4.5}': "rating is no whole number",
    b'{"id": "1", "text": "x", "rating": NaN}': "NaN is no JSON",
    b'{"id": "1", "text": "x", "kind": "rant"}': "kind is none of",
    b'{"id": "1", "text": "x", "author": 7}': "author is neither",
    b'{"id": "1", "text": "x", "post": {"title": 7}}': "post.title is no text",
    b'{"id": "1", "text": "x", "n": ' + b"9" * 5000 + b"}": "holds a number with too many digits",
    b'{"id": "1", "text": "\xff"}': "no valid UTF-8",
    b'{"id": "1", "text": "x", "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}": "nested too deep",
    b'{"id": "' + b"i" * 2000 + b'", "text": "x"}': "id is longer than",
    b'{"id": "1", "text": "x", "lang": ["de"]}': "lang is no text",
}


@pytest.mark.parametrize("bad", BAD, ids=list(BAD.values()))
async def test_a_bad_line_is_named_and_the_others_come_in(store: Store, bad: bytes) -> None:
    report = await load(store, lines({"id": "a", "text": "x"}, bad, b"", {"id": "b", "text": "y"}))
    assert report.added == 2 and report.bad_count == 1
    ((number, why),) = report.bad
    assert number == 2 and why.startswith(BAD[bad])
    assert len(why) < 200


async def test_a_line_too_long_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE", 1000)
    content = lines({"id": "a", "text": "x"}, {"id": "b", "text": "y" * 200_000}, {"id": "c", "text": "z"})
    report = await load(store, content)
    assert report.added == 2 and [line for line, _ in report.bad] == [2]


async def test_surrogates_and_nul_in_a_text_come_in_harmless(store: Store) -> None:
    report = await load(store, b'{"id": "1", "text": "a\\ud800b\\u0000c", "author": "\\u0007bell", "x": "\\ud800"}\n')
    assert report.added == 1
    assert {"surrogate", "control"} <= (await item_of(store, "1", "paper")).marks


async def test_channels(store: Store) -> None:
    content = lines(
        {"id": "1", "text": "x", "channel": "news"}, {"id": "1", "text": "y", "channel": "forum"},
        {"id": "2", "text": "z"}, {"id": "3", "text": "z", "channel": "a b"}, {"id": "4", "text": "z", "channel": 4},
    )  # fmt: skip
    report = await load(store, content, channel=None, brands={"news": "acme"})
    assert report.added == 2 and [line for line, _ in report.bad] == [3, 4, 5]
    assert (await item_of(store, "1", "news")).brand == "acme"
    assert (await item_of(store, "1", "forum")).brand is None
    # --channel names it for all lines
    assert (await load(store, content, channel="all")).added == 4


async def test_done_and_strict(store: Store) -> None:
    content = lines({"id": "1", "text": "x"}, b"{", {"id": "2", "text": "y"})
    report = await load(store, content, strict=True)
    assert report.added == 0 and report.bad_count == 1
    assert await store.read(lambda r: r.items(range(10))) == []
    assert (await load(store, lines({"id": "1", "text": "x"}), strict=True, done=True)).added == 1
    item = await item_of(store, "1", "paper")
    assert (item.status, item.outcome) == (Status.DONE, None)


async def test_packed_from_a_file_and_from_standard_input(store: Store, tmp_path: Path) -> None:
    content = gzip.compress(lines({"id": "1", "text": "x"})) + gzip.compress(lines({"id": "2", "text": "y"}))
    file = tmp_path / "comments.jsonl.gz"
    file.write_bytes(content)
    report = await import_file(store, file, channel="paper", actor="mina", now=NOW)
    assert report.added == 2
    assert (await load(store, content)).unchanged == 2
    cut = await load(store, gzip.compress(lines(*({"id": n, "text": "x" * 99} for n in range(3000))))[:-3000])
    assert cut.added > 0 and cut.bad[-1][1] == "the file is damaged from here on"


async def test_csv(store: Store) -> None:
    content = (
        "\ufeffid;text;author.name;author.id;rating;created_at;mood\r\n"
        '1;"Zwei\nZeilen; mit Strichpunkt";Vera;u1;5;2026-11-19;froh\r\n'
        "2;kurz;;;;;\r\n"
        ";kein id;;;;;\r\n"
        "4;zu;viele;;;;;;;\r\n"
        "5;rating;;;viele;;\r\n"
    ).encode()
    report = await load(store, content)
    assert report.added == 2
    item = await item_of(store, "1", "paper")
    assert item.text == "Zwei\nZeilen; mit Strichpunkt" and item.rating == 5 and item.author.remote_id == "u1"
    origin = await store.read(lambda r: r.origin(item.id))
    assert origin is not None and origin.extra == {"mood": "froh"}
    assert [(line, why.split(" ")[0]) for line, why in report.bad] == [(5, "no"), (6, "10"), (7, "rating")]
    bad = await load(store, b"id,text\n1,\xff\xfe\n2,fine\n")
    assert bad.edited == 1 and [line for line, _ in bad.bad] == [2]


@pytest.mark.parametrize("first", [b"oops, broken", b"id; broken", b'"id,text', b"\xff,id,text", b"a,b" * 30_000])
@pytest.mark.parametrize("strict", [False, True])
async def test_a_broken_first_line_costs_only_itself(store: Store, first: bytes, strict: bool) -> None:
    content = lines(first, {"id": "1", "text": "x, y"}, {"id": "2", "text": "z"})
    report = await load(store, content, strict=strict)
    assert report.added == (0 if strict else 2)
    assert [line for line, _ in report.bad] == [1] and report.bad[0][1].startswith("no valid")


async def test_a_csv_file_is_told_by_its_name_or_by_its_header(store: Store, tmp_path: Path) -> None:
    for name, packed in (("a.csv", False), ("A.CSV.gz", True)):
        content = b"number,text\n1,x\n"
        (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)
        report = await import_file(store, tmp_path / name, channel="paper", actor="mina", now=NOW)
        assert report.bad == [(1, "no column 'id' in the header")]
    # a wide header, in a file that is called anything
    wide = "".join(f"column {n}\t" for n in range(500)) + "text\tid\n" + "\t" * 500 + "hello\t7\n"
    (tmp_path / "export.txt").write_text(wide)
    report = await import_file(store, tmp_path / "export.txt", channel="paper", actor="mina", now=NOW)
    assert (report.added, report.bad) == (1, [])
    (tmp_path / "empty.csv").write_bytes(b"")
    assert (await import_file(store, tmp_path / "empty.csv", channel="paper", actor="mina", now=NOW)).bad == []


async def test_files_that_are_none(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        await import_file(store, tmp_path / "nothing", channel="paper", actor="mina", now=NOW)
    with pytest.raises(UsageError):
        await import_file(store, tmp_path, channel="paper", actor="mina", now=NOW)
    assert (await load(store, b"")).added == 0
    assert (await load(store, b"\n\n")).bad_count == 0


@settings(max_examples=150, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from([b"id", b"text", b",", b";", b'"', b"\r", b"\n", b"\x00", b"\xff", b"{", b"}", b":",
                                  b'"id"', b'"text"', b"1", b"\x1f\x8b"]), max_size=40).map(b"".join),
    )
)  # fmt: skip
def test_no_file_breaks_the_reader(content: bytes) -> None:
    """Whatever it holds: lines are good or named."""
    for read in (reading.read_jsonl, reading.read_csv):
        for entry in read(io.BytesIO(content), "paper"):
            assert entry.line >= 1
            if isinstance(entry, reading.BadLine):
                assert entry.why and entry.why.isprintable()


async def test_the_events_name_who_imported(store: Store) -> None:
    await load(store, lines({"id": "1", "text": "x"}))
    (event,) = await store.read(lambda r: r.events())
    assert (event.actor, event.kind) == ("mina", "received")


IMPORTER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from cminbox.courier.importing import import_file
from cminbox.store.sqlite import open_store

async def main() -> None:
    home = Path(sys.argv[1])
    store = await open_store(home / "inbox.db", state=home)
    report = await import_file(store, sys.argv[2], channel="paper", actor="mina", now=datetime.now(UTC))
    print(report.added)
    await store.close()

asyncio.run(main())
"""


@pytest.mark.parametrize("where", ["page:kill@3", "paged:kill@2"])
async def test_killed_in_between_and_again(tmp_path: Path, where: str) -> None:
    file = tmp_path / "comments.jsonl"
    file.write_bytes(
        lines(*({"id": n, "text": f"text {n}", "parent_id": n - 1 if n % 5 else None} for n in range(550)))
    )
    env = os.environ | {"CMINBOX_TESTING": "1", "CMINBOX_FAILPOINT": where}
    words = [sys.executable, "-c", IMPORTER, str(tmp_path), str(file)]
    killed = await asyncio.to_thread(lambda: subprocess.run(words, env=env, timeout=60, check=False))
    assert killed.returncode == -signal.SIGKILL
    done = await asyncio.to_thread(lambda: subprocess.run(words, timeout=60, check=True, capture_output=True))
    assert done.stdout.split() == [b"350"]
    store = await open_store(tmp_path / "inbox.db", state=tmp_path)
    try:
        items = await store.read(lambda r: r.items(range(1, 2000)))
        assert sorted(int(item.remote_id) for item in items) == list(range(550))
        assert (await kinds(store)).count("received") == 550
        assert await store.verify() is None
    finally:
        await store.close()


@pytest.mark.shared
async def test_every_real_set_and_every_hostile_text(store: Store) -> None:
    folder = shared_dir("data", "comments")
    sets = [file for file in sorted(folder.glob("*/*.jsonl.gz")) if file.stat().st_size < 60_000]
    assert sets
    for file in sets:
        report = await import_file(store, file, channel=None, actor="mina", now=NOW)
        assert report.added > 0 and report.bad == []
        again = await import_file(store, file, channel=None, actor="mina", now=NOW)
        assert (again.added, again.edited, again.unchanged) == (0, 0, report.added)
    for file in sorted(shared_dir("data", "hostile").glob("*/*.jsonl.gz")):
        report = await import_file(store, file, channel="hostile", actor="mina", now=NOW)
        assert report.bad == [] and report.added > 200


@pytest.mark.shared
@pytest.mark.slow
async def test_all_of_the_real_sets(store: Store) -> None:
    added = 0
    files = sorted(shared_dir("data", "comments").glob("*/*.jsonl.gz"))
    for file in files:
        report = await import_file(store, file, channel=None, actor="mina", now=NOW)
        assert report.bad == []
        added += report.added
    assert added == 46_520
    for file in files:
        report = await import_file(store, file, channel=None, actor="mina", now=NOW)
        assert (report.added, report.edited, report.bad) == (0, 0, [])
