"""Looking rows up in the world: what the judges, evolve and decide share."""

from __future__ import annotations

from services.scheduling.model import Booking, Confirmed, Cycle, Meeting, Person, Rules, Running
from shared.events.envelope import Event
from shared.world import World


def cycle_of(world: World, event: Event) -> Cycle | None:
    """The cycle that the event is about."""
    return world.get(Cycle, event.program, event.key)


def running_of(world: World, event: Event) -> tuple[Cycle, Running] | None:
    """The cycle that the event is about, while the pair meets."""
    cycle = cycle_of(world, event)
    return (cycle, cycle.state) if cycle and isinstance(cycle.state, Running) else None


def rules_of(world: World, program: str, version: str) -> Rules | None:
    """A version of the program's rules: its earliest statement that was not rejected."""
    statements = world.where(Rules, program=program, version=version)
    return statements[0] if statements else None


def person_of(world: World, program: str, person: str) -> Person:
    """The person's row; one who has stated nothing has no time."""
    return world.get(Person, program, person) or Person(program, person)


def meeting_of(world: World, event: Event, meeting: str) -> Meeting | None:
    """A meeting of the cycle that the event is about."""
    return world.get(Meeting, event.program, event.key, meeting)


def meetings_of(world: World, cycle: Cycle) -> list[Meeting]:
    """All meetings of a cycle, in the order of their start."""
    rows = world.where(Meeting, program=cycle.program, cycle=cycle.cycle)
    return sorted(rows, key=lambda row: (row.starts_at, row.meeting))


def cycles_of(world: World, person: Person) -> list[Cycle]:
    """The running cycles of a person, in either role, in key order."""
    rows = [
        *world.where(Cycle, program=person.program, mentor=person.person, status="running"),
        *world.where(Cycle, program=person.program, mentee=person.person, status="running"),
    ]
    return [row for _, row in sorted({row.cycle: row for row in rows}.items())]


def standing_of(world: World, program: str, person: str) -> list[Booking]:
    """The time of a person that standing and held meetings of all cycles take, parked ones as they stand."""
    return world.where(Booking, parked="use", program=program, person=person)


def ahead(world: World, meetings: list[Meeting]) -> list[Meeting]:
    """Those of some meetings that stand and have not begun."""
    return [
        row for row in meetings if isinstance(row.state, Confirmed) and row.starts_at > world.now
    ]
