"""Interval code with pandas, written as one would: frames of starts and ends, sorted, counted and cut by whole columns.

The windows of a person are expanded once for the program's days and kept. A pair's free time is where a running count
over all edges says so; candidates are the quarters in it, and what they cost is worked out once, column by column.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import cache

import pandas as pd

from services.scheduling.model import Cycle, Person
from tests.bench.scheduling.contestants.diary import (
    DAY,
    FAIR,
    Diary,
    Due,
    Rhythm,
    days_off,
    dues,
    pair_of,
    windows_of,
)
from tests.bench.scheduling.contestants.plans import Plan, Plans
from tests.bench.scheduling.people import Program, running
from tests.bench.scheduling.settings import ENDS_ON, STARTS_ON

_QUARTER = "15min"
_AWAY = 10
"""What an absence weighs: more than any windows that overlap it."""


def plans(program: Program) -> Plans:
    """Plan every cycle of a program."""
    diary = Diary(program.rules)
    times: dict[str, pd.DataFrame] = {}
    found: dict[str, Plan] = {}
    for cycle in program.cycles:
        pair = pair_of(program, cycle)
        for person in pair:
            if person.person not in times:
                times[person.person] = _times(person, program)
        both = [times[person.person] for person in pair]
        found[cycle.cycle] = _Frames(pair, both, diary, running(cycle).terms.length).plan(cycle)
    return Plans(found)


def _times(person: Person, program: Program) -> pd.DataFrame:
    """When a person has time: the windows but on holidays, and added time, without absences."""
    weekly = _but(_weekly(person), _holidays(program.rules.holidays, program.rules.zone))
    if person.region:
        weekly = _but(weekly, _holidays((person.region,), person.zone))
    has = _where(pd.concat([_edges(weekly), _edges(_exceptions(person, "extra"))]), 1)
    return _but(has, _exceptions(person, "away", "busy"))


def _weekly(person: Person) -> pd.DataFrame:
    """A person's windows on each of the program's days, in UTC."""
    days = pd.date_range(STARTS_ON - DAY, ENDS_ON + DAY)
    parts = [
        _spans(_on_the_clock(days[days.day_of_week == weekday], opens, person.zone),
               _on_the_clock(days[days.day_of_week == weekday], closes, person.zone))
        for weekday, windows in enumerate(windows_of(person))
        for opens, closes in windows
    ]  # fmt: skip
    return pd.concat(parts)


def _on_the_clock(days: pd.DatetimeIndex, clock: time, zone: str) -> pd.DatetimeIndex:
    local = days + pd.Timedelta(hours=clock.hour, minutes=clock.minute)
    return local.tz_localize(zone, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC")


@cache
def _holidays(regions: tuple[str, ...], zone: str) -> pd.DataFrame:
    days = pd.DatetimeIndex(sorted(map(pd.Timestamp, days_off(regions))))
    return _spans(
        _on_the_clock(days, time.min, zone), _on_the_clock(days + pd.Timedelta(DAY), time.min, zone)
    )


def _exceptions(person: Person, *kinds: str) -> pd.DataFrame:
    found = [(each.start, each.end) for each in person.exceptions if each.kind in kinds]
    return _frame(found)


def _frame(intervals: list[tuple[datetime, datetime]]) -> pd.DataFrame:
    starts = pd.DatetimeIndex([start for start, _ in intervals], tz="UTC")
    return _spans(starts, pd.DatetimeIndex([end for _, end in intervals], tz="UTC"))


def _spans(starts: pd.DatetimeIndex, ends: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame({"start": starts.as_unit("s"), "end": ends.as_unit("s")})


def _edges(spans: pd.DataFrame, weight: int = 1) -> pd.DataFrame:
    """An edge up at each start and one down at each end."""
    return pd.DataFrame(
        {
            "at": pd.concat([spans["start"], spans["end"]], ignore_index=True),
            "step": [weight] * len(spans) + [-weight] * len(spans),
        }
    )


def _where(edges: pd.DataFrame, least: int) -> pd.DataFrame:
    """Where the running count of all edges is at least so much, joined where it touches."""
    count = edges.groupby("at", sort=True)["step"].sum().cumsum()
    enough = count >= least
    turns = enough.ne(enough.shift(fill_value=False))
    at = count.index[turns]
    return _spans(at[0::2], at[1::2])


def _but(spans: pd.DataFrame, taken: pd.DataFrame) -> pd.DataFrame:
    """The time of the first frame, overlaps joined, that is not in the second."""
    joined = _where(_edges(spans), 1)
    return _where(pd.concat([_edges(joined, 1), _edges(taken, -_AWAY)]), 1)


class _Frames:
    """The plan of one cycle, from a frame of all quarters at which a meeting of the two may begin."""

    def __init__(
        self, pair: tuple[Person, Person], times: list[pd.DataFrame], diary: Diary, length: int
    ) -> None:
        self._pair, self._diary = pair, diary
        self._length, self._buffer = (
            timedelta(minutes=length),
            timedelta(minutes=diary.rules.buffer),
        )
        both = _where(pd.concat([_edges(each) for each in times]), 2)
        taken = [meeting for person in pair for meeting in diary.meetings[person.person]]
        self._all = self._candidates(_but(both, self._padded(taken)) if taken else both)
        self._spent = [0, 0]

    def plan(self, cycle: Cycle) -> Plan:
        rhythm = Rhythm(self._pair[1].zone)
        found: Plan = []
        for due in dues(self._diary.rules, cycle):
            start = self._place(due, rhythm.target(due))
            rhythm.keep(due, start)
            found.append(None if start is None else int(start.timestamp()))
        return found

    def _place(self, due: Due, target: datetime) -> datetime | None:
        near = self._all[(self._all["start"] >= due.start) & (self._all["end"] <= due.end)]
        ranked = near[~self._is_in_full_week(near)].copy()
        if ranked.empty:
            return None
        outside = ranked[["mentee", "mentor"]]
        spent = outside + self._spent
        is_fair = outside.eq(0).all(axis=1)
        ranked["most"] = spent.max(axis=1).mask(is_fair, -1)
        ranked["sum"] = spent.sum(axis=1).mask(is_fair, -1)
        ranked["away"] = (ranked["start"] - pd.Timestamp(target)).abs()
        best = ranked.sort_values(["most", "sum", "away", "start"]).iloc[0]
        self._spent = [self._spent[0] + best["mentee"], self._spent[1] + best["mentor"]]
        return self._take(best["start"].to_pydatetime().astimezone(UTC))

    def _candidates(self, free: pd.DataFrame) -> pd.DataFrame:
        """The quarters at which a meeting may begin, with what it costs each of the two and its week."""
        bounds = zip(free["start"].dt.ceil(_QUARTER), free["end"] - self._length, strict=True)
        starts = [pd.date_range(a, b, freq=_QUARTER, unit="s") for a, b in bounds]
        found = pd.DataFrame({"start": pd.DatetimeIndex([], tz="UTC").append(starts)})
        found["end"] = found["start"] + self._length
        for side, person in zip(("mentee", "mentor"), self._pair, strict=True):
            found[side] = self._outside(found, person.zone)
        found["week"] = self._mondays(found["start"])
        return found

    def _is_in_full_week(self, near: pd.DataFrame) -> pd.Series[bool]:
        full = [
            monday
            for monday in near["week"].unique()
            if any(self._diary.is_full(person, monday.date()) for person in self._pair)
        ]
        return near["week"].isin(full)

    def _mondays(self, instants: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
        local = instants.dt.tz_convert(self._diary.rules.zone).dt.tz_localize(None)
        return local.dt.normalize() - pd.to_timedelta(local.dt.day_of_week, unit="D")

    def _outside(self, found: pd.DataFrame, zone: str) -> pd.Series[int]:
        """Minutes of each meeting outside of fair hours: all but those in the fair hours of a day it touches."""
        begins = found["start"].dt.tz_convert(zone).dt.tz_localize(None)
        ends = found["end"].dt.tz_convert(zone).dt.tz_localize(None)
        midnight = begins.dt.normalize()
        inside = pd.Series(pd.Timedelta(0), index=found.index)
        for days in (0, 1):
            opens, closes = (midnight + pd.Timedelta(days=days, hours=hour.hour) for hour in FAIR)
            both = ends.where(ends < closes, closes) - begins.where(begins > opens, opens)
            inside = inside + both.clip(lower=pd.Timedelta(0))
        return ((self._length - inside) // pd.Timedelta(minutes=1)).astype(int)

    def _take(self, start: datetime) -> datetime:
        meeting = start, start + self._length
        self._diary.add(self._pair, *meeting)
        ((first, last),) = self._apart([meeting])
        self._all = self._all[(self._all["end"] <= first) | (self._all["start"] >= last)]
        return start

    def _padded(self, meetings: list[tuple[datetime, datetime]]) -> pd.DataFrame:
        return _frame(self._apart(meetings))

    def _apart(self, meetings: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
        return [(start - self._buffer, end + self._buffer) for start, end in meetings]
