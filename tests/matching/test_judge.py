"""What matching refuses, with the rule and the field, and never the value."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.events import outside
from shared.events.feedback import Concluded
from shared.events.outside import Goal
from shared.events.types import Duration
from tests.matching.history import (
    PROGRAM,
    START,
    History,
    a_program,
    always,
    left,
    offered,
    only,
    opened,
    refused,
    requested,
    withdrawn,
)


@pytest.fixture
def history() -> History:
    """Mia mentors Ann in c1; Bob waits in c2."""
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.a_request("c2", "bob")
    return history


def assigned(mentor: str, *overrides: Any) -> outside.Assigned:
    return outside.Assigned(mentor=mentor, by="carl", overrides=overrides)


# -- requested --


@pytest.mark.parametrize(
    "letters, refusal", [(120, ("no_room_for_a_successor", "/data")), (115, None)]
)
def test_a_request_leaves_room_for_what_a_successor_says_more(
    history: History, letters: int, refusal: tuple[str, str] | None
) -> None:
    history.say("mia", offered(capacity=2))
    history.say("eve", always())
    skills = [f"{number:03}" + "x" * letters for number in range(512)]
    wishes = {"wanted_skills": skills[:256], "held_skills": skills[256:]}
    said = history.say("c" * 64, requested("eve", request="q" * 64, **wishes))
    if refusal:
        assert refused(said) == refusal
    else:
        assert only(history.concludes("c" * 64, "d" * 64), outside.Requested).continues == "c" * 64


# -- opened, offered, available, preferred --


def test_a_version_of_the_rules_says_one_thing_only(history: History) -> None:
    said = history.say(PROGRAM, opened(floor=0.5))
    assert refused(said) == ("version_stated_otherwise", "/data/rules")


def test_the_same_version_may_be_said_again(history: History) -> None:
    assert history.say(PROGRAM, opened()) == []


def test_rules_come_into_force_before_the_programs_end(history: History) -> None:
    late = opened(rules="r2", effective_at=START.replace(year=2027))
    assert refused(history.say(PROGRAM, late)) == ("after_the_end", "/data/effective_at")


ASKED: dict[str, Any] = {"id": "f", "side": "mentor", "items": ({"id": "usefulness"},)}


@pytest.mark.parametrize(
    "forms, rule",
    [
        ((ASKED, {**ASKED, "type": "closing"}), "same_form_twice"),
        (({**ASKED, "items": ({"id": "usefulness"},) * 2},), "same_question_twice"),
    ],
)
def test_nothing_in_a_form_goes_by_the_name_of_something_else(
    history: History, forms: Any, rule: str
) -> None:
    assert refused(history.say(PROGRAM, opened(rules="r2", forms=forms))) == (rule, "/data/forms")


def test_the_two_sides_may_have_forms_of_one_name(history: History) -> None:
    both = opened(rules="r2", forms=(ASKED, {**ASKED, "side": "mentee"}))
    assert history.say(PROGRAM, both) == []


def test_who_has_left_offers_no_more(history: History) -> None:
    history.say("mia", left("mentor"))
    assert refused(history.say("mia", offered())) == ("has_left", "/subject")


def test_nobody_reports_to_himself_as_a_mentor(history: History) -> None:
    assert refused(history.say("mia", offered(manager="mia"))) == ("own_manager", "/data/manager")


@pytest.mark.parametrize(
    "likes, verdict",
    [
        ({"prefer": ("ann",)}, ("oneself", "/data/prefer")),
        ({"avoid": ("ann",)}, ("oneself", "/data/avoid")),
        (
            {"prefer": ("mia",), "avoid": ("mia",)},
            ("both_preferred_and_avoided", "/data/avoid"),
        ),
    ],
)
def test_preferences_that_contradict_themselves_are_refused(
    history: History, likes: Any, verdict: tuple[str, str]
) -> None:
    assert refused(history.say("ann", outside.Preferred(**likes))) == verdict


def test_wishes_are_those_that_the_program_offers(history: History) -> None:
    history.say(PROGRAM, opened(rules="r2", wishes=("parent", "career_changer")))
    history.say("ann", outside.Preferred(wishes=("parent",)))
    said = history.say("ann", outside.Preferred(wishes=("parent", "from_the_north")))
    assert refused(said) == ("not_a_wish_of_the_program", "/data/wishes")


def test_a_program_that_offers_no_wish_takes_none(history: History) -> None:
    history.say(PROGRAM, opened(rules="r2", wishes=()))
    said = history.say("ann", outside.Preferred(wishes=("parent",)))
    assert refused(said) == ("not_a_wish_of_the_program", "/data/wishes")


def test_wishes_are_passed_over_where_the_program_says_nothing_of_any(history: History) -> None:
    assert history.say("ann", outside.Preferred(wishes=("parent",))) == []


def test_a_vocabulary_that_is_not_installed_is_refused(history: History) -> None:
    said = history.say(PROGRAM, opened(rules="r2", vocabulary="klingon-1"))
    assert refused(said) == ("unknown_vocabulary", "/data/vocabulary")
    assert history.say(PROGRAM, opened(rules="r2", vocabulary="none")) == []


def test_rules_whose_vocabulary_is_no_longer_here_are_folded_again_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    monkeypatch.setattr("services.matching.judge._is_there", lambda _: False)
    assert refused(history.say(PROGRAM, opened(rules="r2"))) == (
        "unknown_vocabulary",
        "/data/vocabulary",
    )
    assert list(history.rebuilt().rows()) == list(history.world.rows())


def test_nothing_is_kept_of_who_is_erased(history: History) -> None:
    history.say("ann", outside.Left(roles=("mentee",), effective_at=START))
    history.say("ann", outside.Erased(person="ann", effective_at=START))
    assert refused(history.say("ann", outside.Available(zone="UTC"))) == ("erased", "/subject")
    assert refused(history.say("ann", outside.Preferred())) == ("erased", "/subject")


# -- requested --


def test_nobody_asks_before_the_program_is_opened() -> None:
    said = History().say("c1", requested("ann"))
    assert refused(said) == ("program_not_open", "/program")


def test_nobody_asks_before_the_rules_are_in_force() -> None:
    history = a_program(effective_at=START.replace(day=4))
    assert refused(history.say("c1", requested("ann"))) == ("program_not_open", "/program")


def test_nobody_asks_after_the_programs_end() -> None:
    history = a_program(ends_on=date(2026, 3, 3))
    history.wait(days=3)
    assert refused(history.say("c1", requested("ann"))) == ("program_not_open", "/program")


def test_a_pair_is_not_edited(history: History) -> None:
    said = history.say("c1", requested("ann", request="q-c1"))
    assert refused(said) == ("paired", "/subject")


def test_a_cycle_that_is_over_is_not_asked_for_again(history: History) -> None:
    history.concludes("c1")
    said = history.say("c1", requested("ann", request="q-c1"))
    assert refused(said) == ("ended", "/subject")


@pytest.mark.parametrize(
    "changed, field",
    [
        ({"mentee": "eve"}, "/data/mentee"),
        ({"request": "q9"}, "/data/request"),
        ({"seat": 2}, "/data/seat"),
        ({"continues": "c1"}, "/data/continues"),
    ],
)
def test_an_edit_keeps_whose_request_it_is(
    history: History, changed: dict[str, Any], field: str
) -> None:
    given = {"mentee": "bob", "request": "q-c2"} | changed
    assert refused(history.say("c2", requested(**given))) == ("not_the_same", field)


def test_an_id_that_feedback_has_concluded_is_not_used_again(history: History) -> None:
    history.say("eve", left("mentee"))
    history.say("c3", requested("eve", request="q3"))
    over = Concluded(mentee="eve", outcome="left", paired=False, overlap_total=Duration())
    assert history.say("c3", over, source="/mentoring/feedback") == []
    assert refused(history.say("c3", requested("bob", request="q3"))) == ("ended", "/subject")


def test_a_seat_has_one_open_cycle(history: History) -> None:
    said = history.say("c3", requested("bob", request="q-c2"))
    assert refused(said) == ("seat_taken", "/data/seat")


def test_a_seat_whose_cycle_is_over_may_be_asked_for_again(history: History) -> None:
    history.concludes("c2")
    assert history.say("c3", requested("bob", request="q-c2")) == []
    assert history.status("c3") == "open"


def test_a_withdrawn_cycle_holds_its_seat_until_it_is_over(history: History) -> None:
    history.say("c2", withdrawn("bob"))
    said = history.say("c3", requested("bob", request="q-c2"))
    assert refused(said) == ("seat_taken", "/data/seat")
    assert refused(history.say("c2", requested("bob", request="q-c2"))) == ("ending", "/subject")


def test_another_seat_of_a_request_is_another_cycle(history: History) -> None:
    history.say("c3", requested("bob", request="q-c2", seat=2))
    assert history.status("c3") == "open"


def test_a_request_belongs_to_one_mentee(history: History) -> None:
    said = history.say("c3", requested("eve", request="q-c2", seat=2))
    assert refused(said) == ("request_of_another", "/data/request")


def test_only_matching_continues_a_cycle(history: History) -> None:
    said = history.say("c3", requested("bob", request="q3", continues="c1"))
    assert refused(said) == ("continued_by_matching_only", "/data/continues")


def test_who_has_left_asks_no_more(history: History) -> None:
    history.say("eve", left("mentee"))
    assert refused(history.say("c3", requested("eve"))) == ("has_left", "/data/mentee")


def test_nobody_reports_to_himself_as_a_mentee(history: History) -> None:
    said = history.say("c3", requested("eve", manager="eve"))
    assert refused(said) == ("own_manager", "/data/manager")


def test_goals_have_ids_of_their_own(history: History) -> None:
    goals = (Goal(id="g1", kind="long_term"), Goal(id="g1", kind="short_term"))
    said = history.say("c3", requested("eve", goals=goals))
    assert refused(said) == ("goal_twice", "/data/goals")


# -- accepted, declined --


@pytest.mark.parametrize("answer", [outside.Accepted, outside.Declined])
def test_an_answer_is_to_a_proposal_that_stands_by_who_was_asked(answer: Any) -> None:
    history = a_program(acceptance="mentor")
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    proposal = history.proposal("c1")
    for key, data, verdict in (
        ("c9", answer(proposal=proposal, by="mia"), ("unknown_cycle", "/subject")),
        ("c1", answer(proposal="p9", by="mia"), ("no_such_proposal", "/data/proposal")),
        ("c1", answer(proposal=proposal, by="ann"), ("not_asked", "/data/by")),
    ):
        assert refused(history.say(key, data)) == verdict
    history.say("c1", answer(proposal=proposal, by="mia"))
    again = history.say("c1", answer(proposal=proposal, by="mia"))
    assert refused(again) == ("no_such_proposal", "/data/proposal")


def test_one_accepts_once() -> None:
    history = a_program(acceptance="both")
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    yes = outside.Accepted(proposal=history.proposal("c1"), by="ann")
    history.say("c1", yes)
    assert refused(history.say("c1", yes)) == ("accepted_already", "/data/by")


# -- assigned --


def test_a_coordinator_assigns_to_an_open_cycle_that_is_known(history: History) -> None:
    assert refused(history.say("c9", assigned("mia"))) == ("unknown_cycle", "/subject")
    assert refused(history.say("c1", assigned("mia"))) == ("paired", "/subject")
    history.concludes("c1")
    assert refused(history.say("c1", assigned("mia"))) == ("ended", "/subject")


def test_a_coordinator_assigns_somebody_who_offers(history: History) -> None:
    assert refused(history.say("c2", assigned("bob"))) == ("no_offer", "/data/mentor")


def test_a_coordinator_does_not_set_capacity_aside(history: History) -> None:
    assert refused(history.say("c2", assigned("mia"))) == ("capacity", "/data/mentor")


def test_a_rule_that_the_program_chose_is_set_aside_by_name_only(history: History) -> None:
    history.a_mentor("mio", languages=("fr",), team="mentees")
    said = history.say("c2", assigned("mio", "language"))
    assert refused(said) == ("team", "/data/overrides")
    assert history.status("c2") == "open"
    history.say("c2", assigned("mio", "language", "team"))
    assert history.mentor_of("c2") == "mio"


def test_a_choice_is_neither_set_aside_nor_told(history: History) -> None:
    history.say("mio", outside.Preferred(avoid=("bob",)))
    history.a_mentor("mio")
    assert refused(history.say("c2", assigned("mio"))) == ("not_available", "/data/mentor")


def test_nobody_is_assigned_after_the_programs_end() -> None:
    history = a_program(acceptance="mentor", ends_on=date(2026, 3, 3))
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.wait(hours=47)
    assert refused(history.say("c1", assigned("mia"))) == ("program_not_open", "/program")
