"""What two persons have free together, as planning would see it: where a meeting of theirs could go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from services.scheduling.availability import CommonHours
from services.scheduling.fairness import Burden
from services.scheduling.planning import Commitments, Planner, neat


@dataclass(frozen=True, slots=True)
class Opening:
    """A piece of time in which a meeting fits.

    Attributes:
        start: the earliest instant at which the meeting may start.
        end: the latest at which it may end.
        first: the first neat start in it: a quarter of an hour where the piece holds one.
        outside: minutes outside 08:00-18:00 of the meeting that starts then, on the clock of the one and of the other.
    """

    start: datetime
    end: datetime
    first: datetime
    outside: Burden


def mutual_slots(
    hours: CommonHours, taken: Commitments, length: timedelta, most: int | None = None
) -> list[Opening]:
    """Return where a meeting of two persons could go within the range of their hours, in order of time.

    Args:
        hours: the common time of the two, under the rules that are to bind the meeting.
        taken: the meetings that stand, by person; those of the calendar weeks that the range only touches count too.
        length: how long the meeting lasts.
        most: how many openings at most; None for all.

    Raises:
        ValueError: `length` is not positive.
    """
    if length <= timedelta():
        raise ValueError("length: must be longer than nothing")
    return list(islice(_openings(hours, taken, length), most))


def _openings(hours: CommonHours, taken: Commitments, length: timedelta) -> Iterator[Opening]:
    planner = Planner(hours.one.rules, hours, length, taken)
    for earliest, latest in planner.starts(hours.one.start, hours.one.end):
        first = next(neat(earliest, latest))
        yield Opening(earliest, latest + length, first, planner.outside(first))
