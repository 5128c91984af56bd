"""docs/configuration.md names every setting there is, and says which of them are not in effect."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from cminbox.settings import models
from cminbox.settings.load import SLEEPING

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
SECTIONS = {
    "operator": models.Operator, "brands.NAME": models.Brand, "store": models.StoreTable, "channels": models.Channel,
    "keys": models.Keys, "ui": models.Ui, "routes": models.Route, "rules": models.Rule, "sla": models.Sla,
    "guard": models.Guard, "filters": models.Filter, "views": models.View, "listener": models.Listener,
}  # fmt: skip


def section(name: str) -> str:
    """The part of the page about a table."""
    for part in PAGE.read_text("utf-8").split("\n### ")[1:]:
        if re.search(rf"`\[+{re.escape(name)}\]+`", part.split("\n")[0]):
            return part.split("\n## ")[0]
    raise AssertionError(f"no section about {name}")


@pytest.mark.parametrize("name", SECTIONS)
def test_every_key_of_a_table_is_described(name: str) -> None:
    model: type[BaseModel] = SECTIONS[name]
    described = set(re.findall(r"`([a-z_]+)`", section(name)))
    assert {info.alias or key for key, info in model.model_fields.items()} <= described


@pytest.mark.parametrize("name", SLEEPING)
def test_what_is_not_in_effect_is_marked(name: str) -> None:
    title = section(name).split("\n")[0]
    assert re.search(rf"`\[+{name}\]+` ○", title), title


def test_every_table_has_a_section() -> None:
    told = PAGE.read_text("utf-8")
    for name in models.Settings.model_fields:
        assert re.search(rf"`(\[+)?{name}(\.NAME)?(\]+)?`", told), name


def test_every_field_of_a_model_says_what_it_is() -> None:
    for model in vars(models).values():
        if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == models.__name__:
            for key, info in model.model_fields.items():
                assert info.description, f"{model.__name__}.{key}"
