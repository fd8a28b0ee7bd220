"""The release grid."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from services.feedback.report.calendar import calendar, next_release
from services.feedback.report.columns import Rules

BERLIN = "Europe/Berlin"


def rules(at: datetime, k: int = 5) -> Rules:
    return Rules(int(at.timestamp() * 1_000_000), k, 3)


def test_a_release_is_on_a_monday_at_midnight_in_the_program_s_zone_whatever_its_clock_does() -> (
    None
):
    opened = datetime(2026, 3, 10, 12, tzinfo=UTC)

    found = calendar([rules(opened)], BERLIN, datetime(2026, 11, 20, tzinfo=UTC))

    local = [found.instant(n).astimezone(ZoneInfo(BERLIN)) for n in range(len(found.instants))]
    assert {(each.weekday(), each.hour, each.minute) for each in local} == {(0, 0, 0)}
    assert local[0].date().isoformat() == "2026-03-16"
    assert local[-1].date().isoformat() == "2026-11-16"
    assert len(local) == 36


def test_the_release_of_an_instant_is_the_last_one_that_is_not_later() -> None:
    monday = datetime(2026, 3, 15, 23, tzinfo=UTC)
    opened = [rules(datetime(2026, 3, 10, tzinfo=UTC))]

    before = calendar(opened, BERLIN, monday - timedelta(microseconds=1))
    at = calendar(opened, BERLIN, monday)

    assert (len(before.instants), len(at.instants)) == (0, 1)
    assert at.instant(0) == monday


def test_what_is_seen_at_the_instant_of_a_release_belongs_to_it() -> None:
    opened = [rules(datetime(2026, 3, 10, tzinfo=UTC))]
    found = calendar(opened, BERLIN, datetime(2026, 3, 31, tzinfo=UTC))
    first, second = found.instants.tolist()[:2]

    weeks = found.weeks(np.array([first - 1, first, first + 1, second, second + 10**12]))

    assert weeks.tolist() == [0, 0, 1, 1, 3]


def test_k_is_the_largest_that_was_ever_set_by_then() -> None:
    opened = datetime(2026, 3, 10, tzinfo=UTC)
    changed = [
        rules(opened, 3),
        rules(opened + timedelta(days=10), 8),
        rules(opened + timedelta(days=17), 2),
    ]

    found = calendar(changed, BERLIN, opened + timedelta(days=29))

    assert list(found.k) == [3, 8, 8, 8]


def test_the_next_release_is_a_week_later_on_the_clock_of_the_zone() -> None:
    released = datetime(2026, 3, 22, 23, tzinfo=UTC)  # the last Monday of winter time

    assert next_release(released, BERLIN) == datetime(2026, 3, 29, 22, tzinfo=UTC)
