"""Isso, the comment server of small blogs (https://isso-comments.de, measured against 0.14.0).

What it has to be known for:

- It knows no owner: whoever posts writes any name. Ours is what we sent, told by its id (the courier's matter).
- Threads are one level deep: an answer to an answer is stored under the topmost comment.
- A ``parent`` that does not exist is silently dropped, and the answer stands at the top of the page. So the comment is
  looked at right before sending, and an answer that lost its parent all the same is taken back with the cookie that
  came with it.
- ``/latest`` lists every page's comments, but as HTML, replies after all others, and without a cursor. It tells *what*
  changed; the text is read as it was written from the page itself (``plain=1``).
- Ids are given out again: SQLite reuses the id of a deleted comment when it was the newest.
- What waits for moderation is in no public listing. An answer that is not seen is surely absent only where the server
  is known to publish at once, or where we may look into its queue (with the admin password).
- A rate limit is 403 with a web page; an edit by the admin leaves ``modified`` as it was.
"""

from __future__ import annotations

from cminbox.channels.isso.connector import Connector
from cminbox.channels.isso.facts import FACTS

__all__ = ["FACTS", "Connector"]
