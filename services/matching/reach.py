"""Which rows an event will most likely ask for: loaded in bulk, a query per kind and batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.matching.figures import day_of
from services.matching.model import Cycle, Mentor, Person, Program, Queue
from services.matching.record import Ratings, Round
from shared.events import feedback, outside
from shared.events.envelope import Event
from shared.world import Ref

_PAIRS = (outside.Requested, outside.Offered, feedback.Concluded)
"""What most often makes a pair at once, which counts for its day."""


def reach(event: Event) -> Iterable[Ref]:
    """The rows that the event names, and the program's."""
    program, data = event.program, event.data
    yield Ref(Program, (program,))
    match data.KEY:
        case "cycle":
            yield Ref(Cycle, (program, event.key))
        case "mentor" | "person":
            yield Ref(Person, (program, event.key))
            yield Ref(Mentor, (program, event.key))
    if isinstance(data, outside.Requested):
        yield from _request(program, data)
    if isinstance(data, _PAIRS):
        yield Ref(Round, (program, day_of(event.time)))
    if isinstance(data, feedback.Reviewed):
        yield Ref(Ratings, (program,))
        yield Ref(Mentor, (program, data.mentor))
        yield Ref(Person, (program, data.mentor))


def _request(program: str, data: outside.Requested) -> Iterator[Ref]:
    yield Ref(Queue, (program,))
    yield Ref(Person, (program, data.mentee))
