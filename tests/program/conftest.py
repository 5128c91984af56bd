"""A home for every test; none of its processes outlives the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program.home import COMMENTS, ISSO, Home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Thirty comments of a channel that cannot send, no config, and no courier is started."""
    made = Home(tmp_path / "home")
    made.comments(1, COMMENTS)
    made.employ_nobody()
    yield made
    made.close()


@pytest.fixture
def staffed(tmp_path: Path) -> Iterator[Home]:
    """Thirty comments of a channel that can send, behind an address where nobody listens; screens start a courier."""
    made = Home(tmp_path / "home")
    made.configure(ISSO)
    made.comments(1, COMMENTS)
    yield made
    made.close()


@pytest.fixture
def blog(staffed: Home) -> Home:
    """As ``staffed``, but no courier is started: what is queued stays queued."""
    staffed.employ_nobody()
    return staffed
