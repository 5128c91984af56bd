"""The hardened terminal layer: what stands between Textual and a terminal that may stall, close, lie or be killed.

Nothing here imports Textual except ``driver``, ``painter`` and ``base_app``; ``guardian`` and ``first_paint`` are used
before it is imported. Read ``sequences`` first: it lists everything this program ever sends to a terminal.
"""
