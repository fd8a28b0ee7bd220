"""Whole plans of several pairs, held against what the persons stated, minute by minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import holidays
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from services.scheduling.model import SIDES, Meeting
from shared.events import outside
from shared.events.scheduling import Scheduled, Unplaced
from shared.intervals import DAY, MINUTE
from tests.scheduling.history import PROGRAM, History, all_of, confirmed, opened, paired

STEP = 5 * MINUTE
"""Everything that is drawn lies on whole five minutes."""
PERSONS = ("ada", "bea", "grace", "dan")
CYCLES = {"c1": ("ada", "grace"), "c2": ("bea", "grace"), "c3": ("grace", "dan")}
REGIONS = ["DE", "DE-BY", "US", "JP", "FR", "IN"]
CADENCES = ["FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=DAILY;INTERVAL=4", "FREQ=MONTHLY"]

zones = st.sampled_from(sorted(available_timezones() - {"localtime"}))
seasons = st.sampled_from([datetime(2025, 12, 15, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC),
                           datetime(2028, 9, 18, tzinfo=UTC), datetime(2024, 10, 14, tzinfo=UTC)])  # fmt: skip
clocks = st.integers(0, 24 * 12 - 1).map(lambda n: f"{n // 12:02}:{n % 12 * 5:02}")
windows = st.fixed_dictionaries(
    {
        "byday": st.lists(
            st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]),
            min_size=1,
            max_size=5,
            unique=True,
        ),
        "start": clocks,
        "duration": st.integers(6, 24 * 12).map(lambda n: f"PT{n * 5}M"),
    }
)
spans = st.tuples(
    st.integers(0, 90 * 288), st.integers(3, 12 * 288), st.sampled_from(["away", "busy", "extra"])
)


@dataclass(frozen=True)
class Stated:
    """What one person has stated."""

    zone: str
    weekly: Sequence[dict[str, Any]]
    spans: Sequence[tuple[int, int, str]]
    region: str | None

    def available(self, origin: datetime) -> outside.Available:
        exceptions = [
            {"start": origin + a * STEP, "end": origin + (a + b) * STEP, "kind": kind}
            for a, b, kind in self.spans
        ]
        given = {"zone": self.zone, "weekly": self.weekly, "exceptions": exceptions}
        return outside.Available.model_validate({**given, "region": self.region})

    def is_free(self, at: datetime, origin: datetime, closed: Iterable[tuple[str, str]]) -> bool:
        """Whether the person has time at an instant; `closed` names regions of holidays and their zones."""
        kinds = {
            kind for a, b, kind in self.spans if origin + a * STEP <= at < origin + (a + b) * STEP
        }
        if kinds & {"away", "busy"}:
            return False
        return "extra" in kinds or (self._in_window(at) and not _on_holiday(at, closed))

    def _in_window(self, at: datetime) -> bool:
        clock = ZoneInfo(self.zone)
        today = at.astimezone(clock).date()
        for day in (today + n * DAY for n in range(-2, 2)):
            for one in self.weekly:
                if ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()] in one["byday"]:
                    opens = datetime.combine(day, time.fromisoformat(one["start"]), clock)
                    begins = opens.astimezone(UTC)
                    if begins <= at < begins + int(one["duration"][2:-1]) * MINUTE:
                        return True
        return False


@lru_cache(maxsize=256)
def _days_off(country: str, part: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=part, years=year))


def _on_holiday(at: datetime, closed: Iterable[tuple[str, str]]) -> bool:
    for region, zone in closed:
        country, _, part = region.partition("-")
        day = at.astimezone(ZoneInfo(zone)).date()
        if day in _days_off(country, part or None, day.year):
            return True
    return False


persons = st.builds(
    Stated,
    zones,
    st.lists(windows, min_size=1, max_size=2),
    st.lists(spans, max_size=3),
    st.sampled_from([None, *REGIONS]),
)
programs = st.fixed_dictionaries(
    {
        "zone": zones,
        "holidays": st.sampled_from([(), ("DE",), ("US", "JP")]),
        "buffer": st.sampled_from(["PT0M", "PT10M", "PT1H"]),
        "weekly_max": st.integers(1, 3),
        "notice": st.sampled_from(["P1D", "P3D"]),
    }
)
pairs = st.fixed_dictionaries(
    {
        "planned_meetings": st.integers(1, 8),
        "cadence": st.sampled_from(CADENCES),
        "length": st.sampled_from(["PT30M", "PT60M", "PT95M"]),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    origin=seasons,
    people=st.tuples(persons, persons, persons, persons),
    program=programs,
    terms=st.tuples(pairs, pairs, pairs),
)
def test_a_plan_keeps_to_the_hours_of_both_and_to_every_rule_of_the_program(
    origin: datetime,
    people: tuple[Stated, ...],
    program: dict[str, Any],
    terms: tuple[dict[str, Any], ...],
) -> None:
    stated = dict(zip(PERSONS, people, strict=True))
    history = History(now=origin)
    first = (origin + 3 * DAY).date()
    span = {"starts_on": first, "ends_on": first + 80 * DAY, "effective_at": origin}
    rules = opened(**program, **span)
    history.say(PROGRAM, rules)
    for person, one in stated.items():
        history.say(person, one.available(origin))
    for (cycle, pair), given_terms in zip(CYCLES.items(), terms, strict=True):
        said = history.say(cycle, paired(*pair, **given_terms))
        numbers = [one.number for one in confirmed(said)]
        numbers += [one.number for one in all_of(said, Unplaced)]
        assert sorted(numbers) == list(range(1, given_terms["planned_meetings"] + 1))
        check_outside(confirmed(said), stated)
    rows = [row for cycle in CYCLES for row in history.standing(cycle)]
    event(f"{min(len(rows), 8)} meetings or more")
    for row in rows:
        check_hours(row, stated, rules, origin)
        check_days(row, rules, origin)
    check_calendars(rows, rules)


def check_hours(
    row: Meeting, stated: dict[str, Stated], rules: outside.Opened, origin: datetime
) -> None:
    of_program = [(region, rules.zone) for region in rules.holidays]
    for person in (stated[row.mentee], stated[row.mentor]):
        closed = [*of_program, *([(person.region, person.zone)] if person.region else [])]
        at = row.starts_at
        while at < row.ends_at:
            assert person.is_free(at, origin, closed), (row, at)
            at += STEP


def check_days(row: Meeting, rules: outside.Opened, origin: datetime) -> None:
    clock = ZoneInfo(rules.zone)
    assert rules.starts_on <= row.starts_at.astimezone(clock).date() <= rules.ends_on
    assert (row.ends_at - MINUTE).astimezone(clock).date() <= rules.ends_on
    assert row.starts_at >= rules.notice.after(origin, rules.zone)


def check_calendars(rows: Iterable[Meeting], rules: outside.Opened) -> None:
    rows = list(rows)
    for person in PERSONS:
        mine = sorted(
            (row.starts_at, row.ends_at) for row in rows if person in (row.mentee, row.mentor)
        )
        assert all(b[0] - a[1] >= rules.buffer.span for a, b in pairwise(mine)), mine
        weeks = Counter(week(start, rules.zone) for start, _ in mine)
        assert max(weeks.values(), default=0) <= rules.weekly_max


def week(at: datetime, zone: str) -> date:
    day = at.astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=day.weekday())


def check_outside(said: Iterable[Scheduled], stated: dict[str, Stated]) -> None:
    """Every announcement says how much of it lies outside fair hours, as the clocks of the two show it."""
    for one in said:
        asked = {side: span.minutes for side, span in one.outside.items()}
        for side, person in zip(SIDES, (one.mentee, one.mentor), strict=True):
            clock = ZoneInfo(stated[person].zone)
            length = (one.ends_at - one.starts_at) // MINUTE
            hours = [(one.starts_at + n * MINUTE).astimezone(clock).hour for n in range(length)]
            unfair = sum(not 8 <= hour < 18 for hour in hours)
            assert asked[side] == unfair
