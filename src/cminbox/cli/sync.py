"""``cminbox sync``: the courier. It alone reaches the network, and holds secrets while it does."""

from __future__ import annotations

import contextlib
import resource
import sys

from cminbox.cli.environment import Environment
from cminbox.cli.errors import tell
from cminbox.cli.logfile import open_log

_PR_SET_DUMPABLE = 4
"""``prctl(2)``, Linux."""


async def sync(
    environment: Environment, *, once: bool = False, channel: str | None = None, for_screens: bool = False
) -> int:
    """Brings comments in and delivers the outbox; the exit status of :func:`cminbox.courier.run.run`."""
    _keep_memory_private()
    from cminbox.courier.secrets import FETCHED

    open_log(environment.places.log, FETCHED)
    config = environment.config
    from cminbox.courier.run import run
    from cminbox.http.redact import quiet_libraries
    from cminbox.settings.inline import read_inline

    quiet_libraries()
    async with environment.open_store() as store:
        return await run(
            config, store, once=once, channel=channel, for_screens=for_screens, inline=read_inline, say=tell
        )  # fmt: skip


def _keep_memory_private() -> None:
    """No core file, and no other process of this user may look into the environment or memory: tokens are there."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
