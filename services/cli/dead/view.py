"""Dead letters by their cause, and each: rules, fields and ids are shown, never what an event says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.brief import instant
from services.cli.dead.letters import Letter, error_of

_STYLES = {"parked": "bold red", "rejected": "yellow", "invalid": "yellow"}
Dated = Mapping[int, datetime]


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


def plain(service: str, letter: Letter, dated: Dated) -> dict[str, Any]:
    """A letter for programs; `error` is the rule, or the class of a parked one's error."""
    stored = dated.get(letter.seq)
    return {
        "service": service,
        "seq": letter.seq,
        "stored": stored.isoformat() if stored else None,
        "program": letter.program,
        "key": letter.about,
        "word": letter.word,
        "event": letter.event or None,
        "kind": letter.kind,
        "state": letter.state,
        "cause": letter.rule if letter.kind == "parked" else None,
        "error": error_of(letter),
        "field": "" if letter.kind == "parked" else letter.field,
    }


def plain_group(group: Group, dated: Dated) -> dict[str, Any]:
    """Letters of one cause for programs."""
    stored = dated.get(group.first.seq)
    return {
        **group.cause._asdict(),
        "count": len(group.letters),
        "keys": group.keys,
        "first_seq": group.first.seq,
        "last_seq": group.letters[-1].seq,
        "first_stored": stored.isoformat() if stored else None,
    }


def groups_table(groups: Sequence[Group], dated: Dated) -> RenderableType:
    """Groups for people, and what can be done."""
    table = _table("service", "kind", "state", "error", "field", "event", "first", "since (UTC)")
    table.add_column("count", justify="right")
    table.add_column("keys", justify="right")
    for group in groups:
        cause, first = group.cause, group.first
        kind = Text(cause.kind, _STYLES[cause.kind])
        since = _when(first, dated)
        row = (cause.state, cause.error, cause.field, cause.word, str(first.seq), since)
        table.add_row(cause.service, kind, *row, f"{len(group.letters):,}", f"{group.keys:,}")
    return Lines(table, *_hints(groups))


def _hints(groups: Sequence[Group]) -> list[Text]:
    waiting = {
        group.cause.service
        for group in groups
        if (group.cause.kind, group.cause.state) == ("parked", "open")
    }
    return [
        Text(
            f"\nLook: mentoring dead show {name} SEQ · then mentoring dead redrive {name} --limit 2"
        )
        for name in sorted(waiting)
    ]


def letters_table(letters: Sequence[tuple[str, Letter]], dated: Dated) -> Table:
    """Letters for people."""
    table = _table(
        "seq", "stored (UTC)", "service", "kind", "state", "error", "field", "event", "program/key"
    )
    for service, letter in letters:
        field = "" if letter.kind == "parked" else letter.field
        table.add_row(
            str(letter.seq),
            _when(letter, dated),
            service,
            Text(letter.kind, _STYLES[letter.kind]),
            letter.state,
            error_of(letter),
            field,
            letter.word,
            f"{letter.program}/{letter.about}",
        )
    return table


def _table(*names: str) -> Table:
    table = Table(box=None)
    for name in names:
        table.add_column(
            name, justify="right" if name in {"seq", "first"} else "left", overflow="fold"
        )
    return table


def _when(letter: Letter, dated: Dated) -> str:
    found = dated.get(letter.seq)
    return instant(found) if found else ""
