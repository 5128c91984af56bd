"""Which snippets there are: those shipped, one's own, the team's. A later one of the same id counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cminbox.library.files import Library, shipped_snippets

if TYPE_CHECKING:
    from cminbox.domain.config import Config


def read_library(config: Config) -> Library:
    """The library as it stands on the disk now."""
    own = config.places.snippets
    team = config.places.team
    return Library.load([shipped_snippets(), own, *([team / "snippets"] if team else [])])
