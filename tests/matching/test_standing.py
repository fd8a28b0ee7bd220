"""What is stated while a proposal stands: it may rule the two out, and then no acceptance pairs them."""

from __future__ import annotations

import pytest

from shared.events import matching, outside
from shared.events.rules import OnThreshold
from tests.matching.history import (
    PROGRAM,
    a_program,
    all_of,
    left,
    offered,
    opened,
    pairs,
    refused,
    requested,
)
from tests.matching.test_acceptance import asks, lapses


def test_nobody_is_paired_by_an_acceptance_with_whom_he_avoids_by_now() -> None:
    history = asks()
    history.a_request("c1", "ann")
    assert history.say("ann", outside.Preferred(avoid=("mia",))) == []
    assert refused(history.accepts("c1", "mia")) == ("not_available", "/data/proposal")


def test_a_giants_proposals_that_still_stand_after_he_left_are_not_to_be_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.matching.decide.LAPSES", 1)
    history = asks()
    history.say("mia", offered(capacity=2))
    history.a_request("c1", "ann")
    history.a_request("c2", "bob")
    assert lapses(history.say("mia", left("mentor"))) == [("mia", "left")]
    assert refused(history.accepts("c2", "mia")) == ("not_available", "/data/proposal")
    assert lapses(history.wait(days=2)) == [("mia", "expired")]


def test_an_offer_that_no_longer_fits_the_proposal_is_not_accepted_by_the_mentor() -> None:
    history = asks()
    history.a_request("c1", "ann")
    history.say("mia", offered(languages=("fr",)))
    assert refused(history.accepts("c1", "mia")) == ("language", "/data/proposal")


def test_less_capacity_than_held_places_takes_nothing_from_a_standing_proposal() -> None:
    history = asks()
    history.a_request("c1", "ann")
    history.say("mia", offered(capacity=0))
    assert pairs(history.accepts("c1", "mia")) == [("ann", "mia")]


def test_wishes_that_rule_out_a_standing_proposal_supersede_it_and_go_to_the_next_choice() -> None:
    history = asks()
    history.a_request("c1", "ann")
    history.a_request("c2", "bob")
    history.a_mentor("mio", languages=("fr",))
    said = history.say("c1", requested("ann", request="q-c1", languages=("fr",)))
    assert lapses(said) == [("mia", "superseded")]
    assert [(data.mentee, data.mentor) for data in all_of(said, matching.Proposed)] == [
        ("ann", "mio"),
        ("bob", "mia"),
    ]
    assert (history.load("mia"), history.load("mio")) == (1, 1)


def test_wishes_that_still_fit_leave_a_standing_proposal_as_it_is() -> None:
    history = asks()
    history.a_request("c1", "ann")
    assert history.say("c1", requested("ann", request="q-c1", formats=("video", "chat"))) == []
    assert history.status("c1") == "held"


def test_a_mentor_assigned_over_a_proposal_gets_nobody_else_in_that_step() -> None:
    ask = {"acceptance": "mentor", "hard": ()}
    history = a_program(rounds=OnThreshold(waiting=1), **ask)
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.say(PROGRAM, opened(rules="r2", rounds=OnThreshold(waiting=9), **ask))
    history.a_mentor("mio")
    history.a_request("c2", "bob")
    history.say(PROGRAM, opened(rules="r3", rounds=OnThreshold(waiting=1), **ask))
    said = history.say("c1", outside.Assigned(mentor="mio", by="carl"))
    assert pairs(said) == [("ann", "mio")]
    assert history.load("mio") == 1


def test_who_leaves_as_mentee_and_as_mentor_frees_a_place_for_one_request_not_for_two() -> None:
    history = a_program(acceptance="mentor")
    history.a_mentor("otto")
    history.a_request("c1", "zoe")
    history.a_mentor("zoe")
    history.a_request("c2", "ben")
    history.a_request("c3", "cal")
    assert [history.mentor_of(cycle) for cycle in ("c1", "c2", "c3")] == ["otto", "zoe", None]
    said = history.say("zoe", left("mentee", "mentor"))
    assert lapses(said) == [("zoe", "left"), ("otto", "left")]
    assert [data.mentor for data in all_of(said, matching.Proposed)] == ["otto"]
    assert history.load("otto") == 1
