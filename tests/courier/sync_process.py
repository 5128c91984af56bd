"""A courier as a process of its own, without the command line around it: HOME, URL, then once, stay or screen."""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import timedelta
from pathlib import Path

from cminbox.courier.run import run
from cminbox.store.sqlite import open_store
from tests.courier.support import channel_config, config_of


async def main(home: Path, url: str, mode: str) -> int:
    blog = channel_config(url=url, poll=timedelta(seconds=0.2), options={"moderated": False})
    store = await open_store(home / "inbox.db", state=home)
    try:
        return await run(config_of(home, blog), store, once=mode == "once", for_screens=mode == "screen")
    finally:
        await store.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    sys.exit(asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])))
