"""A program is drawn from a seed, and is what the peers can plan as well as the service."""

from __future__ import annotations

from datetime import time
from itertools import chain

from shared.events.types import Duration
from tests.bench.scheduling.people import program, running
from tests.bench.scheduling.settings import MEETINGS, ROUNDS, Setting

SETTING = Setting(cycles=60, mentors=18, seed=7)


def test_the_same_setting_has_the_same_program() -> None:
    assert program(SETTING) == program(SETTING)
    assert program(SETTING) != program(Setting(cycles=60, mentors=18, seed=8))


def test_every_cycle_has_a_mentee_of_its_own_and_twelve_meetings() -> None:
    found = program(SETTING)

    assert len({cycle.mentee for cycle in found.cycles}) == 60
    assert {running(cycle).terms.planned_meetings for cycle in found.cycles} == {MEETINGS}
    assert {cycle.mentor for cycle in found.cycles} <= found.people.keys()


def test_cycles_come_in_the_order_of_the_rounds_that_paired_them() -> None:
    anchors = [running(cycle).anchor for cycle in program(SETTING).cycles]

    assert anchors == sorted(anchors)
    assert len(set(anchors)) == ROUNDS


def test_no_window_reaches_over_midnight_and_all_begin_and_end_on_quarters() -> None:
    people = program(SETTING).people.values()
    midnight = Duration(clock=24 * 60).span

    for window in chain.from_iterable(person.weekly for person in people):
        opens = time.fromisoformat(window.start)
        assert Duration(clock=opens.hour * 60 + opens.minute).span + window.duration.span < midnight
        assert opens.minute % 15 == window.duration.minutes % 15 == 0


def test_people_live_in_many_zones_and_have_exceptions_of_all_kinds() -> None:
    people = program(SETTING).people.values()

    assert len({person.zone for person in people}) > 8
    assert {each.kind for person in people for each in person.exceptions} == {
        "away",
        "busy",
        "extra",
    }
    assert {person.region is None for person in people} == {True, False}


def test_the_cycles_of_some_mentors_are_all_their_cycles() -> None:
    found = program(SETTING)
    some = found.of_mentors(3)
    mentors = {cycle.mentor for cycle in some.cycles}

    assert len(mentors) == 3
    assert some.cycles == [cycle for cycle in found.cycles if cycle.mentor in mentors]
