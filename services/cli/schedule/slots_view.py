"""What two persons have free together, a strip for each day, then a list with both their times; and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.schedule.clock import Clock, clock_of, in_words, lasting
from services.cli.schedule.period import day_of
from services.cli.schedule.plain import plain
from services.cli.schedule.reading import Found
from services.cli.schedule.strip import EMPTY, Ink, axis, cells_of_day, drawn
from services.cli.schedule.wording import purpose
from services.cli.sections import columns, indented, title
from services.scheduling.look import Mutual
from services.scheduling.model import Meeting
from services.scheduling.sentences import gap_sentence
from services.scheduling.slots import Opening
from services.scheduling.time_view import slots_view
from shared.intervals import MINUTE, Interval, clip, intersect, merge, minutes, subtract

_HALF_HOURS, _HOURS = 48, 24
_ROOMY = 76
"""Columns from which a day has 48 characters."""
_DAY = timedelta(days=1)
_ROOMIER = 80
_CITY, _SHORT_CITY = 14, 10
"""Most characters of a clock's name, from `_ROOMIER` columns on and below."""
FITS = Ink("█", "green")
MET = Ink("▒", "magenta")
LEFT = Ink("░", "green")
UPPER, LOWER = Ink("▀", "cyan"), Ink("▄", "blue")
_LEGEND: Mapping[Ink, str] = {
    FITS: "a meeting fits",
    MET: "A or B has one",
    LEFT: "both have time, but too little, or too near to a meeting, or the week is full",
    UPPER: "only A",
    LOWER: "only B",
    EMPTY: "neither",
}


def plain_slots(
    read: Found, found: Mutual, clock: Clock, time: Interval, limit: int
) -> dict[str, Any]:
    """For programs: what the HTTP query answers about this time."""
    return plain(read, slots_view(found, time, limit, clock.name))


def show(
    read: Found,
    found: Mutual,
    clock: Clock,
    limit: int,
    width: int,
    moving: Meeting | None = None,
) -> Group:
    """For people, on a terminal of this width; `moving` is the meeting that is to go elsewhere."""
    zones = read.zone(found.one.person), read.zone(found.other.person)
    head = _head(read, found, zones)
    if moving is not None:
        at = clock.span(moving.starts_at, moving.ends_at)
        head += f"; instead of {purpose(moving)}, {at} {clock.name}"
    return Group(Text(head, "bold"), *_parts(found, clock, zones, limit, width))


def _head(read: Found, found: Mutual, zones: tuple[str, str]) -> str:
    """Who, on whose clocks, as of when."""
    one, other = found.one.person, found.other.person
    pair = f", paired in {found.cycle.cycle}" if found.cycle else ""
    return (
        f"{read.program}: A {one} ({zones[0]}) and B {other} ({zones[1]}){pair}; "
        f"as of sequence {read.position}"
    )


def _parts(
    found: Mutual, clock: Clock, zones: tuple[str, str], limit: int, width: int
) -> Iterator[RenderableType]:
    time = found.hours.one.start, found.hours.one.end
    if time[0] < time[1]:
        yield title("Day by day")
        yield indented(_picture(found, clock, zones, width))
        yield indented(_legend())
    yield title(f"When a meeting of {lasting(found.length)} fits")
    if found.constraint is not None:
        yield indented(Text(gap_sentence(found.constraint)))
        return
    yield from map(indented, _list(found, _clocks(clock, zones), limit, width))
    if len(found.openings) > limit:
        yield indented(Text(f"and {len(found.openings) - limit} more: --limit", "dim"))


# -- the picture --


def layers(found: Mutual) -> dict[Ink, list[Interval]]:
    """What each time is, no time twice: a meeting fits, there is one, both are free in vain, only one is there."""
    one, other, both = found.hours.one.present, found.hours.other.present, found.hours.present
    fits = merge((each.start, each.end) for each in found.openings)
    either = merge([*one, *other])
    taken = merge(meeting for meetings in found.taken.values() for meeting in meetings)
    met = subtract(intersect(either, taken), fits)
    left = subtract(subtract(both, fits), met)
    return {
        FITS: fits,
        MET: met,
        LEFT: left,
        UPPER: subtract(subtract(one, both), met),
        LOWER: subtract(subtract(other, both), met),
    }


