"""Where the shipped themes and snippets lie: beside the package in the wheel, at the top of a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Literal


def shipped(name: Literal["snippets", "themes"]) -> Path:
    """The folder of that name."""
    package = Path(__file__).resolve().parent
    packed = package / name
    return packed if packed.is_dir() else package.parent.parent / name
