"""What is known of Isso without asking one."""

from __future__ import annotations

from cminbox.domain.channel import KindFacts

FACTS = KindFacts(
    kind="isso",
    title="Isso",
    can=frozenset({"reply"}),
    max_length=65535,
    min_length=3,
    options={
        "uris": "list of str: pages to read where the server's /latest is off, such as /blog/first-post/",
        "email": "str: the e-mail address that goes with answers (shown to nobody)",
        "website": "str: the link that goes with answers",
        "site": "str: the blog's address, where it is not the one that the server names",
        "moderated": "bool: whether the server holds new comments back; without it the first answer tells",
        "quiet": "duration: so long after a failed try an answer that is not there may still come (90s)",
    },
)
