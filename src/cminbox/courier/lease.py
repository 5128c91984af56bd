"""One courier a store: a lease with a fence, prolonged while its holder lives.

Every write of a courier asks in its own transaction whether the fence is still its own (:func:`fenced`), so one that
was stopped and wakes up late writes nothing. A holder that died on this machine is known to be dead and need not be
waited for; one that is stopped or on another machine is, until its time is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import time
from pathlib import Path

from cminbox.domain.errors import RefusedError, StoreError
from cminbox.domain.lease import ProcessLease
from cminbox.store.protocol import Store, Tx

NAME = "sync"
SECONDS = 10.0
"""How long a lease runs without being prolonged."""
HEARTBEAT = 3.0
_MARGIN = 2.0


class LeaseLost(Exception):
    """Another courier took over. Nothing may be written or sent any more."""


def fenced(tx: Tx, fence: int) -> None:
    """Raises LeaseLost, and with it rolls the transaction back, where another courier took over."""
    try:
        tx.check_fence(NAME, fence)
    except RefusedError as lost:
        raise LeaseLost(str(lost)) from None


class Lease:
    """This process's hold of the duty. ``mode`` tells others what it is: ``sync``, ``once`` or ``screen``."""

    def __init__(self, store: Store, mode: str) -> None:
        self._store = store
        self.owner = f"{mode}@{_machine()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.fence = 0
        self._sure_until = float("-inf")

    async def take(self) -> ProcessLease | None:
        """Takes or prolongs it. None on success; else who holds it."""
        asked = _monotonic()

        def work(tx: Tx) -> ProcessLease | None:
            holder = tx.process_lease(NAME)
            if holder is not None and holder.owner != self.owner and _is_dead(holder.owner):
                tx.drop_process_lease(NAME, holder.owner)
            return tx.take_process_lease(NAME, self.owner, SECONDS)

        lease = await self._store.write(work)
        if lease is None:
            return await self._store.read(lambda r: r.process_lease(NAME)) or await self.take()
        if self.fence and lease.fence != self.fence:
            # it ran out, somebody else had it, and it was free again: what was begun under the old fence is not ours
            raise LeaseLost("the lease was another's in between")
        self.fence = lease.fence
        self._sure_until = asked + SECONDS - _MARGIN
        return None

    async def keep(self) -> None:
        """Prolongs it until cancelled. Raises LeaseLost when another has it."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            try:
                if await self.take() is not None:
                    raise LeaseLost("another courier took over")
            except StoreError:
                # a full disk or a busy store: whoever can write decides; our writes fail by themselves meanwhile
                continue

    async def assure(self) -> None:
        """Right before something leaves: still ours? Costs nothing while the last heartbeat is fresh. LeaseLost."""
        if _monotonic() >= self._sure_until and await self.take() is not None:
            raise LeaseLost("another courier took over")

    async def drop(self) -> None:
        """Puts it down, so that the next one need not wait."""
        with contextlib.suppress(StoreError):
            await self._store.write(lambda tx: tx.drop_process_lease(NAME, self.owner))


def told(owner: str) -> tuple[str, str]:
    """(mode, "pid N") of an owner."""
    mode, _, rest = owner.partition("@")
    pid = rest.rpartition(":")[0].rpartition(":")[2]
    return mode, f"pid {pid}" if pid.isdecimal() else "another process"


def _monotonic() -> float:
    # goes on while the machine sleeps, unlike CLOCK_MONOTONIC; macOS has no such clock, its monotonic one will do
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()


def _machine() -> str:
    """This machine, this boot, this space of process ids: only within all three does a pid mean anything."""
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()).strip("pid:[]"))
    return "/".join(part.replace(":", "_") for part in parts)


def _is_dead(owner: str) -> bool:
    """Whether the holder was a process of this machine that is no more."""
    _, _, rest = owner.partition("@")
    where, _, pid = rest.rpartition(":")[0].rpartition(":")
    if where != _machine() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return _is_zombie(int(pid))


def _is_zombie(pid: int) -> bool:
    """Dead, and nobody asked yet how it died: a killed child of a process that does not wait for it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    return stat.rpartition(b")")[2].split()[:1] == [b"Z"]
