"""What the meetings of a plan are for: what the mentee asks for shapes it.

The introduction comes first, goals second, the closing last. What lies between serves the mentee's focus, in the order
of `STEPS`; meetings that are left over are regular ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from shared.events.types import MeetingType, Readiness

OPENING: tuple[MeetingType, ...] = ("introduction", "goal_setting")
CLOSING: tuple[MeetingType, ...] = ("closing",)
AT_ONCE = 2
"""Skills that one meeting can work on."""

STEPS: Mapping[Readiness, tuple[MeetingType, ...]] = {
    # Goals are set twice: what is wanted at all, then the roadmap to it.
    "unclear_direction": ("goal_setting",),
    # At least one meeting is for the skills, whatever else is asked for.
    "skill_gap": ("regular",),
    "transition": ("transition_preparation", "mock_interview", "portfolio_review"),
    # Seeing somebody else's work moves who stands still ...
    "stagnant": ("shadowing",),
    # ... and it is the only type of meeting at which a mentee comes among other people of the field.
    "network_gap": ("shadowing",),
    # After a setback the goals are looked at anew.
    "setback": ("goal_setting",),
}
"""The meetings that a focus asks for, in this order. Two that ask for the same share it."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a meeting is for, and the skills that it works on, the most wanted first."""

    type: MeetingType
    skills: tuple[str, ...] = ()


def curriculum(
    planned: int, focus: Collection[Readiness] = (), skills: Sequence[str] = ()
) -> tuple[Lesson, ...]:
    """Return the lessons of a plan of `planned` meetings, number 1 first.

    Args:
        planned: how many meetings there are, at least 1.
        focus: what the mentee asks for; the order says nothing.
        skills: what is to be learnt, most wanted first; named by the regular meetings when `focus` has a skill gap.
    """
    return _curriculum(planned, frozenset(focus), tuple(skills))


@lru_cache(maxsize=4096)
def _curriculum(
    planned: int, focus: frozenset[Readiness], skills: tuple[str, ...]
) -> tuple[Lesson, ...]:
    opening = OPENING[: max(planned - 1, 1)]
    closing = CLOSING if planned > 1 else ()
    between = islice(_between(focus), planned - len(opening) - len(closing))
    types = [*opening, *between, *closing]
    named = _rotation(skills, types.count("regular")) if "skill_gap" in focus else iter(())
    return tuple(Lesson(each, next(named, ()) if each == "regular" else ()) for each in types)


def _between(focus: Collection[Readiness]) -> Iterator[MeetingType]:
    steps = (step for asked in STEPS if asked in focus for step in STEPS[asked])
    yield from dict.fromkeys(steps)
    while True:
        yield "regular"


def _rotation(skills: Sequence[str], meetings: int) -> Iterator[tuple[str, ...]]:
    """Go through the skills, two at once where there are more of them than meetings, and from the first again."""
    each = AT_ONCE if len(skills) > meetings else 1
    for nth in range(meetings if skills else 0):
        places = range(nth * each, nth * each + each)
        yield tuple(dict.fromkeys(skills[place % len(skills)] for place in places))


def lesson_of(number: int, lessons: Sequence[Lesson]) -> Lesson:
    """Return the lesson of a number; one beyond the plan closes it."""
    return lessons[min(number, len(lessons)) - 1]
