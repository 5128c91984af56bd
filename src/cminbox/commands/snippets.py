"""Looking into the library of answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from cminbox.commands.base import Context, Result
from cminbox.domain.errors import NotFoundError
from cminbox.domain.text import Safe
from cminbox.text.sanitize import line
