"""What the API asks of the tables, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from services.scheduling import queries
from services.scheduling.app import SERVICE
from services.scheduling.model import Cycle, Meeting
from shared import migrate
from shared.events import outside
from shared.intervals import Interval
from shared.store import Store
from shared.transaction import Transaction
from tests.scheduling.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    History,
    a_pair,
    available,
    paired,
    utc,
)
from tests.scheduling.test_store import save

T = TypeVar("T")
WEEK = (utc("2026-03-10T00:00"), utc("2026-03-17T00:00"))
ALWAYS = (utc("2026-01-01T00:00"), utc("2027-01-01T00:00"))


def two_pairs() -> History:
    """Grace has Ada and Bea."""
    history = a_pair()
    history.say("bea", available(zone="Asia/Tokyo"))
    history.say("c2", paired("bea", MENTOR))
    return history


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    migrate.upgrade("scheduling", database_url)
    made = Store(SERVICE.tables, database_url)
    yield made
    made.dispose()


def ask(store: Store, query: Callable[[Transaction], T]) -> T:
    return store.read(lambda one: query(Transaction(one, store.maps)))


def agenda(store: Store, person: str, time: Interval, limit: int = 50) -> list[Meeting]:
    return ask(store, lambda rows: queries.agenda(rows, PROGRAM, person, time, limit))


def test_an_agenda_holds_a_persons_meetings_of_all_cycles_in_order(store: Store) -> None:
    history = a_pair()
    history.say("bea", available())
    history.say("c2", paired("bea", MENTOR))
    save(history, store)

    mentors, mentees = (agenda(store, each, WEEK) for each in (MENTOR, MENTEE))

    assert [(row.cycle, row.starts_at) for row in mentors] == [
        ("c1", utc("2026-03-10T09:00")),
        ("c2", utc("2026-03-10T10:15")),
    ]
    assert mentees == mentors[:1]
    assert mentors[0] == history.meeting(2)


def test_an_agenda_holds_cancelled_meetings_and_those_of_no_length(store: Store) -> None:
    history = a_pair()
    history.cancel(history.meeting(4))
    history.wait_until(utc("2026-03-13T12:00"))
    joined = utc("2026-03-13T11:00")
    tea = outside.Attended(meeting="tea", person=MENTEE, joined_at=joined, source="self")
    history.say("c1", tea)
    save(history, store)

    found = agenda(store, MENTEE, ALWAYS)
    at_once = (joined, utc("2026-03-13T11:01"))

    assert found == history.meetings()
    assert {"cancelled", "unplanned"} <= {row.status for row in found}
    assert [row.meeting for row in agenda(store, MENTEE, at_once)] == ["tea"]


def test_a_meeting_that_only_touches_the_time_is_not_in_it(store: Store) -> None:
    history = a_pair()
    save(history, store)
    one = history.meeting(1)
    hour = one.length
    times = {
        "before": (one.starts_at - hour, one.starts_at),
        "begins": (one.starts_at - hour, one.starts_at + hour / 2),
        "ends": (one.ends_at - hour / 2, one.ends_at + hour),
        "after": (one.ends_at, one.ends_at + hour),
    }
    found = {name: len(agenda(store, MENTEE, time)) for name, time in times.items()}
    assert found == {"before": 0, "begins": 1, "ends": 1, "after": 0}


def test_an_agenda_ends_after_so_many(store: Store) -> None:
    history = two_pairs()
    save(history, store)
    found = agenda(store, MENTOR, ALWAYS, 3)
    first = sorted(
        [*history.meetings("c1"), *history.meetings("c2")],
        key=lambda row: (row.starts_at, row.cycle, row.meeting),
    )
    assert found == first[:3]


def test_a_cycle_its_plan_and_one_of_its_meetings_are_found(store: Store) -> None:
    history = two_pairs()
    save(history, store)
    one = history.meeting(2)

    assert ask(store, lambda rows: queries.plan(rows, PROGRAM, "c1")) == history.meetings()
    assert ask(store, lambda rows: queries.cycle(rows, PROGRAM, "c1")) == history.row(Cycle, "c1")
    assert ask(store, lambda rows: queries.meeting(rows, PROGRAM, "c1", one.meeting)) == one
    assert ask(store, lambda rows: queries.cycle(rows, PROGRAM, "c9")) is None
    assert ask(store, lambda rows: queries.meeting(rows, PROGRAM, "c2", one.meeting)) is None


def test_the_zones_of_a_pair_are_those_that_were_stated(store: Store) -> None:
    history = two_pairs()
    history.say("c3", paired("silent", MENTOR))
    save(history, store)
    stated, silent = history.row(Cycle, "c2"), history.row(Cycle, "c3")
    found = ask(store, lambda rows: queries.zones(rows, stated))
    other = ask(store, lambda rows: queries.zones(rows, silent))
    assert found == {"mentee": "Asia/Tokyo", "mentor": "UTC"}
    assert other == {"mentee": None, "mentor": "UTC"}


def test_bookings_are_those_of_standing_meetings_in_order(store: Store) -> None:
    history = two_pairs()
    history.cancel(history.meeting(2))
    save(history, store)
    standing = [*history.standing("c1"), *history.standing("c2")]
    found = ask(store, lambda rows: queries.bookings(rows, PROGRAM, MENTOR, ALWAYS))
    inside = ask(store, lambda rows: queries.bookings(rows, PROGRAM, MENTOR, WEEK))
    assert found == sorted((row.starts_at, row.ends_at) for row in standing)
    assert inside == [time for time in found if WEEK[0] <= time[0] < WEEK[1]]
