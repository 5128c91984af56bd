"""A snippet as JSON, with the names of CONTRACT.md (Snippets). Values are plain: ready for ``json.dumps``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from cminbox.domain.snippet import Approval, Snippet, approval_of, approved_until, state_of
from cminbox.library.search import Hit


def snippet_json(
    snippet: Snippet,
    lang: str,
    approvals: Sequence[Approval],
    *,
    today: date,
    uses: int = 0,
    last_used_at: datetime | None = None,
) -> dict[str, Any]:
    """One snippet in one language. Who approved it is given for a standing or former approval, not for a revocation.

    Raises:
        SnippetError: the snippet has no text in that language.
    """
    state = state_of(snippet, lang, approvals, today)
    last = approval_of(lang, approvals)
    approval = None if last is None or last.is_revocation else last
    until = approved_until(snippet, approval) if approval else None
    return {
        "id": snippet.id,
        "title": snippet.title,
        "lang": lang,
        "langs": list(snippet.langs),
        "text": snippet.texts[lang],
        "tags": list(snippet.tags),
        "intents": list(snippet.intents),
        "channels": list(snippet.channels),
        "brands": list(snippet.brands),
        "collection": snippet.collection,
        "review": snippet.review.isoformat() if snippet.review else None,
        "state": state.value,
        "approved_by": approval.who if approval else None,
        "approved_at": instant(approval.at) if approval else None,
        "approved_until": until.isoformat() if until else None,
        "uses": uses,
        "last_used_at": instant(last_used_at) if last_used_at else None,
    }


def hit_json(snippet: dict[str, Any], hit: Hit) -> dict[str, Any]:
    """What :func:`snippet_json` made, with the score and the places that matched."""
    matched = [{"field": match.field, "start": match.start, "end": match.end} for match in hit.matched]
    return {**snippet, "score": hit.score, "matched": matched}


def instant(moment: datetime) -> str:
    """UTC to the second, as ``2026-11-20T09:30:00Z``. A moment without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
