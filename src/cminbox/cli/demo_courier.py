"""The demo's courier: ``python -m cminbox.cli.demo_courier sync``, with a configuration that needs no checking.

It is made here as :mod:`cminbox.settings.load` would make it of the demo's config.toml (a test compares the two), and
kept as the snapshot that the screen reads: so neither has to wait for pydantic.
"""

from __future__ import annotations

import asyncio
import sys
import tomllib
from datetime import timedelta
from typing import Any

from cminbox.channels.demo import FACTS
from cminbox.cli.demo import BRAND, POLL
from cminbox.cli.environment import Environment
from cminbox.cli.errors import reported
from cminbox.cli.sync import sync
from cminbox.domain.config import ChannelConfig, Config, OperatorConfig, Places
from cminbox.settings.snapshot import save_snapshot


def configured(places: Places, brand: dict[str, Any]) -> Config:
    """The configuration of the demo."""
    return Config(
        operator=OperatorConfig(name=brand["operator"], display_name=brand["operator"], languages=("de", "en")),
        store_url=f"sqlite:///{places.data / 'inbox.db'}",
        places=places,
        channels=tuple(
            ChannelConfig(
                name=channel["name"], kind=FACTS.kind, brand=brand["name"], poll=timedelta(seconds=POLL),
                can=FACTS.can, max_length=FACTS.max_length, min_length=FACTS.min_length, counts=FACTS.counts,
            )
            for channel in brand["channels"]
        ),
        brands=(brand["name"],),
    )  # fmt: skip


def _work() -> int:
    environment = Environment()
    places = environment.places
    save_snapshot(places, configured(places, tomllib.loads(BRAND.read_text("utf-8"))), [places.config])
    return asyncio.run(sync(environment, for_screens=True))


if __name__ == "__main__":
    sys.exit(reported(_work))
