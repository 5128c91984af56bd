"""On which kind of file system a store lies. Locks of network file systems cannot be relied on."""

from __future__ import annotations

import os
from pathlib import Path

NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.rclone", "glusterfs"}
)
MOUNTS = Path("/proc/self/mountinfo")


def file_system(path: Path, mounts: Path = MOUNTS) -> str | None:
    """The type of the file system under a path, as Linux names it; None where that cannot be told (macOS)."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
        device = path.stat().st_dev
    except OSError:
        return None
    wanted = f"{os.major(device)}:{os.minor(device)}"
    real = os.fspath(path.resolve())
    best, kind = -1, None
    for line in lines:
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        where = (
            fields[4].encode("ascii", "surrogateescape").decode("unicode_escape") if "\\" in fields[4] else fields[4]
        )
        under = real == where or real.startswith(where.rstrip("/") + "/")
        if under and len(where) + 10_000 * (fields[2] == wanted) > best:
            best, kind = len(where) + 10_000 * (fields[2] == wanted), right.split(" ")[0]
    return kind


def told_file_system(path: Path) -> str:
    """One line for doctor."""
    kind = file_system(path)
    if kind is None:
        return "unknown"
    if kind in NETWORK:
        return f"{kind}: a network file system, whose locks cannot be relied on; move the store to a local disk"
    return kind
