"""The layers of a person's time: what was stated, without holidays, without absences."""

from __future__ import annotations

from datetime import timedelta

from services.scheduling.availability import Hours, common_hours
from services.scheduling.model import Person, Rules
from shared.intervals import Interval
from tests.scheduling.hours import exception, person, rules, utc, window

FRIDAYS = (window("FR", "09:00", "PT8H"),)
FROM, UNTIL = utc("2026-04-27"), utc("2026-05-11")
"""Two Fridays, the first of them the First of May."""


def hours(who: Person, bound: Rules | None = None) -> Hours:
    return Hours(who, bound or rules(), FROM, UNTIL)


def shown(found: list[Interval]) -> list[str]:
    return [f"{start:%m-%d %H}-{end:%H}" for start, end in found]


def test_layers_of_time_take_away_holidays_and_then_absences() -> None:
    busy = exception("2026-05-08T09:00", "2026-05-08T12:00", "busy")
    found = hours(person("ada", FRIDAYS, region="DE", exceptions=(busy,)))
    assert shown(found.stated) == ["05-01 09-17", "05-08 09-17"]
    assert shown(found.working) == ["05-08 09-17"]
    assert shown(found.present) == ["05-08 12-17"]


def test_time_added_on_a_holiday_stays_and_absence_wins_over_it() -> None:
    found = hours(
        person(
            "ada",
            FRIDAYS,
            region="DE",
            exceptions=(
                exception("2026-05-01T10:00", "2026-05-01T14:00", "extra"),
                exception("2026-05-01T12:00", "2026-05-01T13:00", "away"),
            ),
        )
    )
    assert shown(found.present) == ["05-01 10-12", "05-01 13-14", "05-08 09-17"]


def test_added_time_joins_the_window_that_it_touches() -> None:
    late = exception("2026-05-08T17:00", "2026-05-08T19:00", "extra")
    assert shown(hours(person("ada", FRIDAYS, exceptions=(late,))).present) == [
        "05-01 09-17",
        "05-08 09-19",
    ]


def test_of_a_minute_that_an_exception_cuts_in_two_there_is_no_time() -> None:
    extra = exception("2026-05-08T17:30:00.5", "2026-05-08T18:10:59", "extra")
    away = exception("2026-05-08T10:00:59", "2026-05-08T10:30:20", "away")
    again = exception("2026-05-08T10:30:40", "2026-05-08T11:00:00.1", "busy")
    found = hours(person("ada", FRIDAYS, exceptions=(extra, away, again))).present[1:]
    assert [(f"{a:%H:%M:%S.%f}", f"{b:%H:%M:%S.%f}") for a, b in found] == [
        ("09:00:00.000000", "10:00:00.000000"),
        ("11:01:00.000000", "17:00:00.000000"),
        ("17:31:00.000000", "18:10:00.000000"),
    ]


def test_who_has_stated_nothing_has_no_time() -> None:
    assert hours(Person("acme", "ada")).present == []


def test_holidays_of_the_program_are_days_on_the_clock_of_the_program() -> None:
    """In Auckland the First of May is over at noon in UTC."""
    bound = rules(holidays=("DE",), zone="Pacific/Auckland")
    assert shown(hours(person("ada", FRIDAYS), bound).working) == ["05-01 12-17", "05-08 09-17"]


def test_holidays_of_a_person_are_days_on_the_clock_of_the_person() -> None:
    """In Honolulu the First of May begins at ten in UTC; the clocks of program and person may differ."""
    windows = (window("TH FR", "22:00", "PT4H"),)
    found = hours(person("ada", windows, region="DE", zone="Pacific/Honolulu"))
    assert shown(found.stated) == ["05-01 08-12", "05-02 08-12", "05-08 08-12", "05-09 08-12"]
    assert shown(found.working) == ["05-01 08-10", "05-02 10-12", "05-08 08-12", "05-09 08-12"]


def test_holidays_of_program_and_person_count_both() -> None:
    """The 4th of May is one in Japan, the First of May one in Germany."""
    windows = (window("MO FR", "12:00", "PT2H"),)
    found = hours(person("ada", windows, region="JP"), rules(holidays=("DE",)))
    assert shown(found.working) == ["04-27 12-14", "05-08 12-14"]


def test_exceptions_outside_the_range_are_left_out() -> None:
    found = hours(
        person(
            "ada",
            FRIDAYS,
            exceptions=(
                exception("2026-04-20T09:00", "2026-04-27T02:00", "extra"),
                exception("2026-05-20T09:00", "2026-05-21T09:00", "extra"),
            ),
        )
    )
    assert shown(found.stated) == ["04-27 00-02", "05-01 09-17", "05-08 09-17"]


def test_two_persons_on_both_sides_of_the_date_line_meet_on_different_days() -> None:
    """Saturday morning on Kiritimati is Friday morning of the day before in Pago Pago, an hour later on the clock."""
    one = person("ada", [window("SA", "08:00", "PT4H")], zone="Pacific/Kiritimati")
    other = person("grace", [window("FR", "08:00", "PT4H")], zone="Pacific/Pago_Pago")
    both = common_hours(one, other, rules(), FROM, UNTIL)
    assert shown(both.present) == ["05-01 19-22", "05-08 19-22"]


def test_common_time_over_the_turn_of_the_year_is_one_piece() -> None:
    one = person("ada", [window("TH", "20:00", "PT8H")], zone="Europe/Berlin")
    other = person("grace", [window("TH", "12:00", "PT12H")], zone="America/New_York")
    both = common_hours(one, other, rules(), utc("2026-12-31"), utc("2027-01-02"))
    assert shown(both.present) == ["12-31 19-03"]


def test_the_layers_of_two_are_the_common_part_of_the_layers_of_each() -> None:
    away = exception("2026-05-08T09:00", "2026-05-08T10:00", "away")
    one = person("ada", FRIDAYS, region="DE", exceptions=(away,))
    other = person("grace", [window("FR", "08:00", "PT4H")])
    both = common_hours(one, other, rules(), FROM, UNTIL)
    assert shown(both.stated) == ["05-01 09-12", "05-08 09-12"]
    assert shown(both.working) == ["05-08 09-12"]
    assert shown(both.present) == ["05-08 10-12"]


def test_a_range_of_an_hour_holds_what_reaches_into_it() -> None:
    at = utc("2026-05-08T12:00")
    found = Hours(person("ada", FRIDAYS), rules(), at, at + timedelta(hours=1)).present
    assert found == [(at, at + timedelta(hours=1))]
