"""From text to cells as Textual counts them, and which of these a terminal may count otherwise.

Widths are Rich's (Textual lays out with them). A cluster is *certain* when every terminal looked at gives it that width
(RELIABILITY 2.3: ASCII, Latin, Greek, Cyrillic, Hebrew, Arabic, Thai and Devanagari letters with their plain marks, box
drawing, CJK). After any other the cursor is placed anew, so that a terminal that counts otherwise shifts nothing (R5).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# The last guard (RELIABILITY R3): what no cell may ever hold, whoever drew it. Cleaning belongs to cminbox.text.
FORBIDDEN = (
    "\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    "\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff\\U000e0000-\\U000e0fff"
)
_guard = re.compile(f"[{FORBIDDEN}]+").sub

# Code points that Rich 15, wcwidth 0.9 and the terminals of RELIABILITY 2.3 all give one cell, none, or two
# (tests/terminal/test_cells.py holds these tables against both libraries).
NARROW = (
    " -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u0482\u048a-\u052f"
    "\u0531-\u0556\u0561-\u0586\u05be\u05c0\u05c3\u05d0-\u05ea\u060b-\u060f\u061b\u061e-\u064a\u0660-\u066f"
    "\u0671-\u06d3\u06f0-\u06f9\u0904-\u0939\u093d\u0958-\u0961\u0964-\u0970\u0e01-\u0e30\u0e32\u0e3f-\u0e46"
    "\u0e4f-\u0e5b\u10d0-\u10ff\u1e00-\u1f15\u1f80-\u1fb4\u2010-\u2027\u2030-\u205e\u2074-\u208e\u20a0-\u20bf"
    "\u2100-\u2188\u2190-\u21ff\u2200-\u22ff\u2460-\u25fc\u2605\u2606\u2690-\u2692\u26a0\u270e-\u2710\u2713-\u2718"
    "\u276e\u276f\u27e8\u27e9\u2800-\u28ff\ufffd"
)
MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670\u093c"
    "\u0941-\u0948\u094d\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
WIDE = (
    "\u3001-\u3029\u3041-\u3096\u309b-\u30ff\u3105-\u312f\u3131-\u3163\u3165-\u318e\u31f0-\u321e\u3220-\u3247"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7a3\uf900-\ufa6d\uff01-\uff60\uffe0-\uffe6"
)
_all_narrow = re.compile(f"[{NARROW}]*").fullmatch

_LONGEST = 24  # code points in one cell; sanitize allows far fewer


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[str, ...]:
    """The cells of a text: each holds a cluster; the second cell of a wide one holds ``""``.

    Forbidden characters are taken out without moving what follows: a cell that held nothing else becomes a space.
    """
    if (text.isascii() and text.isprintable()) or _all_narrow(text):
        return tuple(text)
    # Late: costs 10 ms, and the first paint of a screen in plain Latin text does without.
    from rich.cells import split_graphemes

    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        cluster = _guard("", text[start:end])[:_LONGEST]
        if width:
            cells += [_standing(cluster), "", ""][:width]
        elif cells and cluster:  # a mark that Rich could not tie to a base
            head = -1 if cells[-1] else -2
            cells[head] = (cells[head] + cluster)[:_LONGEST]
    return tuple(cells)


def _standing(cluster: str) -> str:
    """The cluster with something to stand on: without its base a mark would join the cell before it."""
    return f" {cluster}" if not cluster or _needs_base(cluster[0]) else cluster


@lru_cache(maxsize=4096)
def _needs_base(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me", "Cf")


@lru_cache(maxsize=8192)
def is_certain(text: str) -> bool:
    """Whether every terminal gives this text (a cluster, or a whole row) the width that we count."""
    return (text.isascii() and text.isprintable()) or bool(_all_narrow(text)) or bool(_certain().fullmatch(text))


@lru_cache(maxsize=1)
def _certain() -> re.Pattern[str]:
    return re.compile(f"(?:[{NARROW}{WIDE}][{MARKS}]{{0,6}})*")  # 3 ms, which the first paint rarely needs


@lru_cache(maxsize=4096)
def most_cells(cluster: str) -> int:
    """The most cells that a terminal gives a cluster: it may count marks and joiners, and draw anything else wide."""
    return sum(
        1 if _all_narrow(character) or unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf") else 2
        for character in cluster
    )
