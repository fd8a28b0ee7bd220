"""What stands at a cut: the cases that a demo program hardly ever has."""

import numpy as np
import pytest

from services.feedback.report.computed import two_sided
from services.feedback.report.part import Part
from shared.events import outside
from tests.feedback.report.telling import GOOD, Telling, at, begun, text


def pair(cycle: str = "c1", mentee: str = "ada", mentor: str = "grace") -> Telling:
    told = begun()
    told.requested(cycle, mentee)
    told.day = 1
    told.paired(cycle, mentor)
    return told


def held(told: Telling, day: float | None = None) -> tuple[int, int]:
    """Numbers held and due."""
    meetings = told.state(day).meetings
    return int(meetings.met.sum()), int(meetings.due.sum())


def test_a_number_is_due_when_its_start_has_passed_without_a_verdict() -> None:
    told = pair()
    told.scheduled("c1", 1, day=8)

    assert held(told, 7.9) == (0, 0)
    assert held(told, 8) == (0, 1)


def test_a_number_with_a_verdict_is_due_once() -> None:
    told = pair()
    told.scheduled("c1", 1, day=8)
    told.day = 8.1
    told.met("c1", 1)

    assert held(told, 8.05) == (0, 1)
    assert held(told) == (1, 1)


def test_a_number_that_was_moved_is_due_when_it_starts_now() -> None:
    told = pair()
    told.scheduled("c1", 1, day=8)
    told.day = 2
    told.scheduled("c1", 1, day=12, cause="moved")

    assert held(told, 9) == (0, 0)
    assert held(told, 12) == (0, 1)


def test_people_who_cancel_owe_the_meeting_and_planning_that_drops_it_does_not() -> None:
    told = pair()
    for number, cause in ((1, "cancelled"), (2, "replanned"), (3, "cycle_ended")):
        told.scheduled("c1", number, day=8)
        told.scheduled("c1", number, day=8, status="CANCELLED", cause=cause)

    assert held(told, 9) == (0, 1)


def test_an_ended_pair_owes_nothing_later() -> None:
    told = pair()
    told.scheduled("c1", 1, day=8)
    told.scheduled("c1", 2, day=20)
    told.day = 10
    told.concluded("c1", "ended_early")

    assert held(told, 30) == (0, 1)


def test_the_last_verdict_of_a_number_counts() -> None:
    told = pair()
    told.day = 8
    told.missed("c1", 1)
    told.day = 9
    told.met("c1", 1, meeting="another")

    assert held(told, 8) == (0, 1)
    assert held(told, 9) == (1, 1)


def test_late_evidence_corrects_a_miss_and_the_absence_with_it() -> None:
    told = pair()
    told.day = 8
    told.missed("c1", 1)
    told.day = 9
    told.met("c1", 1, corrects="any")

    before, after = told.state(8).meetings, told.state(9).meetings
    assert (before.absent.sum(), before.expected.sum()) == (1, 2)
    assert (after.absent.sum(), after.expected.sum(), after.judged.sum()) == (0, 2, 1)


def test_a_verdict_is_provisional_until_it_is_final() -> None:
    told = pair()
    told.day = 8
    told.missed("c1", 1, reason="no_evidence", absent=[])

    assert told.state(9).meetings.provisional.sum() == 1
    assert told.state(10).meetings.provisional.sum() == 0
    assert told.state(10).meetings.expected.sum() == 0


def test_an_unplanned_meeting_is_none_of_the_plan() -> None:
    told = pair()
    told.day = 4
    told.met("c1", 0, planned=False)

    assert held(told) == (0, 0)
    assert told.state().meetings.unplanned.sum() == 1


def test_a_request_is_decided_when_all_of_its_cycles_have_ended_without_a_pair() -> None:
    told = begun()
    told.requested("c1", "ada", request="q", seat=1)
    told.requested("c2", "ada", request="q", seat=2)
    told.day = 5
    told.concluded("c1", "unmatched", paired=False)
    told.day = 6
    told.concluded("c2", "withdrawn", paired=False)

    assert told.state(5).decided.tolist() == [False]
    assert told.state(6).decided.tolist() == [True]
    assert told.state(9).waits.days.tolist() == [6.0]
    assert told.state(6).matched.tolist() == [False]


def test_who_still_waits_has_waited_until_the_cut() -> None:
    told = begun()
    told.requested("c1", "ada")

    waits = told.state(3.5).waits

    assert (waits.days.tolist(), waits.happened.tolist()) == ([3.5], [False])


def test_a_successor_s_pair_does_not_shorten_the_wait_of_the_first() -> None:
    told = pair()
    told.day = 5
    told.concluded("c1", "left")
    again = {"mentee": "ada", "request": "of-c1", "seat": 1, "continues": "c1"}
    told.fact("matching", "requested", "c2", again)
    told.day = 9
    told.paired("c2", "hedy")

    assert told.state().waits.days.tolist() == [1.0]
    assert [int(each.sum()) for each in told.state().seats] == [1, 1]


def test_a_first_meeting_before_the_pair_takes_no_time() -> None:
    told = pair()
    told.met("c1", 0, planned=False, starts_at=text(told.now.replace(year=2025)))

    assert told.state().first_waits.days.tolist() == [0.0]


def test_a_step_counts_when_all_before_it_were_taken() -> None:
    told = pair()
    told.day = 9
    told.concluded("c1", "ended_early")

    assert told.state().steps.tolist() == [1]


