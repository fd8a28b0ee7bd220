"""Dead letters by their cause: one bug makes many letters, and is looked at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.cli.dead.letters import Letter, error_of


class Cause(NamedTuple):
    """What letters of one group have in common; `field` is a JSON Pointer, never a value."""

    service: str
    kind: str
    state: str
    error: str
    field: str
    word: str


@dataclass
class Group:
    """Letters of one cause, in the order of the log."""

    cause: Cause
    letters: list[Letter] = field(default_factory=list)

    @property
    def first(self) -> Letter:
        """The oldest."""
        return self.letters[0]

    @property
    def keys(self) -> int:
        """How many keys they are of."""
        return len({(letter.program, letter.about) for letter in self.letters})


def cause_of(service: str, letter: Letter) -> Cause:
    """The group of a letter."""
    pointer = "" if letter.kind == "parked" else letter.field
    return Cause(service, letter.kind, letter.state, error_of(letter), pointer, letter.word)


def by_cause(letters: Iterable[tuple[str, Letter]]) -> Sequence[Group]:
    """Group letters, each given with its service: those first that hold others, then the many before the few."""
    groups: dict[Cause, Group] = {}
    for service, letter in letters:
        cause = cause_of(service, letter)
        groups.setdefault(cause, Group(cause)).letters.append(letter)
    return sorted(groups.values(), key=_rank)


def _rank(group: Group) -> tuple[bool, bool, int, Cause]:
    holds = group.cause.kind == "parked" and group.cause.state == "open"
    return not holds, group.cause.error == "Waits", -len(group.letters), group.cause
