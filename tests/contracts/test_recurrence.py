"""The subset of RFC 5545 recurrences that the contract takes."""

from datetime import datetime, timedelta

import pytest
from dateutil.rrule import rrule, rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from shared.events.recurrence import read_rrule

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=SU",
        "FREQ=MONTHLY;BYDAY=1MO,-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=28",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=1,7;BYDAY=2WE",
    ],
)
def test_a_rule_of_the_subset_is_kept_as_it_is(rule: str) -> None:
    assert read_rrule(rule) == rule


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "WEEKLY",
        "INTERVAL=2;FREQ=WEEKLY",
        "freq=weekly",
        "FREQ=HOURLY",
        "FREQ=WEEKLY;",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;INTERVAL=54",
        "FREQ=WEEKLY;INTERVAL=2;INTERVAL=3",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=MONTHLY;BYDAY=6MO",
        # the program's dates and the planned meetings bound every rule
        "FREQ=WEEKLY;COUNT=8",
        "FREQ=WEEKLY;UNTIL=20260731",
        # names no day, or none for most beginnings
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=4,6;BYMONTHDAY=31",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=6",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=5MO",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=2MO",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=YEARLY;INTERVAL=3;BYMONTH=2;BYMONTHDAY=6;BYDAY=MO",
    ],
)
def test_any_other_rule_is_refused(rule: str) -> None:
    with pytest.raises(PydanticCustomError, match="must be an RFC 5545 RRULE"):
        read_rrule(rule)


RULES = st.builds(
    "FREQ={}{}{}{}{}".format,
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.just("") | st.sampled_from([1, 2, 3, 7, 12, 52, 53]).map(";INTERVAL={}".format),
    st.just("") | st.sampled_from([*DAYS, "1MO", "-1FR", "4SU"]).map(";BYDAY={}".format),
    st.just("") | st.integers(1, 31).map(";BYMONTHDAY={}".format),
    st.just("") | st.integers(1, 12).map(";BYMONTH={}".format),
)


@settings(max_examples=200, deadline=None)
@given(RULES, st.integers(0, 1500))
def test_a_rule_that_is_taken_names_a_day_from_any_beginning(text: str, days: int) -> None:
    start = datetime(2026, 1, 1) + timedelta(days=days)  # noqa: DTZ001  a clock time, as in a rule
    try:
        read_rrule(text)
    except PydanticCustomError:
        return
    expanded = rrulestr(text, dtstart=start)
    assert isinstance(expanded, rrule)
    bounded = expanded.replace(until=start + timedelta(days=366 * 60))
    assert next(iter(bounded), None) is not None
