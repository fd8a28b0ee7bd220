"""What feedback waits for: the deadlines of its rows, by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.feedback.find import blind_reviews, cycle_of, meetings_of
from services.feedback.model import (
    Blind,
    Closing,
    Cycle,
    Leaving,
    Meeting,
    Missed,
    Paired,
    Person,
    Review,
    timer_name,
)
from services.feedback.watching import SILENT, STILL
from shared.events import system
from shared.events.envelope import Event
from shared.events.types import END
from shared.world import Row, World

LAST = END - timedelta(seconds=1)
"""No `due` can name a later instant."""


def waiting(world: World, event: Event, data: system.Due) -> Row | None:
    """The row of this key that waits for this timer."""
    return next(
        (row for row in _rows_about(world, event) if timers(row).get(data.name) == data.at), None
    )


def _rows_about(world: World, event: Event) -> list[Row]:
    person = world.get(Person, event.program, event.key)
    cycle = cycle_of(world, event)
    rows: list[Row] = [row for row in (person, cycle) if row is not None]
    return [*rows, *meetings_of(world, cycle), *blind_reviews(world, cycle)] if cycle else rows


def timers(row: Row) -> Mapping[str, datetime]:
    """What a row waits for, by name; what lies behind the last instant of the contract waits for that one.

    An input may claim nearly any time, and a deadline that follows from it must not hold the pair up.
    """
    wanted = _wanted(row)
    if not wanted or max(wanted.values()) <= LAST:
        return wanted
    return {name: min(at, LAST) for name, at in wanted.items()}


def _wanted(row: Row) -> Mapping[str, datetime]:
    match row:
        case Person():
            standings = {"left-mentee": row.mentee, "left-mentor": row.mentor}
            return {name: s.at for name, s in standings.items() if isinstance(s, Leaving)}
        case Cycle(state=Paired() as pair):
            return _of_pair(pair)
        case Cycle(state=Closing(until=at)):
            return {"closing": at}
        case Meeting(state=Missed(final_at=at)):
            return {timer_name("final", row.meeting): at}
        case Review(state=Blind(deadline=at)):
            return {timer_name("review", row.meeting): at}
    return {}


def _of_pair(pair: Paired) -> Mapping[str, datetime]:
    """The program's last day, and the two of the risk rules."""
    watch, wanted = pair.watch, dict[str, datetime]()
    if pair.ends_at is not None and not pair.over:
        wanted["ends"] = pair.ends_at
    if watch.silent_at is not None:
        wanted[SILENT] = watch.silent_at
    if watch.still_at is not None:
        wanted[STILL] = watch.still_at
    return wanted
