"""Meetings keep the time at which the pair's first one began, whatever happens to single ones."""

from __future__ import annotations

from tests.scheduling.history import (
    MENTEE,
    MENTOR,
    History,
    a_pair,
    a_program,
    agreed,
    available,
    away,
    confirmed,
    paired,
    utc,
)


def starts(history: History) -> list[str]:
    return [f"{row.starts_at:%m-%dT%H:%M}" for row in history.standing()]


def extended(history: History, planned: int) -> list[str]:
    """The pair agrees on more meetings; those that are added."""
    said = [
        one
        for by in (MENTEE, MENTOR)
        for one in history.say("c1", agreed(by, planned_meetings=planned))
    ]
    return [f"{one.starts_at:%m-%dT%H:%M}" for one in confirmed(said) if one.sequence == 0]


def an_interrupted_plan(*times: tuple[str, str]) -> History:
    """Grace is busy at some times when the pair is made."""
    history = a_program()
    history.say(MENTOR, available(exceptions=[away(*span, kind="busy") for span in times]))
    history.say("c1", paired())
    return history


def test_a_meeting_that_has_to_give_way_does_not_drag_the_later_ones_to_its_hour() -> None:
    history = an_interrupted_plan(("2026-03-10T08:00", "2026-03-10T14:00"))
    assert starts(history) == ["03-03T09:00", "03-10T14:00", "03-17T09:00", "03-24T09:00"]


def test_without_a_first_meeting_the_rhythm_begins_with_the_first_that_finds_a_slot() -> None:
    history = an_interrupted_plan(("2026-03-02T00:00", "2026-03-10T14:00"))
    assert starts(history) == ["03-10T14:00", "03-17T14:00", "03-24T14:00"]


def test_a_meeting_that_is_moved_once_does_not_change_where_others_are_planned() -> None:
    history = a_pair(3)
    history.move(history.meeting(1), utc("2026-03-05T14:00"))
    history.move(history.meeting(3), utc("2026-03-19T15:00"))
    assert extended(history, 5) == ["03-24T09:00", "03-31T09:00"]


def test_a_first_meeting_that_is_made_up_for_late_is_not_where_the_rhythm_begins() -> None:
    history = an_interrupted_plan(("2026-03-02T00:00", "2026-03-10T00:00"))
    assert starts(history) == ["03-10T09:00", "03-17T09:00", "03-24T09:00"]
    history.wait_until(utc("2026-03-10T00:00"))
    assert starts(history)[1] == "03-11T09:00"
    assert history.meeting(1).starts_at == utc("2026-03-11T09:00")
    assert extended(history, 5) == ["03-31T09:00"]
