"""What the screen costs, measured from outside through a terminal: start, keys, bytes, CPU, memory.

``python bench/terminal.py [--items 10000,1000000] [--rounds 5] [--size 80x24]`` runs cminbox over inboxes of N invented
comments, a bare Textual list and neomutt with the same comments as mails, in turn (A B C, B C A, …), by ttybench of the
shared folder (``CMINBOX_SHARED``, else ../shared beside the checkout). It prints markdown tables of medians, with the
medians of the ratios within each round, and writes all samples to bench/results/.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import inboxes
import programs
import report
from cminbox.store import engine
from cminbox.tui import layout

HERE = Path(__file__).resolve().parent


def load_ttybench() -> ModuleType:
    """The instrument. SystemExit where the shared folder is not there."""
    named = os.environ.get("CMINBOX_SHARED")
    shared = Path(named) if named else HERE.parents[1] / "shared"
    folder = shared / "ttybench"
    if not (folder / "ttybench.py").exists():
        raise SystemExit(f"bench: no {folder / 'ttybench.py'} (CMINBOX_SHARED names the shared folder)")
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    return importlib.import_module("ttybench")


def machine() -> dict[str, str]:
    """Where this was measured."""
    info = Path("/proc/cpuinfo")
    models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    from importlib.metadata import version

    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cpu": f"{os.cpu_count()} x {models[0] if models else platform.machine()}",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "textual": version("textual"),
        "sqlite": engine.facts()["engine"],
        "load at start": f"{os.getloadavg()[0]:.2f}",
    }


def scenario(tty: Any, kept: inboxes.Kept, items: Sequence[int], wanted: argparse.Namespace) -> Any:
    """All programs. Those of a peer that is not installed are left out, and that is said."""
    small = min(items)
    cols, rows = map(int, wanted.size.split("x"))
    beside = layout.is_wide(cols)
    chosen = [programs.cminbox(tty, kept.home(n), name_of(n), beside=beside) for n in items]
    chosen.append(programs.bare_textual(tty, kept.rows(small)))
    mutt = programs.neomutt(tty, kept.maildir(small))
    if mutt is None:
        print("bench: neomutt is not installed (apt install neomutt): left out", file=sys.stderr)
    else:
        chosen.append(mutt)
    alone = kept.home(small, copy="-alone")
    chosen.append(programs.cminbox(tty, alone, "with its courier", beside=beside, at_start_only=True))
    return tty.Scenario("cminbox", chosen, cols=cols, rows=rows, runs=wanted.rounds, reference=chosen[0].name)


def warm_up(tty: Any, plan: Any) -> None:
    """Starts each program once, unmeasured: bytecode, page cache, neomutt's header cache, the checked configuration."""
    for program in plan.programs:
        with tty.Session(program.cmd, cols=plan.cols, rows=plan.rows, env=program.env,
                         timeout_ms=program.timeout_ms) as session:  # fmt: skip
            session.wait_ready(program.ready)
            session.press(program.steps[0].keys, program.steps[0].expect)


def name_of(items: int) -> str:
    """How the tables call cminbox over so many comments."""
    return f"cminbox {items:,}".replace(",", " ")


def tables(result: dict[str, Any], items: Sequence[int]) -> str:
    """What is printed and kept in docs/bench.md."""
    rounds: list[report.Round] = result["rounds"]
    names: list[str] = [name for name in result["programs"] if any(one.get(name) for one in rounds)]
    peers = [name for name in ("neomutt", "bare Textual") if name in names]
    ours = [name_of(n) for n in items if name_of(n) in names]
    extra = [name for name in names if name not in (*ours, *peers)]
    start, keys = report.start_figures(programs.QUICK), report.key_figures()
    parts = [
        f"In brackets: how many times {' · '.join(peers)} in the same round.",
        "### Start",
        report.table(rounds, [*ours, *extra, *peers], peers, start),
        "### A key",
        report.table(rounds, [*ours, *peers], peers, keys),
    ]
    if len(ours) > 1:
        grown = report.growth(rounds, ours[0], ours[-1], [*start, *keys])
        parts += [f"### {ours[-1]} against {ours[0]} = 1", "\n".join(f"- {line}" for line in grown)]
    if layout.is_wide(result["size"][0]):
        parts.append("At this width the open item stands beside the list and follows the cursor: `j` opens.")
    parts += [f"FAILED {failure.splitlines()[0]}" for failure in result["failures"]]
    return "\n\n".join(parts)


def run(wanted: argparse.Namespace) -> int:
    """Measures, prints, keeps."""
    tty = load_ttybench()
    kept = inboxes.Kept(wanted.work)
    items = sorted({int(n) for n in wanted.items.split(",")})
    about = machine() | {"size": wanted.size, "rounds": str(wanted.rounds)}
    plan = scenario(tty, kept, items, wanted)
    with contextlib.ExitStack() as stack:
        for n in items:
            stack.enter_context(inboxes.courier(kept.home(n)))
        warm_up(tty, plan)
        result = tty.run_scenario(plan, log=lambda line: print(line, file=sys.stderr))
    about["load at end"] = f"{os.getloadavg()[0]:.2f}"
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    file = results / f"tty-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{wanted.size}.json"
    file.write_text(json.dumps({"machine": about, **result}, indent=1, ensure_ascii=False), "utf-8")
    print(" · ".join(f"{name} {value}" for name, value in about.items()), tables(result, items), sep="\n\n")
    print(f"samples: {file}", file=sys.stderr)
    return 1 if result["failures"] else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", default="10000,1000000", help="sizes of the inboxes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", default="80x24", help="columns x rows")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cminbox-bench"
    parser.add_argument("--work", type=Path, default=cache, help="where the inboxes are kept between runs")
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
