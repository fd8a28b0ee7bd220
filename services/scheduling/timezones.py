"""VTIMEZONE of RFC 5545: a zone's rules for some years, as calendar programs read them.

A change of the clock that comes on the same weekday of the same month every year is told by a rule of recurrence, as
calendar programs know it. Of zones such as Africa/Casablanca, or of one that gives daylight saving up, every change is
told by itself. Zones change: what is told is what tzdata says today of the years asked for.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

NO_ZONE = frozenset({"UTC", "Etc/UTC"})
"""Zones without a VTIMEZONE: their times are written as UTC (RFC 5545, 3.3.5, form 2)."""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_AHEAD = 12
"""Years beyond those asked for in which a rule must hold, too: they tell the last Sunday from the fourth."""
_STEP = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_NONE = timedelta()


Kind = tuple[timedelta, timedelta, timedelta]
Rule = dict[str, Any]


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

    The component is shared: nobody changes it.
    """
    years = range(first - 1, last + 1 + _AHEAD)
    start, end = _new_year(years.start), _new_year(last + 1) + _STEP
    found = list(onsets(zone, start, _new_year(years.stop)))
    rules = _rules(found, years)
    told = _told([each for each in found if each.at <= end], rules)
    if not found or found[0].local.year >= first:
        clock = ZoneInfo(zone)
        told.insert(0, _onset(clock, start, _offset(clock, start)))
    least = min(_NONE, *(each.ahead for each in told))
    component = Timezone()
    component.add("TZID", zone)
    for each in told:
        component.add_component(_observance(each, rules.get(_kind(each)), each.ahead > least))
    return component


def _new_year(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def _kind(onset: Onset) -> Kind:
    """What makes a change the same as last year's."""
    return onset.before, onset.after, onset.ahead


def _told(found: list[Onset], rules: Mapping[Kind, Rule]) -> list[Onset]:
    """Every change that no rule tells, and the first of those that one does."""
    return [
        each
        for number, each in enumerate(found)
        if _kind(each) not in rules or _kind(each) not in map(_kind, found[:number])
    ]


def _rules(found: list[Onset], years: range) -> dict[Kind, Rule]:
    """The rules of the changes that come once in each of these years, and always alike."""
    alike: dict[Kind, list[datetime]] = {}
    for each in found:
        alike.setdefault(_kind(each), []).append(each.local)
    rules = {kind: _rule(days) for kind, days in alike.items() if _yearly(days, years)}
    return {kind: rule for kind, rule in rules.items() if rule is not None}


def _yearly(days: list[datetime], years: range) -> bool:
    return [day.year for day in days] == list(years)


def _rule(days: list[datetime]) -> Rule | None:
    """Which weekday of which month they all are; None when there is no such rule."""
    if len({(day.month, day.weekday(), day.time()) for day in days}) > 1:
        return None
    first = days[0]
    weekday = WEEKDAYS[first.weekday()]
    for nth in (_from_front, _from_back):
        if len(places := {nth(day) for day in days}) == 1:
            by_day = f"{places.pop()}{weekday}"
            return {"FREQ": "YEARLY", "BYMONTH": first.month, "BYDAY": by_day}
    return None


def _from_front(day: datetime) -> int:
    return (day.day - 1) // 7 + 1


def _from_back(day: datetime) -> int:
    return -((monthrange(day.year, day.month)[1] - day.day) // 7 + 1)


def _observance(
    onset: Onset,
    rule: Rule | None,
    daylight: bool,  # noqa: FBT001 - private
) -> TimezoneDaylight | TimezoneStandard:
    """One part of the year.

    What tzdata calls a winter time set back (Europe/Dublin, Africa/Casablanca) is called standard here, and the
    other half of the year daylight: calendar programs know daylight saving that is ahead only.
    """
    component = TimezoneDaylight() if daylight else TimezoneStandard()
    component.add("DTSTART", onset.local)
    component.add("TZNAME", onset.name)
    component.add("TZOFFSETFROM", onset.before)
    component.add("TZOFFSETTO", onset.after)
    if rule is not None:
        component.add("RRULE", rule)
    return component
