"""Signs of life: what somebody of a pair says or does, beside what it means by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from services.feedback.find import cycle_of, side_of
from services.feedback.model import Cycle, Paired
from services.feedback.watching import heard
from shared.events import scheduling
from shared.events.envelope import Event, EventData
from shared.world import Change, World

D = TypeVar("D", bound=EventData)
Evolve = Callable[[World, Event, D], list[Change]]


def sign_of_life(evolve: Evolve[D]) -> Evolve[D]:
    """The fold of an event with which the pair is heard of, where it changes anything."""

    def folded(world: World, event: Event, data: D) -> list[Change]:
        changes = evolve(world, event, data)
        cycle = _cycle(changes) or cycle_of(world, event)
        if not changes or cycle is None or not isinstance(cycle.state, Paired):
            return changes
        if not _is_of_a_person(cycle, data):
            return changes
        heard_of = cycle.become(heard(cycle.state, event.id, world.now))
        return [*(each for each in changes if not isinstance(each, Cycle)), heard_of]

    return folded


def _cycle(changes: Iterable[Change]) -> Cycle | None:
    """The cycle as these changes leave it."""
    return next((each for each in changes if isinstance(each, Cycle)), None)


def _is_of_a_person(cycle: Cycle, data: EventData) -> bool:
    """A meeting that follows from a plan says nothing of the two; one that a side asked for does."""
    if not isinstance(data, scheduling.Scheduled):
        return True
    return data.by is not None and side_of(cycle, data.by) is not None
