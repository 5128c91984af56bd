"""Snippets are read from folders; what is wrong is said by file and line and hides nothing else."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cminbox.domain.errors import NotFoundError
from cminbox.library.files import Library
from cminbox.library.lint import lint
from cminbox.library.tables import Lines, read_tables

GOOD = '[{id}]\ntitle = "{title}"\ntext.en = "Hello {{author}}"\n'


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def good(snippet_id: str, title: str = "Title") -> str:
    return GOOD.format(id=snippet_id, title=title)


def test_all_fields_and_folders_as_collections(tmp_path: Path) -> None:
    put(
        tmp_path,
        "orders/money/refund.toml",
        """
[refund-late]
title = "Refund has not arrived"
tags = ["refund", "money"]
intents = ["complaint"]
channels = ["blog"]
brands = ["acme"]
review = 2027-03-01
check = ["order number known?"]
text.en = "Hello {author}"
text.de = "Hallo {author}"

["with:colon"]
title = "Second"
[ "with:colon".text ]
de = '''Mehr
Zeilen'''
""",
    )
    library = Library.load([tmp_path])
    assert library.problems == ()
    snippet = library.get("refund-late")
    assert (snippet.collection, snippet.review, snippet.check) == (
        "orders/money",
        date(2027, 3, 1),
        ("order number known?",),
    )
    assert (snippet.channels, snippet.brands, snippet.langs) == (("blog",), ("acme",), ("en", "de"))
    other = library.get("with:colon")
    assert (other.channels, other.brands, other.texts["de"]) == (("*",), ("*",), "Mehr\nZeilen")
    assert library.place("refund-late", "de").endswith("refund.toml:11")
    assert library.place("with:colon", "de").endswith("refund.toml:16")


@pytest.mark.parametrize(
    ("line", "number", "said"),
    [
        ('tagz = ["x"]', 4, "unknown key tagz, allowed are title, tags,"),
        ('tags = "x"', 4, 'tags must be a list of texts, like ["one", "two"]'),
        ("tags = [1]", 4, "tags must be a list of texts"),
        ("channels = []", 4, 'channels must name one or more, or be ["*"] for all'),
        ('review = "2027-03-01"', 4, "review must be a date without quotes, like 2027-03-01"),
        ("review = 2027-03-01T00:00:00Z", 4, "review must be a date"),
        ('text.deutsch_1 = "x"', 4, "a language is a code like en, de or pt-BR"),
        ('text.de = ""', 4, "text.de must be a text that is not empty"),
        ('text.de = "\\u001b[31m"', 4, "has no control characters"),
    ],
)
def test_wrong_values_name_file_line_and_what_is_allowed(tmp_path: Path, line: str, number: int, said: str) -> None:
    path = put(tmp_path, "a.toml", f'[late]\ntitle = "T"\ntext.en = "x"\n{line}\n\n{good("other")}')
    library = Library.load([tmp_path])
    assert list(library.snippets) == ["other"]
    (problem,) = library.problems
    assert str(problem).startswith(f"{path}:")
    assert said in str(problem)
    assert problem.line == (3 if line.startswith("text.") else number)


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("[late]\ntitle = \n", 2, "no TOML"),
        (b"[late]\ntitle = '\xff'\n", 2, "no UTF-8"),
        ("[late]\n", 1, "title is missing"),
        ('[late]\ntitle = "x"\n', 1, "text is missing"),
        ('\ntitle = "x"\n', 2, "stands outside of any snippet"),
        ('["a b"]\ntitle = "x"\ntext.en = "y"\n', 1, "id has 1 to 200 characters"),
        ('["a\\u202eb"]\ntitle = "x"\ntext.en = "y"\n', 1, "id has 1 to 200 characters"),
        ('[late]\ntitle = "x\\ny"\ntext.en = "y"\n', 2, "title must be a text on one line"),
        ('[late]\ntitle = "x"\ntext = "y"\n', 3, "text must have a language"),
        ("x = " + "[" * 50_000, 1, "no TOML"),
    ],
)
def test_a_bad_file_never_hides_the_others(tmp_path: Path, content: str | bytes, line: int, said: str) -> None:
    put(tmp_path, "bad.toml", content)
    put(tmp_path, "good.toml", good("other"))
    library = Library.load([tmp_path])
    assert list(library.snippets) == ["other"]
    problem = library.problems[0]
    assert said in problem.message
    assert problem.line == line
    assert str(problem).isprintable()


def test_unreadable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nowhere")
    put(tmp_path, "good.toml", good("other"))
    library = Library.load([tmp_path])
    assert "cannot be read" in library.problems[0].message
    assert list(library.snippets) == ["other"]


def test_hidden_and_foreign_files_are_left_alone(tmp_path: Path) -> None:
    for name in (".git/a.toml", ".a.toml.swp", ".b.toml", "README.md", "c.toml~"):
        put(tmp_path, name, "nonsense [[[")
    put(tmp_path, "good.toml", "\ufeff" + good("other"))
    library = Library.load([tmp_path, tmp_path / "missing"])
    assert library.problems == ()
    assert list(library.snippets) == ["other"]


def test_a_later_folder_overrides(tmp_path: Path) -> None:
    put(tmp_path, "shipped/a.toml", good("late", "Old") + good("kept"))
    put(tmp_path, "mine/b.toml", good("late", "New"))
    library = Library.load([tmp_path / "shipped", tmp_path / "mine"])
    assert library.get("late").title == "New"
    assert set(library.snippets) == {"late", "kept"}
    assert library.problems == ()


def test_same_id_twice_in_one_folder_is_a_problem(tmp_path: Path) -> None:
    put(tmp_path, "a.toml", good("late", "First"))
    put(tmp_path, "b.toml", good("x") + good("late", "Second"))
    library = Library.load([tmp_path])
    assert library.get("late").title == "First"
    (problem,) = library.problems
    assert problem.line == 4
    assert "a.toml already" in problem.message


def test_reload_reads_only_what_changed(tmp_path: Path) -> None:
    one, two = put(tmp_path, "a.toml", good("one")), put(tmp_path, "b.toml", good("two"))
    library = Library.load([tmp_path])
    assert library.reload_if_changed() is library
    kept = library.get("two")
    one.write_text(good("one", "Changed"))
    os.utime(one, ns=(1, 1))
    newer = library.reload_if_changed()
    assert newer is not library
    assert newer.get("one").title == "Changed"
    assert newer.get("two") is kept
    assert library.get("one").title == "Title"
    two.unlink()
    put(tmp_path, "deep/c.toml", good("three"))
    assert set(newer.reload_if_changed().snippets) == {"one", "three"}


def test_no_such_snippet_names_a_near_one(tmp_path: Path) -> None:
    put(tmp_path, "a.toml", good("refund-late"))
    library = Library.load([tmp_path])
    with pytest.raises(NotFoundError, match="did you mean refund-late"):
        library.get("refund-lat")
    with pytest.raises(NotFoundError) as caught:
        library.get("\x1b[2J")
    assert str(caught.value).isprintable()


def test_lint(tmp_path: Path) -> None:
    put(
        tmp_path,
        "a.toml",
        """[one]
