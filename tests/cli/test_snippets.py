"""The library of answers through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, as_process


@pytest.mark.parametrize("words", [["refund"], ["refund", "late"], ["refund late"]])
def test_words_are_looked_for_as_words(run: Run, words: list[str]) -> None:
    """The shipped library answers, best first."""
    assert run("snippets", "search", *words, "--lang", "en", "--json").objects[0]["id"] == "refund-late"


def test_a_query_a_line(home: Path) -> None:
    ran = as_process("snippets", "search", "-", "--json", stdin="refund late\nrefund late\n")
    assert [answer["query"] for answer in ran.objects] == ["refund late"] * 2
    assert [answer["results"][0]["id"] for answer in ran.objects] == ["refund-late"] * 2
