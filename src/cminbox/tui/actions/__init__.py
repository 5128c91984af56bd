"""What the screen does for each command of the table: one function an id. Verbs are run through ``commands``."""

from __future__ import annotations

from collections.abc import Callable

from cminbox.tui.actions import acting, composing, helping, moving, outbox
from cminbox.tui.desk import Desk

Action = Callable[[Desk, str | None], None]

ACTIONS: dict[str, Action] = {
    **moving.ACTIONS,
    **acting.ACTIONS,
    **composing.ACTIONS,
    **outbox.ACTIONS,
    **helping.ACTIONS,
}
"""command id → what the screen does; the second argument is what followed the key (the view after ``v``)."""
