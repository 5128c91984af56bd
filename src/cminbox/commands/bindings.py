"""Which keys the commands ask for, and whether two ask for the same in one place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cminbox.commands.base import Command, Where
from cminbox.commands.table import COMMANDS

ALIASES = {
    "pgdn": "pagedown", "pgup": "pageup", "esc": "escape", "return": "enter", "question_mark": "?", "colon": ":",
    "left_curly_bracket": "{", "right_curly_bracket": "}", "plus": "+", "minus": "-", "full_stop": ".",
    "exclamation_mark": "!", "number_sign": "#", "asterisk": "*", "slash": "/", "comma": ",",
}  # fmt: skip
"""Other names of keys, as Textual and people write them → ours."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Two commands ask for one key. ``command`` is the one whose setting the operator can change back."""

    command: str
    said: str


def keys_of(entry: Command, own: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of a command; ``own`` maps a command's id to the key that replaces its default ones."""
    return (own[entry.id],) if entry.id in own else entry.keys


def sequence_of(key: str) -> tuple[str, ...]:
    """The keys that are pressed one after the other, by our names."""
    return tuple(ALIASES.get(part, part) for part in key.split())


def clashes(own: Mapping[str, str], commands: Iterable[Command] = COMMANDS) -> Iterator[Clash]:
    """Every pair of commands of which one could not be typed: the same keys, or one the beginning of the other."""
    bound: dict[Where, dict[tuple[str, ...], Command]] = {where: {} for where in Where}
    told: set[frozenset[str]] = set()
    for entry in commands:
        for typed in map(sequence_of, keys_of(entry, own)):
            for where in sorted(entry.where - {Where.LINE}):
                for other, taken in bound[where].items():
                    shorter = min(len(other), len(typed))
                    pair = frozenset((entry.id, taken.id))
                    if other[:shorter] == typed[:shorter] and taken.id != entry.id and pair not in told:
                        told.add(pair)
                        yield Clash(
                            entry.id if entry.id in own else taken.id,
                            f"{' '.join(typed)!r} is asked for by {entry.id} and by {taken.id} ({where.value}): "
                            "give one of them another key",
                        )
                bound[where][typed] = entry
