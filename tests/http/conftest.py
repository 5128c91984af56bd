from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cminbox.http import Bounds
from tests.http.hostile_server import HostileServer

TOKEN = "SECRET-TOKEN-123"


@pytest.fixture
async def server() -> AsyncIterator[HostileServer]:
    async with HostileServer() as server:
        yield server


@pytest.fixture
async def elsewhere() -> AsyncIterator[HostileServer]:
    """Another origin, which must hear nothing."""
    async with HostileServer() as server:
        yield server


@pytest.fixture
def short() -> Bounds:
    """Room for a busy machine, and still quick."""
    return Bounds(total=1.0, connect=0.5)
