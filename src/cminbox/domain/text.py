"""The two kinds of text: what came from outside, and what may be shown.

They are siblings, not parent and child, so that a checker and a reader both see where a text stands. ``Raw`` is made
where bytes come in; ``Safe`` is made in :mod:`cminbox.text.sanitize` and nowhere else (a test looks for offenders).
"""

from __future__ import annotations


class Raw(str):
    """Text as somebody outside wrote it: may hold control sequences, markup, formulas. Never drawn, never printed."""

    __slots__ = ()


class Safe(str):
    """Text that went through the door (:mod:`cminbox.text.sanitize`): no control or direction-changing character.

    It keeps every script, emoji and their joiners. What a terminal draws differently from what it counts is simplified
    once more at drawing (:func:`cminbox.text.cells.drawn`).
    """

    __slots__ = ()
