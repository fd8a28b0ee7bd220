"""Pay it forward: who was mentored well, is willing, and may be asked to mentor others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.feedback.candidates import Candidate, candidates
from shared.events.outside import Erased, Volunteered
from shared.events.system import Rejected
from tests.feedback.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    START,
    History,
    a_pair,
    agreed,
    goal,
    hold,
    left,
    opened,
    paired,
    progressed,
    requested,
    withdrawn,
)


def a_mentee(*, reached: bool = True, **rules: Any) -> History:
    """Ada was mentored well: both meetings were held, and her goal was reached or not."""
    history = a_pair(2, **{"pay_it_forward": True, **rules})
    for side in (MENTEE, MENTOR):
        history.say("c1", agreed(side, goals=(goal(),)))
    if reached:
        history.say("c1", progressed(10))
    hold(history, 1)
    hold(history, 2)
    history.wait(days=8)
    return history


def volunteers(history: History, person: str = MENTEE, *, willing: bool = True) -> History:
    history.say(person, Volunteered(willing=willing), source="/mentoring/api")
    return history


def asked(history: History) -> list[Candidate]:
    return list(candidates(history.world, PROGRAM, history.now))


def names(history: History) -> list[str]:
    return [candidate.person for candidate in asked(history)]


def test_who_was_mentored_well_and_is_willing_is_a_candidate_with_what_speaks_for_it() -> None:
    (candidate,) = asked(volunteers(a_mentee()))

    (finished,) = candidate.finished
    assert (candidate.person, candidate.mentors, finished.cycle) == (MENTEE, 0, "c1")
    summary = finished.summary
    assert (summary.outcome, summary.held, summary.planned) == ("goals_reached", 2, 2)
    assert (summary.goals_reached, summary.goals_agreed) == (1, 1)


def test_a_cycle_that_was_completed_speaks_for_its_mentee_without_its_goals() -> None:
    (candidate,) = asked(volunteers(a_mentee(reached=False)))

    assert [each.summary.outcome for each in candidate.finished] == ["completed"]


def test_nobody_is_asked_who_has_not_volunteered() -> None:
    assert names(a_mentee()) == []


def test_willingness_may_be_taken_back_and_given_again() -> None:
    history = volunteers(volunteers(a_mentee()), willing=False)
    assert names(history) == []

    assert names(volunteers(history)) == [MENTEE]


def test_a_program_that_does_not_pay_it_forward_asks_nobody() -> None:
    assert names(volunteers(a_mentee(pay_it_forward=False))) == []


def test_the_rules_in_force_now_decide_and_not_those_that_bound_the_cycle() -> None:
    history = volunteers(a_mentee())
    tomorrow = history.now + timedelta(days=1)
    off = opened(rules="r2", pay_it_forward=False, effective_at=tomorrow)
    history.say(PROGRAM, off)
    assert names(history) == [MENTEE]

    history.wait(days=1)

    assert names(history) == []


def test_refused_rules_and_a_version_stated_twice_change_nothing() -> None:
    history = volunteers(a_mentee())
    refused = "00000000-0000-4000-8000-000000000001"
    history.say(PROGRAM, opened(rules="r2", pay_it_forward=False), event_id=refused)
    verdict = Rejected(event=refused, rule="zone_unknown")
    history.say(PROGRAM, verdict, source="/mentoring/matching")
    history.say(PROGRAM, opened(pay_it_forward=False))

    assert names(history) == [MENTEE]


def test_before_any_rules_are_in_force_nobody_is_asked() -> None:
    history = volunteers(a_mentee())

    assert list(candidates(history.world, PROGRAM, START - timedelta(days=1))) == []


@pytest.mark.parametrize("by", [(MENTEE, "mentee"), (MENTOR, "mentor")])
def test_a_cycle_that_ended_early_speaks_for_nobody(by: tuple[str, str]) -> None:
    history = a_pair(2, pay_it_forward=True)
    history.say("c1", withdrawn(*by))

    assert names(volunteers(history)) == []


def test_a_cycle_that_goes_on_or_was_never_paired_speaks_for_nobody() -> None:
    history = volunteers(a_pair(2, pay_it_forward=True))
    history.say("c2", requested("eve"))
    history.say("c2", withdrawn("eve"))
    volunteers(history, "eve")

    assert names(history) == []


def test_the_mentor_of_a_good_cycle_is_no_candidate_for_it() -> None:
    history = a_mentee()
    history.say("c2", requested(MENTOR))

    assert names(volunteers(history, MENTOR)) == []


@pytest.mark.parametrize("roles, stays", [(("mentee",), True), (("mentee", "mentor"), False)])
def test_who_has_left_as_a_mentee_may_still_mentor(roles: tuple[str, ...], stays: bool) -> None:
    history = volunteers(a_mentee())
    history.say(MENTEE, left(*roles, at=history.now))

    assert names(history) == ([MENTEE] if stays else [])


def test_who_is_about_to_leave_is_not_asked() -> None:
    history = volunteers(a_mentee())
    history.say(MENTEE, left("mentor", at=history.now + timedelta(days=30)))

    assert names(history) == []


def test_who_is_erased_is_not_asked() -> None:
    history = volunteers(a_mentee())
    history.say(MENTEE, left("mentee", at=history.now))
    history.say(MENTEE, Erased(person=MENTEE, effective_at=history.now))

    assert names(history) == []


def test_who_mentors_already_is_told_with_how_many_pairs() -> None:
    history = volunteers(a_mentee())
    for cycle in ("c2", "c3", "c4"):
        history.say(cycle, requested(f"mentee-{cycle}"))
        pair = paired(mentee=f"mentee-{cycle}", mentor=MENTEE)
        history.say(cycle, pair, source="/mentoring/matching")
    history.say("c4", withdrawn("mentee-c4"))

    assert [candidate.mentors for candidate in asked(history)] == [2]


def test_every_good_cycle_speaks_and_candidates_stand_in_order() -> None:
    history = a_mentee()
    for cycle, mentee in (("c2", MENTEE), ("c3", "bob")):
        history.say(cycle, requested(mentee))
        history.say(cycle, paired(mentee=mentee, planned_meetings=1), source="/mentoring/matching")
        hold(history, 1, cycle)
    history.wait(days=8)
    for person in ("bob", MENTEE):
        volunteers(history, person)

    found = {each.person: [one.cycle for one in each.finished] for each in asked(history)}

    assert list(found.items()) == [(MENTEE, ["c1", "c2"]), ("bob", ["c3"])]


def test_nothing_is_said_of_it() -> None:
    history = a_mentee()

    assert history.say(MENTEE, Volunteered(willing=True), source="/mentoring/api") == []
