"""What outsiders say to the tally service while everything is being killed: mostly sense, some of it not."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from shared.events.envelope import Event
from shared.log import Message
from tests.tally.events import START, discarded, progressed, redriven, withdrawn

FUTURE = datetime(2099, 1, 1, tzinfo=UTC)
"""Timers set from here do not fire during a test; those set from START fire at once."""
_BROKEN = (b"not JSON", b"{}", b"[1, 2]", b"\xff\x00", b'{"specversion":"1.0"}')


def traffic(count: int, dice: random.Random, cycles: int = 200) -> list[Event | Message]:
    """`count` inputs over three programs; the same dice give the same inputs."""
    return list(_inputs(count, dice, cycles))


def events(told: Sequence[Event | Message]) -> list[Event]:
    """Those that are events."""
    return [each for each in told if isinstance(each, Event)]


def _inputs(count: int, dice: random.Random, cycles: int) -> Iterator[Event | Message]:
    bad: list[Event] = []
    for n in range(count):
        key = f"c{dice.randrange(cycles)}"
        program = dice.choice(("acme", "beta", "gamma"))
        at = (FUTURE if dice.random() < 0.7 else START) + timedelta(seconds=n)
        name = str(uuid.UUID(int=dice.getrandbits(128)))
        match dice.choices(range(6), (80, 14, 2, 0.3, 2, 0.4))[0]:
            case 0:
                value = float(dice.randrange(12))
                yield progressed(key, value, n=name, program=program, at=at)
            case 1:
                yield withdrawn(key, n=name, program=program, at=at)
            case 2:
                yield progressed(key, 13, n=name, program=program, at=at)
            case 3:
                bad.append(progressed(key, 666, n=name, program=program, at=at))
                yield bad[-1]
            case 4:
                yield Message(f"mentoring.{program}.progressed.{key}", dice.choice(_BROKEN))
            case _ if bad:
                what = dice.choice((redriven, discarded))
                yield what(dice.choice(bad), n=name, at=at)
            case _:
                yield withdrawn(key, n=name, program=program, at=at)
