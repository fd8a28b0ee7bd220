"""Cases of the fold by the data that they take, so that each function states its event's model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from shared.events.envelope import Event, EventData
from shared.world import World

D = TypeVar("D", bound=EventData)
A = TypeVar("A")

Case = Callable[[World, Event, D], A]


def case(
    model: type[D], function: Case[D, A]
) -> tuple[type[EventData], Callable[[World, Event], A]]:
    """Return an entry of a service's mapping: the event's model, and the function called with its data."""

    def call(world: World, event: Event) -> A:
        return function(world, event, cast("D", event.data))

    return model, call
