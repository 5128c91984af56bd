"""A conversation: who answered whom, in the order in which a reader follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cminbox.domain.item import Author
from cminbox.domain.text import Safe


@dataclass(frozen=True, slots=True)
class Node:
    """One message of a thread, without its text: enough to put thousands in order.

    ``key`` is the item's id, or minus the id of a message that our account wrote.
    """

    key: int
    remote_id: str
    parent_remote_id: str | None
    created_at: int
    """Microseconds since 1970, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadEntry:
    """A message of a thread as it is shown. ``item`` is None where our account wrote it."""

    key: int
    remote_id: str
    parent_remote_id: str | None
    author: Author
    text: Safe
    created_at: datetime
    edited_at: datetime | None = None
    removed_at: datetime | None = None
    ours: bool
    item: int | None
    operator: str | None = None
    """Which of us wrote it, where we know."""


def arranged(nodes: Sequence[Node]) -> list[tuple[int, int]]:
    """(key, depth) of every node: each after its parent, siblings by time, in linear time at any depth.

    A node whose parent is not there stands at the top. A ring (a parent that is its own descendant, which no platform
    should make) is broken at its oldest node.
    """
    known = {node.remote_id for node in nodes}
    children: dict[str | None, list[Node]] = {}
    for node in sorted(nodes, key=lambda n: (n.created_at, n.key)):
        parent = node.parent_remote_id
        top = parent is None or parent not in known or parent == node.remote_id
        children.setdefault(None if top else parent, []).append(node)
    order: list[tuple[int, int]] = []
    # by key: a platform may give the id of a deleted message out again, to one of ours too
    done: set[int] = set()

    def walk(start: Node) -> None:
        stack = [(start, 0)]
        while stack:
            node, depth = stack.pop()
            if node.key in done:
                continue
            done.add(node.key)
            order.append((node.key, depth))
            stack.extend((child, depth + 1) for child in reversed(children.get(node.remote_id, [])))

    for node in children.get(None, []):
        walk(node)
    if len(done) < len(nodes):
        for node in sorted(nodes, key=lambda n: (n.created_at, n.key)):
            if node.key not in done:
                walk(node)
    return order
