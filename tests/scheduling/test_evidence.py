"""Presence is merged by person, counts within the meeting's window only, and gives the minutes of both."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.evidence import (
    SOURCES,
    added,
    belongs,
    counts,
    minutes_by_source,
    presence,
    sources,
    suffices,
    times_by_source,
    together,
    weigh,
    window,
)
from services.scheduling.model import EvidenceRule
from shared.intervals import minutes
from tests.scheduling import rows
from tests.scheduling.grid import is_known, minutes_of, minutes_together
from tests.scheduling.history import MENTEE, MENTOR
from tests.scheduling.rows import Said, at, meeting, planned, spans, unplanned

# -- window -------------------------------------------------------------------------------------


def test_the_window_of_a_planned_meeting_opens_an_hour_early_and_closes_an_hour_late() -> None:
    assert window(planned()) == (at(-60), at(120))


def test_the_window_of_an_unplanned_meeting_is_a_day_from_when_the_first_joined() -> None:
    row = unplanned((MENTEE, "self", 30, 60), (MENTOR, "self", 10, 60))
    assert window(row) == (at(10), at(10 + 24 * 60))


WITHIN = [
    ("whole meeting", 0, 60, [(0, 60)]),
    ("from before the window on", -240, 30, [(-60, 30)]),
    ("to after the window", 30, 400, [(30, 120)]),
    ("a ghost session of hours around it", -120, 240, [(-60, 120)]),
    ("early and late", -20, 80, [(-20, 80)]),
    ("open: to the planned end", 10, None, [(10, 60)]),
    ("open, joined early", -60, None, [(-60, 60)]),
    ("open, joined behind the planned end", 70, None, []),
    ("open, joined before the window", -61, None, []),
    ("ended before the window", -120, -60, []),
    ("joined behind the window", 120, 130, []),
]


@pytest.mark.parametrize("_,joined,left,expected", WITHIN)
def test_presence_counts_within_the_window_only(
    _: str, joined: float, left: float | None, expected: list[tuple[float, float]]
) -> None:
    row = meeting((MENTEE, "conference", joined, left))
    assert spans(presence(row, MENTEE)) == expected


ABOUT = [
    ("joined as the window opens", -60, -60, True),
    ("left as the window opens", -90, -60, False),
    ("left a minute later", -90, -59, True),
    ("joined just before the window closes", 119, None, True),
    ("joined as the window closes", 120, 130, False),
    ("open since before the window", -61, None, False),
    ("over all of it", -500, 500, True),
]


@pytest.mark.parametrize("_,joined,left,expected", ABOUT)
def test_a_statement_is_about_a_planned_meeting_when_it_touches_the_window(
    _: str, joined: float, left: float | None, *, expected: bool
) -> None:
    one = rows.presence(MENTEE, "conference", joined, left)
    assert belongs(planned(), one) is expected
    assert counts(meeting(), one) is expected


@pytest.mark.parametrize(
    "joined,expected", [(1439, True), (1440, False), (-1439, True), (-1440, False)]
)
def test_all_who_join_an_unplanned_meeting_do_so_within_a_day(
    joined: float, *, expected: bool
) -> None:
    one = rows.presence(MENTOR, "self", joined, joined + 5)
    assert belongs(unplanned((MENTEE, "self", 0, 30)), one) is expected


def test_an_unplanned_meeting_lasts_a_day_at_most() -> None:
    row = unplanned((MENTEE, "self", 0, 9_000), (MENTOR, "self", 60, 9_000))
    assert weigh(row).overlap == 24 * 60 - 60


def test_an_open_presence_proves_nothing_where_no_end_was_planned() -> None:
    row = unplanned((MENTEE, "self", 30, 60), (MENTOR, "self", 0, None))
    assert presence(row, MENTOR) == []
    assert not suffices(row)


def test_evidence_of_another_time_is_kept_but_shows_nobody() -> None:
    row = meeting((MENTEE, "conference", -300, -200), (MENTOR, "conference", 0, 60))
    finding = weigh(row)
    assert (finding.reason, finding.absent) == ("absent", (MENTEE,))
    assert sources(row) == {"mentor": ("conference",)}


# -- merged -------------------------------------------------------------------------------------


def test_times_of_one_person_from_all_sources_are_one_tidy_list() -> None:
    row = meeting(
        (MENTEE, "conference", 0, 10),
        (MENTEE, "self", 5, 20),
        (MENTEE, "coordinator", 40, 50),
        (MENTOR, "conference", 15, 45),
    )
    assert spans(presence(row, MENTEE)) == [(0, 20), (40, 50)]
    assert spans(together(row)) == [(15, 20), (40, 45)]
    assert weigh(row).overlap == 10
    assert weigh(row).began_at == at(15)


def test_seconds_add_up_before_they_are_cut_to_whole_minutes() -> None:
    said: list[Said] = [(MENTEE, "self", 10 * n, 10 * n + 1.5) for n in range(3)]
    row = meeting(*said, (MENTOR, "self", 0, 60))
    assert weigh(row).overlap == 4


@pytest.mark.parametrize("minutes_together,held", [(14, False), (15, True)])
def test_the_programs_minutes_together_suffice_and_one_less_does_not(
    minutes_together: int, *, held: bool
) -> None:
    row = meeting((MENTEE, "self", 0, 60), (MENTOR, "self", 0, minutes_together))
    assert suffices(row) is held
    assert weigh(row).suffices is held


def test_who_joined_and_left_at_once_was_there_but_for_no_time() -> None:
    row = meeting((MENTEE, "conference", 5, 5), (MENTOR, "conference", 0, 60))
    assert (weigh(row).reason, weigh(row).absent) == ("too_short", ())


def test_nobody_is_absent_while_nothing_is_known() -> None:
    assert (weigh(meeting()).reason, weigh(meeting()).absent) == ("no_evidence", ())


# -- by source ----------------------------------------------------------------------------------


def test_every_source_is_shown_with_its_own_minutes_whether_it_counts_or_not() -> None:
    said: list[Said] = [
        (MENTEE, "self", 0, 60),
        (MENTEE, "conference", 0, 20),
        (MENTEE, "conference", 15, 30),
        (MENTEE, "other_side", -300, 300),
    ]
    row = meeting(*said, rule="system")
    assert minutes_by_source(row, MENTEE) == {"conference": 30, "self": 60, "other_side": 180}
    assert list(times_by_source(row, MENTEE)) == ["conference", "self", "other_side"]
    assert minutes_by_source(row, MENTOR) == {}
    assert minutes(presence(row, MENTEE)) == 30


# -- keeping ------------------------------------------------------------------------------------


def test_a_later_statement_about_the_same_joining_replaces_the_earlier_one() -> None:
    first, then = (rows.presence(MENTEE, "self", 0, left) for left in (None, 30))
    other = rows.presence(MENTEE, "conference", 0, 10)
    assert added((other, first), then) == (other, then)


def test_a_joining_that_is_told_behind_its_leaving_takes_no_end_back() -> None:
    known, late = (rows.presence(MENTEE, "conference", 0, left) for left in (5, None))
    assert added((known,), late) == (known,)


def test_the_order_in_which_evidence_comes_does_not_matter() -> None:
    one, other = rows.presence(MENTEE, "self", 0, 9), rows.presence(MENTOR, "self", 3, 9)
    assert added((one,), other) == added((other,), one)


# -- against a grid of minutes ------------------------------------------------------------------


@st.composite
def statements(draw: st.DrawFn) -> Said:
    """Somebody says that one of the two was there, around the meeting, for up to hours, or without an end."""
    person, source = draw(st.sampled_from([MENTEE, MENTOR])), draw(st.sampled_from(SOURCES))
    joined, lasts = draw(st.integers(-90, 150)), draw(st.none() | st.integers(0, 200))
    return person, source, joined, None if lasts is None else joined + lasts


@settings(max_examples=200, deadline=None)
@given(
    said=st.lists(statements(), max_size=8),
    rule=st.sampled_from(["system", "both", "one"]),
    overlap_min=st.integers(1, 60),
)
def test_a_verdict_is_what_a_grid_of_minutes_says(
    said: list[Said], rule: EvidenceRule, overlap_min: int
) -> None:
    row = meeting(*said, rule=rule, overlap_min=overlap_min)
    finding, both = weigh(row), minutes_together(row)
    assert finding.overlap == len(both)
    assert finding.suffices == suffices(row) == (len(both) >= overlap_min)
    assert finding.began_at == (at(min(both)) if both else None)
    known = {person for person in (MENTEE, MENTOR) if is_known(row, person)}
    assert (finding.reason == "no_evidence") == (not known)
    assert set(finding.absent) == ({MENTEE, MENTOR} - known if known else set())
    for person in (MENTEE, MENTOR):
        assert minutes(presence(row, person)) == len(minutes_of(row, person))
