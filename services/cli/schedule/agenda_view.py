"""A person's agenda for people, day by day on one clock, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.schedule.clock import Clock, in_words
from services.cli.schedule.plain import plain
from services.cli.schedule.reading import Found
from services.cli.schedule.wording import purpose, several, standing
from services.cli.sections import indented, title
from services.scheduling.model import Meeting
from services.scheduling.views import agenda_view
from shared.intervals import MINUTE, Interval

_WIDE = 110
"""Columns from which a meeting has one line."""


def plain_agenda(
    found: Found, person: str, meetings: Sequence[Meeting], clock: Clock, time: Interval
) -> dict[str, Any]:
    """For programs: what the agenda's HTTP query answers."""
    return plain(found, agenda_view(person, clock.name, meetings, time, len(meetings)))


def head(found: Found, person: str, clock: Clock, asked: str | None) -> str:
    """Who, as of when, and on whose clock."""
    whose = "" if asked else f", {_whose(found, person)}"
    return (
        f"{found.program}/{person}, as of sequence {found.position}: times in {clock.name}{whose}"
    )


def _whose(found: Found, person: str) -> str:
    return "their own" if found.stated_zone(person) else "the program's: they have stated none"


def nothing(found: Found, person: str, clock: Clock, time: Interval) -> str:
    """Says that a time is empty, and where there is something."""
    start, end = time
    rows = found.agenda(person)
    told = f"no meeting from {in_words(clock.day(start))} to {in_words(clock.day(end - MINUTE))}"
    before = [row for row in rows if row.starts_at < start]
    later = [row for row in rows if row.starts_at >= end]
    if before:
        first = clock.day(before[0].starts_at)
        told += f"; {several(len(before), 'meeting')} before: --from {first}"
    if later:
        last = clock.day(later[-1].starts_at)
        told += f"; {several(len(later), 'meeting')} later: --to {last}"
    return told


def show(head: str, person: str, meetings: Sequence[Meeting], clock: Clock, width: int) -> Group:
    """The agenda on a terminal of this width."""
    return Group(Text(head, "bold"), *_days(person, meetings, clock, width))


def _days(
    person: str, meetings: Sequence[Meeting], clock: Clock, width: int
) -> Iterator[RenderableType]:
    for day, rows in groupby(meetings, key=lambda row: clock.day(row.starts_at)):
        yield title(in_words(day))
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        for row in rows:
            table.add_row(*_cells(person, row, clock, width))
        yield indented(table)


def _cells(person: str, row: Meeting, clock: Clock, width: int) -> list[Text]:
    other = row.mentor if row.mentee == person else row.mentee
    role = "mentor" if row.mentee == person else "mentee"
    state = standing(row, clock)
    what = Text.assemble((purpose(row), "bold"), f" with {role} {other}")
    where = Text(f"{row.format}, {row.cycle}", "dim")
    hours = Text(clock.hours(row.starts_at, row.ends_at))
    if width >= _WIDE:
        return [hours, what, Text(*state), where]
    return [hours, Text.assemble(what, "\n", Text(*state), ("  ", ""), where)]
