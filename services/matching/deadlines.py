"""Deadlines of matching: what rows wait for, and what changes when an instant has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.matching import plan
from services.matching.changes import Changes
from services.matching.model import Cycle, Ending, Held, Mentor, Open, Person, Program, Queue
from services.matching.record import Plan
from services.matching.rounds import waiting
from services.matching.timing import ends_at, next_round
from shared.events.envelope import Event
from shared.events.outside import Opened
from shared.events.system import Due
from shared.frozen import replace
from shared.world import Change, Row, World


def timers(row: Row) -> Mapping[str, datetime]:
    """What a row waits for."""
    wanted: dict[str, datetime | None] = {}
    match row:
        case Program(rules=rules, coming=coming, ended=ended):
            wanted["effective"] = coming.effective_at if coming else None
            wanted["ends"] = ends_at(rules) if rules and not ended else None
        case Queue(next_round=next_):
            wanted["round"] = next_
        case Plan(again=again):
            wanted["again"] = again
        case Mentor(paused_until=until):
            wanted["resume"] = until
        case Person(leaving=leaving):
            wanted.update((f"leave-{ahead.role}", ahead.at) for ahead in leaving)
        case Cycle(state=Open() | Ending(), expires_at=at):
            wanted["expires"] = at
        case Cycle(state=Held(offer=offer)):
            wanted["offer"] = offer.expires_at
    return {name: at for name, at in wanted.items() if at is not None}


def come_into_force(changes: Changes, program: Program, rules: Opened) -> None:
    """Rules are in force from now on: the rounds follow them, and what was chosen under others is not said."""
    now = changes.world.now
    ended = ends_at(rules) <= now
    changes.put(replace(program, rules=rules, coming=None, ended=ended))
    plan.drop(changes)
    changes.put(replace(changes.queue(), next_round=_first_round(changes, rules)))


def _first_round(changes: Changes, rules: Opened) -> datetime | None:
    """The next round of the calendar; without one, a round right away when somebody waits already."""
    now = changes.world.now
    if ends_at(rules) <= now:
        return None
    if by_calendar := next_round(rules, now):
        return by_calendar
    return changes.soon() if waiting(changes.world, changes.program) else None


def due(world: World, event: Event, data: Due) -> list[Change]:
    """A deadline has passed."""
    changes = Changes(world, event.program)
    match data.name:
        case "effective" | "ends" | "round" | "again":
            _due_of_program(changes, data.name)
        case "resume" if mentor := changes.mentor(event.key):
            changes.welcome(replace(mentor, paused_until=None).offering())
        case "leave-mentee":
            changes.depart(event.key, ("mentee",))
        case "leave-mentor":
            changes.depart(event.key, ("mentor",))
        case "offer":
            cycle = world.get(Cycle, event.program, event.key)
            if cycle and isinstance(cycle.state, Held):
                offer = cycle.state.offer
                changes.reopen(cycle, offer, Open(lapsing=offer), for_good=True)
    return changes.rows()


def _due_of_program(changes: Changes, name: str) -> None:
    now, program = changes.world.now, changes.find(Program)
    if program is None or (program.rules is None and program.coming is None):
        return
    if name == "effective" and program.coming:
        come_into_force(changes, program, program.coming)
    elif name == "ends":
        changes.put(replace(program, ended=True))
        changes.put(replace(changes.queue(), next_round=None))
        plan.drop(changes)
    elif name == "again":
        plan.go_on(changes)
    elif program.rules:
        changes.put(replace(changes.queue(), next_round=next_round(program.rules, now)))
        plan.drop(changes)
