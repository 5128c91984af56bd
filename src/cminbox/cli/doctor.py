"""``cminbox doctor``: what is checked, a line each; exit 1 if anything is wrong.

On a machine without configuration and store it looks at what is there and imports nothing large. It changes nothing:
no store is made or migrated, and the channels are tried in processes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from cminbox.cli.environment import Environment
from cminbox.cli.examine import Finding, State
from cminbox.cli.printing import write_json, write_line
from cminbox.domain.errors import CminboxError

if TYPE_CHECKING:
    from cminbox.domain.config import Config

_WIDTH = 9


def doctor(environment: Environment, *, as_json: bool = False) -> int:
    """Prints every finding as it is made; 1 if one of them is bad."""
    wrong = False
    for finding in _findings(environment):
        wrong = wrong or finding.state is State.BAD
        if as_json:
            write_json({"check": finding.check, "state": finding.state.value, "text": finding.text})
        else:
            write_line(f"{finding.state.value:<4}  {finding.check:<{_WIDTH}} {finding.text}")
    return int(wrong)


def _findings(environment: Environment) -> Iterator[Finding]:
    from cminbox.cli.examine import clock, config, courier, log, permissions, snippets, store, terminal

    loaded: list[Config] = []
    yield from _guarded("config", lambda: config.findings(environment, loaded))
    checked = loaded[0] if loaded else None
    yield from _guarded("files", lambda: permissions.findings(environment.places, checked))
    if checked is not None:
        yield from _guarded("store", lambda: store.findings(checked))
        yield from _guarded("log", lambda: log.findings(checked))
        yield from _guarded("courier", lambda: courier.findings(checked))
        yield from _guarded("channels", lambda: courier.channel_findings(environment, checked))
        yield from _guarded("snippets", lambda: snippets.findings(checked))
    yield from _guarded("terminal", terminal.findings)
    yield from _guarded("clock", lambda: clock.findings(checked))


def _guarded(check: str, find: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """One check that fails is a finding; the others are made all the same."""
    try:
        yield from find()
    except CminboxError as error:
        for line in filter(None, str(error).split("\n")):
            yield Finding(check, State.BAD, line)
    except OSError as error:
        yield Finding(check, State.BAD, f"{error.filename or 'a file'}: {error.strerror or error}")