def _picture(found: Mutual, clock: Clock, zones: tuple[str, str], width: int) -> RenderableType:
    count = _HALF_HOURS if width >= _ROOMY else _HOURS
    most = _CITY if width >= _ROOMIER else _SHORT_CITY
    drawing, table = layers(found), Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(no_wrap=True)
    start, end = found.hours.one.start, found.hours.one.end
    told: list[tuple[str, str]] = []
    for day in _days(start, end, clock):
        axes = [
            (_city(each)[:most], axis(day, clock, each, count)) for each in _clocks(clock, zones)
        ]
        if axes != told:
            told = axes
            for city, words in axes:
                table.add_row(Text(city, "dim"), Text(words, "dim"), "")
        cells = cells_of_day(day, clock, count)
        table.add_row(
            f"{day:%a} {day.day:>2} {day:%b}",
            drawn(cells, drawing, (start, end)),
            _note(found, drawing[FITS], day_of(day, clock)),
        )
    return table


def _days(start: datetime, end: datetime, clock: Clock) -> Iterator[date]:
    day, last = clock.day(start), clock.day(end - MINUTE)
    while day <= last:
        yield day
        day += timedelta(days=1)


def _note(found: Mutual, fits: Sequence[Interval], day: Interval) -> Text:
    """How much there is on a day; where nothing, and there might be, why not."""
    if free := minutes(clip(fits, *day)):
        return Text(lasting(timedelta(minutes=free)))
    layered = {
        "holiday": (found.hours.stated, found.hours.working),
        "away or busy": (found.hours.working, found.hours.present),
        "too little": (found.hours.present, _long(found)),
        "taken" if _meets(found, day) else "week is full": (_long(found), fits),
    }
    for why, (before, after) in layered.items():
        if clip(before, *day) and not clip(after, *day):
            return Text(why, "dim")
    return Text()


def _meets(found: Mutual, day: Interval) -> bool:
    """Whether one of them has a meeting on a day."""
    return any(clip(sorted(meetings), *day) for meetings in found.taken.values())


def _long(found: Mutual) -> list[Interval]:
    """Common time that would hold a meeting if there were no other."""
    return [each for each in found.hours.present if each[1] - each[0] >= found.length]


def _legend() -> Text:
    text = Text("\n")
    for n, (ink, words) in enumerate(_LEGEND.items()):
        text.append("; " if n else "").append(ink.character, ink.style).append(f" {words}", "dim")
    return text


# -- the list --


def _list(
    found: Mutual, clocks: Sequence[Clock], limit: int, width: int
) -> Iterator[RenderableType]:
    """A row for each opening; a line where the terminal is too narrow for columns."""
    rows = [list(_row(each, clocks)) for each in found.openings[:limit]]
    titles = [*(each.name for each in clocks), "free", "outside 8–18"]
    table = columns(titles, rows, width)
    if table is not None:
        yield table
        return
    for row in rows:
        yield Text("  ".join(filter(None, row)))


def _row(opening: Opening, clocks: Sequence[Clock]) -> Iterator[str]:
    """When it is on each clock, how long, and how much of a meeting at its earliest start lies outside fair hours."""
    first, *others = clocks
    if opening.end - opening.start > _DAY:
        yield from (_from_day_to_day(each, opening) for each in clocks)
    else:
        yield first.span(opening.start, opening.end)
        for each in others:
            yield each.hours(opening.start, opening.end, first.day(opening.start))
    yield lasting(opening.end - opening.start)
    spent = zip("AB", opening.outside, strict=True)
    yield ", ".join(f"{who} {lasting(each * MINUTE)}" for who, each in spent if each)


def _from_day_to_day(clock: Clock, opening: Opening) -> str:
    """A time so long that its hours alone would say nothing: Mon 23 Nov 18:05 – Wed 25 Nov 17:30."""
    ends = (opening.start, opening.end)
    days = [f"{in_words(clock.day(each), year=False)} {clock.time(each)}" for each in ends]
    return " – ".join(days)


def _clocks(clock: Clock, zones: tuple[str, str]) -> list[Clock]:
    """The clock that is shown, then those of the two where they differ."""
    return [clock_of(name) for name in dict.fromkeys([clock.name, *zones])]


def _city(clock: Clock) -> str:
    return clock.name.rpartition("/")[2].replace("_", " ")
