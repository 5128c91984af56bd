"""Running a command of the table over an open store, and printing what it gives back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from cminbox.cli.courier_process import COURIER
from cminbox.cli.environment import Environment
from cminbox.cli.errors import tell
from cminbox.cli.logfile import open_log
from cminbox.cli.printing import show
from cminbox.commands.base import Context, Result
from cminbox.domain.outgoing import ActState


def run_command(
    environment: Environment, target: Callable[..., Any], arguments: dict[str, Any], *, as_json: bool
) -> int:
    """Runs an asynchronous command of ``cminbox.commands``; the exit status."""
    open_log(environment.places.log)

    async def work() -> int:
        async with environment.context() as ctx:
            result: Result = await target(ctx, **arguments)
            code = await show(result, as_json=as_json)
            await _warn_where_no_courier_runs(ctx, result)
            return code

    return asyncio.run(work())


def finish(outcome: Coroutine[Any, Any, Result | int] | Result, *, as_json: bool) -> int:
    """What a command of ``cminbox.cli`` gave back, awaited and printed; the exit status."""

    async def work() -> int:
        result = await outcome if isinstance(outcome, Coroutine) else outcome
        return result if isinstance(result, int) else await show(result, as_json=as_json)

    return asyncio.run(work())


async def _warn_where_no_courier_runs(ctx: Context, result: Result) -> None:
    if not result.acts:
        return

    def waiting(reader: Any) -> bool:
        acts = [reader.outgoing(act) for act in result.acts]
        lease = reader.process_lease(COURIER)
        away = lease is None or not lease.held(reader.now())
        return away and any(act is not None and act.state is ActState.QUEUED for act in acts)

    if await ctx.store.read(waiting):
        tell("no courier runs: it leaves with the next screen, or with cminbox sync")
