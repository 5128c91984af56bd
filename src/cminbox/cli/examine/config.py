"""The configuration: read anew, every mistake named."""

from __future__ import annotations

import os
from collections.abc import Iterator

from cminbox.cli.config import checked
from cminbox.cli.environment import Environment
from cminbox.cli.examine import Finding, State
from cminbox.domain.config import Config
from cminbox.settings import snapshot


def findings(environment: Environment, loaded: list[Config]) -> Iterator[Finding]:
    """Raises UsageError with a line a mistake. The configuration is put into ``loaded``."""
    places = environment.places
    named = environment.config_file is not None
    if not named and snapshot.is_bare(places):
        loaded.append(snapshot.default_config(places))
        yield Finding("config", State.OK, f"none yet, the defaults hold ({places.config}; cminbox init writes one)")
        return
    config = checked(places, must_exist=named)
    loaded.append(config)
    where = places.config if os.path.lexists(places.config) else "the environment"
    channels = len(config.channels)
    yield Finding("config", State.OK, f"{where}: {channels} {'channel' if channels == 1 else 'channels'}")
    if config.dormant:
        yield Finding("config", State.WARN, f"checked, but not in effect in this version: {', '.join(config.dormant)}")
