"""What is doubtful about snippets that can be read: wrong placeholders, missing twins, the same text twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from cminbox.domain.snippet import Snippet, stray_braces, unknown_placeholder, unknown_placeholders
from cminbox.library.files import Library, lines_of
from cminbox.library.fold import words
from cminbox.library.tables import Lines, Problem


def lint(library: Library, *, today: date, langs: Iterable[str] = ()) -> list[Problem]:
    """Everything to be mended, what could not be read first. ``langs`` are the languages that every snippet needs."""
    problems = list(library.problems)
    needed = tuple(langs)
    lines: dict[str, Lines] = {}
    texts: dict[tuple[str, ...], str] = {}
    for snippet in library.snippets.values():
        found = [*_about(snippet, today, needed), *_again(snippet, texts)]
        if found and snippet.path not in lines:
            lines[snippet.path] = lines_of(snippet.path)
        problems.extend(
            Problem(snippet.path, lines[snippet.path].of(snippet.id, key), f"[{snippet.id}] {said}")
            for key, said in found
        )
    return problems


def _about(snippet: Snippet, today: date, langs: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for lang, text in snippet.texts.items():
        for name in unknown_placeholders(text):
            yield f"text.{lang}", unknown_placeholder(name)
        if stray_braces(text):
            yield f"text.{lang}", "a brace without its partner: write {{ or }} for a brace"
    for lang in langs:
        if lang not in snippet.texts:
            yield "text", f"has no text.{lang}"
    if snippet.review is not None and snippet.review < today:
        yield "review", f"was to be looked at again by {snippet.review}"


def _again(snippet: Snippet, texts: dict[tuple[str, ...], str]) -> Iterator[tuple[str, str]]:
    for lang, text in snippet.texts.items():
        first = texts.setdefault((lang, *(word.form for word in words(text))), snippet.id)
        if first != snippet.id:
            yield f"text.{lang}", f"has the same text as {first}"
