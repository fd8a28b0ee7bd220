"""Inputs claim any time of the contract, far behind or far ahead: nothing is parked, no timer rings twice, and a
rebuild makes the same rows."""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from pydantic import ValidationError

from shared.events.envelope import Event
from shared.events.feedback import Concluded
from shared.events.system import Due, Parked
from shared.events.types import Duration
from shared.world import Timer
from tests.feedback.history import PROGRAM, START, a_pair, met, only, withdrawn
from tests.feedback.walk import Walk

WILD = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, 23, tzinfo=UTC))
STEPS = 50


def a_step(walk: Walk, chance: Random) -> None:
    """Something happens, one time in six at an instant that somebody made up."""
    history, now = walk.history, walk.history.now
    if chance.random() < 1 / 6:
        near = now + timedelta(days=chance.uniform(-400, 400))
        history.now = chance.choice([*WILD, near, near])
    with contextlib.suppress(ValidationError):  # what the walk would say then is no event
        walk.step()
    history.now = now


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_parked_and_no_timer_rings_twice_whatever_the_time(seed: int) -> None:
    walk, chance = Walk(seed), Random(seed)
    history = walk.history
    folds, rung = history.fold_event, Counter[Timer]()

    def fold(event: Event) -> list[object]:
        if isinstance(event.data, Due):
            timer = history.world.peek(Timer, (PROGRAM, event.key, event.data.name))
            rung.update([timer] if timer and timer.at == event.data.at else [])
        return list(folds(event))

    history.fold_event = fold  # type: ignore[method-assign,assignment]
    for _ in range(STEPS):
        a_step(walk, chance)

    said = [answer.data for _, answers in history.log for answer in answers]
    assert not [data for data in said if isinstance(data, Parked)]
    assert set(rung.values()) <= {1}
    assert list(history.rebuilt().rows()) == list(history.world.rows())


def test_a_pair_whose_meeting_claims_the_last_hour_of_the_contract_goes_on() -> None:
    history = a_pair()
    now, history.now = history.now, WILD[1]
    history.say("c1", met("m1", 1, START), source="/mentoring/scheduling")
    history.now = now

    assert only(history.say("c1", withdrawn()), Concluded).held == 1


def test_meetings_of_more_than_ten_years_together_are_told_as_ten() -> None:
    history = a_pair()
    for number in range(2):
        long = met(f"u{number}", 1, START, planned=False, overlap=Duration(clock=3_600 * 24 * 60))
        history.say("c1", long, source="/mentoring/scheduling")

    assert only(history.say("c1", withdrawn()), Concluded).overlap_total == Duration(
        clock=3_660 * 24 * 60
    )
