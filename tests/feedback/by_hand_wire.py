"""Events as they stand on the wire, for the fold by hand: instants, durations, and what feedback has said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")
SIDES = ("mentee", "mentor")
NEAR = 1e-9
Said = tuple[Any, ...]
Wire = Mapping[str, Any]


def days(text: str) -> int:
    """The days of a duration such as P5D or P3W."""
    return int(text[1:-1]) * (7 if text.endswith("W") else 1)


def minutes(text: str) -> int:
    """The minutes of a duration such as PT1H30M; all spans of presence are of this form."""
    hours, _, rest = text.removeprefix("PT").rpartition("H")
    return int(hours or 0) * 60 + int(rest.removesuffix("M") or 0)


def lasting(text: str) -> timedelta:
    """The length of P12DT3H4M."""
    day, _, clock = text.partition("T")
    return timedelta(days=days(day) if day != "P" else 0, minutes=minutes(f"PT{clock or '0M'}"))


def instant(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def later(at: datetime, by: int, zone: str) -> datetime:
    """So many days later on the zone's clock."""
    return (at.astimezone(ZoneInfo(zone)) + timedelta(days=by)).astimezone(UTC)


def heard(event: Wire) -> Said:
    """What feedback said, in the form in which `ByHand` says it."""
    key, data = event["subject"].partition("/")[2], event["data"]
    match event["type"].split(".")[1]:
        case "reviewed":
            ratings = {side: dict(found) for side, found in data.get("ratings", {}).items()}
            missing = tuple(data.get("missing", ()))
            return ("reviewed", key, data["meeting"], data["by"], ratings, missing)
        case "concluded":
            by = data.get("ended_by")
            if not data["paired"]:
                return ("concluded", key, data["outcome"], False, by, None)
            goals, first = data.get("goals", {}), data.get("first_met_at")
            figures = {
                "planned": data["planned"],
                "held": data.get("held", 0),
                "unplanned": data.get("unplanned", 0),
                "overlap": minutes(data["overlap_total"]),
                "agreed": goals.get("agreed", 0),
                "reached": goals.get("reached", 0),
                "first": instant(first) if first else None,
                "lasted": lasting(data["lasted"]),
                "again": "continues_in" in data,
            }
            return ("concluded", key, data["outcome"], True, by, figures)
        case "flagged":
            return ("flagged", key, data["rule"], data.get("side"), data["status"])
        case word:
            return (word, key)
