"""The same comments as mails, for neomutt: one file each in a maildir, what is done marked as read."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from cminbox.domain.item import Item, Status

RC = """\
set folder = "{folder}"
set spoolfile = "{folder}"
set mbox_type = Maildir
set header_cache = "{cache}"
set sort = reverse-date
set from = "mina@example.org"
set realname = "Mina"
set charset = "utf-8"
set send_charset = "utf-8"
set menu_scroll = yes
set quit = yes
set sleep_time = 0
set move = no
set mark_old = no
set delete = no
set confirmappend = no
set pager_stop = yes
set tmpdir = "{tmp}"
bind index j next-entry
bind index k previous-entry
bind pager q exit
"""
"""neomutt as its users have it: a header cache, plain colours of its own, scrolling by lines."""


def write_maildir(folder: Path, items: list[Item]) -> None:
    """Makes the maildir."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for item in items:
        flags = "S" if item.status is Status.DONE else ""
        name = f"{int(item.created_at.timestamp())}.{item.remote_id}.bench:2,{flags}"
        (folder / "cur" / name).write_bytes(_mail(item))


def _mail(item: Item) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(str(item.author.name), f"{item.author.remote_id}", "example.org")
    mail["To"] = Address("Mina", "mina", "example.org")
    mail["Subject"] = " ".join(item.text.split())[:300]
    mail["Date"] = format_datetime(item.created_at)
    mail["Message-ID"] = f"<{item.remote_id}@example.org>"
    if item.parent_remote_id:
        mail["In-Reply-To"] = f"<{item.parent_remote_id}@example.org>"
    mail.set_content(str(item.text), charset="utf-8", cte="8bit")
    return mail.as_bytes()


def write_rc(path: Path, folder: Path) -> None:
    """neomutt's configuration for that maildir."""
    cache, tmp = path.with_name("header-cache"), path.with_name("mutt-tmp")
    tmp.mkdir(exist_ok=True)
    path.write_text(RC.format(folder=folder, cache=cache, tmp=tmp), "utf-8")
