"""Why a cycle has its mentor, or has none: told from what the log says about it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from services.cli.match.explain_view import plain, show
from services.cli.match.explanation import Explanation, explain
from services.cli.match.prospect import prospect
from services.cli.match.prospect_view import plain_prospect
from services.cli.output import out
from services.matching.model import Cycle, Program
from shared.events import outside
from shared.events.envelope import Event
from shared.events.matching import Proposed, Reason
from tests.cli.match.scene import a_story, answer, found
from tests.matching.history import PROGRAM, START, History, a_program, left, withdrawn


def told(history: History, cycle: str) -> Explanation:
    explained = explain(found(history, cycle))
    assert explained is not None
    return explained


def text(history: History, cycle: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What people read, on lines that are not folded."""
    capsys.readouterr()
    out().print(show(told(history, cycle)))
    return capsys.readouterr().out


def test_a_pair_is_explained_part_by_part_the_greatest_first() -> None:
    ann = told(a_story(), "c-ann")

    assert (ann.status, ann.attempt and ann.attempt.mentor) == ("paired", "max")
    assert ann.waited == timedelta(days=14)
    assert ann.why is not None
    shares = [part.share for part in ann.why.parts]
    assert shares == sorted(shares, reverse=True)
    assert {part.part: part.sentence for part in ann.why.parts}["skills"] == (
        "Offers 1 of the 2 skills asked for: Python (computer programming)."
    )


def test_every_attempt_stands_in_the_story_with_its_end() -> None:
    attempts = told(a_story(), "c-ann").found.story.attempts

    assert [(each.mentor, each.ended and each.ended.how) for each in attempts] == [
        ("mia", "declined"),
        ("max", "paired"),
    ]
    assert [(each.asked, each.accepted) for each in attempts] == [(2, 0), (2, 2)]
    assert all(each.round for each in attempts)


def test_an_offer_that_stands_is_explained_as_a_pair_is() -> None:
    history = a_story()
    answer(history, "c-bob", outside.Accepted, "bob")

    bob = told(history, "c-bob")

    assert bob.status == "asked"
    assert bob.why is not None
    assert bob.attempt is not None
    assert (bob.attempt.asked, bob.attempt.accepted, bob.attempt.ended) == (2, 1, None)


def test_who_waits_is_told_place_next_round_and_end() -> None:
    cyd = told(a_story(), "c-cyd")

    assert (cyd.status, cyd.why) == ("waiting", None)
    assert cyd.prospect is not None
    assert (cyd.prospect.place, cyd.prospect.waiting) == (1, 1)
    assert cyd.prospect.next_round is not None
    assert cyd.prospect.next_round.isoformat() == "2026-03-30T07:00:00+00:00"


def test_who_waits_is_told_whom_matching_would_try_and_whom_rules_exclude(
    capsys: pytest.CaptureFixture[str],
) -> None:
    history = a_story()
    shown = plain(told(history, "c-cyd"))["next"]

    assert [each["mentor"] for each in shown["candidates"]] == ["mob"]
    assert {each["rule"]: each["count"] for each in shown["excluded"]} == {"not_available": 2}
    words = text(history, "c-cyd", capsys)
    assert "carries 0, takes 1 more" in words
    assert "2 mentors are not available." in words


def test_a_pair_names_who_else_was_near_and_counts_whom_rules_excluded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    history = a_story()
    bob, ann = plain(told(history, "c-bob"))["why"], plain(told(history, "c-ann"))["why"]

    assert [each["mentor"] for each in bob["near"]] == ["mob"]
    assert bob["excluded"] == []
    assert ann["near"] == []
    assert ann["excluded"] == []
    assert "Nobody: no other mentor was allowed and had room." in text(history, "c-ann", capsys)


def test_before_a_program_begins_nobody_would_be_tried() -> None:
    history = a_story()
    history.wait(days=2)
    waiting = found(history, "c-cyd")
    assert waiting.row is not None
    waiting.world.apply([Program(PROGRAM)])

    nothing = prospect(waiting.world, waiting.row)
    assert nothing.preview is None
    looked_at = plain(told(history, "c-cyd"))["next"]
    assert plain_prospect(nothing).keys() == looked_at.keys()


def test_who_waits_alone_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "No other waits." in text(a_story(), "c-cyd", capsys)


def test_a_proposal_that_a_coordinators_pair_overtakes_is_told_below_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    history = a_story()
    held = history.find(Cycle, "c-bob").mentor
    history.say("c-bob", outside.Assigned(mentor=str(held), by="carl"))
    lines = [line.strip() for line in text(history, "c-bob", capsys).splitlines()]
    at = next(place for place, line in enumerate(lines) if "a coordinator assigned" in line)
    assert lines[at + 1].endswith("└ overtaken by that")


