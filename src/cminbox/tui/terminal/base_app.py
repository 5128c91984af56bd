"""The app on which the screen is built: Textual's, on our driver and painter, ending well whatever happens.

Import it inside :func:`cminbox.tui.terminal.places.fit_for_textual`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from cminbox.traces import describe
from cminbox.tui.terminal import crash
from cminbox.tui.terminal.driver import TerminalDriver, TerminalSetup
from cminbox.tui.terminal.guardian import guardian, lifeline
from cminbox.tui.terminal.painted_app import HELD_AT_MOST, PaintedApp
from cminbox.tui.terminal.signals import ExitSignals

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from pathlib import Path

    from rich.console import RenderableType

_SIGNALLED = 128
_HUNG_UP = _SIGNALLED + signal.SIGHUP


class Suspended(NamedTuple):
    """How a program that had the terminal meanwhile ended."""

    status: int | None
    """Its exit status, negative for a signal; None when it could not be run."""
    error: BaseException | None
    """Why it could not be run."""


class TerminalApp(PaintedApp):
    """A full-screen app that survives its terminal. ``run_terminal`` is its way in."""

    def __init__(self, setup: TerminalSetup, crash_folder: Path, **textual: Any) -> None:
        """``crash_folder``: where reports on failures go; ``textual``: what ``App`` takes."""
        super().__init__(setup, **textual)
        setup.lifeline = lifeline() if setup.lifeline is None else setup.lifeline
        self.crash_folder = crash_folder
        self._signals = ExitSignals(self._force_back)
        self._report: Path | None = None
        self._has_failed = False
        self._is_lent = False
        self._kept_tasks: set[asyncio.Task[Any]] = set()
        self._guest: asyncio.subprocess.Process | None = None

    # -- running -------------------------------------------------------------------------------------------------------

    def run_terminal(self) -> int:
        """Run until the end; the exit status: what was given to ``exit``, 1 after a failure, 128+n after a signal."""
        self._signals.install(guardian())
        crash.catch_threads(self._failed_elsewhere)
        try:
            self.run(mouse=self.terminal_setup.mouse)
            status = self.return_code or 0
        except Exception as error:
            self._force_back()
            self._keep_report(error)
            status = 1
        except BaseException:
            self._force_back()
            raise
        if self._has_failed:
            status = status if status > _SIGNALLED else 1
            sys.stderr.write(crash.one_line(self._report) + "\n")
        return status

    async def run_async(self, **options: Any) -> int | None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._on_loop_exception)
        self._signals.attach(loop, leave=self._leave, stop=self._stop, continued=self._continued)
        if self._is_held:
            loop.call_later(HELD_AT_MOST, self.call_later, self.release_frames)
        try:
            return await super().run_async(**options)
        finally:
            self._signals.detach()

    def supervise(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine as a task whose failure ends the app with a report, at once and not when it is collected."""
        task = asyncio.get_running_loop().create_task(work)
        self._kept_tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        self._kept_tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed_elsewhere(error)

    def _leave(self, status: int) -> None:
        guest = self._guest
        if guest is not None and guest.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                guest.terminate()
        self.exit(return_code=status)

    def _force_back(self) -> None:
        painted = self.terminal_setup.first_paint  # None once the driver took it over
        if painted is not None:
            painted.give_back()
        elif isinstance(self._driver, TerminalDriver):
            self._driver.force_stop()

    def terminal_gone(self) -> None:
        self._signals.end(_HUNG_UP)

    # -- stopping and going on -----------------------------------------------------------------------------------------

    def on_continued(self) -> None:
        """Called after the process was stopped and goes on: leases may have run out. Override."""

    def _stop(self) -> None:
        driver = self._driver
        if isinstance(driver, TerminalDriver) and driver.is_active:
            driver.suspend_application_mode()
        os.kill(os.getpid(), signal.SIGSTOP)

    def _continued(self) -> None:
        driver = self._driver
        if isinstance(driver, TerminalDriver) and self._running and not self._is_lent:
            driver.enter_again()
        self.call_later(self.on_continued)

    # -- giving the terminal to another program --------------------------------------------------------------------

    async def suspend_for(self, job: Sequence[str] | Callable[[], Awaitable[int]]) -> Suspended:
        """Give the terminal to a program (an argv, run without a shell) or an async function; wait; take it back.

        The loop goes on meanwhile, nothing is painted, and no exception comes out of here.
        """
        outcome, stray = Suspended(None, None), None
        self._is_lent = True
        try:
            with self.batch_update(), self.suspend(), self._signals.held():
                try:
                    outcome = Suspended(await self._run_guest(job), None)
                except Exception as error:
                    outcome = Suspended(None, error)
                except BaseException as error:  # cancelled: suspend() would never resume if this passed through it
                    stray = error
        finally:
            self._is_lent = False
        self._repaint()
        if stray is not None:
            raise stray
        return outcome

    async def _run_guest(self, job: Sequence[str] | Callable[[], Awaitable[int]]) -> int:
        if callable(job):
            return await job()
        self._guest = await asyncio.create_subprocess_exec(*job)
        try:
            return await self._guest.wait()
        finally:
            self._guest = None

    # -- failing -------------------------------------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._keep_report(error)
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        self.panic()

    def panic(self, *renderables: RenderableType) -> None:
        """End after a failure. What Textual would print is not: it may hold content."""
        self._return_code = 1
        self._keep_report(sys.exc_info()[1] or RuntimeError())
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()

    def _keep_report(self, error: BaseException) -> None:
        """Write the report on the first failure; what follows from it adds nothing."""
        if not self._has_failed:
            self._has_failed = True
            self._report = crash.write_report(self.crash_folder, describe(error))

    def _on_loop_exception(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception) and not self._exit:
            self._handle_exception(error)

    def _failed_elsewhere(self, error: BaseException) -> None:
        """A thread or a supervised task failed."""
        loop = self._loop
        if loop is None or not isinstance(error, Exception):
            self._keep_report(error)
            return
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._handle_exception, error)