def test_a_review_without_ratings_is_no_review() -> None:
    told = pair()
    told.day = 8
    told.met("c1", 1)
    told.reviewed("c1")

    assert told.state().steps.tolist() == [2]
    told.reviewed("c1", mentee=GOOD)
    assert told.state().steps.tolist() == [3]
    assert (told.state().revealed.sum(), told.state().missing.sum()) == (4, 3)


def test_a_side_s_mean_is_over_all_of_its_ratings_of_the_cycle() -> None:
    told = pair()
    told.reviewed("c1", mentee={"a": 5})
    told.reviewed("c1", mentee={"a": 1, "b": 1, "c": 3})

    assert told.state().means["mentee"].tolist() == [(1 + 0 + 0 + 0.5) / 4]
    assert np.isnan(told.state().means["mentor"]).tolist() == [True]


def test_a_mentor_s_places_are_those_offered_last_and_at_most_the_program_s() -> None:
    told = begun(capacity=2)
    told.offered("grace", 1)
    told.offered("hedy", 9)
    told.day = 1
    told.offered("grace", 2)
    told.offered("joan", 0)

    mentors = told.state().mentors

    assert mentors.capacity.tolist() == [2, 2]
    assert told.state(0.5).mentors.capacity.tolist() == [1, 2]


def test_a_mentor_who_leaves_later_is_here_until_then() -> None:

    told = begun()
    told.offered("grace", 2)
    told.say("grace", outside.Left(roles=("mentor",), effective_at=at(5)))
    told.offered("hedy", 2)
    told.say("hedy", outside.Left(roles=("mentee",), effective_at=at(1)))

    assert len(told.state(4).mentors.person) == 2
    assert len(told.state(5).mentors.person) == 1


def test_open_pairs_and_held_offers_are_told_apart() -> None:
    told = pair()
    told.offered("grace", 3)
    told.requested("c2", "ben")
    told.fact("matching", "proposed", "c2", {"proposal": "p1", "mentor": "grace"})

    assert (told.state().mentors.open.tolist(), told.state().mentors.offers.tolist()) == ([1], [1])

    told.day = 2
    told.concluded("c1", "left")
    assert told.state().mentors.open.tolist() == [0]


def test_an_offer_is_held_until_it_is_let_go_and_no_older_one_lets_it_go() -> None:

    told = begun()
    told.offered("grace", 3)
    told.requested("c1", "ada")
    for proposal in ("p1", "p2"):
        told.day += 1
        told.fact("matching", "proposed", "c1", {"proposal": proposal, "mentor": "grace"})
    told.fact("matching", "lapsed", "c1", {"proposal": "p1"})
    assert told.state().mentors.offers.tolist() == [1]

    told.day += 1
    told.say("c1", outside.Declined(proposal="p2", by="grace"))
    assert told.state().mentors.offers.tolist() == [0]


@pytest.mark.parametrize("end", ["paired", "concluded"])
def test_an_offer_ends_with_the_pair_or_the_request(end: str) -> None:
    told = begun()
    told.offered("grace", 3)
    told.requested("c1", "ada")
    told.fact("matching", "proposed", "c1", {"proposal": "p1", "mentor": "grace"})
    told.day = 1
    if end == "paired":
        told.paired("c1", "grace")
    else:
        told.concluded("c1", "withdrawn", paired=False)

    assert told.state(0.5).mentors.offers.tolist() == [1]
    assert told.state().mentors.offers.tolist() == [0]


def test_minutes_outside_fair_hours_count_of_the_meetings_held() -> None:
    told = pair()
    said = {"mentee": "PT30M", "mentor": "PT0M"}
    told.scheduled("c1", 1, day=8, outside=said)
    told.scheduled("c1", 2, day=9, outside=said)
    told.scheduled("c1", 3, day=10)
    told.day = 11
    told.met("c1", 1)
    told.met("c1", 3)

    shares = told.state().meetings.outside["mentee"]

    assert (shares.part.tolist(), shares.whole.tolist()) == ([30], [60])


def test_who_is_erased_is_no_mentor_any_more_though_only_the_mentee_had_left() -> None:
    told = begun()
    told.offered("grace", 3)
    told.day = 1
    told.say("grace", outside.Erased(person="grace", effective_at=told.now))

    assert told.state(0.5).mentors.capacity.tolist() == [3]
    assert told.state().mentors.person.tolist() == []


def test_rules_limit_places_from_when_they_are_in_force() -> None:
    told = begun(capacity=3)
    told.offered("grace", 5)
    told.day = 1
    told.opened(rules="r2", capacity=1, effective_at=at(4))

    assert [told.state(day).mentors.capacity.tolist() for day in (2, 4)] == [[3], [1]]


def test_a_mean_of_thirds_that_is_three_quarters_is_content() -> None:
    told = pair()
    ratings = {"a": 4, "b": 3, "c": 3, "d": 3}
    scales = {item: {"min": 1, "max": 4} for item in ratings}
    sides = ("mentee", "mentor")
    data = {"ratings": dict.fromkeys(sides, ratings), "scales": dict.fromkeys(sides, scales)}
    told.fact("feedback", "reviewed", "c1", data)
    part = Part(told.state(), np.ones(1, np.bool_), 1)

    (rate,) = two_sided(part).values

    assert (rate.count, rate.of) == (1, 1)
