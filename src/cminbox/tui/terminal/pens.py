"""How a cell looks (a *pen*), and the shortest SGR sequence from one pen to another.

SGR: ECMA-48 §8.3.117; 256 and 24 bit colours: ISO 8613-6 as xterm's ctlseqs writes it, with semicolons.
"""

from __future__ import annotations

from functools import lru_cache

# (attributes, foreground, background) as SGR parameters, e.g. ("1;3", "38;5;12", "48;2;1;2;3"); "" is the default.
# Pens are shared objects: the lists of two equal rows then compare by identity, which is what makes a frame cheap.
Pen = tuple[str, str, str]

DEFAULT: Pen = ("", "", "")

# Bold, faint, italic, underline, reverse, strike, double underline, overline. Blink, conceal and frames are not ours.
ATTRIBUTES = ("1", "2", "3", "4", "7", "9", "21", "53")
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "7": "27", "9": "29", "21": "24", "53": "55"}
_SEEN_ON_BLANK = frozenset(("4", "7", "9", "21", "53"))

_pens: dict[Pen, Pen] = {DEFAULT: DEFAULT}


def make(attributes: str, foreground: str, background: str) -> Pen:
    """The one shared pen with these SGR parameters."""
    pen = (attributes, foreground, background)
    return _pens.setdefault(pen, pen)


@lru_cache(maxsize=1024)
def from_sgr(parameters: str) -> Pen:
    """The pen that ``CSI parameters m`` gives after a reset. Parameters that are not ours are left out."""
    attributes: list[str] = []
    colours = {"3": "", "4": ""}
    parts = iter(parameters.split(";"))
    for part in parts:
        if part in ("38", "48"):
            kind = next(parts, "")
            rest = [next(parts, "0") for _ in range(3 if kind == "2" else 1)]
            colours[part[0]] = ";".join((part, kind, *rest))
        elif part in ATTRIBUTES:
            attributes.append(part)
        elif len(part) == 2 and part[0] in "34" and part[1] in "01234567":
            colours[part[0]] = part
        elif (len(part) == 2 and part[0] == "9") or (len(part) == 3 and part[:2] == "10"):
            colours["3" if part[0] == "9" else "4"] = part
    return make(";".join(sorted(attributes, key=int)), colours["3"], colours["4"])


@lru_cache(maxsize=8192)
def change(before: Pen, after: Pen) -> str:
    """The shortest SGR sequence that turns ``before`` into ``after``; empty when they look the same."""
    if before == after:
        return ""
    if after == DEFAULT:
        return "\x1b[m"
    fresh = ";".join(("0", *filter(None, after)))
    had, has = set(filter(None, before[0].split(";"))), set(filter(None, after[0].split(";")))
    ends = {_OFF[code] for code in had - has}
    # An "off" code may end more than one attribute (22: bold and faint); what must stay is switched on again.
    again = {code for code in has if code not in had or _OFF[code] in ends}
    codes = sorted(ends) + sorted(again, key=int)
    if before[1] != after[1]:
        codes.append(after[1] or "39")
    if before[2] != after[2]:
        codes.append(after[2] or "49")
    step = ";".join(codes)
    return f"\x1b[{step}m" if len(step) <= len(fresh) else f"\x1b[{fresh}m"


@lru_cache(maxsize=8192)
def same_on_blank(one: Pen, other: Pen) -> bool:
    """Whether a space looks the same in both: the foreground and bold do not show on it."""
    return one[2] == other[2] and plain_on_blank(one) and plain_on_blank(other)


@lru_cache(maxsize=1024)
def plain_on_blank(pen: Pen) -> bool:
    """Whether only the background of this pen shows on a space, so that erasing gives the same picture."""
    return _SEEN_ON_BLANK.isdisjoint(pen[0].split(";"))
