"""Programs that ask first: proposals, answers, deadlines, and what a proposal holds meanwhile."""

from __future__ import annotations

from datetime import timedelta

from services.matching import evolve
from services.matching.model import Cycle, Held
from shared.events import matching, outside
from shared.events.envelope import Event, EventData
from shared.events.system import Rejected
from shared.events.types import Duration
from tests.matching.history import (
    PROGRAM,
    START,
    History,
    a_program,
    all_of,
    left,
    offered,
    only,
    pairs,
    withdrawn,
)


def asks(whom: str = "mentor") -> History:
    history = a_program(acceptance=whom, accept_within=Duration(2))
    history.a_mentor("mia")
    return history


def accepted(history: History, by: str, cycle: str = "c1") -> outside.Accepted:
    return outside.Accepted(proposal=history.proposal(cycle), by=by)


def declined(history: History, by: str, cycle: str = "c1") -> outside.Declined:
    return outside.Declined(proposal=history.proposal(cycle), by=by)


def lapses(said: list[EventData]) -> list[tuple[str, str]]:
    return [(data.to, data.cause) for data in all_of(said, matching.Lapsed)]


def test_the_mentor_is_asked_and_the_pair_is_said_when_he_accepts() -> None:
    history = asks()
    asked = only(history.a_request("c1", "ann"), matching.Proposed)
    assert (asked.to, asked.mentee, asked.mentor, asked.attempt) == ("mia", "ann", "mia", 1)
    pair = only(history.say("c1", accepted(history, "mia")), matching.Paired)
    assert (pair.proposal, pair.score, pair.round) == (asked.proposal, asked.score, asked.round)
    assert history.load("mia") == 1


def test_both_are_asked_with_one_proposal_and_the_last_answer_makes_the_pair() -> None:
    history = asks("both")
    asked = all_of(history.a_request("c1", "ann"), matching.Proposed)
    assert [data.to for data in asked] == ["ann", "mia"]
    assert len({data.proposal for data in asked}) == 1
    assert history.say("c1", accepted(history, "mia")) == []
    assert pairs(history.say("c1", accepted(history, "ann"))) == [("ann", "mia")]


def test_a_proposal_holds_the_mentors_place() -> None:
    history = asks()
    history.a_request("c1", "ann")
    assert history.load("mia") == 1
    assert history.a_request("c2", "bob") == []


def test_a_decline_rules_the_pair_out_keeps_the_place_and_goes_to_the_next_choice() -> None:
    history = asks()
    history.a_request("c1", "ann")
    history.a_mentor("mio")
    asked = only(history.say("c1", declined(history, "mia")), matching.Proposed)
    assert (asked.mentor, asked.attempt) == ("mio", 2)
    assert history.person("ann").never == ("mia",)
    assert history.load("mia") == 0
    assert history.find(Cycle, "c1").place == 0


def test_the_place_that_a_decline_frees_goes_to_the_next_request() -> None:
    history = asks()
    history.a_request("c1", "ann")
    history.a_request("c2", "bob")
    asked = only(history.say("c1", declined(history, "mia")), matching.Proposed)
    assert (asked.mentee, asked.mentor) == ("bob", "mia")


def test_the_other_side_learns_that_a_declined_proposal_is_over_and_not_why() -> None:
    history = asks("both")
    history.a_request("c1", "ann")
    assert lapses(history.say("c1", declined(history, "mia"))) == [("ann", "superseded")]


def test_a_proposal_that_nobody_answers_lapses_and_is_not_made_again() -> None:
    history = asks("both")
    history.a_request("c1", "ann")
    history.say("c1", accepted(history, "ann"))
    assert lapses(history.wait(days=2)) == [("ann", "expired"), ("mia", "expired")]
    assert history.status("c1") == "open"
    assert history.person("ann").never == ("mia",)


def test_a_proposal_that_nobody_answers_goes_to_the_next_choice_in_the_same_step() -> None:
    history = asks()
    history.a_request("c1", "ann")
    history.a_mentor("mio")
    said = history.wait(days=2)
    assert lapses(said) == [("mia", "expired")]
    asked = only(said, matching.Proposed)
    assert (asked.mentor, asked.attempt) == ("mio", 2)
    assert (history.load("mia"), history.load("mio")) == (0, 1)


def test_proposals_go_from_choice_to_choice_until_nobody_is_left_and_none_is_asked_twice() -> None:
    history = a_program(
        acceptance="mentor", accept_within=Duration(2), request_expires=Duration(30)
    )
    for mentor in ("mia", "mio", "moa"):
        history.a_mentor(mentor)
    said = [*history.a_request("c1", "ann"), *history.wait(days=20)]
    assert [data.mentor for data in all_of(said, matching.Proposed)] == ["mia", "mio", "moa"]
    assert only(history.wait(days=20), matching.Unmatched).excluded == {"not_available": 3}


