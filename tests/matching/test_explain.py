"""Why this pair, who else was near, what kept the others; and nothing of anybody's preferences."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.explain import Candidate, candidates, excluded, excluded_sentences, together
from services.matching.model import Cycle, Mentor
from services.matching.pool import pool
from services.matching.rounds import rules_of
from shared.events import matching, outside
from shared.events.outside import Preferred
from shared.events.rules import OnCalendar
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
)

MONDAYS = OnCalendar(rrule="FREQ=WEEKLY;BYDAY=MO", start="11:00")
SKILLS_ONLY: dict[str, Any] = {"weights": {"skills": 1.0}}
WISHES = ("first_generation", "career_returner")


def look(history: History, cycle: str, limit: int = 10) -> list[Candidate]:
    """The candidates of a request among all mentors of the program."""
    rules = rules_of(history.world, PROGRAM)
    assert rules is not None
    mentors = history.world.where(Mentor, program=PROGRAM)
    found = pool(history.world, rules, [history.find(Cycle, cycle)], mentors)
    return candidates(found, 0, limit)


def test_a_pair_names_the_runners_up_by_score_then_id_and_five_at_most() -> None:
    history = a_program(**SKILLS_ONLY)
    for number, mentor in enumerate(("mia", "m1", "m5", "m4", "m3", "m2", "m6")):
        history.a_mentor(mentor, skills=("go", "sql") if number < 2 else ("go",))
    pair = only(history.a_request("c1", "ann", wanted_skills=("go", "sql")), matching.Paired)
    assert pair.mentor == "m1"
    found = [(other.mentor, other.score) for other in pair.runners_up]
    assert found == [("mia", 1), ("m2", 0.5), ("m3", 0.5), ("m4", 0.5), ("m5", 0.5)]


def test_a_pair_counts_the_mentors_that_each_comparing_rule_kept_away_each_once() -> None:
    history = a_program(floor=0.5, acceptance="mentor", **SKILLS_ONLY)
    history.say("shy", Preferred(avoid=("ann",)))
    history.a_mentor("mia", skills=("go",))
    history.a_mentor("weak", skills=("c",))
    history.a_mentor("deaf", skills=("go",), languages=("fr",), team="mentees")
    history.a_mentor("near", skills=("go",), team="mentees")
    history.a_mentor("shy", skills=("go",), languages=("fr",))
    asked = only(history.a_request("c1", "ann", wanted_skills=("go",)), matching.Proposed)
    assert asked.excluded == {"floor": 1, "language": 2, "team": 1}
    assert asked.runners_up == ()


@pytest.mark.parametrize("acceptance", ["none", "mentor"])
def test_what_a_pair_counts_is_the_same_whoever_is_avoided(acceptance: str) -> None:
    found: list[matching.Paired | matching.Proposed] = []
    for avoid in ((), ("max", "deaf", "weak"), ("deaf",)):
        history = a_program(floor=0.5, acceptance=acceptance, **SKILLS_ONLY)
        history.say("ann", Preferred(avoid=avoid))
        history.a_mentor("max", skills=("c", "go"))
        history.a_mentor("mia", skills=("go",))
        history.a_mentor("weak", skills=("c",))
        history.a_mentor("deaf", skills=("go",), languages=("fr",))
        said = history.a_request("c1", "ann", wanted_skills=("go",))
        asked = acceptance == "mentor"
        found.append(only(said, matching.Proposed) if asked else only(said, matching.Paired))
    assert [each.excluded for each in found] == [{"floor": 1, "language": 1}] * len(found)
    assert {each.mentor for each in found} == {"max", "mia"}


def test_who_declined_or_mentors_the_mentee_already_is_not_counted_beside_the_next_pair() -> None:
    history = a_program(acceptance="mentor")
    for mentor in ("mia", "mio", "max"):
        history.a_mentor(mentor, capacity=2)
    first = only(history.a_request("c1", "ann"), matching.Proposed)
    declined = outside.Declined(proposal=first.proposal, by=first.mentor)
    second = only(history.say("c1", declined), matching.Proposed)
    third = only(history.a_request("c2", "ann"), matching.Proposed)
    assert len({first.mentor, second.mentor, third.mentor}) == 3
    assert second.excluded == third.excluded == {}


def test_a_mentee_who_mentors_too_is_not_counted_among_those_kept_away() -> None:
    history = a_program()
    history.a_mentor("ann", team="mentees", seniority=1)
    history.a_mentor("mia")
    assert only(history.a_request("c1", "ann"), matching.Paired).excluded == {}


def test_both_sides_are_told_the_same_reasons() -> None:
    history = a_program(acceptance="both")
    history.a_mentor("mia")
    history.a_mentor("mio")
    one, two = all_of(history.a_request("c1", "ann"), matching.Proposed)
    assert one.model_copy(update={"to": two.to}) == two
    assert [other.mentor for other in one.runners_up] == ["mio"]


def test_a_pair_by_consent_is_explained_as_it_was_proposed() -> None:
    history = a_program(acceptance="mentor")
    history.a_mentor("mia")
    history.a_mentor("mio")
    history.a_mentor("deaf", languages=("fr",))
    asked = only(history.a_request("c1", "ann"), matching.Proposed)
    accepted = outside.Accepted(proposal=asked.proposal, by=asked.mentor)
    pair = only(history.say("c1", accepted), matching.Paired)
    explained = {"score", "parts", "reasons", "runners_up", "excluded"}
    assert pair.model_dump(include=explained) == asked.model_dump(include=explained)


def test_a_runner_up_has_room() -> None:
    history = a_program(rounds=MONDAYS)
    history.a_mentor("full", capacity=0)
    history.a_mentor("mia")
    history.a_mentor("mio")
    history.a_request("c1", "ann")
    pair = only(history.wait(hours=1), matching.Paired)
    assert [other.mentor for other in pair.runners_up] == ["mio"]


def test_a_coordinators_pair_is_explained_by_itself() -> None:
    history = a_program(rounds=MONDAYS)
    history.a_mentor("mia", languages=("fr",))
    history.a_mentor("mio")
    history.a_request("c1", "ann")
    assigned = outside.Assigned(mentor="mia", by="carl", overrides=("language",))
    pair = only(history.say("c1", assigned), matching.Paired)
    assert (pair.runners_up, pair.excluded) == ((), {})
    assert "seniority" in pair.parts


def test_candidates_are_those_whom_a_request_may_have_best_first_with_reasons_in_words() -> None:
    history = a_program(rounds=MONDAYS, floor=0.2, weights={"skills": 3.0, "languages": 1.0})
    history.say("shy", Preferred(avoid=("ann",)))
    history.a_mentor("mia", capacity=3, skills=("Go",))
    history.a_mentor("max", skills=("go", "sql"))
    for mentor in ("shy", "gone"):
        history.a_mentor(mentor, skills=("go", "sql"))
    history.say("gone", left("mentor"))
    history.a_mentor("full", capacity=0, skills=("go", "sql"))
    history.a_request("c1", "ann", wanted_skills=("go", "sql"))

    best, next_ = look(history, "c1")

    assert (best.place, best.mentor, best.score) == (1, "max", 1)
    assert (next_.place, next_.mentor, next_.score) == (2, "mia", 0.625)
    assert (next_.load, next_.room) == (0, 3)
    assert next_.parts == {"skills": 0.5, "languages": 1}
    assert "Offers 1 of the 2 skills asked for: go." in next_.sentences
    assert len(next_.sentences) == len(next_.reasons)
    assert look(history, "c1", limit=1) == [best]


def test_looking_for_candidates_changes_nothing() -> None:
    history = a_program(rounds=MONDAYS)
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.world.take_changes()
    look(history, "c1")
    assert history.world.take_changes() == {}


def test_the_first_candidate_is_whom_an_at_once_program_pairs() -> None:
    history = a_program(rounds=MONDAYS)
    for number, skills in enumerate((("c",), ("go",), ("go", "sql"))):
        history.a_mentor(f"m{number}", skills=skills)
    history.a_request("c1", "ann", wanted_skills=("go", "sql"))
    first = look(history, "c1")[0]
    pair = only(history.wait(hours=1), matching.Paired)
    assert (pair.mentor, pair.score, pair.parts) == (first.mentor, first.score, first.parts)
    assert pair.reasons == first.reasons


def test_who_is_full_and_whom_a_choice_keeps_away_are_one_count() -> None:
    assert together({"capacity": 2, "language": 1, "not_available": 3}) == {
        "language": 1,
        "not_available": 5,
    }
    assert together({"language": 1}) == {"language": 1}


def test_counts_by_rule_are_put_into_words_the_greatest_first() -> None:
    assert excluded_sentences({"capacity": 1, "language": 3}) == (
        "3 mentors share no language with the mentee.",
        "1 mentor has no place left.",
    )


def test_a_request_can_be_explained_without_mentors() -> None:
    history = a_program()
    history.a_request("c1", "ann")
    assert look(history, "c1") == []
    end = only(history.wait(days=60), matching.Unmatched)
    assert end.excluded == {}


# -- preferences --


def lives(acceptance: str, **stated: Preferred) -> History:
    """Much of what may happen to requests, with these preferences."""
    history = a_program(
        acceptance=acceptance,
        accept_within=Duration(2),
        request_expires=Duration(20),
        wishes=WISHES,
        weights={"skills": 1.0, "wishes": 5.0, "languages": 1.0, "waiting": 1.0},
    )
    for person, likes in stated.items():
        history.say(person, likes)
    history.a_mentor("mia", skills=("go",), capacity=2)
    history.a_mentor("mio", skills=("go",))
    history.a_mentor("beloved", skills=("go",), capacity=0)
    history.a_mentor("shunned", skills=("go", "sql"), capacity=9, languages=("fr", "en"))
    history.a_request("c1", "ann", wanted_skills=("go", "sql"))
    history.a_request("c2", "bob", wanted_skills=("go",))
    if acceptance != "none":
        history.say("c1", outside.Declined(proposal=history.proposal("c1"), by="mia"))
    history.wait(days=9)
    history.say("mia", offered(paused_until=START.replace(day=20), skills=()))
    history.say("mio", left("mentor"))
    history.a_request("c3", "cid")
    history.wait(days=60)
    return history


LIKES = {
    "ann": Preferred(prefer=("beloved",), avoid=("shunned",), wishes=WISHES),
    "bob": Preferred(prefer=("beloved",), avoid=("shunned",), wishes=WISHES[:1]),
    "cid": Preferred(prefer=("beloved",), avoid=("shunned",)),
    "mia": Preferred(prefer=("dan",), avoid=("eve",), wishes=WISHES),
    "beloved": Preferred(wishes=WISHES),
}


@pytest.mark.parametrize("acceptance", ["none", "mentor", "both"])
def test_no_word_that_is_said_tells_of_preferences(acceptance: str) -> None:
    history = lives(acceptance, **LIKES)
    said = [answer for _, answers in history.log for answer in answers]
    assert {"unmatched", "lapsed" if acceptance != "none" else "paired"} <= {
        answer.data.WORD for answer in said
    }
    for answer in said:
        text = answer.data.model_dump_json()
        for name in ("beloved", "shunned", "dan", "eve", "wish", "prefer", "avoid", *WISHES):
            assert name not in text, text


@settings(max_examples=30, deadline=None, print_blob=True)
@given(
    st.lists(st.sampled_from(["mia", "mio"]), max_size=2, unique=True),
    st.lists(st.sampled_from(WISHES), max_size=2, unique=True),
    st.lists(st.sampled_from(WISHES), max_size=2, unique=True),
)
def test_a_pair_is_explained_alike_whoever_prefers_whom(
    prefer: list[str], wishes: list[str], theirs: list[str]
) -> None:
    """Weights are public: were wishes in the score, they could be worked out from it."""

    def explained(**stated: Preferred) -> dict[str, Any]:
        history = a_program(
            rounds=MONDAYS, wishes=WISHES, weights={"skills": 1.0, "languages": 1.0, "wishes": 9.0}
        )
        for person, likes in stated.items():
            history.say(person, likes)
        history.a_mentor("mia", skills=("go",), languages=("en", "de"))
        history.a_mentor("mio", skills=("go", "sql"))
        history.a_request("c1", "ann", wanted_skills=("go", "sql"), languages=("en", "de"))
        pair = only(history.say("c1", outside.Assigned(mentor="mia", by="carl")), matching.Paired)
        return pair.model_dump(mode="json", exclude={"round"}) | {
            "candidates": [repr(found) for found in look_again(history)]
        }

    def look_again(history: History) -> list[Candidate]:
        history.a_request("c2", "ann", wanted_skills=("go", "sql"))
        return look(history, "c2")

    likes = Preferred(prefer=tuple(prefer), wishes=tuple(wishes))
    assert explained() == explained(ann=likes, mia=Preferred(wishes=tuple(theirs)))


def test_a_wish_counts_when_people_compete_and_keeps_nobody_from_being_paired() -> None:
    history = a_program(
        rounds=MONDAYS, floor=0.9, weights={"languages": 1.0, "wishes": 1.0}, wishes=WISHES
    )
    history.say("ann", Preferred(prefer=("mio",)))
    history.a_mentor("mia")
    history.a_mentor("mio")
    history.a_request("c1", "ann")
    history.a_request("c2", "bob")
    said = all_of(history.wait(hours=1), matching.Paired)
    assert [(pair.mentee, pair.mentor, pair.score) for pair in said] == [
        ("ann", "mio", 1),
        ("bob", "mia", 1),
    ]


def test_candidates_come_by_what_is_shown_and_in_no_order_of_wishes() -> None:
    history = a_program(rounds=MONDAYS, wishes=WISHES, weights={"skills": 1.0, "wishes": 9.0})
    history.say("ann", Preferred(prefer=("zoe",), wishes=WISHES))
    for mentor in ("zoe", "mia"):
        history.say(mentor, Preferred(wishes=WISHES))
        history.a_mentor(mentor, skills=("go",))
    history.a_request("c1", "ann", wanted_skills=("go",))
    found = look(history, "c1")
    assert [each.mentor for each in found] == ["mia", "zoe"]
    assert all(one.score >= two.score for one, two in pairwise(found))


def test_who_is_avoided_is_counted_with_who_is_gone_or_full() -> None:
    history = a_program(rounds=MONDAYS)
    history.say("ann", Preferred(avoid=("mia",)))
    history.a_mentor("mia")
    history.a_mentor("gone")
    history.a_mentor("full", capacity=0)
    history.say("gone", left("mentor"))
    history.a_request("c1", "ann")
    rules = rules_of(history.world, PROGRAM)
    assert rules is not None
    mentors = history.world.where(Mentor, program=PROGRAM)
    found = pool(history.world, rules, [history.find(Cycle, "c1")], mentors)
    assert excluded(found, 0) == {"not_available": 3}
