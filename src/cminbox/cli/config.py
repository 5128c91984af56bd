"""How each start comes by its configuration: from the snapshot, else checked here, else checked in another process."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from cminbox.domain.errors import UsageError
from cminbox.settings import snapshot

if TYPE_CHECKING:
    from cminbox.domain.config import Config, Places


class AlreadyToldError(UsageError):
    """The mistakes stand on stderr already: another process found and told them."""

    def __init__(self, exit_code: int) -> None:
        super().__init__("")
        self.exit_code = exit_code


def for_command(places: Places, *, must_exist: bool) -> Config:
    """The configuration for a command. ``must_exist``: ``--config`` named the file."""
    return _kept(places, must_exist) or checked(places, must_exist=must_exist)


def for_screen(places: Places, *, must_exist: bool) -> Config:
    """The configuration without importing pydantic or a connector here: where it has to be checked, in a process of
    its own, which leaves its mistakes on our stderr. Raises AlreadyToldError then."""
    return _kept(places, must_exist) or _checked_elsewhere(places, must_exist)


def checked(places: Places, *, must_exist: bool) -> Config:
    """The configuration, checked now, and kept for the next start. Raises UsageError, a line a mistake."""
    from cminbox.channels.registry import facts
    from cminbox.commands.bindings import clashes
    from cminbox.commands.table import COMMANDS
    from cminbox.settings.load import load

    loaded = load(
        places,
        facts(),
        [entry.id for entry in COMMANDS],
        clashes=lambda own: ((clash.command, clash.said) for clash in clashes(own)),
        must_exist=must_exist,
    )
    if not snapshot.is_bare(places):
        snapshot.save_snapshot(places, loaded.config, list(loaded.files))
    return loaded.config


def _kept(places: Places, must_exist: bool) -> Config | None:
    if must_exist and not os.path.lexists(places.config):
        raise UsageError(f"{places.config}: there is no such file (cminbox --config {places.config} init writes one)")
    return snapshot.load_snapshot(places)


def _checked_elsewhere(places: Places, must_exist: bool) -> Config:
    import json
    import subprocess

    from cminbox.settings.plain import config_from

    words = [sys.executable, "-P", "-m", "cminbox.cli.config_check", *([str(places.config)] if must_exist else [])]
    # what it says on stderr is for the same eyes as ours
    child = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    if child.returncode != 0:
        raise AlreadyToldError(child.returncode if child.returncode > 0 else 1)
    return config_from(json.loads(child.stdout))
