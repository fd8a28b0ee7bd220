"""What the API shows of rows: meetings, plans and evidence on somebody's clock."""

from __future__ import annotations

from typing import get_args

import pytest

from services.scheduling.contradictions import Contradiction, Word
from services.scheduling.detail_view import meeting_detail
from services.scheduling.model import Cycle, Ended, Meeting
from services.scheduling.plan_view import PlanView, plan_view
from services.scheduling.sentences import GAPS, SOURCES, contradiction_sentence, gap_sentence
from services.scheduling.views import agenda_view, meeting_view
from shared.events.scheduling import Source
from shared.frozen import replace
from tests.scheduling.history import MENTEE, MENTOR, History, a_pair, available, away, utc
from tests.scheduling.rows import meeting as with_evidence

BERLIN, TOKYO = "Europe/Berlin", "Asia/Tokyo"


def a_plan(history: History, now: str = "2026-03-02T09:00", zone: str = "UTC") -> PlanView:
    cycle = history.row(Cycle, "c1")
    zones = {"mentee": "UTC", "mentor": BERLIN}
    return plan_view(cycle, history.meetings(), zones, zone, utc(now))  # type: ignore[arg-type]


def bearing(row: Meeting, mentee: int | None, mentor: int | None) -> Meeting:
    return replace(row, outside_mentee=mentee, outside_mentor=mentor)


# -- a meeting --


def test_a_meeting_is_told_on_the_clock_of_the_zone_asked_for() -> None:
    row = a_pair().meeting(1)
    shown = meeting_view(row, TOKYO)
    assert shown.starts_at == row.starts_at
    assert shown.model_dump(mode="json")["starts_at"] == "2026-03-03T18:00:00+09:00"


def test_times_on_both_sides_of_a_clock_change_have_their_own_offsets() -> None:
    history = a_pair(planned=5)
    offsets = [str(meeting_view(row, BERLIN).starts_at)[-6:] for row in history.meetings()]
    assert {"+01:00", "+02:00"} == set(offsets)


def test_the_last_change_says_who_asked() -> None:
    history = a_pair()
    history.move(history.meeting(2), utc("2026-03-12T14:00"), by=MENTOR)
    change = meeting_view(history.meeting(2), "UTC").change
    assert change is not None
    assert (change.sequence, change.cause, change.by) == (1, "moved", MENTOR)
    assert change.starts_at == utc("2026-03-12T14:00")


def test_a_meeting_without_a_verdict_shows_none() -> None:
    assert meeting_view(a_pair().meeting(1), "UTC").verdict is None


def test_a_held_meeting_shows_for_how_long_both_were_there() -> None:
    history = a_pair()
    history.wait_until(utc("2026-03-03T10:30"))
    history.attend(history.meeting(1))
    verdict = meeting_view(history.meeting(1), "UTC").verdict
    assert verdict is not None
    assert (verdict.overlap, verdict.reason, verdict.final) == (60, None, True)


def test_a_missed_meeting_shows_until_when_evidence_may_correct_it() -> None:
    history = a_pair()
    history.wait_until(utc("2026-03-03T10:30"))
    history.attend(history.meeting(1), MENTEE)
    history.wait(days=2, hours=12)
    missed = next(row for row in history.meetings() if row.status == "missed")
    verdict = meeting_view(missed, TOKYO).verdict
    assert verdict is not None
    assert verdict.reason == "absent"
    assert verdict.final_at is not None
    assert verdict.final_at.isoformat().endswith("+09:00")
    assert not verdict.final


# -- an agenda --


def test_an_agenda_says_that_there_is_more_than_it_shows() -> None:
    rows = a_pair().meetings()
    time = (utc("2026-03-01T00:00"), utc("2026-05-01T00:00"))
    two, all_ = (agenda_view(MENTEE, "UTC", rows, time, limit) for limit in (2, 4))
    assert (len(two.meetings), two.more) == (2, True)
    assert (len(all_.meetings), all_.more) == (4, False)


# -- a plan --


def test_a_plan_says_why_a_number_has_no_meeting() -> None:
    history = a_pair()
    history.say(MENTOR, available(exceptions=[away("2026-03-09T00:00", "2026-03-17T00:00")]))
    history.wait(minutes=1)
    (gap,) = a_plan(history, zone=BERLIN).unplaced
    assert (gap.number, gap.constraint) == (2, "absence")
    assert gap.sentence == gap_sentence("absence")
    assert gap.until.isoformat().endswith("+01:00")


def test_a_plan_adds_up_what_each_side_bears_of_what_stands_or_was_held() -> None:
    history = a_pair()
    one, two, three, four = history.meetings()
    rows = [
        bearing(one, 60, 0),
        replace(bearing(two, 15, 30), status="met"),
        replace(bearing(three, 60, 60), status="cancelled"),
        bearing(four, None, None),
    ]
    shown = plan_view(
        history.row(Cycle, "c1"),
        rows,
        {"mentee": None, "mentor": BERLIN},
        "UTC",
        utc("2026-03-02T09:00"),
    ).inconvenience
    assert (shown["mentee"].zone, shown["mentor"].zone) == (None, BERLIN)
    assert (shown["mentee"].meetings, shown["mentee"].minutes) == (2, 75)
    assert (shown["mentor"].meetings, shown["mentor"].minutes) == (1, 30)


