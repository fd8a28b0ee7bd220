"""A program as scheduling folds it from the log up to a cut, and whom and what it knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from services.cli.folding import FoldedProgram, read_program
from services.cli.output import Failure
from services.scheduling.app import SERVICE
from services.scheduling.look import person_of, rules_in_force
from services.scheduling.model import Cycle, Meeting
from shared.events.types import Side
from shared.replay.history import Cut

_ROLES: tuple[Side, ...] = ("mentee", "mentor")
_NUMBER = re.compile(r"\d{1,3}", re.ASCII)
"""What names a meeting by its number in the plan."""


class Found(FoldedProgram):
    """A program as of a sequence: all of scheduling's rows as of then."""

    def cycle(self, cycle: str) -> Cycle | None:
        """A pair, None where scheduling knows none of this name."""
        row = self.world.peek(Cycle, (self.program, cycle))
        return row if row is not None and row.mentor else None

    def meetings(self, cycle: str) -> list[Meeting]:
        """All meetings of a cycle, in the order of their start."""
        return _in_order(self.world.where(Meeting, parked="use", program=self.program, cycle=cycle))

    def meeting(self, cycle: str, name: str) -> Meeting | None:
        """A meeting by its id, its number in the plan, or the beginning of only one id.

        A number that had several means the last that was not cancelled. Up to three digits are a number and nothing
        else: a number that the plan does not have is none, although an id may begin with it.

        Raises:
            Failure: several ids begin so.
        """
        rows = self.meetings(cycle)
        numbered = [row for row in rows if row.planned and str(row.number) == name]
        counting = [row for row in numbered if row.status != "cancelled"]
        for named in [row for row in rows if row.meeting == name], counting, numbered:
            if named:
                return named[-1]
        if _NUMBER.fullmatch(name):
            return None
        begin = [row for row in rows if row.meeting.startswith(name)]
        if len(begin) > 1:
            raise Failure(
                f"{len(begin)} meetings of {cycle} begin with {name}: give more of the id"
            )
        return begin[0] if begin else None

    def agenda(self, person: str) -> list[Meeting]:
        """The meetings of a person in all cycles and either role, in the order of their start."""
        rows = [
            row
            for role in _ROLES
            for row in self.world.where(
                Meeting, parked="use", program=self.program, **{role: person}
            )
        ]
        return _in_order({row.key(): row for row in rows}.values())

    def knows(self, person: str) -> bool:
        """Whether somebody has stated time, or is one of a pair."""
        return person_of(self.world, self.program, person).stated or any(
            self.world.where(Cycle, parked="use", program=self.program, **{role: person})
            for role in _ROLES
        )

    def stated_zone(self, person: str) -> str | None:
        """The zone that a person has stated."""
        row = person_of(self.world, self.program, person)
        return row.zone if row.stated else None

    def zone(self, person: str) -> str:
        """The zone whose clock is a person's: the stated one, else the program's."""
        rules = rules_in_force(self.world, self.program, self.world.now)
        return self.stated_zone(person) or (rules.zone if rules else "UTC")


async def read(key: str, program: str | None, cut: Cut, nats: str | None, folder: Path) -> Found:
    """Fold the program of a key up to the cut; see `read_program`."""
    return await read_program(Found, SERVICE, key, program, cut, nats, folder)


def unknown(found: Found, what: str, key: str) -> str:
    """Says that scheduling knows no such cycle, or nobody of this name."""
    if not found.program:
        return f"the log says nothing about {key}"
    return f"scheduling knows no {what} {key} in {found.program} as of sequence {found.position}"


def touching(rows: Iterable[Meeting], start: datetime, end: datetime) -> list[Meeting]:
    """Those of some meetings that touch [start, end); one of evidence alone may have no length."""
    return [
        row
        for row in rows
        if row.starts_at < end and (row.ends_at > start or row.starts_at >= start)
    ]


def _in_order(rows: Iterable[Meeting]) -> list[Meeting]:
    return sorted(rows, key=lambda row: (row.starts_at, row.cycle, row.meeting))
