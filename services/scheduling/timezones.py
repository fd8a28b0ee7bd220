"""VTIMEZONE of RFC 5545: a zone's rules for some years, as calendar programs read them.

Each change of the clock is an observance of its own, with the very instant of its onset and no rule of recurrence:
there is none for zones such as Africa/Casablanca, and what a rule says beyond the years that were looked at would
be a guess. Zones change: what is told is what tzdata says today of the years asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

NO_ZONE = frozenset({"UTC", "Etc/UTC"})
"""Zones without a VTIMEZONE: their times are written as UTC (RFC 5545, 3.3.5, form 2)."""
_STEP = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Onset:
    """From `at` on the clock of a zone goes otherwise.

    Attributes:
        at: when, in UTC.
        before, after: what the clock is ahead of UTC before and from then on.
        name: what the time is called from then on, such as CEST.
        ahead: what of `after` is daylight saving, as tzdata has it; less than nothing for Irish winter time.
    """

    at: datetime
    before: timedelta
    after: timedelta
    name: str
    ahead: timedelta

    @property
    def local(self) -> datetime:
        """The same on the clock that goes until then, as DTSTART of an observance has it."""
        return (self.at + self.before).replace(tzinfo=None)


def onsets(zone: str, start: datetime, end: datetime) -> Iterator[Onset]:
    """Every change of the clock of `zone` in (start, end], in order; to the second."""
    clock = ZoneInfo(zone)
    at, before = start, _offset(clock, start)
    while at < end:
        until = min(at + _STEP, end)
        if (after := _offset(clock, until)) != before:
            yield _onset(clock, _first(clock, at, until), before)
        at, before = until, after


def _offset(clock: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(clock).utcoffset() or _NONE


def _first(clock: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first whole second in (before, after] at which the clock is no longer as at `before`."""
    old = _offset(clock, before)
    low, high = 0, int((after - before) / _SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        same = _offset(clock, before + middle * _SECOND) == old
        low, high = (middle, high) if same else (low, middle)
    return before + high * _SECOND


def _onset(clock: ZoneInfo, at: datetime, before: timedelta) -> Onset:
    local = at.astimezone(clock)
    after = local.utcoffset() or _NONE
    return Onset(at, before, after, local.tzname() or "", local.dst() or _NONE)


@lru_cache(maxsize=1024)
def vtimezone(zone: str, first: int, last: int) -> Timezone:
    """The VTIMEZONE of a zone, right for every local time of the years `first` to `last`.

    It begins with the clock as it was a year earlier. The component is shared: nobody changes it.
    """
    start = datetime(first - 1, 1, 1, tzinfo=UTC)
    end = datetime(last + 1, 1, 2, tzinfo=UTC)
    found = [_onset(ZoneInfo(zone), start, _offset(ZoneInfo(zone), start))]
    found += onsets(zone, start, end)
    least = min(_NONE, *(each.ahead for each in found))
    component = Timezone()
    component.add("TZID", zone)
    for each in found:
        component.add_component(_observance(each, daylight=each.ahead > least))
    return component


def _observance(onset: Onset, *, daylight: bool) -> TimezoneDaylight | TimezoneStandard:
    """One part of the year.

    What tzdata calls a winter time set back (Europe/Dublin, Africa/Casablanca) is called standard here, and the
    other half of the year daylight: calendar programs know daylight saving that is ahead only.
    """
    component = TimezoneDaylight() if daylight else TimezoneStandard()
    component.add("DTSTART", onset.local)
    component.add("TZNAME", onset.name)
    component.add("TZOFFSETFROM", onset.before)
    component.add("TZOFFSETTO", onset.after)
    return component
