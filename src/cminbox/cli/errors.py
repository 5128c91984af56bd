"""How an end is told: one line on stderr, the exit status of CONTRACT.md, and a traceback only in the log."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from cminbox.domain.errors import CminboxError

INTERRUPTED = 130
BROKEN_PIPE = 141
"""As of a program that SIGPIPE ended: whoever read us has gone, and what was not read was not written."""


def reported(run: Callable[[], int]) -> int:
    """Runs it; its exit status, or that of how it failed, after one line on stderr."""
    try:
        try:
            code = run()
            sys.stdout.flush()
        except BrokenPipeError:
            _drop_output()
            return BROKEN_PIPE
        except OSError as error:
            if getattr(error, "filename", None) is not None:
                raise
            # without a file's name it is most likely our own output: a full disk, a terminal that has gone
            _drop_output()
            tell(f"the output could not be written: {error.strerror or error}")
            return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except CminboxError as error:
        for line in filter(None, str(error).split("\n")):
            tell(line)
        return error.exit_code
    except Exception as error:
        tell(_kept(error))
        return 1
    return code


def tell(line: str) -> None:
    """One line for a person, on stderr, made harmless."""
    from cminbox.text.sanitize import line as cleaned

    said = cleaned(line, 2000)
    try:
        sys.stderr.write(f"cminbox: {said}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def _kept(error: Exception) -> str:
    """Writes where it failed to the log, and says so. The message is not repeated: it may quote what people wrote."""
    from cminbox.cli.logfile import keep_failure
    from cminbox.places import find_places

    name = type(error).__name__
    try:
        log = find_places().log
        keep_failure(log, error)
    except (OSError, CminboxError):
        return f"failed unexpectedly ({name}), and the log could not be written either"
    return f"failed unexpectedly ({name}): where is told in {log}"


def _drop_output() -> None:
    """So that the interpreter does not try to flush again at its end."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
    except (OSError, ValueError):
        return
