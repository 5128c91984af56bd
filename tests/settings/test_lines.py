"""In which line a setting stands, against documents whose lines are known because they were made here."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cminbox.settings.lines import lines_of


def test_what_looks_like_something_else() -> None:
    source = 'one = "a # b = [c]"  # [not.a.table]\n"two words" = \'[x]\'\nthree = """\n[fake]\nx = 1\n"""\n'
    source += "four = '''\n'''\nfive = [ # ]\n  1,\n  [2, \"]\"],\n  { a = 1, b = '}' },\n]\n"
    source += (
        '[a.b."c.d"]\ne.f = 1\n[[a.list]]\nx = 1\n  [a.list.sub]\n  y = 2\n[[a.list]]\nsix = """"two quotes"""""\n'
    )
    tomllib.loads(source)
    lines = lines_of(source)
    assert lines["one",] == 1
    assert lines["two words",] == 2
    assert lines["three",] == 3
    assert lines["four",] == 7
    assert lines["five", 0] == 10
    assert lines["five", 1, 1] == 11
    assert lines["five", 2, "b"] == 12
    assert lines["a", "b", "c.d", "e", "f"] == 15
    assert lines["a", "list"] == 16
    assert lines["a", "list", 0, "x"] == 17
    assert lines["a", "list", 0, "sub", "y"] == 19
    assert lines["a", "list", 1] == 20
    assert lines["a", "list", 1, "six"] == 21


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
KEYS = st.sampled_from(["a", "b-1", "c_d", "e f", "g.h", "ü", "#", "'", '"', "[x]", ""])
SCALARS = st.one_of(
    WORDS.map(lambda word: json.dumps(word, ensure_ascii=False).replace("\x7f", "\\u007f")),
    st.integers(-5, 5).map(str),
    st.sampled_from(["true", "1.5", "2026-12-24", "2026-12-24 10:00:00", "07:30:00", "'#] = '", "'''\n[x]\n'''"]),
    st.sampled_from(['"""\n"a" = 1\n"""', '"""a\\"""b"""', '""""q"""""', "''", '""']),
)


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else json.dumps(
        name, ensure_ascii=False
    )  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[tuple[Any, ...], int]]:
    """A TOML source and the line of each of its keys, counted while it is written."""
    out: list[str] = []
    wanted: dict[tuple[Any, ...], int] = {}

    def line() -> int:
        return "".join(out).count("\n") + 1

    def pairs(prefix: tuple[Any, ...]) -> None:
        for name in draw(st.lists(KEYS, max_size=3, unique=True)):
            out.append(draw(st.sampled_from(["", "\n", "# [c] = '\n", "  "])))
            wanted[(*prefix, name)] = line()
            out.append(f"{_key(name)} = ")
            value((*prefix, name), 0)
            out.append(draw(st.sampled_from(["\n", " # c = [\n", "\r\n"])))

    def value(path: tuple[Any, ...], depth: int) -> None:
        kind = draw(st.sampled_from(["scalar", "scalar", "array", "inline"])) if depth < 2 else "scalar"
        if kind == "array":
            out.append("[")
            for number in range(draw(st.integers(0, 3))):
                out.append(draw(st.sampled_from(["", "\n ", " # ]\n"])))
                wanted[(*path, number)] = line()
                value((*path, number), depth + 1)
                out.append(",")
            out.append(draw(st.sampled_from(["]", "\n]"])))
        elif kind == "inline":
            out.append("{ ")
            for number, name in enumerate(draw(st.lists(KEYS, max_size=2, unique=True))):
                out.append(", " if number else "")
                wanted[(*path, name)] = line()
                out.append(f"{_key(name)} = ")
                value((*path, name), depth + 1)
            out.append(" }")
        else:
            out.append(draw(SCALARS))

    pairs(())
    for number in range(draw(st.integers(0, 2))):
        wanted[("many", number)] = line()
        out.append("[[many]]\n")
        pairs(("many", number))
    wanted[("one", "two")] = line()
    out.append('[one."two"]\n')
    pairs(("one", "two"))
    return "".join(out), wanted


@given(documents())
def test_every_key_has_its_line(document: tuple[str, dict[tuple[Any, ...], int]]) -> None:
    source, wanted = document
    tomllib.loads(source)
    found = lines_of(source)
    assert {path: found.get(path) for path in wanted} == wanted
