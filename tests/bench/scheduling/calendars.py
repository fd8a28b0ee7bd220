"""A store in which some pairs have a hundred meetings each, ahead of now, as a feed shows them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from services.scheduling.app import SERVICE
from services.scheduling.evolve import EVOLVES
from services.scheduling.model import Cycle, Person, Running, Terms
from shared import migrate
from shared.events.envelope import Event
from shared.events.scheduling import Scheduled
from shared.store import Store
from shared.world import Row, World
from tests.bench.scheduling.people import rules
from tests.bench.scheduling.settings import PROGRAM

MEETINGS = 100
_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Adelaide")
_WEEK, _HOUR = timedelta(days=7), timedelta(hours=1)


def mentee(pair: int) -> str:
    """Whose feed it is."""
    return f"mentee-{pair:04}"


def fill(url: str, pairs: int) -> None:
    """Make the tables, and put every pair with its meetings into them."""
    migrate.upgrade(SERVICE.name, url)
    world = World()
    world.now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    world.apply([rules()])
    for pair in range(pairs):
        world.apply(_people(pair))
        for number in range(1, MEETINGS + 1):
            event = _event(world.now, pair, number)
            world.apply(EVOLVES[Scheduled](world, event))
    world.keep()
    _save(world, url)


def _people(pair: int) -> Iterator[Row]:
    zone = _ZONES[pair % len(_ZONES)]
    for person in (mentee(pair), _mentor(pair)):
        yield Person(PROGRAM, person, stated=True, zone=zone)
    terms = Terms(MEETINGS, "FREQ=WEEKLY", 60, "video")
    state = Running(terms, datetime.now(UTC), 1, "paired")
    yield Cycle(PROGRAM, _cycle(pair), mentee(pair), _mentor(pair), "r1", "running", state)


def _mentor(pair: int) -> str:
    return f"mentor-{pair:04}"


def _cycle(pair: int) -> str:
    return f"cycle-{pair:04}"


def _event(now: datetime, pair: int, number: int) -> Event:
    meeting = uuid.uuid5(uuid.NAMESPACE_OID, f"{pair}/{number}")
    start = now + _HOUR + number * _WEEK
    data = Scheduled(
        mentee=mentee(pair),
        mentor=_mentor(pair),
        rules="r1",
        meeting=meeting.hex,
        uid=str(meeting),
        sequence=0,
        status="CONFIRMED",
        starts_at=start,
        ends_at=start + _HOUR,
        zone=_ZONES[pair % len(_ZONES)],
        number=number,
        type="regular",
        format="video",
        planned=True,
        cause="planned",
    )
    return Event(str(meeting), "/mentoring/scheduling", PROGRAM, _cycle(pair), now, data)


def _save(world: World, url: str) -> None:
    store = Store(SERVICE.tables, url)
    transaction = store.connect()
    transaction.save(world.take_changes())
    transaction.commit()
    transaction.close()
    store.dispose()
