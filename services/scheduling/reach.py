"""Which rows an event will most likely ask for: loaded in bulk, a query per kind and batch."""

from __future__ import annotations

from collections.abc import Iterable

from services.scheduling.model import Cycle, Meeting, Person
from services.scheduling.timers import LEAVE, REPLAN, ROUND
from shared.events import matching, outside, scheduling, system
from shared.events.envelope import Event
from shared.world import Ref


def reach(event: Event) -> Iterable[Ref]:
    """The rows that the event names."""
    program, key, data = event.program, event.key, event.data
    if data.KEY == "cycle":
        yield Ref(Cycle, (program, key))
    elif data.KEY == "person":
        yield Ref(Person, (program, key))
    match data:
        case matching.Paired():
            yield Ref(Person, (program, data.mentee))
            yield Ref(Person, (program, data.mentor))
        case (
            outside.Attended()
            | outside.Moved()
            | outside.Cancelled()
            | scheduling.Scheduled()
            | scheduling.Met()
            | scheduling.Missed()
        ):
            yield Ref(Meeting, (program, key, data.meeting))
        case system.Due(service="scheduling"):
            yield from _of_timer(program, key, data.name)


def _of_timer(program: str, key: str, name: str) -> Iterable[Ref]:
    if name in {LEAVE, ROUND}:
        yield Ref(Person, (program, key))
        return
    yield Ref(Cycle, (program, key))
    if name != REPLAN:
        yield Ref(Meeting, (program, key, name))
