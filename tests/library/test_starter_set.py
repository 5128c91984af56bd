"""The snippets that travel with the program: complete, clean, and in a checkout and a wheel alike."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from cminbox.domain.snippet import PLACEHOLDERS, Snippet, fill
from cminbox.library.files import Library
from cminbox.library.lint import lint
from cminbox.library.search import SnippetSearch
from cminbox.shipped import shipped

LIBRARY = Library.load([shipped("snippets")])
ALL = list(LIBRARY.snippets.values())
VALUES = {name: f"<{name}>" for name in PLACEHOLDERS}


def test_no_problem_and_both_languages_everywhere() -> None:
    assert [str(problem) for problem in lint(LIBRARY, today=date(2026, 12, 31), langs=("en", "de"))] == []
    assert len(ALL) >= 45
    assert {snippet.collection for snippet in ALL} == {"orders", "service", "community", "press"}


@pytest.mark.parametrize("snippet", ALL, ids=lambda snippet: snippet.id)
def test_each_is_complete_and_personal(snippet: Snippet) -> None:
    assert snippet.tags and snippet.intents
    assert snippet.review is not None and snippet.review.year == 2027
    for text in snippet.texts.values():
        filled = fill(text, VALUES)
        assert "<author>," in filled.split("\n", 1)[0]
        assert filled.endswith("<signature>")
        assert filled == filled.strip()
        assert 100 < len(text) <= 480, "short enough for a platform with 500 characters, names included"


def test_notices_cite_a_rule() -> None:
    notices = [snippet for snippet in ALL if "notice" in snippet.tags]
    assert len(notices) >= 3
    assert all("{rule}" in text for snippet in notices for text in snippet.texts.values())


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("refund", "refund-late"),
        ("geld zurück", "refund-late"),
        ("erstatung", "refund-late"),
        ("rhna", "refund-late"),
        ("rfnd arrvd", "refund-late"),
        ("anwalt", "legal-threat"),
        ("laywer", "legal-threat"),
        ("bewerbung", "job-application"),
        ("dsgvo", "data-protection"),
        ("oeffnungszeiten", "opening-hours"),
        ("app stürzt absturz", "app-crash"),
        ("paket wo", "order-status"),
    ],
)
def test_it_is_found_by_what_one_types(query: str, wanted: str) -> None:
    found = [hit.snippet_id for hit in SnippetSearch(ALL).search(query, limit=3)]
    assert wanted in found


def test_shipped_folder_is_found_from_anywhere_and_not_in_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "snippets").mkdir()
    asked = "from cminbox.shipped import shipped; print(shipped('snippets'))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert Path(done.stdout.strip()) == shipped("snippets")


def test_a_wheel_carries_it_inside_the_package(tmp_path: Path) -> None:
    """As pyproject.toml lays it out: cminbox/snippets in the wheel, the repository's top in a checkout."""
    package = tmp_path / "site" / "cminbox"
    (package / "snippets").mkdir(parents=True)
    (tmp_path / "site" / "themes").mkdir()
    source = Path(shipped.__code__.co_filename)
    (package / "domain").mkdir()
    for name in ("shipped.py", "__init__.py", "domain/__init__.py", "domain/errors.py"):
        (package / name).write_text((source.parent / name).read_text(encoding="utf-8"), encoding="utf-8")
    asked = f"import sys; sys.path.insert(0, {str(package.parent)!r}); from cminbox.shipped import shipped; "
    done = subprocess.run(
        [sys.executable, "-I", "-c", asked + "print(shipped('snippets'))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert Path(done.stdout.strip()) == (package / "snippets").resolve()
