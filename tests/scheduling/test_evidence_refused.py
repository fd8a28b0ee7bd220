"""Evidence about somebody else, another time or a meeting that is settled is refused with the rule and the field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.scheduling.model import Meeting
from shared.events.outside import Revoked
from shared.events.scheduling import Met
from tests.scheduling.history import (
    HOUR,
    MENTEE,
    MENTOR,
    START,
    History,
    a_pair,
    attended,
    only,
    refused,
    utc,
)
from tests.scheduling.rows import after_first


def test_evidence_after_the_verdict_is_final_is_refused() -> None:
    history = after_first()
    history.wait_until(utc("2026-03-07T10:00"))
    said = history.attend(history.meetings()[0], MENTEE)
    assert refused(said) == ("verdict_final", "/data/meeting")


REFUSED = [
    ("in_the_future", "/data/joined_at", {"late": 120}),
    ("in_the_future", "/data/left_at", {"minutes": 90}),
    ("not_at_meeting", "/data/joined_at", {"late": -300, "minutes": 30}),
    ("not_at_meeting", "/data/joined_at", {"late": -1_440, "minutes": None}),
]


@pytest.mark.parametrize("rule,field,where", REFUSED)
def test_evidence_about_another_time_is_refused(
    rule: str, field: str, where: dict[str, Any]
) -> None:
    history = after_first()
    said = history.attend(history.meeting(1), MENTEE, **where)
    assert refused(said) == (rule, field)


def test_evidence_about_a_stranger_is_refused() -> None:
    history = after_first()
    said = history.attend(history.meeting(1), "mallory")
    assert refused(said) == ("not_in_pair", "/data/person")


def test_evidence_about_an_unknown_cycle_is_refused() -> None:
    history = after_first()
    said = history.say("c9", attended("m", MENTEE, START, None))
    assert refused(said) == ("unknown_cycle", "/subject")


def test_evidence_about_a_cancelled_meeting_is_refused() -> None:
    history = a_pair()
    first = history.meeting(1)
    history.cancel(first)
    history.wait_until(utc("2026-03-03T10:00"))
    assert refused(history.attend(first, MENTEE)) == ("meeting_cancelled", "/data/meeting")


def flooded() -> tuple[History, Meeting]:
    """A hundred times the conference system has seen Ada join the first meeting."""
    history = after_first()
    first = history.meeting(1)
    for seconds in range(100):
        joined = first.starts_at + timedelta(seconds=seconds)
        assert history.say("c1", attended(first.meeting, MENTEE, joined, None)) == []
    return history, first


def test_a_flood_of_evidence_is_refused() -> None:
    history, first = flooded()
    said = history.say("c1", attended(first.meeting, MENTEE, first.starts_at + HOUR / 2, None))
    assert refused(said) == ("too_much_evidence", "/data/meeting")


def test_a_flood_of_evidence_keeps_no_other_source_and_no_correction_out() -> None:
    history, first = flooded()
    assert history.attend(first, MENTEE, minutes=50) == []
    assert only(history.attend(first, MENTOR, source="coordinator"), Met).overlap.minutes == 60


def test_a_flood_of_meetings_that_nobody_planned_is_refused() -> None:
    history = after_first()
    for nth in range(100):
        assert history.say("c1", attended(f"coffee{nth}", MENTEE, START, START + HOUR)) == []
    said = history.say("c1", attended("coffee", MENTEE, START, START + HOUR))
    assert refused(said) == ("too_many_unplanned", "/data/meeting")
    known = attended("coffee7", MENTOR, START, START + HOUR)
    assert only(history.say("c1", known), Met).meeting == "coffee7"


def test_a_meeting_that_nobody_planned_is_none_before_the_program_s_first_day() -> None:
    history = after_first()
    first_day = utc("2026-02-28T23:00")  # midnight in Berlin
    early = attended("coffee", MENTEE, first_day - HOUR, first_day)
    assert refused(history.say("c1", early)) == ("program_days", "/data/joined_at")
    assert history.say("c1", attended("coffee", MENTEE, first_day, first_day + HOUR)) == []


def test_evidence_of_another_day_about_an_unplanned_meeting_is_refused() -> None:
    history = after_first()
    joined = utc("2026-03-02T09:00")
    assert history.say("c1", attended("coffee", MENTEE, joined, joined + HOUR)) == []
    said = history.say("c1", attended("coffee", MENTOR, joined + 24 * HOUR, None))
    assert refused(said) == ("not_at_meeting", "/data/joined_at")


def test_an_address_is_withdrawn_also_of_somebody_who_has_stated_nothing() -> None:
    assert a_pair().say("dan", Revoked()) == []
