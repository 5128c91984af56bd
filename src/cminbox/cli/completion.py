"""``cminbox completion``: the script that teaches a shell our words. click writes it from the table of commands."""

from __future__ import annotations

import sys

from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from cminbox.cli.environment import Environment

_SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


def completion(environment: Environment, shell: str) -> int:
    """Prints the script: ``cminbox completion bash > ~/.local/share/bash-completion/completions/cminbox``."""
    from cminbox.cli.build import COMPLETING, program

    maker = _SHELLS[shell](program(), {}, "cminbox", COMPLETING)
    # not maker.source(): for bash that starts a shell to ask for its version, which the script's user need not have
    sys.stdout.write(maker.source_template % maker.source_vars())
    return 0
