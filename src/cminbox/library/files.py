"""The snippets of one or several folders, as they stand on the disk at one moment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cminbox.domain.errors import NotFoundError
from cminbox.domain.snippet import Snippet
from cminbox.library.tables import Lines, Problem, read_tables

_LARGEST: Final = 32 * 1024 * 1024  # bytes of a file that is read; 10,000 answers are about 8 MB

_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _File:
    root: Path
    stamp: _Stamp
    snippets: tuple[Snippet, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """All snippets of some folders at one moment. Never changes; a newer one is asked of it."""

    snippets: Mapping[str, Snippet]
    problems: tuple[Problem, ...]
    _roots: tuple[Path, ...]
    _files: Mapping[Path, _File]

    @classmethod
    def load(cls, roots: Sequence[Path]) -> Library:
        """Read all ``*.toml`` below some folders. A later folder's snippet takes the place of an earlier one's of the
        same id; a folder that is not there has none. Does not raise for what stands in the files: see ``problems``.
        """
        return cls._read(tuple(roots), {})

    def reload_if_changed(self) -> Library:
        """This library where no file came, went or changed (time, size), else a new one; reads only what changed."""
        now = dict(_stamps(self._roots))
        if now.keys() == self._files.keys() and all(self._files[path].stamp == now[path][1] for path in now):
            return self
        return self._read(self._roots, self._files)

    def get(self, snippet_id: str) -> Snippet:
        """The snippet of that id.

        Raises:
            NotFoundError: there is none; names one that is spelt nearly so.
        """
        snippet = self.snippets.get(snippet_id)
        if snippet is None:
            from difflib import get_close_matches

            near = get_close_matches(snippet_id, self.snippets, n=1)
            hint = f"did you mean {near[0]}?" if near else "`cminbox snippets list` shows all"
            raise NotFoundError(f"no snippet {snippet_id[:80]!a}: {hint}")
        return snippet

    def place(self, snippet_id: str, lang: str) -> str:
        """Where a text stands, as ``file:line``, for messages.

        Raises:
            NotFoundError: there is no such snippet.
        """
        path = self.get(snippet_id).path
        return f"{path}:{lines_of(path).of(snippet_id, f'text.{lang}')}"

    @classmethod
    def _read(cls, roots: tuple[Path, ...], known: Mapping[Path, _File]) -> Library:
        files: dict[Path, _File] = {}
        for path, (root, stamp) in _stamps(roots):
            before = known.get(path)
            files[path] = before if before is not None and before.stamp == stamp else _read_file(path, root, stamp)
        snippets: dict[str, Snippet] = {}
        source: dict[str, Path] = {}
        problems: list[Problem] = []
        for file in files.values():
            problems.extend(file.problems)
            for snippet in file.snippets:
                other = snippets.get(snippet.id)
                if other is not None and source[snippet.id] == file.root:
                    said = f"[{snippet.id}] stands in {other.path} already; an id must be unique within a folder"
                    problems.append(Problem(snippet.path, lines_of(snippet.path).of(snippet.id), said))
                    continue
                snippets[snippet.id] = snippet
                source[snippet.id] = file.root
        return cls(MappingProxyType(snippets), tuple(problems), roots, MappingProxyType(files))


def lines_of(path: str) -> Lines:
    """In which lines of a file its keys stand; of one that cannot be read now, none."""
    try:
        return Lines(Path(path).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return Lines("")


def _stamps(roots: tuple[Path, ...]) -> Iterator[tuple[Path, tuple[Path, _Stamp]]]:
    """Every file to be read, with its folder and what tells a change; folders in the order given, then by name."""
    for root in roots:
        for folder, inner, names in os.walk(root):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            for name in sorted(names):
                if not name.endswith(".toml") or name.startswith("."):
                    continue
                path = Path(folder, name)
                try:
                    status = path.stat()
                except OSError:
                    yield path, (root, (0, 0, 0))
                else:
                    yield path, (root, (status.st_mtime_ns, status.st_size, status.st_ino))


def _read_file(path: Path, root: Path, stamp: _Stamp) -> _File:
    name = str(path)

    def bad(line: int, message: str) -> _File:
        return _File(root, stamp, (), (Problem(name, line, message),))

    if stamp[1] > _LARGEST:
        return bad(1, f"larger than {_LARGEST // 2**20} MB: a folder may hold many files")
    try:
        content = path.read_bytes()
    except OSError as error:
        return bad(1, f"cannot be read: {error.strerror or type(error).__name__}")
    try:
        source = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return bad(content.count(b"\n", 0, error.start) + 1, "no UTF-8: save the file in that encoding")
    parent = path.relative_to(root).parent
    snippets, problems = read_tables(source, name, "" if parent == Path() else parent.as_posix())
    return _File(root, stamp, tuple(snippets), tuple(problems))
