"""Every way in which a cycle ends: one conclusion, by the precedence of the contract, and what stays of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from services.feedback.model import Closing, Cycle, Ended, Summary
from services.feedback.timers import timers
from shared.events import matching
from shared.events.feedback import Concluded
from shared.events.types import Duration
from tests.feedback.history import (
    GOOD,
    MENTEE,
    MENTOR,
    PROGRAM,
    START,
    History,
    a_pair,
    a_program,
    agreed,
    goal,
    hold,
    left,
    met,
    miss,
    only,
    paired,
    progressed,
    requested,
    review,
    state,
    withdrawn,
)

LAST_DAY = date(2026, 3, 31)


def a_request() -> History:
    history = a_program()
    history.say("c1", requested())
    return history


def settled(**rules: Any) -> History:
    """A pair with a goal, all of whose meetings have their last verdict: one held, one missed."""
    history = a_pair(2, **{"ends_on": LAST_DAY, "completes_at": 0.5, **rules})
    for side in (MENTEE, MENTOR):
        history.say("c1", agreed(side, goals=(goal(),)))
    miss(history, 2)
    hold(history, 1)
    return history


def unmatched(history: History) -> None:
    waited = matching.Unmatched(mentee=MENTEE, waited=Duration(60))
    history.say("c1", waited, source="/mentoring/matching")


def by_leaving(history: History, person: str, side: str, **later: Any) -> None:
    history.say(person, left(side, at=history.now + timedelta(**later)))


def while_gone(history: History) -> None:
    history.say(MENTOR, left("mentor"))
    history.say("c1", paired(), source="/mentoring/matching")


def with_fewer_meetings(history: History) -> None:
    hold(history, 1)
    history.wait(days=8)
    for side in (MENTEE, MENTOR):
        history.say("c1", agreed(side, "t2", planned=1, goals=(goal(),)))


WAYS: dict[str, tuple[Callable[[], History], Callable[[History], object], str, str | None]] = {
    "request: nobody found": (a_request, unmatched, "unmatched", None),
    "request: withdrawn": (
        a_request,
        lambda h: h.say("c1", withdrawn()),
        "withdrawn",
        "mentee",
    ),
    "request: withdrawn by a coordinator": (
        a_request,
        lambda h: h.say("c1", withdrawn("zoe", "coordinator")),
        "withdrawn",
        "coordinator",
    ),
    "request: mentee leaves": (
        a_request,
        lambda h: by_leaving(h, MENTEE, "mentee"),
        "left",
        "mentee",
    ),
    "request: paired with who has left": (a_request, while_gone, "left", "mentor"),
    "pair: mentee ends it": (settled, lambda h: h.say("c1", withdrawn()), "ended_early", "mentee"),
    "pair: mentor ends it": (
        settled,
        lambda h: h.say("c1", withdrawn(MENTOR, "mentor", rematch=True)),
        "ended_early",
        "mentor",
    ),
    "pair: coordinator ends it": (
        settled,
        lambda h: h.say("c1", withdrawn("zoe", "coordinator")),
        "ended_early",
        "coordinator",
    ),
    "pair: mentee leaves": (settled, lambda h: by_leaving(h, MENTEE, "mentee"), "left", "mentee"),
    "pair: mentor leaves": (settled, lambda h: by_leaving(h, MENTOR, "mentor"), "left", "mentor"),
    "pair: mentor leaves later": (
        settled,
        lambda h: by_leaving(h, MENTOR, "mentor", days=1),
        "left",
        "mentor",
    ),
    "pair: the last verdict": (settled, lambda h: None, "completed", None),
    "pair: both have reviewed": (
        settled,
        lambda h: [h.wait(days=3), h.submit("mentee"), h.submit("mentor")],
        "completed",
        None,
    ),
    "pair: fewer meetings agreed": (
        lambda: a_pair(3),
        with_fewer_meetings,
        "completed",
        None,
    ),
    "pair: goals reached": (
        settled,
        lambda h: h.say("c1", progressed(10)),
        "goals_reached",
        None,
    ),
    "pair: last day, enough held": (
        lambda: a_pair(2, ends_on=LAST_DAY, completes_at=0.5),
        lambda h: hold(h, 1),
        "completed",
        None,
    ),
    "pair: last day, too few held": (
        lambda: a_pair(2, ends_on=LAST_DAY, completes_at=0.9),
        lambda h: hold(h, 1),
        "ended_early",
        None,
    ),
}


def conclusions(history: History) -> list[Concluded]:
    return [
        answer.data
        for _, said in history.log
        for answer in said
        if isinstance(answer.data, Concluded)
    ]


def summary(history: History) -> Summary | None:
    ended = history.row(Cycle, "c1").state
    assert isinstance(ended, Closing | Ended)
    return ended.summary


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_ending_is_one_conclusion_of_its_outcome(way: str) -> None:
    begin, end, outcome, by = WAYS[way]
    history = begin()
    was_pair = state(history) == "paired"

    end(history)
    history.wait(days=400)

    (said,) = conclusions(history)
    assert (said.outcome, said.ended_by) == (outcome, by)
    assert said.paired == (was_pair or "paired" in way)
    assert history.row(Cycle, "c1").outcome == outcome
    assert (summary(history) is None) == (not said.paired) == (said.lasted is None)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_that_comes_after_it_is_a_second_conclusion(way: str) -> None:
    begin, end, _, _ = WAYS[way]
    history = begin()
    end(history)
    history.wait(days=400)
    before = summary(history)

    unmatched(history)
    history.say("c1", withdrawn())
    history.say("c1", paired(), source="/mentoring/matching")
    history.say("c1", progressed(10))
    miss(history, 3)
    hold(history, 3)
    for person in (MENTEE, MENTOR):
        history.say(person, left("mentee", "mentor", at=history.now))
    history.wait(days=400)

    assert len(conclusions(history)) == 1
    assert summary(history) == before


LEFT, WITHDRAWN, GOALS, ENOUGH = "left", "withdrawn", "goals", "enough"
PRECEDENCE = {
    (): "ended_early",
    (ENOUGH,): "completed",
    (GOALS,): "goals_reached",
    (GOALS, ENOUGH): "goals_reached",
    (WITHDRAWN,): "ended_early",
    (WITHDRAWN, ENOUGH): "ended_early",
    (WITHDRAWN, GOALS): "ended_early",
    (WITHDRAWN, GOALS, ENOUGH): "ended_early",
    (LEFT,): "left",
    (LEFT, ENOUGH): "left",
    (LEFT, GOALS): "left",
    (LEFT, GOALS, ENOUGH): "left",
    (LEFT, WITHDRAWN): "left",
    (LEFT, WITHDRAWN, ENOUGH): "left",
    (LEFT, WITHDRAWN, GOALS): "left",
    (LEFT, WITHDRAWN, GOALS, ENOUGH): "left",
}


def test_the_table_of_precedence_has_every_case() -> None:
    causes = (LEFT, WITHDRAWN, GOALS, ENOUGH)
    every = {
        tuple(cause for cause, is_so in zip(causes, each, strict=True) if is_so)
        for each in product((True, False), repeat=4)
    }

    assert set(PRECEDENCE) == every


@pytest.mark.parametrize("causes", PRECEDENCE, ids="+".join)
def test_of_several_causes_at_once_the_first_by_precedence_is_said(causes: tuple[str, ...]) -> None:
    """All wait for the same review: it is the last thing that is open when somebody acts."""
    history = settled(completes_at=0.5 if ENOUGH in causes else 0.9)
    if GOALS in causes:
        history.say("c1", progressed(10))
    history.wait(days=3)
    if LEFT in causes:
        history.say(MENTEE, left("mentee", at=history.now))
    if WITHDRAWN in causes:
        history.say("c1", withdrawn())

    history.wait(days=60)

    assert [said.outcome for said in conclusions(history)] == [PRECEDENCE[causes]]


def test_a_reveal_does_not_conclude_while_a_miss_may_still_be_corrected() -> None:
    history = a_pair(2, completes_at=0.5)
    hold(history, 1)
    miss(history, 2, days=10)

    history.submit("mentee")
    assert [data.WORD for data in history.submit("mentor")] == ["reviewed"]

    assert only(history.wait(days=10), Concluded).outcome == "completed"


def test_a_pair_that_waits_for_a_review_after_the_last_day_waits_for_no_day_more() -> None:
    history = a_pair(2, ends_on=LAST_DAY, risk={})
    history.wait(days=28)
    hold(history, 1)
    assert list(timers(history.row(Cycle, "c1"))) == ["ends"]

    history.wait(days=3)

    assert timers(history.row(Cycle, "c1")) == {}


# -- what is said, and what stays --


def test_a_conclusion_says_how_long_the_pair_lasted() -> None:
    history = a_pair()
    history.wait(days=9, hours=5, seconds=59)

    said = only(history.say("c1", withdrawn()), Concluded)

    assert said.lasted == Duration(clock=(9 * 24 + 5) * 60)


def test_a_pair_whose_clocks_run_backwards_or_for_ever_lasts_what_a_duration_can_say() -> None:
    back, ahead = a_pair(), a_pair()
    back.now = START - timedelta(days=1)
    ahead.now = START.replace(year=2900)

    assert only(back.say("c1", withdrawn()), Concluded).lasted == Duration()
    assert only(ahead.say("c1", withdrawn()), Concluded).lasted == Duration(clock=3660 * 24 * 60)


def test_what_stays_is_what_was_said_and_what_the_ratings_came_to() -> None:
    history = settled()
    history.say("c1", met("extra", 0), source="/mentoring/scheduling")
    history.submit("mentee", "m1", **{**GOOD, "progress": 1})  # type: ignore[arg-type]
    history.submit("mentor", "m1")
    history.submit("mentee", "extra", usefulness=2)
    history.say("c1", progressed(10))
    history.wait(days=7)

    assert summary(history) == Summary(
        outcome="goals_reached",
        planned=2,
        held=1,
        unplanned=1,
        overlap=100,
        goals_agreed=1,
        goals_reached=1,
        # Of 1 to 5: (1.0 + 0.75 + 1.0 + 0.0 + 0.25) / 5 and (1.0 + 0.75 + 1.0 + 0.5) / 4.
        satisfaction={"mentee": 0.6, "mentor": 0.8125},
        paired_at=START,
        concluded_at=START + timedelta(days=7),
    )


def test_ratings_revealed_by_the_end_itself_are_a_part_of_satisfaction() -> None:
    history = a_pair()
    hold(history, 1)
    history.submit("mentor", "m1", usefulness=4)

    history.say("c1", withdrawn())

    found = summary(history)
    assert found is not None
    assert found.satisfaction == {"mentor": 0.75}


def test_late_and_closing_reviews_are_no_part_of_satisfaction() -> None:
    history = a_pair()
    hold(history, 1)
    history.submit("mentor", "m1", usefulness=4)
    history.wait(days=8)
    history.submit("mentee", "m1", usefulness=1)
    history.say("c1", withdrawn())
    history.submit("mentor", "closing", usefulness=1)
    history.wait(days=8)

    assert "mentee" in review(history).late
    assert "mentor" in review(history, "closing").entries

    found = summary(history)
    assert found is not None
    assert found.satisfaction == {"mentor": 0.75}


def test_satisfaction_is_no_part_of_what_other_systems_read() -> None:
    history = settled()
    history.submit("mentee")
    history.wait(days=8)

    (said,) = conclusions(history)

    assert not {name for name in said.model_dump() if "satis" in name or "rating" in name}
    assert history.world.peek(Cycle, (PROGRAM, "c1")) is not None
