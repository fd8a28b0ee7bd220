"""A number that found no slot is tried again as time passes, once a week at most, until the program is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from services.scheduling import gaps
from services.scheduling.model import Cycle
from services.scheduling.timers import REPLAN
from shared.events import outside
from shared.events.envelope import EventData, decode
from shared.events.scheduling import Missed, Unplaced
from shared.events.system import Due
from shared.frozen import replace
from shared.intervals import DAY
from shared.world import Timer
from tests.scheduling.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    START,
    History,
    a_pair,
    a_program,
    agreed,
    all_of,
    available,
    away,
    confirmed,
    only,
    paired,
    utc,
)

WEEK = 7 * DAY
CLOSES = utc("2026-08-31T22:00")
"""The end of the program's last day in Berlin."""


def an_absence(**rules: Any) -> History:
    """Ada is away in the whole of the second meeting's week."""
    history = a_pair(**rules)
    history.say(MENTEE, available(exceptions=[away("2026-03-09T00:00", "2026-03-17T00:00")]))
    gap = only(history.wait(minutes=1), Unplaced)
    assert (gap.number, gap.constraint, gap.until) == (2, "absence", utc("2026-03-16T23:00"))
    return history


def a_missed_meeting() -> History:
    """One meeting a week is allowed, the first was missed, and the weeks ahead are full."""
    history = a_pair(weekly_max=1, dispute="P6D")
    assert only(history.wait_until(utc("2026-03-09T10:00")), Missed).number == 1
    assert numbers(history) == [(1, "weekly_max")]
    return history


def hopeless() -> History:
    """Ada has time in the morning, Grace in the afternoon."""
    history = a_program()
    history.say(MENTEE, available("08:00", "PT3H"))
    history.say(MENTOR, available("13:00", "PT3H"))
    said = history.say("c1", paired(planned_meetings=2))
    assert [gap.constraint for gap in all_of(said, Unplaced)] == ["no_common_time"] * 2
    return history


def numbers(history: History) -> list[tuple[int, str]]:
    return [(gap.number, gap.constraint) for gap in history.running().gaps]


def hold_all(history: History, until: datetime) -> list[EventData]:
    """Everything that is planned takes place."""
    said: list[EventData] = []
    while history.now < until:
        ahead = [row for row in history.standing() if row.ends_at > history.now]
        following = min([until, history.now + DAY, *(row.ends_at for row in ahead)])
        said += history.wait_until(following)
        for row in [row for row in ahead if row.ends_at == following]:
            said += history.attend(row)
    return said


def looks(history: History) -> list[datetime]:
    """When the plan was looked at."""
    events = [decode(entry.body) for entry, _ in history.log]
    dues = [event.data for event in events if isinstance(event.data, Due)]
    return [due.at for due in dues if due.name == REPLAN]


def test_a_missed_meeting_is_made_up_for_in_the_first_week_that_is_not_full() -> None:
    history = a_missed_meeting()
    said = hold_all(history, utc("2026-04-30T00:00"))
    made_up = confirmed(said)
    assert [(one.number, one.cause) for one in made_up] == [(1, "replaced")]
    assert utc("2026-03-30T00:00") <= made_up[0].starts_at < utc("2026-04-06T00:00")
    assert numbers(history) == []
    assert {row.number for row in history.meetings() if row.status == "met"} == {1, 2, 3, 4}


def test_a_gap_from_an_absence_of_a_whole_period_is_filled_after_it() -> None:
    history = an_absence()
    assert history.running().replan_at == utc("2026-03-16T23:00")
    said = confirmed(hold_all(history, utc("2026-03-17T00:00")))
    assert [one.number for one in said] == [2]
    assert said[0].starts_at >= utc("2026-03-18T00:00")
    assert numbers(history) == []
    assert history.running().replan_at is None


def test_a_gap_is_said_again_only_when_something_else_stands_in_the_way() -> None:
    history = an_absence(weekly_max=1)
    said = hold_all(history, utc("2026-06-30T00:00"))
    again = only(said, Unplaced)
    assert (again.number, again.constraint) == (2, "weekly_max")
    assert [(one.number, one.starts_at) for one in confirmed(said)] == [
        (2, utc("2026-03-30T09:00"))
    ]


def test_a_hopeless_pair_is_looked_at_once_a_week_at_most_and_in_silence() -> None:
    history = hopeless()
    assert history.wait_until(CLOSES + WEEK) == []
    seen = looks(history)
    assert len(seen) > 20
    assert all(b - a >= WEEK for a, b in pairwise([START, *seen]))


def test_the_looking_ends_with_the_program() -> None:
    history = hopeless()
    history.wait_until(CLOSES + WEEK)
    assert CLOSES - WEEK <= looks(history)[-1] < CLOSES
    assert history.running().replan_at is None
    assert history.timers == {}
    assert numbers(history) == [(1, "no_common_time"), (2, "no_common_time")]


def test_the_looking_ends_with_the_pair() -> None:
    history = hopeless()
    history.say("c1", outside.Withdrawn(by=MENTEE, role="mentee"))
    assert history.world.where(Timer, program=PROGRAM) == []
    assert history.wait_until(CLOSES) == []


def test_no_time_is_waited_for_that_only_somebody_s_word_can_give() -> None:
    history = a_program()
    history.say("c1", paired("bea", MENTOR))
    assert {gap.constraint for gap in history.running().gaps} == {"no_availability"}
    history.say("c2", paired(cadence="FREQ=MONTHLY", planned_meetings=9))
    assert {gap.constraint for gap in history.running("c2").gaps} == {"program_days"}
    assert history.running("c1").replan_at is None
    assert history.running("c2").replan_at is None


def test_hours_that_are_stated_are_not_kept_waiting_for_the_week() -> None:
    history = hopeless()
    history.say(MENTEE, available())
    assert history.running().replan_at == history.now
    assert len(confirmed(history.wait(minutes=1))) == 2
    assert history.running().replan_at is None


def test_a_look_that_is_set_for_sooner_is_not_put_off_by_what_happens_to_gaps() -> None:
    history = hopeless()
    cycle, soon = history.row(Cycle, "c1"), history.now + timedelta(hours=1)
    state = replace(history.running(), replan_at=soon)
    assert gaps.awaited(history.world, cycle, state).replan_at == soon
    assert gaps.awaited(history.world, cycle, replace(state, gaps=())).replan_at == soon


def test_a_gap_that_the_terms_drop_is_not_waited_for() -> None:
    history = an_absence()
    for by in (MENTEE, MENTOR):
        history.say("c1", agreed(by, planned_meetings=1))
    assert numbers(history) == []
    assert history.running().replan_at is None


@pytest.mark.parametrize("story", [a_missed_meeting, an_absence, hopeless])
def test_the_log_alone_tells_when_gaps_are_looked_at(story: Any) -> None:
    history = story()
    assert list(history.rebuilt().rows()) == list(history.world.rows())
    hold_all(history, utc("2026-04-30T00:00"))
    assert list(history.rebuilt().rows()) == list(history.world.rows())
