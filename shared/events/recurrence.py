"""The RRULEs (RFC 5545 section 3.3.10) that rounds and cadences may use.

A subset, on purpose: the program's dates and the number of planned meetings bound every rule, so COUNT and UNTIL
are refused; what remains can be shown to name at least one day, so that no reader searches for ever.
"""

from __future__ import annotations

import re
from functools import lru_cache

from shared.events.errors import broken

RULE = (
    "must be an RFC 5545 RRULE with FREQ (DAILY, WEEKLY, MONTHLY, YEARLY) and optionally INTERVAL, BYDAY, BYMONTHDAY, "
    "BYMONTH, WKST, that names at least one day"
)
PATTERN = r"^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(INTERVAL|BYDAY|BYMONTHDAY|BYMONTH|WKST)=[A-Z0-9,+-]{1,128})*$"
DAY = "MO|TU|WE|TH|FR|SA|SU"
PARTS = {
    "FREQ": re.compile("DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile("[1-9]|[1-4][0-9]|5[0-3]"),
    "BYDAY": re.compile(rf"([+-]?[1-5])?({DAY})(,([+-]?[1-5])?({DAY})){{0,34}}"),
    "BYMONTHDAY": re.compile(r"-?([1-9]|[12][0-9]|3[01])(,-?([1-9]|[12][0-9]|3[01])){0,30}"),
    "BYMONTH": re.compile(r"([1-9]|1[0-2])(,([1-9]|1[0-2])){0,11}"),
    "WKST": re.compile(DAY),
}
LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


def read_rrule(text: str) -> str:
    """Return `text` when it is a rule of the subset; a pydantic error otherwise."""
    if not _is_rule(text):
        raise broken(RULE)
    return text


@lru_cache(maxsize=1024)
def _is_rule(text: str) -> bool:
    pairs = [part.partition("=") for part in text.split(";")]
    parts = {name: value for name, _, value in pairs}
    if len(parts) != len(pairs) or pairs[0][0] != "FREQ":
        return False
    known = all(name in PARTS and PARTS[name].fullmatch(value) for name, value in parts.items())
    return known and _ordinals_fit(parts) and _steps_fit(parts) and _month_days_fit(parts)


def _ordinals_fit(parts: dict[str, str]) -> bool:
    """`2TU` has a meaning within months and years only; not every month has a fifth Monday."""
    ordinals = [int(digit) for digit in re.findall("[0-9]", parts.get("BYDAY", ""))]
    if not ordinals:
        return True
    if parts["FREQ"] not in {"MONTHLY", "YEARLY"} or "BYMONTHDAY" in parts:
        return False
    return not _steps(parts) or max(ordinals) < 5  # noqa: PLR2004


def _steps_fit(parts: dict[str, str]) -> bool:
    """A rule in steps must not step over what it names: every 7th day from a Monday is never a Tuesday."""
    if not _steps(parts):
        return True
    match parts["FREQ"]:
        case "DAILY":
            return not parts.keys() & {"BYDAY", "BYMONTHDAY", "BYMONTH"}
        case "YEARLY":
            return not {"BYDAY", "BYMONTHDAY"} <= parts.keys()
        case _:
            return "BYMONTH" not in parts and not {"BYDAY", "BYMONTHDAY"} <= parts.keys()


def _month_days_fit(parts: dict[str, str]) -> bool:
    """30 February is never, and RFC 5545 forbids BYMONTHDAY within weeks."""
    if "BYMONTHDAY" not in parts:
        return True
    if parts["FREQ"] == "WEEKLY":
        return False
    return any(abs(int(day)) <= _longest_month(parts) for day in parts["BYMONTHDAY"].split(","))


def _longest_month(parts: dict[str, str]) -> int:
    """Return how many days the longest month has that the rule surely comes to."""
    if _steps(parts):
        return 28
    months = [int(month) for month in parts.get("BYMONTH", "1").split(",")]
    return max(LONGEST_MONTH.get(month, 31) for month in months)


def _steps(parts: dict[str, str]) -> bool:
    return parts.get("INTERVAL", "1") != "1"
