"""Looking rows up in the world: what the judges, evolve and decide share."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.feedback.model import (
    CLOSING,
    SIDES,
    Cycle,
    Goal,
    Meeting,
    Paired,
    Person,
    Review,
    Rules,
    Side,
)
from shared.events.envelope import Event
from shared.events.feedback import Scale
from shared.events.rules import Form
from shared.world import World


def cycle_of(world: World, event: Event) -> Cycle | None:
    """The cycle that the event is about."""
    return world.get(Cycle, event.program, event.key)


def pair_of(world: World, event: Event) -> tuple[Cycle, Paired] | None:
    """The cycle that the event is about, while it is an unconcluded pair."""
    cycle = cycle_of(world, event)
    return (cycle, cycle.state) if cycle and isinstance(cycle.state, Paired) else None


def person_of(world: World, program: str, person: str) -> Person:
    """The person's row; one who has none takes part in everything."""
    return world.get(Person, program, person) or Person(program, person)


def rules_of(world: World, program: str, version: str | None) -> Rules | None:
    """A version of the program's rules: its earliest statement that was not rejected."""
    statements = world.where(Rules, program=program, version=version) if version else []
    return statements[0] if statements else None


def end_of(rules: Rules) -> datetime:
    """The instant at which the program's last day is over in its zone."""
    return datetime.combine(
        rules.ends_on + timedelta(days=1), time(), ZoneInfo(rules.zone)
    ).astimezone(UTC)


def meetings_of(world: World, cycle: Cycle) -> list[Meeting]:
    """All meetings of a cycle."""
    return world.where(Meeting, program=cycle.program, cycle=cycle.cycle)


def goals_of(world: World, cycle: Cycle) -> list[Goal]:
    """The goals of a cycle by their ids, dropped ones too."""
    return world.where(Goal, program=cycle.program, cycle=cycle.cycle)


def blind_reviews(world: World, cycle: Cycle) -> list[Review]:
    """The cycle's reviews that are not revealed yet."""
    return world.where(Review, program=cycle.program, cycle=cycle.cycle, status="blind")


def side_of(cycle: Cycle, person: str) -> Side | None:
    """The side on which this person is."""
    return next((side for side in SIDES if cycle.person(side) == person), None)


def other(side: Side) -> Side:
    """The other side."""
    return "mentor" if side == "mentee" else "mentee"


def open_cycles(world: World, program: str, person: str, side: Side) -> list[Cycle]:
    """The unconcluded cycles in which this person is on this side."""
    if side == "mentor":
        return world.where(Cycle, program=program, mentor=person, status="paired")
    return [
        *world.where(Cycle, program=program, mentee=person, status="open"),
        *world.where(Cycle, program=program, mentee=person, status="paired"),
    ]


def forms_for(rules: Rules | None, side: Side, meeting_type: str) -> list[Form]:
    """The forms for a side after a meeting of this type; those for `any` when it has none of its own."""
    forms = [form for form in (rules.forms if rules else ()) if form.side == side]
    own = [form for form in forms if form.type == meeting_type]
    return own or [form for form in forms if form.type == "any"]


def forms_of(world: World, cycle: Cycle, meeting: str, side: Side) -> list[Form]:
    """The forms that a side may fill in for this meeting, or for `closing`, as bound when it was scheduled."""
    known = world.get(Meeting, cycle.program, cycle.cycle, meeting)
    if meeting != CLOSING and known is None:
        return []
    kind, version = (known.type, known.rules) if known else (CLOSING, cycle.rules)
    return forms_for(rules_of(world, cycle.program, version), side, kind)


def form_of(world: World, cycle: Cycle, meeting: str, side: Side, form: str) -> Form | None:
    """The form of this id that a side may fill in for this meeting, or for `closing`."""
    forms = forms_of(world, cycle, meeting, side)
    return next((asked for asked in forms if asked.id == form), None)


def scales_of(form: Form | None, rated: Collection[str]) -> dict[str, Scale]:
    """Between what answers these ratings lie, so that nobody else needs the form."""
    items = form.items if form else ()
    return {item.id: Scale(min=item.min, max=item.max) for item in items if item.id in rated}
