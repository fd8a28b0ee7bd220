"""The plan of a cycle for people: its meetings on both clocks, its gaps and changes; and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.schedule.clock import Clock, clock_of, lasting
from services.cli.schedule.plain import plain
from services.cli.schedule.reading import Found
from services.cli.schedule.skills import in_words
from services.cli.schedule.wording import briefly, changes, coded, several
from services.cli.sections import columns, indented, title
from services.scheduling.model import SIDES, Cycle, Meeting, Running
from services.scheduling.plan_view import PlanView, plan_view
from shared.events.types import Side

_MINUTE = timedelta(minutes=1)


def plain_plan(found: Found, row: Cycle, asked: Clock | None) -> dict[str, Any]:
    """For programs: what the plan's HTTP query answers."""
    zone = asked.name if asked else found.zone(row.mentor)
    return plain(found, _told(found, row, zone))


def _told(found: Found, row: Cycle, zone: str) -> PlanView:
    zones: dict[Side, str | None] = {
        "mentee": found.stated_zone(row.mentee),
        "mentor": found.stated_zone(row.mentor),
    }
    return plan_view(row, found.meetings(row.cycle), zones, zone, found.world.now)


def show(found: Found, row: Cycle, asked: Clock | None, width: int) -> Group:
    """For people, on a terminal of this width."""
    return Group(*_sections(found, row, asked, width))


def _sections(
    found: Found, row: Cycle, asked: Clock | None, width: int
) -> Iterator[RenderableType]:
    clocks = [asked] if asked else _clocks(found, row)
    told, meetings = _told(found, row, clocks[0].name), found.meetings(row.cycle)
    yield _head(found, row, told)
    years = _years(meetings, clocks)
    yield title(f"Meetings in {min(years)}" if len(years) == 1 else "Meetings")
    yield from map(indented, _meetings(meetings, clocks, width))
    if skilled := [each for each in meetings if each.skills and each.status != "cancelled"]:
        yield title("What they work on")
        for each in skilled:
            skills = in_words(each.skills, found.vocabulary)
            yield indented(Text(f"{each.number}: {skills}"))
    if told.unplaced:
        yield title("What has no meeting")
        for gap in told.unplaced:
            until = clocks[0].moment(gap.until)
            yield indented(Text(f"{gap.number}: {gap.sentence} Searched up to {until}."))
    yield title("Outside 08:00 to 18:00")
    yield indented(_burdens(found, row, told))
    if changed := [line for each in meetings for line in _changes(each, clocks[0])]:
        yield title(f"What was changed ({clocks[0].name})")
        yield from (indented(Text(line)) for line in changed)


def _clocks(found: Found, row: Cycle) -> list[Clock]:
    """Those of the two, the mentee's first; one where they are the same."""
    return [clock_of(name) for name in dict.fromkeys(map(found.zone, row.pair()))]


def _head(found: Found, row: Cycle, told: PlanView) -> Text:
    head = Text(f"{found.program}/{row.cycle}: {row.mentee} with mentor {row.mentor}\n", "bold")
    facts: list[str] = [row.status]
    if isinstance(row.state, Running):
        terms = row.state.terms
        facts.append(f"{several(terms.planned_meetings, 'meeting')} of {terms.length} min")
        facts.append(f"{terms.format}, {terms.cadence}")
        facts += [coded(each) for each in row.state.focus]
    if told.next:
        number = next(each.number for each in told.meetings if each.meeting == told.next)
        facts.append(f"next is number {number}")
    return head.append(f"{'; '.join(facts)}; as of sequence {found.position}", "not bold dim")


# -- the table --


def _meetings(
    meetings: Sequence[Meeting], clocks: Sequence[Clock], width: int
) -> Iterator[RenderableType]:
    """A row for each meeting; lines where the terminal is too narrow for columns."""
    if not meetings:
        yield Text("None so far.", "dim")
        return
    years = _years(meetings, clocks)
    rows = [_row(each, clocks, year=len(years) > 1) for each in meetings]
    titles = ["no", "for", *(each.name for each in clocks), "outside", "state"]
    table = columns(titles, rows, width)
    if table is not None:
        yield table
        return
    for number, kind, *times, outside, state in rows:
        yield Text.assemble(f"{number!s:>2}  ", (str(kind), "bold"), ", ", state)
        where = [f"{time} {clock.name}" for time, clock in zip(times, clocks, strict=True)]
        yield from (Text(f"    {each}") for each in where)
        if outside:
            yield Text.assemble("    outside: ", outside)


def _years(meetings: Sequence[Meeting], clocks: Sequence[Clock]) -> set[int]:
    return {clock.day(each.starts_at).year for each in meetings for clock in clocks}


def _row(row: Meeting, clocks: Sequence[Clock], *, year: bool) -> list[str | Text]:
    dim = "dim" if row.status == "cancelled" else ""
    number = str(row.number) if row.planned else "-"
    told = [Text(each, dim) for each in (number, coded(row.type), *_times(row, clocks, year=year))]
    return [*told, _outside(row), Text(*briefly(row))]


def _times(row: Meeting, clocks: Sequence[Clock], *, year: bool) -> Iterator[str]:
    first, *others = clocks
    yield first.span(row.starts_at, row.ends_at, year=year)
    for each in others:
        yield each.hours(row.starts_at, row.ends_at, first.day(row.starts_at))


def _outside(row: Meeting) -> Text:
    """Whose minutes lie outside, by side."""
    spent = {"mentee": row.outside_mentee, "mentor": row.outside_mentor}
    told = [f"{side} {minutes}′" for side, minutes in spent.items() if minutes]
    return Text(" ".join(told), "yellow")


# -- below it --


def _burdens(found: Found, row: Cycle, told: PlanView) -> Table:
    table = Table.grid(padding=(0, 2))
    for side, person in zip(SIDES, row.pair(), strict=True):
        burden = told.inconvenience[side]
        spent = lasting(burden.minutes * _MINUTE)
        words = f"{spent} in {several(burden.meetings, 'meeting')}" if burden.meetings else "never"
        table.add_row(f"{side} {person}", found.zone(person), words)
    return table


def _changes(row: Meeting, clock: Clock) -> Iterator[str]:
    """What happened to a meeting after it was first planned."""
    for (before, _), (each, words) in pairwise(changes(row)):
        moved = each.starts_at != before.starts_at
        what = f", from {clock.moment(before.starts_at)} to {clock.moment(each.starts_at)}"
        yield f"{row.number}: {words}{what if moved else ''}; on {clock.moment(each.at)}"
