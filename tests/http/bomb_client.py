"""Asks a server for bombs with 1 GiB of address space and prints, a line each, what it cost. Run by test_bodies.py."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from cminbox.http import ChannelHTTP
from cminbox.http.transport import _trust


def peak_kib() -> int:
    status = Path("/proc/self/status")
    if status.exists():  # Linux hands ru_maxrss of the parent down to the child, VmHWM is our own
        return int(next(row.split()[1] for row in status.read_text().splitlines() if row.startswith("VmHWM")))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def main(url: str, paths: list[str]) -> None:
    _trust()  # the authorities are read once, whatever is asked
    async with ChannelHTTP(url) as http:
        await http.request("GET", "/small")
        for path in paths:
            before, started = peak_kib(), time.process_time()
            try:
                reply = await http.request("GET", path)
                await reply.json()
                end = "answered"
            except Exception as error:
                end = f"{type(error).__name__}: {error}"
            cost = {"path": path, "end": end, "mib": (peak_kib() - before) / 1024, "cpu": time.process_time() - started}
            print(json.dumps(cost), flush=True)


if __name__ == "__main__":
    if sys.platform == "linux":  # macOS refuses
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
