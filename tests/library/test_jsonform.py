"""The JSON that CONTRACT.md names."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone

from cminbox.domain.snippet import Approval, Snippet, digest
from cminbox.library.jsonform import hit_json, snippet_json
from cminbox.library.search import SnippetSearch

TODAY = date(2026, 11, 21)
SNIPPET = Snippet(
    "late",
    "Late delivery",
    {"en": "Hello {author}", "de": "Hallo"},
    tags=("parcel",),
    collection="orders",
    review=date(2027, 3, 1),
)
KEYS = ["id", "title", "lang", "langs", "text", "tags", "intents", "channels", "brands", "collection", "review"]
KEYS += ["state", "approved_by", "approved_at", "approved_until", "uses", "last_used_at"]


def test_draft() -> None:
    made = snippet_json(SNIPPET, "en", [], today=TODAY)
    assert list(made) == KEYS
    assert made["state"] == "draft"
    assert (made["langs"], made["channels"], made["review"]) == (["en", "de"], ["*"], "2027-03-01")
    assert (made["approved_by"], made["approved_at"], made["approved_until"]) == (None, None, None)
    assert json.loads(json.dumps(made)) == made


def test_approved_with_times_in_utc() -> None:
    at = datetime(2026, 11, 20, 10, 30, tzinfo=timezone(timedelta(hours=1)))
    log = [Approval("ada", at, None, digest("Hello {author}"), "en")]
    made = snippet_json(SNIPPET, "en", log, today=TODAY, uses=3, last_used_at=datetime(2026, 11, 21, tzinfo=UTC))
    assert (made["state"], made["approved_by"]) == ("approved", "ada")
    assert (made["approved_at"], made["approved_until"]) == ("2026-11-20T09:30:00Z", "2027-03-01")
    assert (made["uses"], made["last_used_at"]) == (3, "2026-11-21T00:00:00Z")
    assert snippet_json(SNIPPET, "de", log, today=TODAY)["state"] == "draft"


def test_revoked_has_no_approver() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    log = [
        Approval("ada", at, None, digest("Hello {author}"), "en"),
        Approval("bo", at, None, "", "en", revoked_reason="wrong"),
    ]
    made = snippet_json(SNIPPET, "en", log, today=TODAY)
    assert (made["state"], made["approved_by"], made["approved_until"]) == ("revoked", None, None)


def test_hit_adds_score_and_places() -> None:
    (hit,) = SnippetSearch([SNIPPET]).search("deliv")
    made = hit_json(snippet_json(SNIPPET, hit.lang, [], today=TODAY), hit)
    assert list(made) == [*KEYS, "score", "matched"]
    assert 0 < made["score"] <= 100
    assert {"field": "title", "start": 5, "end": 10} in made["matched"]
