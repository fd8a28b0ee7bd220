"""`mentoring schedule slots`: what two have free together, drawn and listed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.cli.schedule.clock import clock_of
from services.cli.schedule.slots_view import (
    FITS,
    LEFT,
    LOWER,
    MET,
    UPPER,
    layers,
    plain_slots,
    show,
)
from services.scheduling.look import Mutual, mutual, pair_of, rules_in_force
from shared.intervals import Interval, intersect, merge
from tests.cli.schedule.scene import (
    BERLIN,
    KOLKATA,
    MENTEE,
    MENTOR,
    NEW_YORK,
    PROGRAM,
    found,
    planned,
    utc,
)
from tests.cli.schedule.test_views import cells, lines
from tests.scheduling.history import History, available, away

WEEK = utc("2026-03-03T05:00"), utc("2026-03-08T05:00")
"""From Tuesday to Saturday in New York, six hours behind Berlin."""


def look(history: History, time: Interval = WEEK, minutes: int = 60) -> Mutual:
    world = history.world
    rules = rules_in_force(world, PROGRAM, world.now)
    assert rules is not None
    cycle = pair_of(world, PROGRAM, MENTEE, MENTOR)
    return mutual(world, cycle, rules, (MENTEE, MENTOR), time, timedelta(minutes=minutes))


def told(
    history: History, zone: str = NEW_YORK, time: Interval = WEEK, width: int = 100, limit: int = 20
) -> list[str]:
    looked = look(history, time)
    return lines(show(found(history), looked, clock_of(zone), limit, width), width)


def test_a_day_is_a_strip_of_what_each_has_and_of_where_a_meeting_fits() -> None:
    shown = told(planned())

    assert shown[0] == (
        "acme: A ada (America/New_York) and B grace (Europe/Berlin), paired in c1; as of sequence 4"
    )
    assert shown[3:7] == [
        "  New York    0     3     6     9     12    15    18    21",
        "  Berlin      6     9     12    15    18    21    0     3",
        "  Tue  3 Mar  ··············▄▄▒▒░█████▄▄······················  2 h 30 min",
        "  Wed  4 Mar  ··············▄▄████████▄▄······················  4 h",
    ]


def test_what_is_drawn_as_free_is_what_is_listed() -> None:
    looked = look(planned())

    assert layers(looked)[FITS] == merge((each.start, each.end) for each in looked.openings)


def test_no_time_is_drawn_twice_and_none_of_the_two_is_left_out() -> None:
    looked = look(planned())
    drawn = layers(looked)

    for ink, layer in drawn.items():
        for other, times in drawn.items():
            assert ink is other or intersect(layer, times) == []
    all_of_both = merge([*looked.hours.one.present, *looked.hours.other.present])
    assert merge(each for layer in drawn.values() for each in layer) == all_of_both
    assert all(drawn[ink] for ink in (FITS, MET, LEFT, LOWER))


def test_who_is_there_alone_is_drawn_in_the_upper_or_the_lower_half() -> None:
    drawn = layers(look(planned(), (utc("2026-03-10T04:00"), utc("2026-03-11T04:00"))))

    assert drawn[UPPER] == []
    assert drawn[LOWER] == [(utc("2026-03-10T16:00"), utc("2026-03-10T18:00"))]


def test_the_other_clock_is_told_again_when_the_distance_changes() -> None:
    days = utc("2026-03-06T05:00"), utc("2026-03-10T04:00")

    shown = told(planned(), NEW_YORK, days)

    axes = [line.split() for line in shown if line.startswith("  Berlin")]
    assert [axis[1:4] for axis in axes] == [["6", "9", "12"], ["6", "8", "11"], ["5", "8", "11"]]


def test_openings_are_listed_on_every_clock_that_matters() -> None:
    shown = told(planned(), KOLKATA)

    head = next(n for n, line in enumerate(shown) if line.startswith("  Asia/Kolkata  "))
    assert cells(shown[head]) == [KOLKATA, NEW_YORK, BERLIN, "free", "outside 8–18"]
    assert cells(shown[head + 1]) == [
        "Tue 3 Mar 2026 20:00–22:30",
        "09:30–12:00",
        "15:30–18:00",
        "2 h 30 min",
    ]


def test_an_opening_of_more_than_a_day_names_the_day_of_its_end() -> None:
    history = planned()
    for person in MENTEE, MENTOR:
        history.say(person, available("00:00", "PT24H", zone=NEW_YORK))

    shown = told(history, NEW_YORK, (utc("2026-07-13T04:00"), utc("2026-07-16T04:00")))

    row = shown[shown.index("When a meeting of 1 h fits") + 2]
    assert row.split("  ")[1].startswith("Mon 13 Jul 00:00 – ")


def test_what_a_meeting_would_cost_each_is_named_by_letter() -> None:
    history = planned()
    history.say(MENTEE, available("06:30", "PT4H", zone=NEW_YORK))
    thursday = utc("2026-03-05T05:00"), utc("2026-03-06T05:00")

    shown = told(history, BERLIN, thursday)

    assert cells(shown[-1]) == ["Thu 5 Mar 2026 13:00–16:30", "07:00–10:30", "3 h 30 min", "A 1 h"]


def test_a_list_ends_where_it_was_asked_to_and_says_so() -> None:
    shown = told(planned(), limit=1)

    assert shown[-1] == "  and 3 more: --limit"


def test_the_name_of_a_clock_is_whole_on_a_terminal_of_80_columns() -> None:
    shown = told(planned(), "America/Los_Angeles", width=80)

    assert any(line.startswith("  Los Angeles  ") for line in shown)
    assert max(map(len, shown)) <= 80


@pytest.mark.parametrize("width", [50, 60, 80, 120])
def test_on_a_narrow_terminal_nothing_is_cut_off(width: int) -> None:
    shown = told(planned(), KOLKATA, width=width)

    assert max(map(len, shown)) <= width
    assert "…" not in "".join(shown)
    count = 48 if width >= 80 else 24
    strip = next(line for line in shown if line.startswith("  Thu  5 Mar"))
    assert len(strip[14 : 14 + count].strip()) <= count


@pytest.mark.parametrize(
    "day,note",
    [
        ("2026-04-03T04:00", "holiday"),
        ("2026-03-07T05:00", ""),
        ("2026-03-12T04:00", "away or busy"),
        ("2026-03-03T05:00", "taken"),
    ],
)
def test_a_day_without_room_says_why_where_there_might_be_some(day: str, note: str) -> None:
    history = planned()
    gone = [away("2026-03-12T00:00", "2026-03-13T00:00")]
    history.say(MENTEE, available("08:00", "PT4H", zone=NEW_YORK, region="US", exceptions=gone))
    start = utc(day)
    looked = look(history, (start, start + timedelta(days=1)), minutes=180)

    shown = lines(show(found(history), looked, clock_of(NEW_YORK), 5, 100), 100)

    assert shown[5][62:].strip() == note


def test_a_day_on_which_both_have_too_little_says_so() -> None:
    history = planned()
    thursday = utc("2026-03-05T05:00"), utc("2026-03-06T05:00")
    looked = look(history, thursday, minutes=300)

    shown = lines(show(found(history), looked, clock_of(NEW_YORK), 5, 100), 100)

    assert shown[5][62:].strip() == "too little"


def test_a_day_without_a_meeting_in_a_week_that_is_full_says_so() -> None:
    history = planned(weekly_max=1)
    thursday = utc("2026-03-05T05:00"), utc("2026-03-06T05:00")

    shown = told(history, NEW_YORK, thursday)

    assert shown[5][62:].strip() == "week is full"


def test_where_nothing_fits_the_constraint_is_told_in_words() -> None:
    weekend = utc("2026-03-07T05:00"), utc("2026-03-08T05:00")

    shown = told(planned(), NEW_YORK, weekend)

    assert shown[-2:] == [
        "When a meeting of 1 h fits",
        "  The two have no time in common that is long enough.",
    ]


def test_a_time_outside_the_programs_days_is_not_drawn() -> None:
    after = utc("2026-09-07T00:00"), utc("2026-09-09T00:00")

    assert "Day by day" not in told(planned(), NEW_YORK, after)


def test_programs_get_the_openings_with_their_offsets() -> None:
    history = planned()

    answer = plain_slots(found(history), look(history), clock_of(KOLKATA), WEEK, 2)

    assert (answer["program"], answer["position"], answer["cycle"]) == (PROGRAM, 4, "c1")
    assert (answer["length"], answer["more"], answer["zone"]) == (60, True, KOLKATA)
    first = answer["openings"][0]
    assert datetime.fromisoformat(first["starts_at"]) == utc("2026-03-03T14:30")
    assert first["starts_at"].endswith("+05:30")
