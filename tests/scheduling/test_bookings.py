"""The time that meetings take of each person: it follows every meeting, and the database lets nobody be in two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from services.scheduling.app import SERVICE
from services.scheduling.find import standing_of
from services.scheduling.meetings import bookings
from services.scheduling.model import Booking, Meeting
from shared import migrate
from shared.events import outside
from shared.outcome import StoreRefused
from shared.replay.compare import Comparison, snapshot
from shared.replay.exchange import Exchange
from shared.replay.shadow import Shadow
from shared.store import Store
from shared.world import Ref, Row
from tests.scheduling.history import (
    HOUR,
    MENTEE,
    MENTOR,
    PROGRAM,
    START,
    History,
    a_pair,
    available,
    paired,
)

Times = set[tuple[str, object, object]]


def booked(history: History, meeting: Meeting) -> Times:
    """Who is booked for a meeting, and when."""
    rows = history.world.where(Booking, program=PROGRAM, meeting=meeting.meeting)
    return {(row.person, row.starts_at, row.ends_at) for row in rows}


def of_both(meeting: Meeting) -> Times:
    return {(person, meeting.starts_at, meeting.ends_at) for person in (MENTEE, MENTOR)}


def test_a_standing_meeting_takes_both_persons_time() -> None:
    history = a_pair()
    first = history.meeting(1)
    assert booked(history, first) == of_both(first)


def test_a_moved_meeting_takes_its_new_time_alone() -> None:
    history = a_pair()
    before = history.meeting(2)
    history.move(before, before.starts_at + 2 * HOUR)
    after = history.meeting(2)
    assert after.starts_at == before.starts_at + 2 * HOUR
    assert booked(history, after) == of_both(after)


def test_a_cancelled_meeting_takes_no_time() -> None:
    history = a_pair()
    gone = history.meeting(2)
    history.cancel(gone)
    assert booked(history, gone) == set()


def test_a_held_meeting_keeps_its_time() -> None:
    history = a_pair()
    first = history.meeting(1)
    history.wait_until(first.ends_at)
    history.attend(first)
    assert history.meeting(1).status == "met"
    assert booked(history, first) == of_both(first)


def test_a_missed_meeting_gives_its_time_back_until_late_evidence_shows_that_it_was_held() -> None:
    history = a_pair()
    first = history.meeting(1)
    while history.row(Meeting, "c1", first.meeting).status == "confirmed":
        history.wait(hours=6)
    assert booked(history, first) == set()
    history.attend(first)
    assert history.row(Meeting, "c1", first.meeting).status == "met"
    assert booked(history, first) == of_both(first)


def test_a_meeting_that_nobody_planned_takes_no_time() -> None:
    history = a_pair()
    history.wait(hours=4)
    for person in (MENTEE, MENTOR):
        joined, left = START, START + 2 * HOUR
        coffee = outside.Attended(
            meeting="tea", person=person, joined_at=joined, left_at=left, source="conference"
        )
        history.say("c1", coffee)
    assert history.row(Meeting, "c1", "tea").status == "met"
    assert bookings(history.row(Meeting, "c1", "tea")) == set()


def test_an_ended_cycle_gives_the_time_ahead_back() -> None:
    history = a_pair()
    history.say("c1", outside.Withdrawn(by=MENTEE, role="mentee"))
    assert standing_of(history.world, PROGRAM, MENTOR) == []


def test_bookings_are_those_that_the_meetings_ask_for_after_any_history() -> None:
    history = a_pair()
    history.say("bea", available())
    history.say("c2", paired("bea", MENTOR))
    history.cancel(history.meeting(2))
    history.move(history.meeting(3), history.meeting(3).starts_at + HOUR)
    history.wait(days=12)
    meetings = history.world.where(Meeting, program=PROGRAM)
    assert {row.status for row in meetings} == {"cancelled", "missed", "confirmed"}
    asked = set().union(*(bookings(row) for row in meetings))
    assert set(history.world.where(Booking, program=PROGRAM)) == asked


# -- the database -----------------------------------------------------------------------------------


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store, made by the migrations."""
    migrate.upgrade("scheduling", database_url)
    store = Store(SERVICE.tables, database_url)
    yield store
    store.dispose()


def save(store: Store, *changes: Row, gone: tuple[Row, ...] = ()) -> None:
    """Save rows and remove others, in one transaction."""
    refs: dict[Ref, Row | None] = {Ref(type(row), row.key()): row for row in changes}
    refs |= {Ref(type(row), row.key()): None for row in gone}
    with closing(store.connect()) as transaction:
        transaction.save(refs)
        transaction.commit()


def kept(store: Store) -> list[Booking]:
    with closing(store.connect()) as transaction:
        return list(transaction.each(Booking))


def booking(
    after: float = 0, minutes: float = 60, person: str = MENTOR, program: str = PROGRAM
) -> Booking:
    """A booking that begins so many minutes after noon, for so many; its meeting is named for them."""
    begin = START + timedelta(minutes=after)
    end = begin + timedelta(minutes=minutes)
    return Booking(program, person, begin, end, "c1", f"m{after:.0f}-{minutes:.0f}")


FIRST = booking(0, 60)
OVERLAPPING = {
    "begins as it does": booking(0, 30),
    "begins in it": booking(30, 60),
    "ends in it": booking(-30, 60),
    "spans it": booking(-30, 120),
    "lies in it": booking(15, 15),
    "shares the last minute": booking(59, 1),
}
BESIDE = {
    "begins as it ends": booking(60, 60),
    "ends as it begins": booking(-60, 60),
    "is another person's": booking(0, 60, person=MENTEE),
    "is of another program": booking(0, 60, program="other"),
}


