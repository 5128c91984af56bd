"""``cminbox`` alone: the way to the screen. Configuration, guardian, first paint, courier, and only then Textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cminbox.cli.config import for_screen
from cminbox.cli.courier_process import usual_courier
from cminbox.domain.errors import UsageError
from cminbox.places import find_places
from cminbox.tui.terminal.guardian import guardian, run_guarded
from cminbox.tui.terminal.places import why_no_screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cminbox.domain.config import Config


def open_screen(config_file: str | None) -> int:
    """Opens the screen and gives its exit status, in two processes: the screen's, and the guardian that waits for it.

    Raises UsageError where there is no terminal for it, or the configuration is wrong.
    """
    check_terminal()
    places = find_places(config_file)
    config = for_screen(places, must_exist=config_file is not None)
    courier = usual_courier(None if config_file is None else str(places.config))
    return guarded_screen(config, courier.start)


def check_terminal() -> None:
    """UsageError where no screen can be drawn."""
    problem = why_no_screen()
    if problem:
        raise UsageError(problem)


def guarded_screen(
    config: Config, start_courier: Callable[[], None] | None, *, afterwards: Callable[[], None] | None = None
) -> int:
    """The screen under its guardian. ``start_courier`` is called where no courier is at work; ``afterwards`` in the
    guardian, when the screen has ended however it did."""
    crashes = config.places.state / "crash"
    try:
        return run_guarded(lambda: _screen(config, start_courier, crashes), lambda: crashes)
    finally:
        if afterwards is not None and not guardian():
            afterwards()


def _screen(config: Config, start_courier: Callable[[], None] | None, crashes: Path) -> int:
    """The screen's own process."""
    from cminbox.cli.library import snippet_folders
    from cminbox.cli.logfile import open_log
    from cminbox.presence import hold_presence
    from cminbox.tui.start import run_screen

    open_log(config.places.log)
    # before the courier is started: it ends when it finds nobody at a screen
    with hold_presence(config.places.state):
        return run_screen(
            config,
            config.store_url,
            snippets=snippet_folders(config),
            crash_folder=crashes,
            start_courier=start_courier,
        )
