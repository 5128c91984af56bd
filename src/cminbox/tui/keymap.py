"""From keys to commands: sequences such as ``g g`` by prefix, places, and the clashes that are told at start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cminbox.commands.base import Command, Where
from cminbox.commands.bindings import ALIASES, clashes, keys_of, sequence_of
from cminbox.commands.table import COMMANDS
from cminbox.domain.errors import UsageError
from cminbox.domain.view import VIEWS


@dataclass(frozen=True, slots=True)
class Continuation:
    """What may follow a prefix."""

    key: str
    what: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a key came to: a command with the letter that followed, a prefix that waits, or nothing known."""

    command: Command | None = None
    argument: str | None = None
    waiting: tuple[Continuation, ...] = ()


def normal(key: str, character: str | None = None) -> str:
    """A key by our name: printable ones by their character."""
    if character is not None and len(character) == 1 and character.isprintable() and character != " ":
        return character
    return ALIASES.get(key, key)


class Keymap:
    """The keys of every place. ``own`` maps a command's id to the keys that replace its default ones."""

    def __init__(self, own: Mapping[str, str] | None = None, commands: Iterable[Command] = COMMANDS) -> None:
        self._bound: dict[Where, dict[tuple[str, ...], Command]] = {where: {} for where in Where}
        self._prefix: tuple[str, ...] = ()
        own = own or {}
        known = {entry.id for entry in commands}
        for unknown in sorted(set(own) - known):
            raise UsageError(f"[keys] {unknown}: no command is called so (cminbox keys lists them)")
        for clash in clashes(own, commands):
            raise UsageError(f"[keys] {clash.said}")
        self.keys_of: dict[str, tuple[str, ...]] = {entry.id: keys_of(entry, own) for entry in commands}
        for entry in commands:
            for key in self.keys_of[entry.id]:
                for where in entry.where - {Where.LINE}:
                    self._bound[where][sequence_of(key)] = entry

    @property
    def waiting(self) -> bool:
        """Whether a prefix was typed and something must follow."""
        return bool(self._prefix)

    def reset(self) -> None:
        """Forgets a prefix."""
        self._prefix = ()

    def press(self, where: Where, key: str) -> Pressed:
        """What this key, after the prefix that was typed, comes to in this place."""
        sequence, self._prefix = (*self._prefix, key), ()
        bound = self._bound[where]
        if sequence in bound:
            entry = bound[sequence]
            if entry.id == "view":
                self._prefix = sequence
                return Pressed(waiting=tuple(Continuation(v.key, v.name) for v in VIEWS))
            return Pressed(entry)
        head = bound.get(sequence[:-1])
        if head is not None and head.id == "view":
            if any(v.key == sequence[-1] for v in VIEWS):
                return Pressed(head, next(v.name for v in VIEWS if v.key == sequence[-1]))
            return Pressed()
        follows = tuple(
            Continuation(other[len(sequence)], entry.title)
            for other, entry in bound.items()
            if other[: len(sequence)] == sequence
        )
        if follows:
            self._prefix = sequence
        return Pressed(waiting=follows)

    def listed(self, where: Where) -> list[tuple[str, Command]]:
        """(keys, command) of a place, in the order of the table."""
        seen: dict[str, Command] = {}
        for entry in self._bound[where].values():
            seen.setdefault(entry.id, entry)
        return [("  ".join(self.keys_of[entry.id]), entry) for entry in seen.values()]
