"""Places where a test makes this process die, stall or fail, to see what is left behind.

``CMINBOX_FAILPOINT=name:kill|sleep|raise`` (several by commas), honoured only where ``CMINBOX_TESTING=1``. ``kill`` is
SIGKILL: no handler, no ``finally``. ``name:kill@3`` acts at the third time the place is reached. Names: ``claimed``
(the act is ``sending`` on disk, nothing left yet), ``sent`` (the request is on its way), ``answered`` (the server
answered, nothing of it is written), ``committed`` (what became of it is on disk), ``logged`` (and in the log file);
``page`` (a batch of comments is about to be committed), ``paged`` (it was).
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter

_STALL = 3600.0
_reached: Counter[str] = Counter()


class FailpointError(Exception):
    """Raised on purpose, by a test's wish."""


def testing() -> bool:
    """Whether this is a test's process: only then does it listen to the test's variables."""
    return os.environ.get("CMINBOX_TESTING") == "1"


def armed(name: str) -> bool:
    """Whether something would happen at this place."""
    return testing() and any(part.partition(":")[0] == name for part in _wanted())


def reach(name: str) -> None:
    """This place was reached: die, stall or raise here if a test wants that."""
    if not testing():
        return
    for part in _wanted():
        place, _, how = part.partition(":")
        if place != name:
            continue
        act, _, nth = how.partition("@")
        _reached[name] += 1
        if nth and _reached[name] != int(nth):
            continue
        if act == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif act == "sleep":
            # blocks the whole process on purpose, as a stopped one would
            time.sleep(_STALL)
        elif act == "raise":
            raise FailpointError(name)


def _wanted() -> list[str]:
    return [part for part in os.environ.get("CMINBOX_FAILPOINT", "").split(",") if part]
