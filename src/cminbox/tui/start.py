"""From a checked configuration to the screen: first a picture, then Textual, which takes it over.

Importing this imports neither Textual nor Rich, httpx, pydantic or asyncio.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

from cminbox.domain.config import Config
from cminbox.tui.first_page import paint
from cminbox.tui.terminal.places import colours, fit_for_textual, is_remote
from cminbox.tui.theme import load


def run_screen(
    config: Config,
    store: Path | str,
    *,
    snippets: tuple[Path, ...],
    crash_folder: Path,
    start_courier: Callable[[], None] | None = None,
) -> int:
    """Shows the inbox until the operator leaves; the exit status. Ask ``places.why_no_screen`` before."""
    theme, depth = load(config.ui.theme, config.places.themes), colours(config.ui.colour, os.environ)
    painted = paint(config, theme, depth, store)
    try:
        gc.disable()  # what is imported lives as long as the program: looking through it only takes time
        with fit_for_textual(os.environ, config.ui.colour):
            from cminbox.library.live import LiveLibrary
            from cminbox.store.sqlite import open_store
            from cminbox.tui.app import CminboxApp
            from cminbox.tui.terminal.driver import TerminalSetup

            mouse = not is_remote(os.environ) if config.ui.mouse is None else config.ui.mouse
            library = LiveLibrary(snippets)
            app = CminboxApp(
                TerminalSetup(mouse=mouse, first_paint=painted),
                config,
                theme,
                depth=depth,
                open_store=lambda: open_store(store, state=config.places.state),
                library=lambda: library,
                crash_folder=crash_folder,
                start_courier=start_courier,
            )
        gc.freeze()
        gc.enable()
    except BaseException:
        painted.give_back()
        raise
    status = app.run_terminal()
    if app.refusal is not None:
        raise app.refusal
    return status
