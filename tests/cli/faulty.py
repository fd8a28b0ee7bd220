"""A real service in a thread of this process, whose code fails for chosen mentors until it is mended."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from services.matching.app import SERVICE as MATCHING
from services.matching.model import Mentor
from shared.events.duration import Duration
from shared.events.envelope import Event
from shared.events.matching import Unmatched
from shared.events.outside import Offered
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import Settings
from shared.world import Answer, World
from tests.cli.say import event

Fault = Callable[[Event], Any]
SECRET = "4711"
"""Stands in the words of errors, and nowhere that an operator sees."""


def offer(mentor: str, n: int = 0, program: str = "spring") -> Event:
    """A mentor's n-th offer: it replaces the one before."""
    data = Offered(
        capacity=n + 1,
        accepts_new=True,
        skills=(),
        occupations=(),
        industry="J",
        seniority=5,
        languages=("en",),
        formats=("video",),
        team="t",
    )
    return event(data, mentor, program, n)


@dataclass
class Faulty:
    """Where matching fails, by the mentor that an offer is about.

    Attributes:
        judges, evolves, decides: mentors at whose offers that part of the code fails, and how.
        needs: mentors whose offers need the row of another mentor.
    """

    judges: dict[str, Fault] = field(default_factory=dict)
    evolves: dict[str, Fault] = field(default_factory=dict)
    decides: dict[str, Fault] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)

    def mend(self) -> None:
        """The fix."""
        for faults in (self.judges, self.evolves, self.decides):
            faults.clear()

    def service(self) -> Service:
        """Matching with these faults."""
        return replace(
            MATCHING,
            judges=self._wrap(MATCHING.judges, lambda: self.judges),
            evolves=self._wrap(MATCHING.evolves, lambda: self.evolves),
            decides=self._wrap(MATCHING.decides, lambda: self.decides),
        )

    def _wrap(
        self, parts: Mapping[Any, Any], faults: Callable[[], Mapping[str, Fault]]
    ) -> Mapping[Any, Any]:
        plain = parts[Offered]

        def part(world: World, told: Event) -> Any:
            if told.key in self.needs:
                world.get(Mentor, told.program, self.needs[told.key])
            fault = faults().get(told.key)
            return fault(told) if fault else plain(world, told)

        return {**parts, Offered: part}


@contextmanager
def running(service: Service, nats_url: str, database_url: str) -> Iterator[None]:
    """The service folds in a thread of its own, so that commands can run beside it."""
    settings = Settings(nats_url=nats_url, database_url=database_url, owner="one", driven=True)
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(service, settings, stop)))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


async def _serve(service: Service, settings: Settings, stop: threading.Event) -> None:
    runtime = Runtime(service, settings)
    await runtime.start()
    await asyncio.to_thread(stop.wait)
    await runtime.stop()


def raises(error: type[Exception]) -> Fault:
    """The code raises."""

    def fail(told: Event) -> object:
        del told
        raise error(SECRET)

    return fail


def too_much(told: Event) -> list[Answer]:
    """More answers than one input may have."""
    del told
    data = Unmatched(mentee="p1", waited=Duration(days=1))
    return [Answer(f"c{n}", data) for n in range(901)]


def too_large(told: Event) -> list[Mentor]:
    """A number that no database takes."""
    assert isinstance(told.data, Offered)
    return [Mentor(told.program, told.key, told.data, load=2**80)]


def too_late(told: Event) -> list[Mentor]:
    """A deadline that no event can name."""
    assert isinstance(told.data, Offered)
    return [
        Mentor(told.program, told.key, told.data, paused_until=datetime.max.replace(tzinfo=UTC))
    ]
