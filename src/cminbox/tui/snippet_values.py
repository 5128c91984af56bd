"""What stands for the placeholders of a snippet, in an answer to one item."""

from __future__ import annotations

from cminbox.commands.base import Context
from cminbox.domain.item import Item


def values_for(ctx: Context, item: Item, lang: str) -> dict[str, str]:
    """name → value, of the closed set of CONTRACT.md."""
    operator = ctx.config.operator
    post = item.post
    today = ctx.clock().date()
    date = f"{today.day}.{today.month}.{today.year}" if lang == "de" else f"{today.day} {today:%B} {today.year}"
    return {
        "author": item.author.shown or item.author.handle or "",
        "handle": item.author.handle or item.author.shown or "",
        "operator": operator.display_name,
        "signature": operator.signature,
        "brand": item.brand or "",
        "channel": item.channel,
        "post": (post.title if post else None) or "",
        "link": item.url or (post.url if post else None) or "",
        "rule": "",
        "date": date,
    }
