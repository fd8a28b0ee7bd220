"""Programs in which a round has more pairs than one input says, and what is left of them."""

from __future__ import annotations

from typing import Any

from services.matching.record import Part, Plan
from shared.events.rules import OnCalendar
from tests.matching.history import (
    History,
    a_program,
)

MONDAYS = OnCalendar(rrule="FREQ=WEEKLY;BYDAY=MO", start="11:00")


def a_crowd(requests: int = 10, places: int = 8, **rules: Any) -> History:
    """More requests than places, more places than one input says."""
    history = a_program(**{"rounds": MONDAYS, "capacity": 100, **rules})
    for number, capacity in enumerate((places // 2, places - places // 2)):
        history.a_mentor(f"m{number}", capacity=capacity)
    for number in range(requests):
        history.a_request(f"c{number}")
    return history


def planned(history: History) -> list[tuple[str, str]]:
    """What is still to be said, by cycle and mentor, the part under way left out."""
    plan = history.find(Plan)
    return [pair for part in history.every(Part) if part.part > plan.part for pair in part.pairs]