def test_a_request_whose_time_is_up_while_a_proposal_stands_ends_when_that_lapses() -> None:
    history = a_program(acceptance="mentor", accept_within=Duration(9), request_expires=Duration(7))
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    assert history.wait(days=8) == []
    only(history.wait(days=2), matching.Unmatched)


def test_a_request_whose_time_is_up_goes_to_no_other_choice() -> None:
    history = a_program(acceptance="mentor", accept_within=Duration(9), request_expires=Duration(7))
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.a_mentor("mio")
    said = history.wait(days=10)
    assert [type(data) for data in said] == [matching.Lapsed, matching.Unmatched]


def test_who_withdraws_ends_the_proposal_and_frees_the_place() -> None:
    history = asks()
    history.a_request("c1", "ann")
    history.a_request("c2", "bob")
    said = history.say("c1", withdrawn("ann"))
    assert lapses(said) == [("mia", "withdrawn")]
    assert only(said, matching.Proposed).mentee == "bob"


def test_proposals_to_a_mentor_who_leaves_lapse_and_the_requests_go_on() -> None:
    history = asks()
    history.a_request("c1", "ann")
    history.a_mentor("mio")
    said = history.say("mia", left("mentor"))
    assert lapses(said) == [("mia", "left")]
    assert only(said, matching.Proposed).mentor == "mio"
    assert (history.load("mia"), history.load("mio")) == (0, 1)


def test_proposals_to_a_mentor_who_pauses_lapse_and_may_be_made_again() -> None:
    history = asks()
    history.a_request("c1", "ann")
    said = history.say("mia", offered(paused_until=START.replace(day=12)))
    assert lapses(said) == [("mia", "paused")]
    asked = only(history.wait(days=10), matching.Proposed)
    assert (asked.mentor, asked.attempt) == ("mia", 2)


def test_a_mentee_who_leaves_ends_the_proposal_about_the_request() -> None:
    history = asks()
    history.a_request("c1", "ann")
    assert lapses(history.say("ann", left("mentee"))) == [("mia", "left")]
    assert history.load("mia") == 0


def test_a_coordinators_pair_supersedes_the_proposal() -> None:
    history = asks()
    history.a_request("c1", "ann")
    history.a_request("c2", "bob")
    history.a_mentor("mio", capacity=0)
    history.say("mio", offered(capacity=1, languages=("fr",)))
    assigned = outside.Assigned(mentor="mio", by="carl", overrides=("language",))
    said = history.say("c1", assigned)
    assert lapses(said) == [("mia", "superseded")]
    assert only(said, matching.Paired).policy == "assigned"
    assert only(said, matching.Proposed).mentee == "bob"
    assert (history.load("mia"), history.load("mio")) == (1, 1)


def test_a_coordinator_may_assign_the_mentor_who_is_being_asked() -> None:
    history = asks()
    history.a_request("c1", "ann")
    said = history.say("c1", outside.Assigned(mentor="mia", by="carl"))
    assert pairs(said) == [("ann", "mia")]
    assert history.load("mia") == 1


def test_an_answer_after_the_deadline_finds_no_proposal() -> None:
    history = asks()
    history.a_request("c1", "ann")
    late = accepted(history, "mia")
    history.wait(days=2)
    history.say("c1", late)
    assert history.status("c1") == "open"


def test_concluded_ends_a_proposal_too() -> None:
    history = asks()
    history.a_request("c1", "ann")
    assert lapses(history.concludes("c1")) == [("mia", "withdrawn")]
    assert history.load("mia") == 0


def test_nobody_is_paired_by_an_acceptance_after_the_programs_last_day() -> None:
    history = a_program(
        acceptance="mentor",
        accept_within=Duration(9),
        starts_on=START.date(),
        ends_on=START.date() + timedelta(days=3),
    )
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    late = accepted(history, "mia")
    history.wait(days=5)

    assert only(history.say("c1", late), Rejected).rule in {"program_not_open", "no_such_proposal"}
    assert pairs(history.wait(days=30)) == []


def test_a_side_that_is_said_to_be_asked_or_to_accept_again_is_counted_once() -> None:
    history = a_program(acceptance="both")
    history.a_mentor("mia")
    asked = all_of(history.a_request("c1", "ann"), matching.Proposed)
    for again in asked:
        history.say("c1", again, source="/mentoring/matching")
    held = history.find(Cycle, "c1").state
    assert isinstance(held, Held)
    assert held.offer.asked == ("ann", "mia")

    accepted = outside.Accepted(proposal=held.offer.proposal, by="ann")
    for _ in range(2):
        event = Event(
            "a" * 8 + "-0000-4000-8000-" + "0" * 12, "urn:hr", PROGRAM, "c1", START, accepted
        )
        history.world.apply(evolve.accepted(history.world, event, accepted))
    held = history.find(Cycle, "c1").state
    assert isinstance(held, Held)
    assert held.offer.accepted == ("ann",)
