"""How a channel does: what a fault means for it, when it is asked again, and what a person is told."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cminbox.channels.base import Session
from cminbox.courier.secrets import SecretError
from cminbox.domain.channel import ChannelState, Health
from cminbox.domain.errors import CminboxError
from cminbox.domain.pacing import wait_before
from cminbox.http import Ambiguous, AuthFailed, HTTPFault, Limited, ServerFailed, redact
from cminbox.text.sanitize import line

_LONGEST = 300
_RESOLUTION = 1 << 30
Chance = Callable[[], float]
"""A number in [0, 1)."""


def chance() -> float:
    """For jitter: several couriers started by one timer must not draw the same numbers."""
    return secrets.randbelow(_RESOLUTION) / _RESOLUTION


class LookTooLong(CminboxError):
    """A whole look took longer than it may."""

    exit_code = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong with a channel, in the words of ``channels --json``."""

    health: Health
    error: str
    todo: str | None = None
    retry_after: float | None = None
    cause: BaseException | None = None
    """For the log: an error that nobody expects, a connector's own mistake."""

    @property
    def blocks(self) -> bool:
        """Only a person can mend it: asking again and again would lock the account."""
        return self.health is Health.AUTH


def fault_of(error: BaseException, channel: str) -> Fault:
    """What an error means. ``error`` may hold foreign text: it is cleaned and redacted here."""
    said = str(line(redact(str(error)), _LONGEST)) or type(error).__name__
    resume = f"then: cminbox sync --once --channel {channel}"
    if isinstance(error, AuthFailed):
        return Fault(Health.AUTH, said, f"{error.todo}; {resume}")
    if isinstance(error, SecretError):
        return Fault(Health.AUTH, said, f"make the token readable; {resume}")
    if isinstance(error, Limited):
        return Fault(Health.LIMITED, said, None, error.retry_after)
    if isinstance(error, ServerFailed | Ambiguous):
        return Fault(error.health, said, error.todo, error.retry_after)
    if isinstance(error, HTTPFault):
        return Fault(error.health, said, error.todo)
    if isinstance(error, LookTooLong):
        return Fault(Health.UNREACHABLE, said)
    if isinstance(error, CminboxError):
        return Fault(Health.ERROR, said, "mend what it says in config.toml or on the server")
    return Fault(Health.ERROR, f"the connector failed ({type(error).__name__})", "the log says where", cause=error)


def went_well(state: ChannelState, now: datetime, poll: timedelta, session: Session, rnd: Chance) -> ChannelState:
    """After a whole look. The next one comes after ``poll``, a tenth earlier or later."""
    return replace(
        state,
        health=Health.PAUSED if state.health is Health.PAUSED else Health.OK,
        error=None,
        todo=None,
        last_ok_at=now,
        failures=0,
        next_at=now + poll * (0.9 + rnd() / 5),
        retry_after_until=None,
        first_look_done=True,
        can=session.can,
        account=session.account,
        own_ids=session.own_ids,
    )


def went_wrong(state: ChannelState, now: datetime, fault: Fault, rnd: Chance) -> ChannelState:
    """After a fault: asked again after a back-off, never before the platform's own wish is over; where only a person
    can mend it, not at all (``next_at`` None) until somebody sets a time."""
    wait = now + timedelta(seconds=wait_before(state.failures, rnd, least=fault.retry_after))
    silence = wait if fault.retry_after is not None else state.retry_after_until
    return replace(
        state,
        health=Health.PAUSED if state.health is Health.PAUSED else fault.health,
        error=fault.error,
        todo=fault.todo,
        failures=state.failures + 1,
        next_at=None if fault.blocks else wait,
        retry_after_until=silence,
    )
