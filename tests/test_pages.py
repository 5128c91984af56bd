"""Docs that are made from the table say what the table says."""

from __future__ import annotations

from pathlib import Path

from cminbox.commands.pages import commands_page, keys_page

DOCS = Path(__file__).resolve().parents[1] / "docs"
MEND = "python -m cminbox.commands.pages docs"


def test_the_pages_are_those_of_the_table() -> None:
    assert (DOCS / "keys.md").read_text("utf-8") == keys_page(), MEND
    assert (DOCS / "commands.md").read_text("utf-8") == commands_page(), MEND
