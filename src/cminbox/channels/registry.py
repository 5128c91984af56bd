"""Which kinds of channel there are: every module of this package that holds ``FACTS`` is one."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import cast

import cminbox.channels
from cminbox.channels.base import Connector
from cminbox.domain.channel import KindFacts
from cminbox.domain.config import ChannelConfig
from cminbox.domain.errors import UsageError


def facts() -> dict[str, KindFacts]:
    """What is known of each kind without connecting, by its name. Imports no HTTP library."""
    return {kind: importlib.import_module(module).FACTS for kind, module in _modules().items()}


def connect(config: ChannelConfig, secret: str | None) -> Connector:
    """The connector of a channel, not yet entered. Raises UsageError where there is no such kind."""
    module = _modules().get(config.kind)
    if module is None:
        raise UsageError(f"channel {config.name}: no kind {config.kind!r}; there are {', '.join(sorted(_modules()))}")
    return cast(Connector, importlib.import_module(module).Connector(config, secret))


@functools.cache
def _modules() -> dict[str, str]:
    """Kind → module."""
    found: dict[str, str] = {}
    for entry in pkgutil.iter_modules(cminbox.channels.__path__):
        name = f"{cminbox.channels.__name__}.{entry.name}"
        known = getattr(importlib.import_module(name), "FACTS", None)
        if isinstance(known, KindFacts):
            found[known.kind] = name
    return found
