"""Where the files lie that travel with the program: in the wheel inside the package, in a checkout at its top."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from cminbox.domain.errors import NotFoundError


def shipped(name: Literal["snippets", "themes"]) -> Path:
    """The folder of that name. Never looked for in the working directory, where anybody may have put one.

    Raises:
        NotFoundError: neither place has it, so the installation is broken.
    """
    package = Path(__file__).resolve().parent
    for place in (package / name, package.parents[1] / name):
        if place.is_dir():
            return place
    raise NotFoundError(f"the folder {name} that belongs to cminbox is missing beside {package}: install it again")
