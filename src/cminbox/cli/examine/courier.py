"""Whether a courier is at work, and whether each channel can be reached."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator

from cminbox.cli.courier_process import COURIER
from cminbox.cli.environment import Environment
from cminbox.cli.examine import Finding, State
from cminbox.domain.config import Config
from cminbox.store.sqlite import open_reader, path_of

PATIENCE = 30.0
"""Seconds for all channels together; each is tried in a process of its own, at the same time."""


def findings(config: Config) -> Iterator[Finding]:
    """Nothing where there is no store yet."""
    if not path_of(config.store_url).exists():
        return
    with open_reader(config.store_url) as reader:
        lease = reader.process_lease(COURIER)
        runs = lease is not None and lease.held(reader.now())
        waiting = sum(reader.outbox_tally().values())
    out = f"; {waiting} in the outbox" if waiting else ""
    if runs:
        yield Finding("courier", State.OK, f"at work{out}")
    else:
        state = State.WARN if waiting else State.OK
        yield Finding("courier", state, f"none runs: a screen starts one, or cminbox sync{out}")


def channel_findings(environment: Environment, config: Config) -> Iterator[Finding]:
    """A line a channel: reached and what may be done there, or why not."""
    words = [sys.executable, "-P", "-m", "cminbox", *environment.before_command, "channels", "test"]
    tests = {
        channel.name: subprocess.Popen(
            [*words, "--json", "--", channel.name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace",
        )
        for channel in config.channels
    }  # fmt: skip
    until = time.monotonic() + PATIENCE
    try:
        for name, test in tests.items():
            yield _tested(name, test, max(0.1, until - time.monotonic()))
    finally:
        for test in tests.values():
            if test.poll() is None:
                test.kill()
            test.communicate()


def _tested(name: str, test: subprocess.Popen[str], patience: float) -> Finding:
    check = f"channel {name}"
    try:
        output, said = test.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        return Finding(check, State.BAD, f"gave no answer within {PATIENCE:g} s")
    if test.returncode != 0:
        why = said.strip().splitlines()
        return Finding(
            check,
            State.BAD,
            why[-1].removeprefix("cminbox: ").removeprefix(f"{name}: ") if why else "failed; see the log",
        )
    try:
        told = json.loads(output)
        can = ", ".join(told["can"]) or "nothing but reading"
    except (ValueError, KeyError, TypeError):
        return Finding(check, State.BAD, "gave an answer that cannot be read; see the log")
    return Finding(check, State.OK, f"reached; there one may {can}")
