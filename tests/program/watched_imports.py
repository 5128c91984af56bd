"""``cminbox``, which writes down what its screen's process had imported in the end. ``… FILE WORDS``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main() -> int:
    """As ``cminbox``."""
    file, words = Path(sys.argv[1]), sys.argv[2:]
    from cminbox.cli import screen

    sound: Any = screen.__dict__["_screen"]

    def watched(*given: Any) -> int:
        try:
            status: int = sound(*given)
            return status
        finally:
            file.write_text(json.dumps(sorted(sys.modules)))

    screen.__dict__["_screen"] = watched
    from cminbox.__main__ import main as program

    return program(words)


if __name__ == "__main__":
    sys.exit(main())
