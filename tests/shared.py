"""Where the folder ../shared lies, for tests that need real data or servers; they skip where it is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_dir(*parts: str) -> Path:
    """The shared folder, or a place in it. Skips the calling test, saying why, where there is none."""
    named = os.environ.get("CMINBOX_SHARED")
    root = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    place = root.joinpath(*parts)
    if not place.exists():
        pytest.skip(f"needs {place} (CMINBOX_SHARED names another place for the shared folder)")
    return place
