"""The work that every contestant does, and what must come of it.

For each `progressed` event: read it from the log, validate it, upsert the tally of its cycle, keep the
program's count, and publish one answer, `flagged`. The first five cycles of a program are raised and stay
active; the answers to all others say cleared, and the program counts them as refused.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shared.events.envelope import Event
from shared.events.outside import Progressed
from tests.tally.service import CAPACITY, TALLY

PROGRAMS = 20
CYCLES = 5_000
START = datetime(2090, 1, 1, tzinfo=UTC)
"""Far ahead, so that the timers of the row with timers are set and do not fire."""
_NAMESPACE = uuid.UUID("00000000-0000-0000-0000-0000000be7c4")

SERVICE = replace(TALLY, timers=lambda row: {})
"""The tally service without its timers: what the others do by hand."""


def inputs(count: int, start: int = 0) -> Iterator[Event]:
    """The same `count` events each time, about 600 bytes each, from number `start` on."""
    return (_event(number) for number in range(start, start + count))


def _event(number: int) -> Event:
    cycle = number % CYCLES
    at = START + timedelta(seconds=number)
    data = Progressed(
        goal=f"goal-{cycle:06}-lead-an-architecture-review",
        value=float(number % 12),
        unit="share-of-milestones-reached",
        as_of=at,
        by=uuid.uuid5(_NAMESPACE, f"person {cycle}").hex,
    )
    return Event(
        id=event_id(number),
        source="urn:example:goal-tracker:production",
        program=f"program-{cycle % PROGRAMS:02}",
        key=f"cycle-{cycle:06}",
        time=at,
        data=data,
        traceparent=f"00-{uuid.uuid5(_NAMESPACE, f'trace {number}').hex}-{number + 1:016x}-01",
    )


def event_id(number: int) -> str:
    """The id of the input of this number."""
    return str(uuid.uuid5(_NAMESPACE, f"event {number}"))


@dataclass(frozen=True)
class Expected:
    """What tables and log must hold when the inputs are done.

    Attributes:
        tallies: (value, count, active) by (program, cycle).
        loads: (active, refused) by program.
        answers: status by the id of the input.
    """

    tallies: dict[tuple[str, str], tuple[float, int, bool]] = field(default_factory=dict)
    loads: dict[str, tuple[int, int]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


def expected(count: int) -> Expected:
    """Computed here in the plainest way, apart from every contestant."""
    done = Expected()
    for number in range(count):
        cycle = number % CYCLES
        program, key = f"program-{cycle % PROGRAMS:02}", f"cycle-{cycle:06}"
        _, times, active = done.tallies.get((program, key), (0.0, 0, False))
        busy, refused = done.loads.get(program, (0, 0))
        raised = active or busy < CAPACITY
        done.tallies[program, key] = (float(number % 12), times + 1, raised)
        done.loads[program] = (busy + (not active), refused) if raised else (busy, refused + 1)
        done.answers[event_id(number)] = "raised" if raised else "cleared"
    return done
