"""The world of ``cminbox demo``: an invented brand, what people write to it, and when. No network, no store.

Texts lie in ``world/`` (README.md there says how to read them), :mod:`.world` loads them, :mod:`.timeline` says what
stands on a channel at a moment. Whatever is shown goes through the usual door: texts leave here as ``Raw``.
"""
