"""HTML as comment systems send it, to plain text with the link targets in sight.

Its own reader, for measured reasons. `inscriptis` (2.7.6, over lxml) drops all text below 255 nested elements, writes
links as Markdown and takes 1.3 s for 1 MB of paragraphs; the standard library's `html.parser` takes quadratic time for
open quotes and comments (24 kB: 1.4 s, Python 3.11.7). Here one expression with possessive repeats reads each character
once.

No markup is obeyed that would hide text from the operator, but script, style, templates and the like, whose text is not
for readers. What comes out is ``Raw``: it still has to go through the door.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from cminbox.domain.text import Raw
from cminbox.text.sanitize import MAX_CHARS

MAX_MARKUP: Final = 500_000
"""Most characters of markup that are read; the text then ends in ``…``."""
_MAX_TARGET: Final = 500
_MAX_INDENT: Final = 8  # levels of lists and quotes that are shown as such

_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<[!?][^>]*+>?"
    r"|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?P<attributes>(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>?",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=\"'/>]++)(?:\s*+=\s*+(\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s\"']++))?")
_HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")  # `unescape` would fail on thousands of digits
_WHITE = re.compile(r"[ \t\r\n\f]+")
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:)?(?:www\.)?", re.IGNORECASE)

_PARAGRAPHS: Final = frozenset({"p", "ul", "ol", "dl", "blockquote", "pre", "table"} | {f"h{n}" for n in range(1, 7)})
_BLOCKS: Final = frozenset(
    {"div", "section", "article", "aside", "header", "footer", "main", "nav", "address", "figure", "figcaption", "form"}
    | {"fieldset", "details", "summary", "tr", "caption", "thead", "tbody", "tfoot", "dt", "dd", "li", "hr", "option"}
)
_UNSEEN: Final = {
    name: re.compile(rf"</{name}\b[^>]*+>?", re.IGNORECASE)
    for name in ("script", "style", "template", "title", "iframe", "noembed", "noframes", "object")
}
_MEDIA: Final = {"img": "image", "video": "video", "audio": "audio", "iframe": "frame", "object": "object"}


def to_text(markup: str) -> Raw:
    """The text of an HTML fragment or page. Never raises; linear in the length.

    Paragraphs are parted by an empty line, list items begin with ``-`` or their number, quoted lines with ``>``, code
    stands in backquotes, an image is its ``[alt]``. A link is ``label <target>``, or the target alone where the label
    says the same; mentions and hashtags are their label.
    """
    source = markup[:MAX_MARKUP]
    reader = _Reader()
    place = 0
    while reader.size <= MAX_CHARS and (token := _TOKEN.search(source, place)):
        reader.text(source[place : token.start()])
        place = token.end()
        if token["name"]:
            name = token["name"].lower()
            reader.tag(name, bool(token["end"]), token["attributes"])
            if name in _UNSEEN and not token["end"]:
                closing = _UNSEEN[name].search(source, place)
                place = closing.end() if closing else len(source)
    if reader.size <= MAX_CHARS:
        reader.text(source[place:])
    return reader.result(complete=len(markup) <= MAX_MARKUP)


class _Reader:
    """Takes text and tags in their order, keeps the lines made of them and how they are nested just now."""

    def __init__(self) -> None:
        self.size = 0  # characters so far
        self._out: list[str] = []
        self._breaks = 0  # line ends due before the next text
        self._space = False  # a space due before the next text of this line
        self._quotes = 0
        self._last_quotes = 0  # at the last text, for the empty lines between
        self._lists: list[int | None] = []  # the last number of each open list, None where bullets are
        self._bullet = ""
        self._pre = 0
        self._code = 0
        self._cells = 0  # of this table row so far
        self._link: tuple[str, str, int] | None = None  # target, class, where in `_out` the label begins

    def text(self, data: str) -> None:
        """Text between two tags, entities and all."""
        if not data:
            return
        if "&" in data:
            data = unescape(_HUGE_REFERENCE.sub("\ufffd", data))
        if self._pre:
            first, *others = data.replace("\r\n", "\n").split("\n")
            self._put(first)
            for row in others:
                self._breaks += 1
                self._put(row)
            return
        words = _WHITE.sub(" ", data)
        core = words.strip(" ")
        self._space = self._space or words.startswith(" ")
        self._put(core)
        if core:
            self._space = words.endswith(" ")

    def tag(self, name: str, ends: bool, attributes: str) -> None:
        """A start tag or (``ends``) an end tag."""
        if name == "br":
            self._breaks = min(self._breaks + 1, 3)
        elif name == "a":
            self._close_link()
            if not ends:
                self._open_link(attributes)
        elif name == "code" and not self._pre:
            self._mark_code(ends)
        elif name in _MEDIA and not ends:
            self._put_media(name, attributes)
        elif name in ("td", "th") and not ends:
            if self._cells:
                self._put(" |")
                self._space = True
            self._cells += 1
        elif name in _PARAGRAPHS:
            self._break(1 if self._lists else 2)
            self._nest(name, -1 if ends else 1)
            self._break(1 if self._lists else 2)
        elif name in _BLOCKS:
            self._break(1)
            if not ends:
                self._start_block(name)

    def result(self, complete: bool) -> Raw:
        """All of it; ``…`` at the end where markup was left unread."""
        self._close_link()
        text = "\n".join(row.rstrip(" \t") for row in "".join(self._out).split("\n")).strip("\n")
        return Raw(text if complete else text + "…")

    def _put(self, piece: str) -> None:
        if piece:
            self._settle()
            self._write(piece)

    def _write(self, piece: str) -> None:
        self._out.append(piece)
        self.size += len(piece)

    def _settle(self) -> None:
        """Write what is due before the next text: line ends with their quote signs, indent and bullet, or a space."""
        if self._breaks or not self._out:
            between = ">" * min(self._quotes, self._last_quotes, _MAX_INDENT)
            ends = ("\n" + (between + "\n") * (min(self._breaks, 3) - 1)) if self._out else ""
            depth = min(len(self._lists), _MAX_INDENT)
            indent = "  " * (depth - 1) + self._bullet if self._bullet else "  " * depth
            self._write(ends + "> " * min(self._quotes, _MAX_INDENT) + indent)
            self._last_quotes = self._quotes
            self._bullet = ""
            self._breaks = 0
        elif self._space:
            self._write(" ")
        self._space = False

    def _break(self, lines: int) -> None:
        self._breaks = max(self._breaks, lines)
        self._space = False

    def _nest(self, name: str, step: int) -> None:
        if name == "blockquote":
            self._quotes = max(self._quotes + step, 0)
        elif name == "pre":
            self._pre = max(self._pre + step, 0)
        elif name in ("ul", "ol"):
            if step > 0:
                self._lists.append(0 if name == "ol" else None)
            elif self._lists:
                self._lists.pop()
            self._bullet = ""

    def _start_block(self, name: str) -> None:
        if name == "li":
            number = self._lists[-1] if self._lists else None
            if number is not None:
                self._lists[-1] = number + 1
            self._bullet = "- " if number is None else f"{number + 1}. "
        elif name == "tr":
            self._cells = 0
        elif name == "hr":
            self._put("---")
            self._break(1)

    def _mark_code(self, ends: bool) -> None:
        if ends and self._code:
            self._code -= 1
            self._space = False
            self._put("`")
        elif not ends:
            self._code += 1
            self._put("`")

    def _put_media(self, name: str, attributes: str) -> None:
        alt = _WHITE.sub(" ", _attribute(attributes, "alt")).strip()
        if alt and "emoji" in _attribute(attributes, "class"):
            self._put(alt)
        else:
            self._put(f"[{alt or _MEDIA[name]}]")

    def _open_link(self, attributes: str) -> None:
        target = re.sub(r"\s+", "", _attribute(attributes, "href")).replace("<", "%3C").replace(">", "%3E")
        if target and not target.startswith("#"):
            if len(target) > _MAX_TARGET:
                target = target[:_MAX_TARGET] + "…"
            self._settle()
            self._link = (target, _attribute(attributes, "class"), len(self._out))

    def _close_link(self) -> None:
        if self._link is None:
            return
        target, style, start = self._link
        self._link = None
        label = "".join(self._out[start:]).strip()
        if not label or _says_the_same(label, target):
            del self._out[start:]
            self._write(target)
        elif not (("mention" in style or "hashtag" in style) and re.fullmatch(r"[@#]\S+", label)):
            self._write(f" <{target}>")


def _attribute(attributes: str, name: str) -> str:
    for found in _ATTRIBUTE.finditer(attributes):
        if found[1].lower() == name:
            value = found[2] or ""
            if value[:1] in ("'", '"'):
                value = value[1:-1]
            return unescape(_HUGE_REFERENCE.sub("\ufffd", value))
    return ""


def _says_the_same(label: str, target: str) -> bool:
    said, meant = (_SCHEME.sub("", text).rstrip("/") for text in (label, target))
    if said == meant:
        return True
    return len(said) > 8 and said[-1] in "…." and meant.startswith(said.rstrip("….").rstrip())
