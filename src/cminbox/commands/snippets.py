"""Looking into the library of answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cminbox.commands.base import Context, Result
from cminbox.commands.columns import columns
from cminbox.domain.errors import NotFoundError
from cminbox.domain.text import Safe
from cminbox.library.jsonform import hit_json
from cminbox.text.sanitize import line, safe

LIMIT = 20


async def search(ctx: Context, query: Sequence[str], *, lang: str | None = None, limit: int | None = None) -> Result:
    """The best snippets for some words; ``-`` reads a query a line and answers each, all in one process."""
    most = LIMIT if limit is None else limit
    if list(query) == ["-"]:
        return Result(rows=_many(ctx, sys.stdin, lang, most), text=_answer)
    return Result(rows=_found(ctx, " ".join(query), lang, most), text=_line, warnings=_problems(ctx))


def _found(ctx: Context, query: str, lang: str | None, limit: int) -> list[dict[str, Any]]:
    library, today = ctx.library(), ctx.clock().date()
    hits = library.search(query, lang=lang, limit=limit)
    return [hit_json(library.json(hit.snippet_id, hit.lang, today), hit) for hit in hits]


def _many(ctx: Context, queries: Iterator[str] | Any, lang: str | None, limit: int) -> Sequence[Mapping[str, Any]]:
    asked = [words.rstrip("\n") for words in queries]
    return [{"query": words, "results": _found(ctx, words, lang, limit)} for words in asked]


async def listing(ctx: Context, *, lang: str | None = None) -> Result:
    """Every snippet in every language, by id."""
    library, today = ctx.library(), ctx.clock().date()
    rows = [
        library.json(found.id, language, today)
        for found in sorted(library.library.snippets.values(), key=lambda s: s.id)
        for language in found.langs
        if lang in (None, language)
    ]
    return Result(rows=rows, text=_line, warnings=_problems(ctx))


async def show(ctx: Context, name: str, *, lang: str | None = None) -> Result:
    """A snippet, an object a language."""
    library, today = ctx.library(), ctx.clock().date()
    found = library.get(name)
    if lang is not None and lang not in found.langs:
        raise NotFoundError(f"{found.id} has no text in {line(lang, 20)!r}, it has: {', '.join(found.langs)}")
    rows = [library.json(name, language, today) for language in found.langs if lang in (None, language)]
    return Result(rows=rows, text=_whole)


def _problems(ctx: Context) -> list[str]:
    """What is wrong with the files, a line each: a bad file hides no other."""
    return [str(line(str(problem), 400)) for problem in ctx.library().library.problems]


def _line(row: Mapping[str, Any]) -> Safe:
    score = ((f"{row['score']:.0f}", -3),) if "score" in row else ()
    return columns(*score, (row["id"], 26), (row["lang"], 3), (row["state"], 9), rest=row["title"])


def _answer(row: Mapping[str, Any]) -> Safe:
    return line(f"{row['query']}: {', '.join(found['id'] for found in row['results'][:5])}", 400)


def _whole(row: Mapping[str, Any]) -> Safe:
    return safe(f"{row['id']} · {row['lang']} · {row['state']} · {row['title']}\n\n{row['text']}\n")
