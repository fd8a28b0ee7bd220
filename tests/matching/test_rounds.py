"""When pairs are said: at once, on a calendar, at a threshold, in steps; and by which policy and floor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.matching import limits, rounds, tally
from services.matching.model import Cycle, Mentor, Queue
from shared.events import matching, outside
from shared.events.outside import Preferred
from shared.events.rules import OnCalendar, OnThreshold
from shared.events.types import Duration
from tests.matching.history import (
    PROGRAM,
    START,
    History,
    a_program,
    all_of,
    always,
    hours,
    offered,
    only,
    opened,
    pairs,
    requested,
)

MONDAYS = OnCalendar(rrule="FREQ=WEEKLY;BYDAY=MO", start="11:00")
SKILLS_ONLY: dict[str, Any] = {"weights": {"skills": 1.0}}


def test_on_a_calendar_pairs_are_said_by_the_round_alone() -> None:
    history = a_program(rounds=MONDAYS)
    history.a_mentor("mia")
    assert history.a_request("c1", "ann") == []
    pair = only(history.wait(hours=1), matching.Paired)
    assert pair.mentee == "ann"
    assert history.find(Queue).next_round == START.replace(day=9, hour=10)


def test_a_round_looks_at_all_who_wait_and_finds_the_largest_total() -> None:
    history = a_program(rounds=MONDAYS, **SKILLS_ONLY)
    history.a_mentor("mia", skills=("go", "rust"))
    history.a_mentor("mio", skills=("go",))
    history.a_request("c1", "ann", wanted_skills=("go",))
    history.a_request("c2", "bob", wanted_skills=("go", "rust"))
    assert pairs(history.wait(hours=1)) == [("ann", "mio"), ("bob", "mia")]


def test_first_come_serves_the_queue() -> None:
    history = a_program(rounds=MONDAYS, policy="first_come", **SKILLS_ONLY)
    history.a_mentor("mia", skills=("go",))
    history.a_request("c1", "ann")
    history.a_request("c2", "bob", wanted_skills=("go",))
    assert pairs(history.wait(hours=1)) == [("ann", "mia")]


def test_optimal_lets_the_better_score_have_the_last_place() -> None:
    history = a_program(rounds=MONDAYS, **SKILLS_ONLY)
    history.a_mentor("mia", skills=("go",))
    history.a_request("c1", "ann")
    history.a_request("c2", "bob", wanted_skills=("go",))
    assert pairs(history.wait(hours=1)) == [("bob", "mia")]


def test_ageing_lets_the_longer_wait_have_it() -> None:
    history = a_program(rounds=MONDAYS, weights={"skills": 1.0, "waiting": 2.0})
    history.a_mentor("mia", skills=("go",))
    history.a_request("c1", "ann", wanted_skills=("c",))
    history.a_request("c2", "bob", wanted_skills=("go",))
    pair = only(history.wait(hours=1), matching.Paired)
    assert (pair.mentee, pair.score) == ("ann", 0)


def test_nobody_is_paired_below_the_floor_however_long_the_wait() -> None:
    history = a_program(floor=0.5, weights={"skills": 1.0, "waiting": 100.0})
    history.a_mentor("mia", skills=("go",))
    assert history.a_request("c1", "ann", wanted_skills=("c", "d", "go")) == []
    assert pairs(history.a_request("c2", "bob", wanted_skills=("c", "go"))) == [("bob", "mia")]
    end = only(history.wait(days=60), matching.Unmatched)
    assert end.excluded == {"not_available": 1}


def test_a_floor_that_nobody_reaches_is_told() -> None:
    history = a_program(floor=0.5, **SKILLS_ONLY)
    history.a_mentor("mia", skills=("go",))
    history.a_request("c1", "ann", wanted_skills=("c", "d", "go"))
    assert only(history.wait(days=60), matching.Unmatched).excluded == {"floor": 1}


def test_a_threshold_waits_until_enough_requests_are_there() -> None:
    history = a_program(rounds=OnThreshold(waiting=2))
    history.a_mentor("mia", capacity=3)
    assert history.a_request("c1", "ann") == []
    assert pairs(history.a_request("c2", "bob")) == [("ann", "mia"), ("bob", "mia")]
    assert history.a_request("c3", "cid") == []


def test_two_seats_of_a_request_get_two_mentors() -> None:
    history = a_program()
    history.a_mentor("mia", capacity=3)
    history.a_mentor("mio", capacity=3)
    history.say("ann", always())
    said = history.say("c1", requested("ann")) + history.say("c2", requested("ann", seat=2))
    assert sorted(pairs(said)) == [("ann", "mia"), ("ann", "mio")]


def test_seats_and_requests_of_one_mentee_get_different_mentors_in_one_round() -> None:
    history = a_program(rounds=MONDAYS, **SKILLS_ONLY)
    history.a_mentor("mia", capacity=9, skills=("go",))
    history.a_mentor("mio", capacity=9)
    history.say("ann", always())
    for number, request in enumerate(("q1", "q1", "q2"), 1):
        wish = requested("ann", request=request, seat=number, wanted_skills=("go",))
        history.say(f"c{number}", wish)
    assert sorted(pairs(history.wait(hours=1))) == [("ann", "mia"), ("ann", "mio")]


@pytest.mark.parametrize("policy", ["optimal", "stable", "fair", "first_come"])
def test_two_who_could_mentor_each_other_do_not_both(policy: Any) -> None:
    history = a_program(rounds=MONDAYS, policy=policy)
    for number, person in enumerate(("ann", "bob")):
        history.a_mentor(person)
        history.say(f"c{number}", requested(person, request=f"q{number}"))
    assert len(pairs(history.wait(hours=1))) == 1


def test_nobody_is_paired_with_whom_either_avoids_however_long_the_wait() -> None:
    history = a_program(rounds=MONDAYS, weights={"skills": 1.0, "waiting": 1000.0})
    history.a_mentor("mia")
    history.say("mia", Preferred(avoid=("ann",)))
    history.a_request("c1", "ann")
    history.a_request("c2", "bob")
    assert pairs(history.wait(hours=1)) == [("bob", "mia")]


def test_between_equal_mentors_the_one_who_carries_less_is_chosen() -> None:
    history = a_program()
    history.a_mentor("mia", capacity=3)
    history.a_mentor("mio", capacity=3)
    said = [*history.a_request("c1", "ann"), *history.a_request("c2", "bob")]
    assert pairs(said) == [("ann", "mia"), ("bob", "mio")]


def test_nobody_becomes_the_mentor_of_his_own_mentor() -> None:
    history = a_program()
    history.a_mentor("mia", seniority=6)
    history.a_request("c1", "ann")
    history.say("ann", offered(seniority=9))
    assert history.say("c2", requested("mia", request="q2")) == []


def test_nobody_mentors_himself() -> None:
    history = a_program()
    history.a_mentor("mia")
    assert history.say("c1", requested("mia")) == []


def test_new_hours_pair_at_once_whom_they_allow() -> None:
    history = a_program()
    history.a_mentor("mia", time=hours("08:00", 60))
    history.a_request("c1", "ann", time=hours("12:00", 60))
    assert pairs(history.say("ann", hours("08:00", 60))) == [("ann", "mia")]


def test_who_is_avoided_no_more_is_paired_at_once() -> None:
    history = a_program()
    history.say("mia", Preferred(avoid=("ann",)))
    history.a_mentor("mia")
    assert history.a_request("c1", "ann") == []
    assert pairs(history.say("mia", Preferred())) == [("ann", "mia")]


def test_preferences_are_never_part_of_what_is_said() -> None:
    history = a_program(weights={"wishes": 1.0, "industry": 1.0})
    history.say("ann", Preferred(prefer=("mia",)))
    history.a_mentor("mia")
    pair = only(history.a_request("c1", "ann"), matching.Paired)
    assert pair.parts == {"industry": 1}
    assert [reason.code for reason in pair.reasons] == ["industry"]


def test_the_pair_meets_as_the_mentee_wishes_and_the_mentor_can() -> None:
    history = a_program()
    history.a_mentor("mia", languages=("en", "de-AT"), formats=("audio", "chat"))
    pair = only(
        history.a_request(
            "c1",
            "ann",
            languages=("fr", "de", "en"),
            formats=("video", "chat", "audio"),
            cadence="FREQ=WEEKLY",
        ),
        matching.Paired,
    )
    assert (pair.language, pair.format, pair.cadence) == ("de", "chat", "FREQ=WEEKLY")


def test_a_round_tells_what_it_came_to() -> None:
    history = a_program(rounds=MONDAYS, capacity=2, **SKILLS_ONLY)
    history.a_mentor("mia", capacity=4, skills=("go", "sql"))
    history.a_mentor("mio", skills=("go",))
    for number, wanted in enumerate((("go", "c"), ("go",), ("sql",), ("go",))):
        history.a_request(f"c{number}", wanted_skills=wanted)
    said = history.wait(hours=1)
    told = only(said, matching.Tallied)
    assert told.round == all_of(said, matching.Paired)[0].round
    assert (told.rules, told.policy) == ("r1", "optimal")
    assert (told.waiting, told.mentors, told.places) == (4, 2, 3)
    assert (told.matched, told.said, told.unmatched) == (3, 3, 1)
    assert (told.total, told.worst) == (3, 1)
    assert (told.blocking, told.reached, told.milliseconds) == (0, 1, None)
    assert told.loads == matching.Loads(least=1, median=1, most=1)


def test_a_round_for_nobody_is_told_too() -> None:
    history = a_program(rounds=MONDAYS)
    told = only(history.wait(hours=1), matching.Tallied)
    assert (told.waiting, told.mentors, told.matched, told.total) == (0, 0, 0, 0)
    assert (told.worst, told.loads) == (None, None)


def test_a_round_counts_the_pairs_that_would_both_rather_have_each_other() -> None:
    def blocking(policy: Any) -> int | None:
        history = a_program(rounds=MONDAYS, policy=policy, **SKILLS_ONLY)
        history.a_mentor("mia", skills=("go", "sql", "c"))
        history.a_mentor("mio", skills=("go",))
        history.a_request("c1", wanted_skills=("go", "css"))
        history.a_request("c2", wanted_skills=("go", "sql", "c"))
        history.a_request("c3", wanted_skills=("go", "sql", "c"))
        return only(history.wait(hours=1), matching.Tallied).blocking

    assert blocking("stable") == 0
    assert blocking("first_come") == 2


@pytest.mark.parametrize("policy", ["optimal", "stable", "fair", "first_come"])
def test_a_pool_whose_values_are_not_kept_gets_the_same_pairs(
    monkeypatch: pytest.MonkeyPatch, policy: Any
) -> None:
    def said() -> list[Any]:
        history = a_program(rounds=MONDAYS, policy=policy, capacity=2)
        for number, skills in enumerate((("go",), ("go", "sql"), ("sql", "c"))):
            history.a_mentor(f"m{number}", capacity=1 + number % 2, skills=skills)
        for number, wanted in enumerate((("go",), ("sql", "c"), ("go", "c"), ("sql",))):
            history.a_request(f"c{number}", wanted_skills=wanted)
        return history.wait(hours=1)

    usual = said()
    monkeypatch.setattr(rounds, "KEPT", 0)
    monkeypatch.setattr(tally, "BLOCK", 4)
    assert said() == usual


def test_a_threshold_round_is_told_and_one_input_of_a_program_at_once_is_not() -> None:
    threshold = a_program(rounds=OnThreshold(waiting=2))
    threshold.a_mentor("mia", capacity=3)
    threshold.a_request("c1")
    assert only(threshold.a_request("c2"), matching.Tallied).matched == 2
    history = a_program()
    history.a_mentor("mia")
    assert all_of(history.a_request("c1"), matching.Tallied) == []


def test_a_weak_request_is_paired_in_the_end_however_many_better_ones_keep_coming() -> None:
    history = a_program(rounds=OnThreshold(waiting=3), request_expires=Duration(200))
    history.a_mentor("mia", skills=("go",))
    history.a_request("old", "old", wanted_skills=("c",), industry="A")
    for number in range(60):
        history.a_request(f"c{number}", wanted_skills=("go",))
        history.a_request(f"d{number}", wanted_skills=("go",))
        if history.status("old") == "paired":
            break
        history.concludes(next(row.cycle for row in history.every(Cycle) if row.status == "paired"))
    assert history.status("old") == "paired"
    assert 1 < number < 59


def test_a_giants_pairs_go_on_in_a_round_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PAIRS", {"none": 3})
    history = a_program(capacity=100)
    for number in range(10):
        history.a_request(f"c{number}")
    said = [*history.a_mentor("mia", capacity=8), *history.wait(seconds=5)]
    assert len(pairs(said)) == 8


def test_pairs_of_one_input_fit_one_batch() -> None:
    history = a_program(rounds=MONDAYS, acceptance="both", capacity=1000)
    history.a_mentor("mia", capacity=1000)
    for number in range(300):
        history.a_request(f"c{number}")
    said = history.wait(hours=1, seconds=30)
    assert len(all_of(said, matching.Proposed)) == 600
    assert history.load("mia") == 300


def test_the_same_pool_gives_the_same_pairs_whatever_the_order_of_the_offers() -> None:
    def run(mentors: list[str]) -> list[tuple[str, str]]:
        history = a_program(rounds=MONDAYS)
        for mentor in mentors:
            history.a_mentor(mentor, capacity=2)
        for number in range(6):
            history.a_request(f"c{number}")
        return pairs(history.wait(hours=1))

    mentors = ["mia", "mio", "max", "mel"]
    assert run(mentors) == run(mentors[::-1])


def test_a_coordinator_sees_the_offer_as_free_as_it_is() -> None:
    history = a_program()
    history.a_mentor("mia", capacity=2)
    history.a_request("c1")
    assert history.find(Mentor, "mia").free
    history.a_request("c2")
    assert not history.find(Mentor, "mia").free


def test_a_change_to_rounds_at_once_pairs_those_who_wait() -> None:
    history = a_program(rounds=MONDAYS)
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.say(PROGRAM, opened(rules="r2"))
    assert pairs(history.wait(seconds=0)) == [("ann", "mia")]


def test_two_rounds_at_one_instant_say_different_ids() -> None:
    """Time stands still when statements are dated back; a deadline's id follows from its instant."""
    history = a_program(rounds=MONDAYS)
    history.a_request("c1", "ann")
    for version in ("r2", "r3", "r4"):
        history.say(PROGRAM, opened(rules=version))
        for timer in sorted(history.timers.values(), key=lambda timer: timer.at):
            if timer.name == "round" and timer.at <= START + timedelta(seconds=5):
                history.ring(timer)
        history.now = START
    said = [answer.id for _, answers in history.log for answer in answers]
    assert len(said) == len(set(said)) == 3


def test_an_unknown_cycle_changes_nothing() -> None:
    history = History()
    history.say("c9", outside.Withdrawn(by="ann", role="mentee"))
    assert history.every(Cycle) == []
