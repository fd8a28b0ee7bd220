"""Which rows an event will most likely ask for: loaded in bulk, a query per kind and batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.feedback.model import Cycle, Goal, Meeting, Note, Person, Review
from shared.events import outside, scheduling
from shared.events.envelope import Event
from shared.world import Ref


def reach(event: Event) -> Iterable[Ref]:
    """The rows that the event names."""
    data = event.data
    if data.KEY == "cycle":
        yield Ref(Cycle, (event.program, event.key))
    elif data.KEY == "person":
        yield Ref(Person, (event.program, event.key))
    match data:
        case scheduling.Scheduled() | scheduling.Met() | scheduling.Missed() | outside.Submitted():
            yield from _meeting(event, data.meeting)
        case outside.Progressed():
            yield Ref(Goal, (event.program, event.key, data.goal))
        case outside.Noted():
            yield Ref(Note, (event.program, event.key, data.note))


def _meeting(event: Event, meeting: str) -> Iterator[Ref]:
    key = (event.program, event.key, meeting)
    yield Ref(Meeting, key)
    yield Ref(Review, key)
