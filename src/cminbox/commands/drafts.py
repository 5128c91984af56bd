"""Drafts: what is typed is on disk soon after, and there again after anything."""

from __future__ import annotations

from cminbox.commands.base import Context, Result
from cminbox.commands.items import found
from cminbox.domain.draft import Draft
from cminbox.domain.errors import UsageError
from cminbox.store.protocol import Tx


async def keep(
    ctx: Context, id: int, *, text: str | None = None, snippet: str | None = None, cursor: int | None = None
) -> Result:
    """Keeps a draft of the operator's for an item; an empty one is dropped. ``cursor``: at its end, if not said."""
    if text is None:
        raise UsageError("which text? --text TEXT")
    words = text

    def work(tx: Tx) -> None:
        found(tx, id)
        if words.strip():
            tx.save_draft(Draft(item=id, operator=ctx.operator, text=words, updated_at=tx.now(), snippet=snippet,
                                cursor=len(words) if cursor is None else cursor))  # fmt: skip
        else:
            tx.drop_draft(id, ctx.operator)

    await ctx.store.write(work)
    return Result(message=f"draft for {id} kept" if words.strip() else f"no draft for {id}",
                  one={"item": id, "operator": ctx.operator, "text": words})  # fmt: skip
