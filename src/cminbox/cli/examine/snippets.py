"""The library: files that cannot be read as snippets."""

from __future__ import annotations

from collections.abc import Iterator

from cminbox.cli.examine import Finding, State
from cminbox.domain.config import Config

_SHOWN = 5


def findings(config: Config) -> Iterator[Finding]:
    """How many there are, and what is wrong in the files, at most some of it."""
    from cminbox.cli.library import snippet_folders
    from cminbox.library.files import Library

    library = Library.load(snippet_folders(config))
    for problem in library.problems[:_SHOWN]:
        yield Finding("snippets", State.BAD, f"{problem.path}:{problem.line}: {problem.message}")
    if len(library.problems) > _SHOWN:
        yield Finding("snippets", State.BAD, f"{len(library.problems) - _SHOWN} more mistakes in the files")
    if not library.problems:
        yield Finding("snippets", State.OK, f"{len(library.snippets)} snippets")
