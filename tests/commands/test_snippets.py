"""Looking into the library of answers by command."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from cminbox.commands.base import Context
from cminbox.commands.snippets import listing, search, show
from cminbox.domain.errors import NotFoundError
from cminbox.library.live import LiveLibrary
from cminbox.shipped import shipped
from tests.commands.desk import printed, rows

SNIPPET = {
    "id", "title", "lang", "langs", "text", "tags", "intents", "channels", "brands", "collection", "review", "state",
    "approved_by", "approved_at", "approved_until", "uses", "last_used_at",
}  # fmt: skip


async def test_search_finds_with_score_and_spans_best_first(ctx: Context) -> None:
    found = await rows(await search(ctx, ["refnd", "arrived"]))
    assert found[0]["id"] == "refund-late"
    assert found[0].keys() == SNIPPET | {"score", "matched"}
    scores = [row["score"] for row in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 100 for score in scores)
    for span in found[0]["matched"]:
        assert span.keys() == {"field", "start", "end"}
        assert 0 <= span["start"] < span["end"]
    title = [span for span in found[0]["matched"] if span["field"] == "title"]
    assert "Refund" in {found[0]["title"][span["start"] : span["end"]] for span in title}


async def test_search_in_a_language_and_with_a_limit(ctx: Context) -> None:
    (row,) = await rows(await search(ctx, ["refund"], lang="de", limit=1))
    assert (row["id"], row["lang"]) == ("refund-late", "de")
    assert await rows(await search(ctx, ["xyzzyqq"])) == []


async def test_many_queries_in_one_process(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("refund\nthank you\n\nxyzzyqq\n"))
    result = await search(ctx, ["-"], limit=2)
    answers = await rows(result)
    assert [answer["query"] for answer in answers] == ["refund", "thank you", "", "xyzzyqq"]
    assert [[row["id"] for row in answer["results"]][:1] for answer in answers] == [["refund-late"], ["thanks"], [], []]
    assert printed(result, answers[0]).startswith("refund: refund-late")


async def test_the_list_has_each_snippet_in_each_language(ctx: Context) -> None:
    listed = await rows(await listing(ctx))
    assert [(row["id"], row["lang"]) for row in listed] == [
        ("refund-late", "en"),
        ("refund-late", "de"),
        ("thanks", "en"),
    ]
    assert all(row.keys() == SNIPPET for row in listed)
    assert {row["state"] for row in listed} == {"draft"}
    assert (listed[0]["review"], listed[0]["langs"]) == ("2027-03-01", ["en", "de"])
    assert [row["id"] for row in await rows(await listing(ctx, lang="de"))] == ["refund-late"]


async def test_one_snippet_with_its_text_as_it_stands_in_the_file(ctx: Context) -> None:
    result = await show(ctx, "refund-late")
    shown = await rows(result)
    assert [row["lang"] for row in shown] == ["en", "de"]
    assert shown[1]["text"] == "Hallo {author}, das tut uns leid. {signature}"
    assert "Hallo {author}" in printed(result, shown[1])
    assert len(await rows(await show(ctx, "refund-late", lang="de"))) == 1
    with pytest.raises(NotFoundError):
        await show(ctx, "refund-later")
    with pytest.raises(NotFoundError, match="no text in 'fr', it has: en, de"):
        await show(ctx, "refund-late", lang="fr")


async def test_a_bad_file_hides_no_other_and_is_named(ctx: Context, snippets: Path) -> None:
    (snippets / "bad.toml").write_text('[x]\ntitle = "half', "utf-8")
    result = await listing(ctx)
    assert len(await rows(result)) == 3
    (warning,) = result.warnings
    assert "bad.toml" in warning and "\n" not in warning


async def test_what_a_file_says_is_printed_harmless(ctx: Context, snippets: Path) -> None:
    (snippets / "odd.toml").write_text('[odd]\ntitle = "Odd"\ntext.en = "a \\u202e b"\n', "utf-8")
    result = await show(ctx, "odd")
    (row,) = await rows(result)
    text = printed(result, row)
    assert "\u202e" not in text and "a  b" in text


async def test_the_shipped_library_answers(ctx: Context) -> None:
    library = LiveLibrary((shipped("snippets"),))
    if not library.library.snippets:
        pytest.skip("no snippets are shipped yet")
    own = replace(ctx, library=lambda: library)
    assert (await listing(own)).warnings == []
    listed = await rows(await listing(own))
    for row in listed[:20]:
        assert row["id"] in [found["id"] for found in await rows(await search(own, [row["title"]], lang=row["lang"]))]
