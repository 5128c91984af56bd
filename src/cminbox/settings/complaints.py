"""What pydantic found, said as a person would: which setting, what is allowed. Never the value: it may be a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_SAID = {
    "missing": "is missing",
    "string_type": "must be text, in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": 'must be a list such as ["a", "b"]',
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "mapping_type": "must be a table",
    "string_unicode": "must be text",
}
_QUOTED = re.compile(r"'([^']*)'")


def said(error: ErrorDetails, settings: type[BaseModel]) -> tuple[tuple[str | int, ...], str]:
    """The setting and the line about it."""
    path = error["loc"][:-1] if error["loc"][-1:] == ("[key]",) else error["loc"]
    kind, details = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return path, unknown(str(path[-1]), allowed_keys(settings, path[:-1]))
    if kind == "value_error":
        return path, str(details["error"])
    if kind == "literal_error":
        words = _QUOTED.findall(str(details["expected"]))
        prefix = "unknown" if path != error["loc"] else "must be one of"
        return path, f"{prefix}, allowed: {', '.join(words)}" if prefix == "unknown" else f"{prefix} {', '.join(words)}"
    if kind == "list_type" and len(path) == 1:
        return path, f"must be a list of tables, each under its own [[{path[0]}]]"
    if kind in ("greater_than_equal", "less_than_equal"):
        return path, f"must be at {'least' if 'ge' in details else 'most'} {details.get('ge', details.get('le'))}"
    return path, _SAID.get(kind) or error["msg"][:1].lower() + error["msg"][1:]


def unknown(name: str, allowed: Iterable[str]) -> str:
    """The line about a name that is not known: the nearest one, or all."""
    known = sorted(allowed)
    near = get_close_matches(name.lower(), known, n=3, cutoff=0.6)
    # people seldom mistype the first letter
    near.sort(key=lambda word: word[0] != name[:1].lower())
    return f"unknown, did you mean {near[0]}?" if near else f"unknown, allowed: {', '.join(known)}"


def allowed_keys(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """What may stand in the table at that path of the settings."""
    kind: Any = model
    for part in path:
        kind = _inside(kind, part)
    found = _model_in(kind)
    return [] if found is None else keys_of(found)


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a table as they are written."""
    return [info.alias or name for name, info in model.model_fields.items()]


def _inside(kind: Any, part: str | int) -> Any:
    found = _model_in(kind)
    if found is not None and isinstance(part, str):
        by_key = {info.alias or name: info.annotation for name, info in found.model_fields.items()}
        return by_key.get(part)
    arguments = get_args(kind)
    return arguments[-1] if get_origin(kind) in (list, dict, Mapping) and arguments else None


def _model_in(kind: Any) -> type[BaseModel] | None:
    candidates = (kind, *get_args(kind)) if get_origin(kind) not in (list, dict) else ()
    return next((one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)), None)
