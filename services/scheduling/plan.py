"""The plan of a cycle: made at pairing, looked at again when the terms or somebody's time changes.

Planning again changes as little as it can: a meeting that still fits stays where it is, and one within the
notice stays in any case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.scheduling import said
from services.scheduling.desk import Desk
from services.scheduling.find import ahead, meetings_of, rules_of
from services.scheduling.model import Confirmed, Cycle, Dropped, Meeting, NotHeld, Running
from services.scheduling.planning import NoSlot, Planner, Slot
from shared.intervals import covers
from shared.world import Answer, World

REPLANNED = "replanned"
"""The cause of what planning does about meetings that it had placed before."""
REPLACEMENTS = 2
"""How often a number of the plan is made up for: a pair that never comes is not planned for ever."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The meetings that lie ahead: those that may stay, those to be placed anew, those beyond the plan."""

    kept: Sequence[Meeting]
    loose: Sequence[Meeting]
    surplus: Sequence[Meeting]


def plan(world: World, cycle: Cycle, state: Running, *, anew: bool = False) -> list[Answer]:
    """Place every number that has no meeting, and every meeting that fits no longer.

    `anew`: the cadence was changed, so whatever nobody asked for by its time is placed again.
    """
    rules = rules_of(world, cycle.program, cycle.rules)
    if rules is None:
        pending = _pending(state, meetings_of(world, cycle))
        known = {gap.number for gap in state.gaps}
        return [said.unplaced(cycle, n, "no_rules", world.now) for n in pending if n not in known]
    desk = Desk(world, cycle, state, rules)
    ordered = _sort(desk, anew=anew)
    answers = [said.cancelled(cycle, row, REPLANNED) for row in ordered.surplus]
    answers += _refresh(desk, ordered.kept)
    return answers + _place(desk, ordered, anew=anew)


def make_up_for(world: World, cycle: Cycle, state: Running, missed: Meeting) -> list[Answer]:
    """Plan a replacement of a meeting that is being missed, as soon as there is a slot."""
    rules = rules_of(world, cycle.program, cycle.rules)
    if rules is None or missed.number > state.terms.planned_meetings:
        return []
    desk = Desk(world, cycle, state, rules)
    before = [row for row in desk.meetings if row.number == missed.number]
    if sum(isinstance(row.state, NotHeld) for row in before) >= REPLACEMENTS:
        return []
    result = _try(desk, desk.planner({missed.meeting}), missed.number, None)
    return _answer(desk, missed.number, result, None)


def sweep(world: World, cycle: Cycle, cause: str) -> list[Answer]:
    """Cancel what lies ahead of a cycle."""
    return [said.cancelled(cycle, row, cause) for row in ahead(world, meetings_of(world, cycle))]


def _sort(desk: Desk, *, anew: bool) -> Sorted:
    movable = [
        row
        for row in desk.meetings
        if isinstance(row.state, Confirmed) and row.starts_at >= desk.changeable
    ]
    planned = [row for row in movable if row.number <= desk.state.terms.planned_meetings]
    kept = [row for row in planned if _fits(desk, row, anew=anew)]
    return Sorted(
        kept=kept,
        loose=[row for row in planned if row not in kept],
        surplus=[row for row in movable if row not in planned],
    )


def _fits(desk: Desk, row: Meeting, *, anew: bool) -> bool:
    pinned = isinstance(row.state, Confirmed) and row.state.pinned
    if row.length != desk.length or (anew and not pinned):
        return False
    hours = desk.hours_on_request if pinned else desk.hours
    return covers(hours.present, row.starts_at, row.ends_at)


def _refresh(desk: Desk, kept: Iterable[Meeting]) -> Iterator[Answer]:
    """Say what is new about meetings that keep their time."""
    for row in kept:
        lesson, way = terms = desk.terms_of(row.number)
        if (row.type, row.skills, row.format) != (lesson.type, lesson.skills, way):
            yield said.changed(desk.cycle, row, REPLANNED, terms=terms)