@pytest.mark.parametrize("key", [PROGRAM, "cyd", "c-cyd"])
def test_who_waits_behind_a_parked_event_is_told_to_whom_that_is_a_matter(
    key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = found(a_story(), "c-cyd")
    waiting.world.parked.add((PROGRAM, key))
    explained = explain(waiting)
    assert explained is not None

    out().print(show(explained))

    assert "A parked event holds it" in capsys.readouterr().out
    assert plain(explained)["next"]["held"] is True


def test_who_waits_for_a_threshold_is_told_how_many_start_a_round() -> None:
    history = a_program(rounds={"waiting": 3})
    history.a_request("c1")
    history.a_request("c2")

    prospect = told(history, "c2").prospect

    assert prospect is not None
    assert (prospect.place, prospect.waiting, prospect.enough) == (2, 2, 3)


def test_nobody_is_explained_by_the_rules_that_kept_mentors_away() -> None:
    dan = told(a_story(), "c-dan")

    assert (dan.status, dan.attempt) == ("unmatched", None)
    assert dan.excluded is not None
    counts = {each.rule: each.count for each in dan.excluded}
    assert counts["time"] == 2
    assert sum(counts.values()) == 3
    assert dan.excluded[0].sentence.startswith("2 mentors have no time in common")


def test_a_coordinators_pair_is_told_with_the_rules_set_aside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    history = a_program(rounds={"waiting": 9}, hard=("team",))
    history.a_mentor("mia", team="one")
    history.a_request("c1", "ann", team="one")
    history.say("c1", outside.Assigned(mentor="mia", by="coordinator", overrides=("team",)))

    words = text(history, "c1", capsys)

    assert "is paired with mia" in words
    assert "a coordinator assigned mia, setting aside team" in words
    assert "A coordinator assigned it; nobody else was looked at." in words
    assert "Who else was near" not in words
    assert plain(told(history, "c1"))["why"]["by_hand"] is True


def test_a_proposal_that_a_coordinator_supersedes_is_told_so() -> None:
    history = a_program(acceptance="mentor")
    history.a_mentor("mia")
    history.a_mentor("moe")
    history.a_request("c1", "ann")
    asked = history.mentor_of("c1")
    other = {"mia": "moe", "moe": "mia"}[str(asked)]
    history.say("c1", outside.Assigned(mentor=other, by="coordinator"))

    attempts = told(history, "c1").found.story.attempts

    assert [(each.mentor, each.ended and each.ended.how) for each in attempts] == [
        (asked, "superseded"),
        (other, "paired"),
    ]


def test_an_offer_that_nobody_answers_and_one_whose_mentor_leaves_are_told_so() -> None:
    history = a_program(acceptance="mentor")
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.wait(days=4)
    history.a_mentor("moe")
    history.say("moe", left("mentor", at=history.now))

    attempts = told(history, "c1").found.story.attempts

    assert [each.ended and each.ended.how for each in attempts] == ["expired", "left"]


def test_a_request_that_is_withdrawn_is_to_be_paired_no_more() -> None:
    history = a_program()
    history.a_request("c1", "ann")
    history.say("c1", withdrawn("ann"))

    assert told(history, "c1").status == "stopped"


def test_a_pair_that_is_over_is_still_explained(capsys: pytest.CaptureFixture[str]) -> None:
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.concludes("c1", continues_in="c2")

    words = text(history, "c1", capsys)

    assert "is over; it was paired with mia" in words
    assert "Why this pair" in words
    assert "concluded: ended early; it goes on as c2" in words


def test_edited_wishes_are_part_of_the_story() -> None:
    history = a_program()
    history.a_request("c1", "ann")
    history.a_request("c1", "ann", wanted_skills=("sql",))

    words = [each.word for each in told(history, "c1").found.story.moments]

    assert words == ["requested", "edited"]


def test_what_people_said_stands_before_what_matching_answered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1", "ann")

    words = text(history, "c1", capsys)

    assert words.index("a mentor was asked for") < words.index("paired at once with mia")
    assert "waited not at all" in words


def test_a_key_that_is_no_cycle_has_no_explanation() -> None:
    assert explain(found(a_story(), "mia")) is None


def test_who_declined_and_why_is_shown_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    history = a_program(acceptance="both")
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.say("c1", outside.Accepted(proposal=history.proposal("c1"), by="mia"))
    history.say(
        "c1", outside.Declined(proposal=history.proposal("c1"), by="ann", reason="bad_feeling")
    )

    shown = str(plain(told(history, "c1"))) + text(history, "c1", capsys)

    for secret in ("bad_feeling", "accepted", "'by'", "asked'"):
        assert secret not in shown


def test_a_log_of_before_says_that_runners_up_were_not_recorded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    recorded = found(a_story(), "c-bob")
    recorded.story.attempts.clear()
    recorded.story.note(_of_before(), 1, _of_before())
    explained = explain(recorded)
    assert explained is not None

    out().print(show(explained))

    assert "not recorded" in capsys.readouterr().out
    assert explained.why is not None
    assert (explained.why.near, explained.why.excluded) == (None, None)


def _of_before() -> Event:
    data = Proposed(
        mentee="bob",
        mentor="mia",
        rules="r1",
        proposal="p1",
        to="bob",
        score=0.5,
        parts={"time": 1.0},
        reasons=(Reason(code="time", figures={"minutes": 90}),),
        expires_at=START,
        attempt=1,
        round="r",
    )
    return Event(str(uuid.UUID(int=1)), "/mentoring/matching", PROGRAM, "c-bob", START, data)
