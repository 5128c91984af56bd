"""The order of a conversation."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cminbox.domain.thread import Node, arranged


@st.composite
def conversations(draw: st.DrawFn) -> list[Node]:
    """Any messages: parents that are absent, themselves, younger, in a ring; one remote id twice; equal times."""
    size = draw(st.integers(0, 14))
    names = [str(draw(st.integers(0, size))) for _ in range(size)]
    return [
        Node(
            key=(n + 1) * draw(st.sampled_from([1, -1])),
            remote_id=names[n],
            parent_remote_id=draw(st.none() | st.sampled_from([*names, "absent"])),
            created_at=draw(st.integers(0, 5)),
        )
        for n in range(size)
    ]


@given(conversations())
def test_every_message_stands_there_once(nodes: list[Node]) -> None:
    assert sorted(key for key, _ in arranged(nodes)) == sorted(node.key for node in nodes)


@given(conversations(), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_they_came(nodes: list[Node], random: object) -> None:
    shuffled = sorted(nodes, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert arranged(shuffled) == arranged(nodes)


@given(conversations())
def test_each_stands_below_its_parent_and_siblings_go_by_time(nodes: list[Node]) -> None:
    by_key = {node.key: node for node in nodes}
    order = arranged(nodes)
    path = list[Node]()
    last_child = dict[tuple[str, int], tuple[int, int]]()
    for place, (key, depth) in enumerate(order):
        node = by_key[key]
        assert depth <= len(path)
        del path[depth:]
        if depth:
            parent = path[-1]
            assert node.parent_remote_id == parent.remote_id
            seat = (parent.remote_id, order.index((parent.key, depth - 1)))
            assert last_child.get(seat, (-1, 0)) < (node.created_at, node.key), place
            last_child[seat] = (node.created_at, node.key)
        path.append(node)


@given(conversations())
def test_only_those_without_a_parent_stand_at_the_top_or_the_oldest_of_a_ring(nodes: list[Node]) -> None:
    known = {node.remote_id: node for node in sorted(nodes, key=lambda n: (n.created_at, n.key), reverse=True)}
    by_key = {node.key: node for node in nodes}
    for key, depth in arranged(nodes):
        node = by_key[key]
        parent = node.parent_remote_id
        if depth or parent is None or parent not in known or parent == node.remote_id:
            continue
        ring, at = list[Node](), known[parent]
        while at not in ring and at.parent_remote_id in known:
            ring.append(at)
            at = known[at.parent_remote_id]
        assert at in ring, "a node with a parent stands at the top, and there is no ring"
        ring = ring[ring.index(at) :]
        assert node.remote_id in {n.remote_id for n in ring}
        assert node.created_at == min(n.created_at for n in ring)


def test_a_ring_is_broken_at_its_oldest() -> None:
    ring = [Node(1, "a", "c", 30), Node(2, "b", "a", 10), Node(3, "c", "b", 20), Node(4, "d", "a", 5)]
    assert arranged(ring) == [(2, 0), (3, 1), (1, 2), (4, 3)]


@pytest.mark.parametrize("shape", ["deep", "wide"])
def test_ten_thousand_are_arranged_at_once(shape: str) -> None:
    nodes = [Node(n + 1, str(n), None if n == 0 else str(n - 1 if shape == "deep" else 0), n) for n in range(10_000)]
    began = time.thread_time()
    order = arranged(nodes)
    # 20 ms where it was measured; room for slower machines, none for a quadratic way
    assert time.thread_time() - began < 0.5
    assert order[-1] == (10_000, 9_999 if shape == "deep" else 1)
