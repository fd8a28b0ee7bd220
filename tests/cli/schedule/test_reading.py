"""What the commands find in a folded program."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.cli.output import Failure
from services.cli.schedule.reading import Found, touching
from tests.cli.schedule.scene import MENTEE, MENTOR, a_story, found, planned, utc


def test_a_number_means_the_last_meeting_that_it_had_and_that_was_not_cancelled() -> None:
    history = a_story()
    read = found(history)
    second, cancelled = read.meeting("c1", "2"), read.meeting("c1", "3")

    assert second is not None
    assert second.replaces == history.meetings()[1].meeting
    assert cancelled is not None
    assert cancelled.status == "cancelled"


def test_a_meeting_is_found_by_its_id_and_by_the_beginning_of_it() -> None:
    read = found(planned())
    for row in read.meetings("c1"):
        assert read.meeting("c1", row.meeting) == row
        assert read.meeting("c1", row.meeting[:12]) == row
    assert read.meeting("c1", "nothing") is None
    assert read.meeting("nobody", "1") is None


def test_a_beginning_that_several_ids_share_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    read = found(planned())
    rows = [replace(row, meeting=f"8a0{row.number}") for row in read.meetings("c1")[:2]]
    monkeypatch.setattr(Found, "meetings", lambda *_: rows)

    with pytest.raises(Failure, match="2 meetings of c1 begin with 8a: give more of the id"):
        read.meeting("c1", "8a")


def test_a_number_that_the_plan_does_not_have_is_no_beginning_of_an_id() -> None:
    read = found(planned())
    first = next(row.meeting[0] for row in read.meetings("c1") if row.meeting[0] in "6789")

    assert read.meeting("c1", first) is None


def test_an_agenda_has_the_meetings_of_both_roles_in_order() -> None:
    read = found(a_story())

    assert read.agenda(MENTEE) == read.agenda(MENTOR) == read.meetings("c1")
    assert read.agenda("nobody") == []


def test_a_meeting_touches_a_time_that_it_shares_an_instant_with() -> None:
    rows = found(planned()).meetings("c1")[:1]
    start, end = rows[0].starts_at, rows[0].ends_at

    assert touching(rows, end, utc("2026-09-01T00:00")) == []
    assert touching(rows, utc("2026-01-01T00:00"), start) == []
    assert touching(rows, start, end) == rows


def test_the_clock_of_who_has_stated_no_zone_is_the_programs() -> None:
    read = found(planned())

    assert (read.zone(MENTEE), read.stated_zone(MENTEE)) == ("America/New_York",) * 2
    assert (read.zone("nobody"), read.stated_zone("nobody")) == ("Europe/Berlin", None)
    assert [read.knows(each) for each in (MENTEE, "nobody")] == [True, False]
