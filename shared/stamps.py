"""Stamps: how long deciding took, written into the answers that tell it, before they become facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from shared.events.envelope import Event, EventData
from shared.service import Decide, Service, Stamp
from shared.world import Answer, World

Seconds = Callable[[], float]
"""A clock: seconds from any beginning."""


def stamping(service: Service, clock: Seconds | None) -> Mapping[type[EventData], Decide]:
    """What a service decides, stamping its answers; nothing where it has no stamps, or there is no clock."""
    if clock is None or not service.stamps:
        return {}
    timed = partial(_timed, service.stamps, clock)
    return {kind: partial(timed, decide) for kind, decide in service.decides.items()}


def _timed(
    stamps: Mapping[type[EventData], Stamp],
    clock: Seconds,
    decide: Decide,
    world: World,
    event: Event,
) -> list[Answer]:
    """Milliseconds until the last answer is there; loading rows that nobody has asked for before counts."""
    begun = clock()
    answers = list(decide(world, event))
    taken = (clock() - begun) * 1000
    return [_stamped(stamps.get(type(answer.data)), answer, taken) for answer in answers]


def _stamped(stamp: Stamp | None, answer: Answer, taken: float) -> Answer:
    return answer if stamp is None else replace(answer, data=stamp(answer.data, taken))
