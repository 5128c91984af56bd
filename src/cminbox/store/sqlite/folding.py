"""Folding for search: without case and diacritics, the same in Python and, as ``folded(text)``, in SQL."""

from __future__ import annotations

import unicodedata


def folded(text: str | None) -> str | None:
    """NFKD, case folded, combining marks dropped: ``Größe`` and ``GRÖSSE`` are both ``grosse``."""
    if text is None:
        return None
    if text.isascii():
        return text.lower()
    split = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in split if not unicodedata.combining(c))