def refuses(store: Store, other: Booking) -> bool:
    """Whether the store refuses a booking beside those that it holds, and holds the same as before."""
    before = kept(store)
    try:
        save(store, other)
    except StoreRefused:
        return kept(store) == before
    return False


def test_the_database_refuses_a_person_in_two_meetings_at_once(store: Store) -> None:
    save(store, FIRST)
    assert [why for why, other in OVERLAPPING.items() if not refuses(store, other)] == []


def test_a_scratch_store_has_the_rule_too(database_url: str) -> None:
    store = Store(SERVICE.tables, database_url)
    store.create_all()
    save(store, FIRST)
    assert [why for why, other in OVERLAPPING.items() if not refuses(store, other)] == []
    store.dispose()


def test_the_database_refuses_what_only_reaches_into_an_earlier_booking(store: Store) -> None:
    save(store, booking(0, 600), booking(700, 10))
    assert refuses(store, booking(590, 115))


def test_the_database_takes_what_does_not_overlap(store: Store) -> None:
    save(store, FIRST)
    save(store, *BESIDE.values())
    assert set(kept(store)) == {FIRST, *BESIDE.values()}


def test_a_booking_without_length_is_refused(store: Store) -> None:
    assert refuses(store, booking(0, 0))


def test_a_booking_that_stands_may_be_written_again(store: Store) -> None:
    save(store, FIRST)
    save(store, FIRST)
    assert kept(store) == [FIRST]


def test_a_booking_is_found_by_its_key_and_removed_by_it(store: Store) -> None:
    save(store, FIRST, booking(60, 60))
    with closing(store.connect()) as transaction:
        assert list(transaction.load(Booking, [FIRST.key()])) == [FIRST]
    save(store, gone=(FIRST,))
    assert kept(store) == [booking(60, 60)]


def test_two_meetings_may_change_places_in_one_transaction(store: Store) -> None:
    begin, end = START, START + HOUR
    old = [
        Booking(PROGRAM, MENTOR, begin, end, "c1", "a"),
        Booking(PROGRAM, MENTOR, begin + HOUR, end + HOUR, "c1", "b"),
    ]
    new = [
        Booking(PROGRAM, MENTOR, begin + HOUR, end + HOUR, "c1", "a"),
        Booking(PROGRAM, MENTOR, begin, end, "c1", "b"),
    ]
    save(store, *old)
    save(store, *new, gone=tuple(old))
    assert set(kept(store)) == set(new)


def test_many_bookings_that_are_written_at_once_are_refused_for_one(store: Store) -> None:
    rows = [booking(60 * n, 60, person=f"p{n % 7}") for n in range(700)]
    save(store, *rows)
    wrong = [booking(60 * n, 60, person=f"q{n % 7}") for n in range(700)]
    with pytest.raises(StoreRefused):
        save(store, *wrong, booking(30, 60, person="q0"))
    assert len(kept(store)) == 700


def stands(store: Store, *rows: Row) -> None:
    """Save rows, and put the store where a ledger would: at the first input of partition 0."""
    with closing(store.connect()) as transaction:
        if transaction.position(0) is None:
            transaction.begin_position(0, "log")
        assert transaction.move(0, 0, 1, "event 1", 0)
        transaction.save({Ref(type(row), row.key()): row for row in rows})
        transaction.commit()


@pytest.mark.parametrize("program", [None, PROGRAM], ids=["whole", "one program"])
def test_the_rule_holds_after_a_rebuild_whose_bookings_cross_those_of_before(
    store: Store, program: str | None
) -> None:
    stands(store, FIRST, booking(60, 60))
    rebuilt = [booking(30, 60), booking(90, 60)]
    with Shadow.open(store, SERVICE, program=program) as shadow:
        stands(shadow.store, *rebuilt)
        assert refuses(shadow.store, booking(100, 10))
        with Exchange(store) as held:
            held.replace(shadow, program)
    assert kept(store) == rebuilt
    assert refuses(store, booking(100, 10))
    with Exchange(store) as held:
        held.undo()
    assert kept(store) == [FIRST, booking(60, 60)]
    assert refuses(store, booking(30, 60))


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """A second store, in SQLite."""
    store = Store(SERVICE.tables, f"sqlite:///{tmp_path / 'other.db'}")
    store.create_all()
    yield store
    store.dispose()


def differences(live: Store, log: Store) -> list[tuple[str, Ref]]:
    with snapshot(live) as one, snapshot(log) as two:
        return [(each.kind, each.ref) for each in Comparison(one, two)]


def test_a_booking_that_differs_is_named_by_its_instants_whatever_the_database(
    store: Store, other: Store
) -> None:
    save(store, FIRST, booking(60, 60), booking(180, 60))
    save(other, booking(60, 60), booking(120, 30), booking(180, 60))
    assert differences(store, other) == [
        ("extra", Ref(Booking, FIRST.key())),
        ("missing", Ref(Booking, booking(120, 30).key())),
    ]


def test_a_booking_whose_instant_is_none_is_told_with_what_stands_there(
    other: Store, tmp_path: Path
) -> None:
    log = Store(SERVICE.tables, f"sqlite:///{tmp_path / 'log.db'}")
    log.create_all()
    save(other, FIRST)
    save(log, FIRST)
    with other.engine.begin() as connection:
        connection.execute(text("UPDATE booking SET starts_at = '2026', ends_at = 'soon'"))
    assert [kind for kind, _ in differences(other, log)] == ["extra", "missing"]
    log.dispose()
