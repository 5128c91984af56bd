"""A platform is one module that holds FACTS; nothing else has to know of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cminbox.channels.base import on_platform, reissued
from cminbox.channels.registry import connect, facts
from cminbox.domain.errors import UsageError
from tests.courier.support import NOW, channel_config

TYPES = ("list of str", "str", "int", "float", "bool", "duration")


def test_what_there_is() -> None:
    known = facts()
    assert {"isso", "demo"} <= known.keys()
    for kind, one in known.items():
        assert one.kind == kind and one.title and one.can
        assert all(what.startswith(TYPES) and ": " in what for what in one.options.values())
    assert (known["isso"].min_length, known["isso"].max_length) == (3, 65535)


def test_the_facts_cost_no_http_library() -> None:
    code = (
        "import sys; from cminbox.channels.registry import facts; facts();"
        "print([name for name in ('httpx', 'httpcore', 'pydantic', 'textual') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_kind_that_is_none() -> None:
    with pytest.raises(UsageError, match="no kind 'myspace'"):
        connect(channel_config(kind="myspace"), None)
    with pytest.raises(UsageError, match="url"):
        connect(channel_config(kind="isso"), None)


def test_ids_that_are_given_out_again() -> None:
    again = reissued("17", NOW)
    assert again != "17" and on_platform(again) == "17" == on_platform("17")
