"""The append-only log, against itself and against its head that is kept outside the store."""

from __future__ import annotations

from collections.abc import Iterator

from cminbox.cli.examine import Finding, State
from cminbox.domain.config import Config
from cminbox.store.head import KeptHead
from cminbox.store.sqlite import open_reader, path_of
from cminbox.store.sqlite.verify import verify_file


def findings(config: Config) -> Iterator[Finding]:
    """Nothing where there is no store yet."""
    path = path_of(config.store_url)
    if not path.exists():
        return
    kept = KeptHead.of(path, config.places.state)
    broken = verify_file(path, kept)
    if broken is not None:
        yield Finding("log", State.BAD, f"{broken}: a backup from before tells more (cminbox log verify)")
        return
    with open_reader(config.store_url) as reader:
        head = reader.head()
    yield Finding("log", State.OK, f"whole: {head.n} lines, head {head.hash[:12]} (kept in {kept.path})")
