"""Everything that can go wrong when a server is asked, told apart as finely as the outbox needs it.

For a request that **changes** something, what may be done next follows from the class alone:

========================================  =====================================================================
:class:`NotSent`                          no byte left: try again
:class:`Limited`                          not done; try again after ``retry_after``
:class:`AuthFailed`, :class:`Gone`,       not done, and trying again will not help
:class:`Rejected`, :class:`Redirected`
:class:`BadAddress`                       nothing was sent: the address leads elsewhere
:class:`Ambiguous`                        it **may have been done**: look before any second try
========================================  =====================================================================

Reading requests raise :class:`NoAnswer`, :class:`BadAnswer` or :class:`ServerFailed` where a changing one raises
``Ambiguous``. Every message is one clean line without a query, a credential or a control character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cminbox.domain.channel import Health
from cminbox.domain.errors import CminboxError, UnreachableError
from cminbox.text.sanitize import line

if TYPE_CHECKING:
    from cminbox.http.reply import Reply

_LONGEST_MESSAGE = 400


class HTTPFault(CminboxError):
    """Base. ``host`` says whom we asked, ``health`` what becomes of the channel, ``todo`` what a person can do."""

    health: ClassVar[Health] = Health.ERROR
    todo: ClassVar[str | None] = None

    def __init__(self, host: str, what: str) -> None:
        self.host = host
        super().__init__(str(line(f"{host}: {what}", _LONGEST_MESSAGE)))


class NotSent(HTTPFault, UnreachableError):
    """No connection came about (refused, no such name, TLS, connect timeout): not one byte of the request left."""

    health = Health.UNREACHABLE


class NoAnswer(HTTPFault, UnreachableError):
    """The request left, and no whole answer came: timeout, reset, early end, or something that is not HTTP."""

    health = Health.UNREACHABLE


class Ambiguous(NoAnswer):
    """A request that changes something may have been carried out, or not. ``__cause__`` says what was seen.

    ``status`` is the status of the answer if there was one (502 after doing), ``retry_after`` the server's wish.
    """

    todo = "nothing: it is looked for there before anything is sent again"

    def __init__(self, host: str, what: str, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(host, what)
        self.status = status
        self.retry_after = retry_after


class BadAnswer(HTTPFault, UnreachableError):
    """An answer that cannot be used: HTML for JSON, too large, a bomb, a redirect loop, an unasked encoding."""

    health = Health.ERROR
    todo = "look at the channel's url: something else than the platform seems to answer there"


class BadAddress(HTTPFault):
    """An address that leads out of the configured origins, or is none. Nothing was sent."""

    todo = "nothing: addresses outside the channel's own host are never asked"


class StatusFault(HTTPFault):
    """The server answered, and said no. ``status`` is its number; ``reply`` has headers and body (maybe empty)."""

    def __init__(self, host: str, what: str, reply: Reply) -> None:
        super().__init__(host, what)
        self.status = reply.status
        self.reply = reply


class Redirected(StatusFault):
    """It lives elsewhere now (another scheme, host or port, or a changing request was redirected). Not followed."""

    todo = "set the channel's url to where it moved, if that is right"


class AuthFailed(StatusFault):
    """401 or 403. A 403 may also be a rate limit (Isso's guard, GitHub, YouTube): the connector decides."""

    health = Health.AUTH
    todo = "check the channel's token, and what it is allowed to do"


class Limited(StatusFault, UnreachableError):
    """429 or 425: not done, later perhaps. ``retry_after`` is in seconds, 1 to 3600, 60 where none was named."""

    health = Health.LIMITED

    def __init__(self, host: str, what: str, reply: Reply, retry_after: float) -> None:
        super().__init__(host, what, reply)
        self.retry_after = retry_after


class Gone(StatusFault):
    """404 or 410: there is no such thing, or no longer."""

    health = Health.GONE


class Rejected(StatusFault):
    """Any other 4xx: the server understood and refused."""


class ServerFailed(StatusFault, UnreachableError):
    """5xx to a reading request. ``retry_after`` is the server's wish in seconds, or None."""

    health = Health.UNREACHABLE

    def __init__(self, host: str, what: str, reply: Reply, retry_after: float | None = None) -> None:
        super().__init__(host, what, reply)
        self.retry_after = retry_after
