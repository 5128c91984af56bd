"""A token that stands in the config file itself. It is read when it is needed and kept nowhere else."""

from __future__ import annotations

from pathlib import Path

from cminbox.domain.errors import UsageError
from cminbox.settings.permissions import read_config


def read_inline(path: Path, channel: str) -> str:
    """The ``token`` in the table of that channel. UsageError where it is not there, or others can read the file."""
    import tomllib

    source = read_config(path, secret=True)
    try:
        tables = tomllib.loads(source.text).get("channels", [])
        found = [table["token"] for table in tables if table.get("name") == channel and "token" in table]
    except (tomllib.TOMLDecodeError, AttributeError, TypeError, RecursionError):
        raise UsageError(f"{path}: can no longer be read as a configuration: cminbox doctor says where") from None
    if len(found) != 1 or not isinstance(found[0], str):
        raise UsageError(f"{path}: channels.{channel} has no token any more: start cminbox sync again")
    return found[0]
