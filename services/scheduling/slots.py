"""What two persons have free together, as planning would see it: where a meeting of theirs could go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

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


def mutual_slots(hours: CommonHours, taken: Commitments, length: timedelta) -> list[Opening]:
    """Return where a meeting of two persons could go within the range of their hours, in order of time.

    Args:
        hours: the common time of the two, under the rules that are to bind the meeting.
        taken: the meetings that stand, by person; those of the calendar weeks that the range only touches count too.
        length: how long the meeting lasts.

    Raises:
        ValueError: `length` is not positive.
    """
    if length <= timedelta():
        raise ValueError("length: must be longer than nothing")
    planner = Planner(hours.one.rules, hours, length, taken)
    starts = planner.starts(hours.one.start, hours.one.end)
    found = ((earliest, latest, next(neat(earliest, latest))) for earliest, latest in starts)
    return [Opening(a, b + length, first, planner.outside(first)) for a, b, first in found]
