"""Looking into the library of answers."""

from __future__ import annotations

