"""How the screen is shared out at a given size. First paint and Textual's layout go by the same numbers."""

from __future__ import annotations

WIDE = 120
"""From so many columns list and item stand side by side."""
TALL = 34
"""From so many lines on a wide screen an item of the feed has two."""
MOST_FEED = 100
"""Columns of the feed at most: a wide screen shows more context, not wider lines."""


def is_wide(width: int) -> bool:
    """Whether list and item stand side by side."""
    return width >= WIDE


def two_lines(width: int, height: int) -> bool:
    """Whether an item of the feed has two lines."""
    return is_wide(width) and height >= TALL


def feed_width(width: int) -> int:
    """Columns of the feed, on a wide screen beside the rule and the item."""
    return min(MOST_FEED, (width - 1) * 9 // 19) if is_wide(width) else width
