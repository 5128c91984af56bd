"""The library as it is now: files are read when first asked for, and again when they change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cminbox.domain.snippet import Snippet, SnippetState, state_of
from cminbox.library import jsonform
from cminbox.library.files import Library
from cminbox.library.search import Hit, SnippetSearch


class LiveLibrary:
    """Snippets of some folders with their search. A later folder's snippet takes the place of an earlier one's.

    Used by one thread at a time. Reading and indexing take milliseconds for hundreds of snippets and a second or two
    for ten thousand: a screen calls :meth:`prepare` in a thread.
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(roots)
        self._library: Library | None = None
        self._search: SnippetSearch | None = None

    @property
    def library(self) -> Library:
        """The snapshot in use; read at the first call."""
        if self._library is None:
            self._library = Library.load(self._roots)
        return self._library

    def refresh(self) -> None:
        """Takes in files that came, went or changed."""
        before = self.library
        self._library = before.reload_if_changed()
        if self._library is not before:
            self._search = None

    def prepare(self) -> None:
        """Reads what changed and builds the index, so that the next search costs a keystroke's work only."""
        self.refresh()
        self._index()

    def _index(self) -> SnippetSearch:
        if self._search is None:
            self._search = SnippetSearch(self.library.snippets.values())
        return self._search

    def get(self, snippet_id: str) -> Snippet:
        """The snippet of that id, or NotFoundError."""
        return self.library.get(snippet_id)

    def search(self, query: str, *, lang: str | None = None, limit: int = 20) -> list[Hit]:
        """The best snippets for what is typed, best first."""
        return self._index().search(query, lang=lang, limit=limit)

    def state(self, snippet_id: str, lang: str, today: date | None = None) -> SnippetState:
        """Whether that text may be sent as an approved one."""
        return state_of(self.get(snippet_id), lang, (), today or datetime.now(UTC).date())

    def json(self, snippet_id: str, lang: str, today: date) -> dict[str, Any]:
        """A snippet in a language, with the names of CONTRACT.md."""
        return jsonform.snippet_json(self.get(snippet_id), lang, (), today=today)