def test_the_next_meeting_is_the_first_that_stands_and_has_not_begun() -> None:
    history = a_pair()
    history.cancel(history.meeting(2))
    first, third = history.meeting(1), history.meeting(3)
    assert a_plan(history).next == first.meeting
    assert a_plan(history, "2026-03-03T09:00").next in {
        row.meeting for row in history.standing() if row.number == 2
    } | {third.meeting}
    assert a_plan(history, "2026-08-01T00:00").next is None


def test_a_cycle_that_has_ended_shows_its_meetings_and_no_terms() -> None:
    history = a_pair()
    cycle = history.row(Cycle, "c1")
    ended = replace(cycle, status="ended", state=Ended())
    shown = plan_view(
        ended, history.meetings(), {"mentee": None, "mentor": None}, "UTC", utc("2026-03-02T09:00")
    )
    assert (shown.status, shown.planned, shown.cadence, shown.length) == ("ended", None, None, None)
    assert (len(shown.meetings), shown.unplaced) == (4, [])


# -- evidence --


def test_what_everybody_says_is_shown_whether_it_counts_or_not() -> None:
    row = with_evidence((MENTEE, "conference", 0, 60), (MENTOR, "self", 5, None), rule="system")
    shown = meeting_detail(row, "UTC")
    assert [(one.person, one.source, one.counts) for one in shown.evidence] == [
        (MENTEE, "conference", True),
        (MENTOR, "self", False),
    ]
    assert shown.evidence[1].left_at is None


def test_presence_of_both_and_common_time_are_merged_from_what_counts() -> None:
    row = with_evidence(
        (MENTEE, "conference", 0, 20),
        (MENTEE, "self", 15, 40),
        (MENTOR, "conference", 10, 50),
        rule="both",
    )
    shown = meeting_detail(row, TOKYO)
    assert [(s, one.person, one.minutes) for s, one in shown.presence.items()] == [
        ("mentee", MENTEE, 40),
        ("mentor", MENTOR, 40),
    ]
    (common,) = shown.proof.together
    assert common.starts_at.isoformat() == "2026-03-03T18:10:00+09:00"
    assert (shown.proof.overlap, shown.proof.needed, shown.proof.suffices) == (30, 15, True)
    assert (shown.proof.lacks, shown.proof.absent) == (None, [])


def test_what_the_evidence_lacks_is_said() -> None:
    nothing = meeting_detail(with_evidence(), "UTC").proof
    alone = meeting_detail(with_evidence((MENTEE, "conference", 0, 60)), "UTC").proof
    assert (nothing.lacks, nothing.absent) == ("no_evidence", [])
    assert (alone.lacks, alone.absent) == ("absent", [MENTOR])


def test_who_contradicts_whom_is_shown_in_figures_and_words() -> None:
    row = with_evidence((MENTEE, "conference", 0, 60), (MENTOR, "self", 0, 60), rule="both")
    (found,) = meeting_detail(row, "UTC").contradictions
    assert (found.person, found.code) == (MENTOR, "self_without_conference")
    assert [(word.source, word.minutes) for word in found.words] == [
        ("self", 60),
        ("conference", 0),
    ]
    assert found.sentence == (
        "By the person, grace was there for 60 minutes; the conference system has not seen it."
    )


def test_changes_and_deadlines_of_a_standing_meeting_are_shown() -> None:
    history = a_pair()
    history.move(history.meeting(2), utc("2026-03-12T14:00"))
    shown = meeting_detail(history.meeting(2), "UTC")
    assert [one.cause for one in shown.history] == ["planned", "moved"]
    assert shown.reminders == sorted(shown.reminders)
    assert all(at < shown.meeting.starts_at for at in shown.reminders)
    assert len(shown.reminders) > 0
    assert shown.verdict_at is not None
    assert shown.verdict_at > shown.meeting.ends_at


def test_a_meeting_that_does_not_stand_has_no_deadlines() -> None:
    history = a_pair()
    history.cancel(history.meeting(2))
    row = next(row for row in history.meetings() if row.status == "cancelled")
    shown = meeting_detail(row, "UTC")
    assert (shown.verdict_at, shown.reminders) == (None, [])


# -- words --


def test_every_source_has_a_name() -> None:
    assert set(SOURCES) == set(get_args(Source))


CODES = ["lengths_differ", "times_differ", "self_without_conference"]


@pytest.mark.parametrize("code", CODES)
def test_a_contradiction_is_said_with_both_words(code: str) -> None:
    found = Contradiction("p1", code, (Word("self", 50), Word("conference", 20)))
    sentence = contradiction_sentence(found)
    assert sentence.endswith(".")
    assert "the person" in sentence
    assert "the conference system" in sentence
    assert "50" in sentence


CONSTRAINTS = {
    "no_rules",
    "no_availability",
    "no_common_time",
    "holidays",
    "absence",
    "other_meetings",
    "buffer",
    "weekly_max",
    "program_days",
}


def test_every_constraint_is_a_sentence_of_its_own() -> None:
    assert set(GAPS) >= CONSTRAINTS
    assert len(set(GAPS.values())) == len(GAPS)
    assert gap_sentence("something_new") == "The rule something_new leaves no room."