def _place(desk: Desk, ordered: Sorted, *, anew: bool) -> list[Answer]:
    loose = {row.number: row for row in ordered.loose}
    wanted = sorted({*loose, *_pending(desk.state, desk.meetings)})
    if not wanted:
        return []
    planner = desk.planner({row.meeting for row in (*ordered.loose, *ordered.surplus)})
    began = desk.began([row for row in desk.meetings if not (anew and row in ordered.loose)])
    answers: list[Answer] = []
    for number in wanted:
        old = loose.get(number)
        near = old.starts_at if old and not anew else desk.target_of(number, began)
        result = _try(desk, planner, number, near)
        if isinstance(result, Slot) and desk.is_in_period(number, result.start):
            began.setdefault(number, result.start)
        answers += _answer(desk, number, result, old)
    return answers


def _pending(state: Running, meetings: Iterable[Meeting]) -> list[int]:
    """The numbers of the plan that wait for a meeting: none was ever found, or they fell out of the plan."""
    planned = range(1, state.terms.planned_meetings + 1)
    open_gaps = {gap.number for gap in state.gaps}
    settled = {row.number for row in meetings if not _fell_out(row)}
    return [number for number in planned if number in open_gaps or number not in settled]


def _fell_out(row: Meeting) -> bool:
    """Whether planning itself has taken the meeting back, as when a plan became shorter that may grow again."""
    return isinstance(row.state, Dropped) and row.state.cause == REPLANNED


def _try(desk: Desk, planner: Planner, number: int, near: datetime | None) -> Slot | NoSlot:
    """Place a number in its range, near some instant or, without one, as early as can be."""
    where = desk.range_of(number)
    if isinstance(where, NoSlot):
        return where
    start, end = where
    return planner.place(start, end, near or start)


def _answer(desk: Desk, number: int, result: Slot | NoSlot, old: Meeting | None) -> list[Answer]:
    """Say where a number goes; `old` is its meeting so far, if that stands."""
    if isinstance(result, NoSlot):
        return [*_given_up(desk, old), *_gap(desk, number, result)]
    if old is None:
        return [said.announced(desk.cycle, _draft(desk, number, result))]
    lesson, way = terms = desk.terms_of(number)
    as_before = (old.starts_at, old.ends_at, old.type, old.skills, old.format)
    if as_before == (result.start, result.end, lesson.type, lesson.skills, way):
        return []
    return [said.changed(desk.cycle, old, REPLANNED, result, terms=terms)]


def _given_up(desk: Desk, old: Meeting | None) -> list[Answer]:
    return [said.cancelled(desk.cycle, old, REPLANNED)] if old else []


def _gap(desk: Desk, number: int, result: NoSlot) -> list[Answer]:
    """A gap is said once, and again when what stands in the way has changed."""
    known = {(gap.number, gap.constraint) for gap in desk.state.gaps}
    if (number, result.constraint) in known:
        return []
    return [said.unplaced(desk.cycle, number, result.constraint, result.until)]


def _draft(desk: Desk, number: int, slot: Slot) -> said.Draft:
    lesson, way = desk.terms_of(number)
    meeting, replaces = _next_id(desk, number)
    return said.Draft(
        meeting=meeting,
        number=number,
        slot=slot,
        lesson=lesson,
        format=way,
        zone=desk.zone,
        replaces=replaces,
        cause="replaced" if replaces else "planned",
    )


def _next_id(desk: Desk, number: int) -> tuple[str, str | None]:
    """Return the id of a number's next meeting, and of its last one: they are counted by number.

    An id under which somebody has told of a meeting that nobody planned is passed over.
    """
    numbers = {row.meeting: row.number for row in desk.meetings}
    nth, last = 1, None
    while (found := said.meeting_id(desk.cycle, number, nth)) in numbers:
        nth, last = nth + 1, found if numbers[found] == number else last
    return found, last
