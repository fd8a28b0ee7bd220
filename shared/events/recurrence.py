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
    return known and _ordinals_fit(parts) and _names_a_day(parts)


def _ordinals_fit(parts: dict[str, str]) -> bool:
    """`2TU` has a meaning within months and years only; beside BYMONTHDAY, or skipping months, it may name no day."""
    ordinals = [int(digit) for digit in re.findall("[0-9]", parts.get("BYDAY", ""))]
    if not ordinals:
        return True
    if parts["FREQ"] not in {"MONTHLY", "YEARLY"} or "BYMONTHDAY" in parts:
        return False
    return not _skips(parts) or max(ordinals) < 5  # noqa: PLR2004  not every month has a fifth Monday


def _names_a_day(parts: dict[str, str]) -> bool:
    if _skips(parts) and parts["FREQ"] == "MONTHLY" and "BYMONTH" in parts:
        return False  # every twelfth month, from January, in June: never
    if "BYMONTHDAY" not in parts:
        return True
    if parts["FREQ"] == "WEEKLY":
        return False  # RFC 5545 forbids BYMONTHDAY there
    return any(abs(int(day)) <= _longest_month(parts) for day in parts["BYMONTHDAY"].split(","))


def _longest_month(parts: dict[str, str]) -> int:
    """Return how many days the longest month has that the rule surely comes to."""
    if _skips(parts):
        return 28
    months = [int(month) for month in parts.get("BYMONTH", "1").split(",")]
    return max(LONGEST_MONTH.get(month, 31) for month in months)


def _skips(parts: dict[str, str]) -> bool:
    return parts["FREQ"] in {"MONTHLY", "YEARLY"} and parts.get("INTERVAL", "1") != "1"
