"""When things happen: the rounds of a program, its end, and deadlines, all from instants that are given."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from shared.events.outside import Opened
from shared.events.rules import OnCalendar
from shared.events.types import Duration

LAST = datetime(2999, 12, 31, tzinfo=UTC)
"""The contract knows no later instant; a deadline beyond it is set here."""
LONGEST = timedelta(days=3660)
"""The contract knows no longer duration."""


def ends_at(rules: Opened) -> datetime:
    """The end of the program's last day, on the clock of its zone."""
    midnight = datetime.combine(rules.ends_on + timedelta(days=1), time(), ZoneInfo(rules.zone))
    return min(midnight.astimezone(UTC), LAST)


def later(duration: Duration, instant: datetime, zone: str) -> datetime:
    """The instant so much later."""
    return min(duration.after(instant, zone), LAST)


def request_ends(rules: Opened, now: datetime) -> datetime:
    """When a request that comes now has waited long enough, or the program is over."""
    return min(later(rules.request_expires, now, rules.zone), ends_at(rules))


def waited(since: datetime, now: datetime) -> Duration:
    """How long somebody has waited; times of outside systems may run backwards, waiting does not."""
    return Duration.exactly(min(max(now - since, timedelta()), LONGEST))


def next_round(rules: Opened, now: datetime) -> datetime | None:
    """The first round after `now`, while the program runs; None when rounds follow no calendar.

    The recurrence is counted from the program's first day on the clock of its zone (RFC 5545): a local time
    that does not exist is moved forward by the gap, of two the first is meant.
    """
    rounds = rules.rounds
    if not isinstance(rounds, OnCalendar):
        return None
    zone = ZoneInfo(rounds.zone or rules.zone)
    start = datetime.combine(rules.starts_on, time.fromisoformat(rounds.start))
    day_before = now.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)
    for local in _recurrence(rounds.rrule, start).xafter(day_before, inc=True):
        instant = local.replace(tzinfo=zone).astimezone(UTC)
        if instant >= ends_at(rules):
            return None
        if instant > now:
            return instant
    return None


@lru_cache(maxsize=1024)
def _recurrence(rule: str, start: datetime) -> rrule:
    # Without its cache each look would count from the program's first day anew.
    found = rrulestr(rule, dtstart=start, cache=True)
    if not isinstance(found, rrule):
        raise TypeError("a set of recurrences is no recurrence")
    return found
