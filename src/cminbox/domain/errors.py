"""Every error a person may see, with the exit status that CONTRACT.md gives it."""

from __future__ import annotations


class CminboxError(Exception):
    """Base of all expected errors: ``str()`` is one line, *what, and what to do*, without foreign text uncleaned."""

    exit_code = 1


class UsageError(CminboxError):
    """Wrong use or wrong configuration."""

    exit_code = 2


class NotFoundError(CminboxError):
    """There is no such item, outgoing act, snippet, channel or file."""

    exit_code = 3


class RefusedError(CminboxError):
    """A rule says no: guard, approval, state, role or lease. Nothing was changed."""

    exit_code = 4


class UnreachableError(CminboxError):
    """A channel or route could not be reached. The work is kept and will be tried again."""

    exit_code = 5


class StoreError(CminboxError):
    """The store cannot be used: newer than the program, damaged, busy, or the disk is full."""
