"""Which folders of snippets there are: those shipped, one's own, the team's."""

from __future__ import annotations

from pathlib import Path

from cminbox.domain.config import Config
from cminbox.shipped import shipped


def snippet_folders(config: Config) -> tuple[Path, ...]:
    """The folders, a later one's snippet in the place of an earlier one's of the same id. They need not be there."""
    team = config.places.team
    return shipped("snippets"), config.places.snippets, *([team / "snippets"] if team else [])
