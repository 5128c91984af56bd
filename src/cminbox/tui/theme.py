"""Themes: a TOML file of colours and of what each voice looks like. No Rich, no Textual: the first paint reads it too."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from cminbox.domain.errors import UsageError
from cminbox.shipped import shipped

VOICES = (
    "text", "muted", "faint", "accent", "ours", "unseen", "soon", "alarm", "rule", "bar", "bar-muted", "bar-accent",
    "bar-alarm", "cursor", "cursor-muted", "cursor-accent", "cursor-unseen", "cursor-soon", "cursor-alarm",
    "cursor-ours", "match", "field", "selection",
)  # fmt: skip
"""Everything that is drawn is drawn in one of these."""


@dataclass(frozen=True, slots=True)
class Pen:
    """Colours as ``#rrggbb`` and the attributes bold, italic, underline, reverse."""

    ink: str
    paper: str
    attributes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Theme:
    """A named set of pens, one a voice."""

    name: str
    dark: bool
    pens: dict[str, Pen]

    def sgr(self, voice: str) -> str:
        """The SGR parameters of a voice, 24 bit."""
        pen = self.pens[voice]
        codes = [code for name, code in (("bold", "1"), ("italic", "3"), ("underline", "4")) if name in pen.attributes]
        return ";".join((*codes, f"38;2;{_triplet(pen.ink)}", f"48;2;{_triplet(pen.paper)}"))


def _triplet(colour: str) -> str:
    return ";".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))


def load(name: str, own: Path | None = None) -> Theme:
    """The theme of that name: the user's folder first, then the shipped ones."""
    for folder in (own, shipped("themes")):
        if folder is not None and (folder / f"{name}.toml").is_file():
            return read(folder / f"{name}.toml")
    raise UsageError(f"[ui] theme: there is no theme {name!r}")


def read(path: Path) -> Theme:
    """A theme file. UsageError names the file and what is missing or wrong."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        colours = {**data["colours"]}
        pens = {voice: _pen(data["voices"][voice], colours) for voice in VOICES}
        return Theme(str(data["name"]), bool(data.get("dark", True)), pens)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UsageError(f"{path}: not a theme: {type(problem).__name__} {problem}") from None


def _pen(words: str, colours: dict[str, str]) -> Pen:
    """``ink [on paper] [bold] [italic] [underline]`` with the names of [colours]."""
    parts = words.split()
    ink, rest = colours[parts[0]], parts[1:]
    paper = colours["ground"]
    if rest[:1] == ["on"]:
        paper, rest = colours[rest[1]], rest[2:]
    unknown = set(rest) - {"bold", "italic", "underline"}
    if unknown:
        raise ValueError(f"unknown attribute {', '.join(sorted(unknown))}")
    return Pen(ink, paper, frozenset(rest))
