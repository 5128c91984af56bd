"""Only the door makes ``Safe``."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import cminbox

ROOT = Path(cminbox.__file__).parent
# The store gives back what was Safe when it was written; the walls keep it from importing the door.
MAKERS = {"text/sanitize.py", "store/sqlite/values.py"}


def makes_safe(source: str) -> list[int]:
    """Lines that call or cast to ``Safe``, under whatever name it was imported."""
    tree = ast.parse(source)
    names = {"Safe"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname for alias in node.names if alias.name == "Safe" and alias.asname}
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = [node.func]
        if isinstance(node.func, ast.Name) and node.func.id in ("cast", "map"):
            called += node.args[:1]
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("cast", "__new__"):
            called += node.args[:1]
        for target in called:
            named = (
                target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""
            )
            if named in names or (isinstance(target, ast.Constant) and target.value in names):
                lines.append(node.lineno)
    return lines


def test_nothing_else_makes_safe_text() -> None:
    offenders = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted(ROOT.rglob("*.py"))
        if path.relative_to(ROOT).as_posix() not in MAKERS
        for number in makes_safe(path.read_text("utf-8"))
    ]
    assert offenders == []


def test_the_search_finds_what_it_looks_for() -> None:
    assert makes_safe("Safe('x')") == [1]
    assert makes_safe("from cminbox.domain.text import Safe as S\nS('x')") == [2]
    assert makes_safe("text.Safe('x')") == [1]
    assert makes_safe("cast(Safe, 'x')\nmap(Safe, [])\ntyping.cast('Safe', x)\nstr.__new__(Safe, 'x')") == [1, 2, 3, 4]
    assert makes_safe("def f(x: Safe) -> Safe: return isinstance(x, Safe)") == []
    assert makes_safe((ROOT / "text/sanitize.py").read_text("utf-8")) != []


def test_plain_text_loads_no_tables() -> None:
    """The first screen draws with these two; what is dear waits for the first text that needs it."""
    script = (
        "import sys; from cminbox.text.sanitize import safe; from cminbox.text.cells import fit, wrap;"
        "wrap(safe('Grüße, Привет, 中文 👍'), 9); fit(safe('Žal'), 9);"
        "print(*{'cminbox.text.repair', 'cminbox.text.simplify', 'rich', 'wcwidth', 'html'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
