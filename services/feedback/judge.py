"""What feedback refuses: agreed, withdrawn, left, submitted, progressed, noted, erased, volunteered."""

from __future__ import annotations

from services.feedback.find import cycle_of, form_of, open_cycles, person_of, side_of
from services.feedback.model import (
    CLOSING,
    SIDES,
    Away,
    Blind,
    Cancelled,
    Closing,
    Cycle,
    Ended,
    Goal,
    Held,
    Meeting,
    Note,
    Open,
    Paired,
    Planned,
    Revealed,
    Review,
    Side,
)
from services.feedback.sealing import well_formed
from shared.cases import case
from shared.events import outside
from shared.events.envelope import Event
from shared.world import Refusal, World


def agreed(world: World, event: Event, data: outside.Agreed) -> Refusal | None:
    """Terms are stated by a side of a pair, and name each of their goals once."""
    cycle = cycle_of(world, event)
    if refusal := _not_a_pair(cycle):
        return refusal
    if cycle is None or side_of(cycle, data.by) is None:
        return Refusal("not_in_pair", "/data/by")
    once = len({goal.id for goal in data.goals}) == len(data.goals)
    return None if once else Refusal("same_goal_twice", "/data/goals", later=True)


def withdrawn(world: World, event: Event, data: outside.Withdrawn) -> Refusal | None:
    """A cycle is ended by one of its sides in that role, or by a coordinator."""
    cycle = cycle_of(world, event)
    if refusal := _not_open(cycle):
        return refusal
    if cycle is None or data.role == "coordinator" or cycle.person(data.role) == data.by:
        return None
    return Refusal("not_in_role", "/data/by")


def left(world: World, event: Event, data: outside.Left) -> Refusal | None:
    """Who is erased cannot leave again."""
    del data
    if person_of(world, event.program, event.key).erased:
        return Refusal("erased", "/subject")
    return None


def submitted(world: World, event: Event, data: outside.Submitted) -> Refusal | None:
    """A review is of a meeting that was held, on a form of that side, and sealed.

    Once revealed it is taken from who was missing, and once: late, for themselves alone.
    """
    cycle = cycle_of(world, event)
    if cycle is None:
        return Refusal("unknown_cycle", "/subject")
    if data.meeting == CLOSING:
        refusal = _not_closing(cycle)
    else:
        refusal = _not_open(cycle) or _not_reviewable(world, event, data)
    if refusal:
        return refusal
    if form_of(world, cycle, data.meeting, data.side, data.form) is None:
        return Refusal("not_a_form_for_this", "/data/form")
    return _not_sealed(data.sealed)


def progressed(world: World, event: Event, data: outside.Progressed) -> Refusal | None:
    """A value is of a goal in force, in its unit, stated by a side, and was measured by now."""
    cycle = cycle_of(world, event)
    if refusal := _not_a_pair(cycle):
        return refusal
    if cycle is None or side_of(cycle, data.by) is None:
        return Refusal("not_in_pair", "/data/by", later=True)
    goal = world.get(Goal, event.program, event.key, data.goal)
    if goal is None or goal.dropped:
        return Refusal("unknown_goal", "/data/goal")
    if goal.unit != data.unit:
        return Refusal("not_the_unit_of_the_goal", "/data/unit")
    if data.as_of > world.now:
        return Refusal("in_the_future", "/data/as_of", later=True)
    return None


def noted(world: World, event: Event, data: outside.Noted) -> Refusal | None:
    """A note is written by a side, about a side, sealed, and changed by its author only.

    It may serve a goal of the cycle; a day and `done` belong to what is to be done.
    """
    cycle = cycle_of(world, event)
    if cycle is None:
        return Refusal("unknown_cycle", "/subject")
    if isinstance(cycle.state, Ended):
        return Refusal("concluded", "/subject")
    for name, person in (("by", data.by), ("about", data.about or data.by)):
        if side_of(cycle, person) is None:
            return Refusal("not_in_pair", f"/data/{name}")
    known = world.get(Note, event.program, event.key, data.note)
    if known and known.by != data.by:
        return Refusal("note_of_another", "/data/note")
    if data.goal and world.get(Goal, event.program, event.key, data.goal) is None:
        return Refusal("unknown_goal", "/data/goal")
    return _not_to_be_done(data) or _not_sealed(data.sealed)


def erased(world: World, event: Event, data: outside.Erased) -> Refusal | None:
    """Who is to be erased has left, and has no cycle open."""
    person = person_of(world, event.program, data.person)
    away = any(isinstance(person.standing(side), Away) for side in SIDES)
    if away and not any(open_cycles(world, event.program, data.person, side) for side in SIDES):
        return None
    return Refusal("not_left", "/data/person")


def volunteered(world: World, event: Event, data: outside.Volunteered) -> Refusal | None:
    """Who volunteers to mentor has been a mentee here, and is not erased."""
    del data
    if person_of(world, event.program, event.key).erased:
        return Refusal("erased", "/subject")
    known = world.where(Cycle, program=event.program, mentee=event.key)
    return None if known else Refusal("unknown_person", "/subject")


def _not_open(cycle: Cycle | None) -> Refusal | None:
    if cycle is None:
        return Refusal("unknown_cycle", "/subject")
    return None if isinstance(cycle.state, Open | Paired) else Refusal("concluded", "/subject")


def _not_a_pair(cycle: Cycle | None) -> Refusal | None:
    if refusal := _not_open(cycle):
        return refusal
    is_pair = cycle and isinstance(cycle.state, Paired)
    return None if is_pair else Refusal("not_paired", "/subject")


def _not_closing(cycle: Cycle) -> Refusal | None:
    match cycle.state:
        case Closing():
            return None
        case Ended():
            return Refusal("closing_is_over", "/data/meeting")
    return Refusal("not_concluded", "/data/meeting")


def _not_reviewable(world: World, event: Event, data: outside.Submitted) -> Refusal | None:
    known = world.get(Meeting, event.program, event.key, data.meeting)
    if known is None:
        return Refusal("unknown_meeting", "/data/meeting")
    if not isinstance(known.state, Held):
        held_later = isinstance(known.state, Planned | Cancelled)
        return Refusal("not_held" if held_later else "missed", "/data/meeting")
    return _too_late(world.get(Review, event.program, event.key, data.meeting), data.side)


def _too_late(review: Review | None, side: Side) -> Refusal | None:
    match review:
        case Review(state=Blind()):
            return None
        case Review(state=Revealed(missing=missing), late=late) if side in missing:
            return Refusal("already_submitted", "/data/meeting") if side in late else None
    return Refusal("revealed", "/data/meeting")


def _not_to_be_done(data: outside.Noted) -> Refusal | None:
    if data.kind == "action_item":
        return None
    if data.due_on is not None:
        return Refusal("not_an_action_item", "/data/due_on")
    return Refusal("not_an_action_item", "/data/done") if data.done else None


def _not_sealed(sealed: str) -> Refusal | None:
    return None if well_formed(sealed) else Refusal("not_sealed", "/data/sealed")


JUDGES = dict(
    (
        case(outside.Agreed, agreed),
        case(outside.Withdrawn, withdrawn),
        case(outside.Left, left),
        case(outside.Submitted, submitted),
        case(outside.Progressed, progressed),
        case(outside.Noted, noted),
        case(outside.Erased, erased),
        case(outside.Volunteered, volunteered),
    )
)
