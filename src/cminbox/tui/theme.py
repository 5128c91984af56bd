"""Themes: a TOML file of colours and of what each voice looks like. The first paint reads it: no Rich, no Textual."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cminbox.domain.errors import UsageError
from cminbox.shipped import shipped

_RGB = re.compile("#[0-9a-f]{6}")

VOICES = (
    "text", "muted", "faint", "accent", "ours", "unseen", "soon", "alarm", "rule", "bar", "bar-muted", "bar-accent",
    "bar-alarm", "cursor", "cursor-muted", "cursor-accent", "cursor-unseen", "cursor-soon", "cursor-alarm",
    "cursor-ours", "match", "field", "selection",
)  # fmt: skip
"""Everything that is drawn is drawn in one of these."""


Depth = Literal["truecolor", "256", "16"]
"""How many colours the terminal has."""


@dataclass(frozen=True, slots=True)
class Colour:
    """The same colour for terminals of each depth: ``#rrggbb``, its number of 256, its number of 16 (-1: default)."""

    rgb: str
    of_256: int
    of_16: int

    def sgr(self, depth: Depth, *, paper: bool = False) -> str:
        """SGR parameters (ECMA-48; 256 and 24 bit as xterm writes them); empty for the terminal's default."""
        start = 48 if paper else 38
        if depth == "truecolor":
            return f"{start};2;" + ";".join(str(int(self.rgb[i : i + 2], 16)) for i in (1, 3, 5))
        if depth == "256":
            return f"{start};5;{self.of_256}"
        if self.of_16 < 0:
            return ""
        first = (40 if paper else 30) if self.of_16 < 8 else (100 if paper else 90)
        return str(first + self.of_16 % 8)


@dataclass(frozen=True, slots=True)
class Pen:
    """What one voice looks like."""

    ink: Colour
    paper: Colour
    attributes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Theme:
    """A named set of pens, one a voice."""

    name: str
    dark: bool
    pens: dict[str, Pen]

    def sgr(self, voice: str, depth: Depth) -> str:
        """The SGR parameters of a voice."""
        pen = self.pens[voice]
        codes = [code for name, code in (("bold", "1"), ("italic", "3"), ("underline", "4")) if name in pen.attributes]
        return ";".join(filter(None, (*codes, pen.ink.sgr(depth), pen.paper.sgr(depth, paper=True))))


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
        colours = {name: _colour(value) for name, value in data["colours"].items()}
        pens = {voice: _pen(data["voices"][voice], colours) for voice in VOICES}
        return Theme(str(data["name"]), bool(data.get("dark", True)), pens)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UsageError(f"{path}: not a theme: {type(problem).__name__} {problem}") from None


def _colour(value: list[str | int]) -> Colour:
    rgb, of_256, of_16 = value
    colour = Colour(str(rgb), int(of_256), int(of_16))
    if not _RGB.fullmatch(colour.rgb) or not 16 <= colour.of_256 <= 255 or not -1 <= colour.of_16 <= 15:
        raise ValueError(f'a colour is ["#rrggbb", 16 to 255, -1 to 15], not {value}')
    return colour


def _pen(words: str, colours: dict[str, Colour]) -> Pen:
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