title = "One"
review = 2026-01-01
text.en = \"\"\"Hello {autor},
see {\"\"\"

[two]
title = "Two"
text.en = "Same, text!"
text.de = "Anders"

[three]
title = "Three"
text.en = "same text"
text.de = "Auch anders {author}"
""",
    )
    found = lint(Library.load([tmp_path]), today=date(2026, 11, 21), langs=("en", "de"))
    assert [(problem.line, problem.message.partition(",")[0]) for problem in found] == [
        (4, "[one] unknown placeholder '{autor}'"),
        (4, "[one] a brace without its partner: write {{ or }} for a brace"),
        (4, "[one] has no text.de"),
        (3, "[one] was to be looked at again by 2026-01-01"),
        (14, "[three] has the same text as two"),
    ]


def test_headers_within_long_texts_are_not_headers() -> None:
    lines = Lines("[a]\ntitle = 'x'\ntext.en = '''\n[b]\ntitle = 'y'\n'''\n[b]\ntitle = 'z'\n")
    assert (lines.of("b"), lines.of("b", "title"), lines.of("a", "text.en")) == (7, 8, 3)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text() | st.lists(st.sampled_from([*"[]={}\".'\n#, ", "a", "title", "text", "en", "1"])).map("".join))
def test_any_content_is_read_or_explained(source: str) -> None:
    snippets, problems = read_tables(source, "f.toml", "")
    for problem in problems:
        assert 1 <= problem.line <= source.count("\n") + 1
        assert "\n" not in str(problem)
    for snippet in snippets:
        assert snippet.title and snippet.texts
