"""A process of its own that checks the configuration for a screen: ``python -m cminbox.cli.config_check [FILE]``.

It prints the checked configuration as JSON, so that the screen need not import what checks it.
"""

from __future__ import annotations

import json
import sys

from cminbox.cli.config import checked
from cminbox.cli.errors import reported
from cminbox.places import find_places
from cminbox.settings.plain import to_plain


def _print_checked() -> int:
    named = sys.argv[1] if len(sys.argv) > 1 else None
    config = checked(find_places(named), must_exist=named is not None)
    sys.stdout.write(json.dumps(to_plain(config)))
    return 0


if __name__ == "__main__":
    sys.exit(reported(_print_checked))
