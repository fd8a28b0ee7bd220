"""What rounds come to, as rows: a round over the whole pool, and the days of a program that pairs at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.matching.record import Round
from shared.events.matching import Loads, Paired, Proposed, Tallied
from shared.events.outside import Assigned
from tests.matching.history import PROGRAM, START, History, a_program, all_of, only

DAILY = {"rrule": "FREQ=DAILY", "start": "12:00"}


def tallied(**figures: Any) -> Tallied:
    given: dict[str, Any] = {
        "rules": "r1",
        "round": "round-1",
        "policy": "optimal",
        "waiting": 5,
        "mentors": 3,
        "places": 4,
        "matched": 4,
        "said": 2,
        "unmatched": 1,
        "total": 2.345678,
    }
    return Tallied(**{**given, **figures})


def rounds(history: History) -> dict[str, Round]:
    return {row.round: row for row in history.every(Round)}


def test_a_round_is_kept_as_it_was_said() -> None:
    history = a_program(rounds=DAILY)
    said = tallied(
        worst=0.31,
        blocking=7,
        reached=0.999,
        loads=Loads(least=0.0, median=0.5, most=1.5),
        milliseconds=12.5,
    )
    history.say(PROGRAM, said, source="/mentoring/matching")
    assert rounds(history)["round-1"] == Round(
        program=PROGRAM,
        round="round-1",
        kind="pool",
        at=START,
        rules="r1",
        policy="optimal",
        matched=4,
        said=2,
        total=2_345_678,
        worst=0.31,
        waiting=5,
        mentors=3,
        places=4,
        unmatched=1,
        blocking=7,
        reached=0.999,
        least=0.0,
        median=0.5,
        most=1.5,
        milliseconds=12.5,
    )


def test_a_round_that_is_told_again_takes_back_nothing_that_was_said_since() -> None:
    history = a_program(rounds=DAILY)
    history.say(PROGRAM, tallied(), source="/mentoring/matching")
    history.world.apply([replace(rounds(history)["round-1"], said=4)])
    history.say(PROGRAM, tallied(), source="/mentoring/matching")
    assert rounds(history)["round-1"].said == 4


def test_what_a_round_did_not_find_out_is_unknown() -> None:
    history = a_program(rounds=DAILY)
    history.say(PROGRAM, tallied(), source="/mentoring/matching")
    row = rounds(history)["round-1"]
    unknown = (row.worst, row.blocking, row.reached, row.least, row.median, row.most)
    assert {*unknown, row.milliseconds} == {None}


def test_pairs_made_at_once_are_summed_up_by_day_in_utc() -> None:
    history = a_program()
    history.a_mentor("mia", capacity=9, industry="J")
    first = only(history.a_request("c1"), Paired)
    second = only(history.a_request("c2", industry="A"), Paired)
    history.wait(days=1)
    third = only(history.a_request("c3"), Paired)
    found = rounds(history)
    assert list(found) == ["2026-03-02", "2026-03-03"]
    day = found["2026-03-02"]
    assert (day.kind, day.at, day.matched, day.said) == ("day", START, 2, 2)
    assert day.total == round(first.score * 1e6) + round(second.score * 1e6)
    assert day.worst == min(first.score, second.score)
    assert found["2026-03-03"].worst == third.score
    assert (day.waiting, day.reached, day.milliseconds) == (None, None, None)


def test_a_proposal_counts_when_it_is_made_and_not_again_when_it_is_accepted() -> None:
    history = a_program(acceptance="both")
    history.a_mentor("mia")
    said = history.a_request("c1", "ann")
    assert len(all_of(said, Proposed)) == 2
    history.accepts("c1", "ann")
    history.accepts("c1", "mia")
    assert [(row.matched, row.said) for row in history.every(Round)] == [(1, 1)]


def test_a_coordinators_pair_is_no_rounds() -> None:
    history = a_program(hard=("team",))
    history.a_mentor("mia", team="t1")
    history.a_request("c1", "ann", team="t1")
    said = history.say("c1", Assigned(mentor="mia", by="carl", overrides=("team",)))
    assert only(said, Paired).policy == "assigned"
    assert history.every(Round) == []


def test_pairs_of_a_calendars_round_are_not_summed_up_by_day() -> None:
    history = a_program(rounds=DAILY)
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    assert all_of(history.wait(days=1), Paired)
    assert [row for row in history.every(Round) if row.kind == "day"] == []


def test_a_rebuild_finds_the_same_days() -> None:
    history = a_program()
    history.a_mentor("mia", capacity=3)
    for number in range(3):
        history.a_request(f"c{number}")
        history.wait(hours=13)
    assert list(history.rebuilt().rows()) == list(history.world.rows())
