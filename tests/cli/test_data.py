"""Data in and out through the command line: import, list, show, answers, export, backup, restore, log."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, as_process, write_comments, write_config

COMMENTS = (
    {
        "id": "1",
        "text": "Wann kommt Größe 42?",
        "author": "Änne",
        "created_at": "2026-11-20T10:00:00Z",
        "post": "Kleid",
    },
    {
        "id": "2",
        "text": "=cmd|' /C calc'!A0",
        "author": {"id": "u2", "handle": "@evil", "name": "+1"},
        "parent_id": "1",
    },
    {"id": "3", "text": "red \u001b[31m \u202etxt\u007f", "author": None, "extra_field": {"a": 1}},
)


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    assert run("import", write_comments(tmp_path, *COMMENTS), "--channel", "blog").code == 0
    return run


def test_import_tells_what_came_of_it(run: Run, tmp_path: Path) -> None:
    ran = run("import", write_comments(tmp_path, *COMMENTS), "--channel", "blog")
    assert (ran.code, ran.out, ran.err) == (0, "3 new, 0 edited, 0 as they were, 0 bad\n", "")
    again = run("import", write_comments(tmp_path, *COMMENTS), "--channel", "blog", "--json")
    assert again.objects == [{"added": 0, "edited": 0, "unchanged": 3, "bad": 0}]


def test_a_bad_line_is_named_and_the_rest_comes_in(run: Run, tmp_path: Path) -> None:
    file = write_comments(tmp_path, COMMENTS[0], "broken {", COMMENTS[1])
    ran = run("import", file, "--channel", "blog")
    assert ran.code == 1
    assert ran.err.startswith(f"cminbox: {file}:2: ")
    assert len(run("list", "--json").objects) == 2


def test_strict_imports_nothing_then(run: Run, tmp_path: Path) -> None:
    ran = run("import", write_comments(tmp_path, COMMENTS[0], "broken {"), "--channel", "blog", "--strict")
    assert ran.code == 1
    assert run("list", "--json").objects == []


@pytest.mark.parametrize("name", ["a b", "", "x" * 65, "a\u202eb"])
def test_a_channel_that_is_no_name_is_told_once(run: Run, home: Path, tmp_path: Path, name: str) -> None:
    ran = run("import", write_comments(tmp_path, *COMMENTS), "--channel", name)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("cminbox: --channel ")
    assert not (home / "inbox.db").exists()


def test_packed_and_from_standard_input(home: Path, tmp_path: Path) -> None:
    plain = write_comments(tmp_path, *COMMENTS)
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    assert as_process("import", tmp_path / "c.jsonl.gz", "--channel", "blog").code == 0
    ran = as_process("import", "-", "--channel", "shop", stdin=plain.read_text())
    assert ran.out.startswith("3 new")


def test_json_is_ascii_and_holds_no_control_character(filled: Run) -> None:
    for words in (["list", "--json"], ["show", "3", "--json"], ["export"], ["log", "--json"]):
        out = filled(*words).out
        assert out.isascii()
        assert not any((ord(char) < 32 and char != "\n") or ord(char) == 127 for char in out), words
    assert filled("show", "3", "--json").objects[0]["raw"] == "red \x1b[31m \u202etxt\x7f"


def test_text_output_holds_nothing_that_steers_a_terminal(filled: Run) -> None:
    for words in (["list"], ["show", "3"], ["export", "--format", "csv"], ["log"]):
        out = filled(*words).out
        assert not {"\x1b", "\u202e", "\x7f", "\x07"} & set(out), words


def test_list_takes_view_query_and_limit(filled: Run) -> None:
    assert len(filled("list", "--json", "--limit", "2").objects) == 2
    assert filled("list", "--json", "--view", "done").objects == []
    assert [row["remote_id"] for row in filled("list", "--json", "--query", "größe").objects] == ["1"]


def test_export_as_json_is_every_item(filled: Run) -> None:
    filled("done", "1")
    rows = filled("export").objects
    assert sorted(row["remote_id"] for row in rows) == ["1", "2", "3"]
    assert {row["status"] for row in rows} == {"new", "done"}


def test_no_cell_of_a_csv_is_a_formula(run: Run, tmp_path: Path) -> None:
    starts = [
        "=1",
        "+1",
        "-1",
        "@SUM(1)",
        " =1",
        "\t=1",
        "\n=1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff201",
        "\u3000=1",
    ]
    lines = ({"id": str(n), "text": f"{start} text", "author": f"{start}a"} for n, start in enumerate(starts))
    run("import", write_comments(tmp_path, *lines, {"id": "x", "text": "ordinary - text"}), "--channel", "c")
    rows = list(csv.DictReader(io.StringIO(run("export", "--format", "csv").out, newline="")))
    assert len(rows) == len(starts) + 1
    for row in rows:
        for column in ("text", "author_name"):
            first = row[column].lstrip(" \u3000\u00a0\t\n")[:1]
            assert first not in tuple("=+-@＝＋－＠"), row
    assert [row["text"] for row in rows if row["remote_id"] == "x"] == ["ordinary - text"]


def test_an_answer_from_a_file_and_from_standard_input(filled: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "answer.txt").write_text("Danke!\n\n^Mina\n", "utf-8")
    assert filled("reply", "1", "--text-file", tmp_path / "answer.txt").code == 0
    assert as_process("reply", "2", "--text-file", "-", stdin="Hvala \u010c\n").code == 0
    (tmp_path / "windows.txt").write_bytes(b"\xef\xbb\xbfHello\r\n\r\nVera\r\n")
    assert filled("reply", "3", "--text-file", tmp_path / "windows.txt").code == 0
    texts = {act["item"]: act["text"] for act in filled("outbox", "--json").objects}
    assert texts == {1: "Danke!\n\n^Mina", 2: "Hvala Č", 3: "Hello\n\nVera"}


def test_a_file_that_is_no_text_is_refused(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "answer").write_bytes(b"\xff\xfe")
    ran = filled("reply", "1", "--text-file", tmp_path / "answer")
    assert ran.code == 2
    assert "is not UTF-8" in ran.err


def test_what_is_queued_with_no_courier_is_told(run: Run, home: Path, tmp_path: Path) -> None:
    write_config(home, '[[channels]]\nname = "blog"\nkind = "isso"\nurl = "http://127.0.0.1:9"\n')
    run("import", write_comments(tmp_path, *COMMENTS), "--channel", "blog")
    ran = run("reply", "1", "--text", "Danke")
    assert ran.code == 0
    assert ran.err == "cminbox: no courier runs: it leaves with the next screen, or with cminbox sync\n"
    told = run("reply", "2", "--text", "Danke", "--json")
    assert told.objects[0]["state"] == "queued"
    assert run("done", "3", "--json").err == ""


def test_backup_and_restore(filled: Run, home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert filled("backup", copy).code == 0
    assert copy.stat().st_mode & 0o777 == 0o600
    before = copy.read_bytes()
    ran = filled("backup", copy)
    assert ran.code == 4
    assert copy.read_bytes() == before
    filled("done", "1", "2", "3")
    assert filled("restore", copy).code == 0
    assert {row["status"] for row in filled("export").objects} == {"new"}
    assert filled("log", "verify").code == 0


def test_what_is_no_backup_is_not_restored(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"no store" * 1000)
    ran = filled("restore", tmp_path / "no.db")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert len(filled("export").objects) == 3


def test_backup_of_no_store_makes_none(run: Run, home: Path, tmp_path: Path) -> None:
    ran = run("backup", tmp_path / "b.db")
    assert ran.code != 0
    assert not (home / "inbox.db").exists()
    assert not (tmp_path / "b.db").exists()


def test_a_private_answer_leaves_nothing(filled: Run) -> None:
    ran = filled("reply", "1", "--text", "Thank you!", "--private")
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)
    assert filled("outbox", "--json").objects == []


def test_log_and_its_verification(filled: Run, home: Path) -> None:
    filled("done", "1", "--reason", "by phone")
    kinds = [line["kind"] for line in filled("log", "--json").objects]
    assert kinds == ["received", "received", "received", "done"]
    assert [line["n"] for line in filled("log", "1", "--json").objects] == [1, 4]
    told = filled("log", "verify", "--json")
    assert told.code == 0
    assert told.objects[0]["n"] == 4
    head = next(home.glob("*.head"))
    kept = json.loads(head.read_text())
    head.write_text(json.dumps({**kept, "n": 9}))
    ran = filled("log", "verify")
    assert ran.code == 1
    assert "cut off" in ran.out + ran.err


def test_over_several_all_or_none(filled: Run) -> None:
    filled("done", "2")
    ran = filled("done", "1", "2", "3")
    assert (ran.code, ran.out) == (4, "")
    assert {row["remote_id"]: row["status"] for row in filled("export").objects}["1"] == "new"
    some = filled("done", "1", "2", "3", "--skip-refused", "--json")
    assert (some.code, len(some.objects)) == (0, 2)


def test_another_store_by_environment(run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMINBOX_STORE__URL", f"sqlite:///{tmp_path}/else/where.db")
    run("import", write_comments(tmp_path, *COMMENTS), "--channel", "blog")
    assert (tmp_path / "else" / "where.db").exists()
    assert not (home / "inbox.db").exists()
    assert (tmp_path / "else").stat().st_mode & 0o777 == 0o700


def test_keys_and_snippets_need_no_store(run: Run, home: Path) -> None:
    assert any(row["command"] == "reply" for row in run("keys", "--json").objects)
    assert run("snippets", "--json").objects
    assert run("snippets", "search", "refund", "late", "--json").code == 0
    assert list(home.iterdir()) == []
