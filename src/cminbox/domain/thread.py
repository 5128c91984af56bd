"""A conversation: who answered whom, in the order in which a reader follows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    should make) is broken at its oldest node. Two messages under one remote id both stay.
    """
    oldest_first = sorted(nodes, key=lambda n: (n.created_at, n.key))
    known = {node.remote_id: node for node in reversed(oldest_first)}
    children: dict[str | None, list[Node]] = {}
    for node in oldest_first:
        parent = node.parent_remote_id
        top = parent is None or parent not in known or parent == node.remote_id
        children.setdefault(None if top else parent, []).append(node)
    order: list[tuple[int, int]] = []
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
    for node in oldest_first:
        # what no top leads to hangs on a ring, or is part of one
        if node.key not in done:
            walk(_oldest_of_ring(node, known))
    return order


def _oldest_of_ring(node: Node, known: Mapping[str, Node]) -> Node:
    """Where to break the ring that a node hangs on."""
    passed: dict[str, Node] = {}
    while node.remote_id not in passed:
        passed[node.remote_id] = node
        node = known[node.parent_remote_id or ""]
    ring = list(passed.values())[list(passed).index(node.remote_id) :]
    return min(ring, key=lambda n: (n.created_at, n.key))
