"""Hypothesis strategies made from the frozen schemas, so that every field of every event varies."""

import json
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any, get_args

from hypothesis import assume
from hypothesis import strategies as st

from shared.events import duration, recurrence, types
from shared.events.protected import Protected
from tests.contracts.samples import NAMES, schema

PLAIN_ZONES = st.sampled_from(
    ["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "UTC", "Asia/Kathmandu"]
)
INSTANTS = st.builds(
    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{}".format,
    st.integers(1971, 2998),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
    st.sampled_from(["", ".5", ".123456", ".000001", ".123456789"]),
    st.sampled_from(["Z", "z", "+02:00", "-09:30", "+14:00"]),
)
DAYS = st.dates(date(1970, 1, 1), date(2999, 12, 31)).map(str)
SPANS = st.builds("PT{}H{}M".format, st.integers(0, 23), st.integers(1, 59))
RULES = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=WEEKLY;INTERVAL=2",
        "FREQ=MONTHLY;BYDAY=2TU,-1FR",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    ]
)
LANGUAGES = st.sampled_from(
    ["de", "EN-gb", "zh-hant-TW", "sr-Latn", "es-419", "sl-rozaj-biske-1994"]
)
BY_PATTERN = {
    types.INSTANT_PATTERN: INSTANTS,
    types.DAY_PATTERN: DAYS,
    duration.PATTERN: SPANS,
    recurrence.PATTERN: RULES,
}
IN_ORDER = [
    ("starts_on", "ends_on"),
    ("start", "end"),
    ("starts_at", "ends_at"),
    ("joined_at", "left_at"),
    ("min", "max"),
]


def _string(part: dict[str, Any]) -> st.SearchStrategy[str]:
    pattern = part.get("pattern", "")
    if pattern in BY_PATTERN:
        return BY_PATTERN[pattern]
    if "A-Za-z0-9_+/-" in pattern:
        return PLAIN_ZONES
    if "[A-Za-z]{4}" in pattern:
        return LANGUAGES
    return st.from_regex(pattern, fullmatch=True).filter(
        lambda text: len(text) <= min(part.get("maxLength", 64), 300)
    )


def _number(part: dict[str, Any]) -> st.SearchStrategy[float]:
    low, high = part["minimum"], part["maximum"]
    if part["type"] == "integer":
        return st.integers(int(low), int(high))
    return st.floats(low, high) | st.integers(int(low), int(high))


def _object(part: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "properties" not in part:
        keys = _value({"type": "string", **part["propertyNames"]}, definitions)
        return st.dictionaries(keys, _value(part["additionalProperties"], definitions), max_size=4)
    fields = {name: _value(value, definitions) for name, value in part["properties"].items()}
    needed = {name: fields.pop(name) for name in part.get("required", [])}
    return st.fixed_dictionaries(needed, optional=fields).map(_mended)


def _value(part: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in part:
        return _value(definitions[part["$ref"].rsplit("/")[-1]], definitions)
    if choices := part.get("anyOf", part.get("oneOf")):
        return st.one_of([_value(choice, definitions) for choice in choices])
    if "const" in part or "enum" in part:
        return st.sampled_from(part.get("enum", [part.get("const")]))
    return BY_TYPE[part["type"]](part, definitions)


def _array(part: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    most = min(part.get("maxItems", 3), 3)
    items = _value(part["items"], definitions)
    return st.lists(items, min_size=part.get("minItems", 0), max_size=most)


BY_TYPE: dict[str, Callable[[dict[str, Any], dict[str, Any]], st.SearchStrategy[Any]]] = {
    "null": lambda _part, _definitions: st.none(),
    "boolean": lambda _part, _definitions: st.booleans(),
    "string": lambda part, _definitions: _string(part),
    "integer": lambda part, _definitions: _number(part),
    "number": lambda part, _definitions: _number(part),
    "array": _array,
    "object": _object,
}


def _mended(fields: dict[str, Any]) -> dict[str, Any]:
    """Bring in order what the schema cannot order: the fields that bound one another."""
    for low, high in IN_ORDER:
        if fields.get(low) is not None and fields.get(high) is not None:
            fields[low], fields[high] = _ordered(fields[low], fields[high])
    if ("min" in fields) != ("max" in fields):
        del fields["min" if "min" in fields else "max"]  # the other one has a default
    for name in ("items", "texts", "forms", "goals"):
        _name_apart(name, fields)
    if "weekly_max" in fields or "overlap_min" in fields:
        fields["overlap_min"] = "PT1M"
    if "weights" in fields:
        fields["weights"]["skills"] = 1
    if (
        fields.get("wishes") and "zone" in fields
    ):  # of a program; any code may name what is protected
        fields["protected"] = list(get_args(Protected))
    return fields


def _name_apart(name: str, fields: dict[str, Any]) -> None:
    """Give what stands in one list ids of its own; a milestone is one of the goal before it."""
    listed = fields.get(name)
    for index, each in enumerate(listed if isinstance(listed, list) else []):
        each["id"] = f"{name}-{index}"
        if each.pop("of", None) and index:
            each["of"] = f"{name}-{index - 1}"


def _ordered(first: Any, second: Any) -> list[Any]:
    low, high = sorted([first, second], key=_moment)
    assume(_moment(low) != _moment(high))
    return [low, high]


def _moment(value: Any) -> Any:
    return types.read_instant(value) if isinstance(value, str) and "T" in value else value


@cache
def _whole(name: str) -> st.SearchStrategy[dict[str, Any]]:
    known = schema(name)
    return _value({"type": "object", **known}, known.get("$defs", {}))


def bodies(name: str) -> st.SearchStrategy[bytes]:
    """Return events of a contract as bytes, legal in every field."""
    return _whole(name).map(_agreeing)


def any_body() -> st.SearchStrategy[bytes]:
    """Return events of any contract as bytes, legal in every field."""
    return st.sampled_from(NAMES).flatmap(bodies)


def _agreeing(event: dict[str, Any]) -> bytes:
    """Let program, key and cycle agree with one another."""
    program, key = event["subject"].split("/")
    word = event["type"].split(".")[1]
    if word in {"opened", "planned", "tallied"}:
        key = program
    if word == "erased":
        event["data"]["person"] = key
    event |= {"program": program, "subject": f"{program}/{key}"}
    if "correlationid" in event:
        event["correlationid"] = key
    return json.dumps(event).encode()
