"""The catalogue of events for integrators (docs/events.md), made from the models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from shared.events import types
from shared.events.base import EventData
from shared.events.schema import event_schema, name

INTRODUCTION = """\
# Events

Made by `python -m shared.events.freeze`; do not edit.

Every event is a CloudEvent 1.0 in structured JSON (`Content-Type: application/cloudevents+json`) of at most 64 KiB,
published on the NATS subject `mentoring.<program>.<word>.<key>`. For each type there is a JSON Schema (2020-12) in
`shared/events/schemas/` and an example in `shared/events/examples/`.

| attribute | value |
|---|---|
| `specversion` | `1.0` |
| `id` | a UUID; a retry repeats it |
| `source` | who says it, as a URI reference |
| `type` | `mentoring.<word>.v<major>` |
| `subject` | `<program>/<key>` |
| `time` | when it was stated: RFC 3339 with an offset |
| `datacontenttype`, `dataschema` | `application/json`, `urn:mentoring:<word>:v<major>`; may be left out |
| `program` | the program, as in `subject` |
| `correlationid` | the cycle; may be left out, is filled in for events about a cycle |
| `causationid` | the id of the event that this one answers |
| `traceparent` | W3C trace context |

Unknown fields are ignored on read and never written. Within a major only optional fields are added. A refusal names
the field (JSON Pointer) and the rule, never the value. Ids are opaque; no event carries a name, an address, a link
or free text, and pseudonymous data is still personal data.

Durations are ISO 8601 in weeks, days, hours and minutes: days count on the clock of the program's zone, hours and
minutes are exact. Instants are written in UTC. A token is 1 to 64 of `A-Z a-z 0-9 _ -`; a code begins with a small
letter and has small letters, digits, `_ . -`. Recurrences (RRULE) use FREQ, INTERVAL, BYDAY, BYMONTHDAY, BYMONTH and
WKST, on the clock of the program's zone. A `?` marks a field that may be left out.

`opened`, `offered`, `available`, `preferred` and `agreed` replace the whole earlier statement. A rule of `opened` binds
a cycle at one moment and keeps binding it: `request_expires` at `requested`; `acceptance` at `proposed`; the plan and
`risk` at `paired`; `evidence`, `dispute` and `forms` at `scheduled`. New `weights` count from the next round, and `k` is
the largest ever set.

What an outside event says may be refused by its one judge, with `rejected`: matching for opened, offered, available,
preferred, requested, accepted, declined and assigned; scheduling for moved, cancelled and attended (and
revoked, which it never refuses); feedback for agreed, withdrawn, left, submitted, progressed, noted, erased
and volunteered.

Reviews and notes are sealed and enter by feedback's API alone, as `volunteered` does; the words of a form's questions are
not in the log: they belong to whoever shows the form. A review that comes after the deadline from who was missing is kept
and never counted: no `reviewed` tells of it. A flag is cleared under its id when its cause ends, and ends without a word
when the cycle is concluded. `submitted`, `reviewed`, `flagged`, `noted`, `preferred` and `volunteered` are not for other
systems to read by default.
"""


NAMED = {
    "token": types.Token,
    "UUID": types.EventId,
    "IANA zone": types.Zone,
    "BCP 47": types.Language,
    "ISO 3166": types.Region,
    "ISIC": types.Industry,
    "vocabulary id": types.SkillId,
    "code": types.Code,
    "RRULE": types.Rrule,
    "HH:MM": types.LocalTime,
    "base64": types.Sealed,
    "UID": types.Uid,
    "JSON Pointer": types.Pointer,
}
NAMES = {TypeAdapter[object](kind).json_schema()["pattern"]: name for name, kind in NAMED.items()}


def reference(models: Iterable[type[EventData]]) -> str:
    """Return the catalogue as Markdown."""
    every = tuple(models)
    parts = [INTRODUCTION, "\n".join(_overview(every)), *(_chapter(model) for model in every)]
    return "\n".join(parts)


def _overview(models: Iterable[type[EventData]]) -> Iterator[str]:
    yield "| event | key | said by | meaning |\n|---|---|---|---|"
    for model in models:
        yield f"| [{model.WORD}](#{_anchor(model)}) | {model.KEY} | {model.OWNER} | {_meaning(model)} |"
    yield ""


def _anchor(model: type[EventData]) -> str:
    return name(model).replace(".", "")


def _meaning(model: type[EventData]) -> str:
    return " ".join((model.__doc__ or "").split())


def _chapter(model: type[EventData]) -> str:
    schema = event_schema(model)
    definitions = schema.get("$defs", {})
    lines = [f"## {name(model)}\n", _meaning(model), "", *_table(schema["properties"]["data"])]
    for title, definition in definitions.items():
        lines += ["", f"`{title}`: {definition.get('description', '')}", "", *_table(definition)]
    return "\n".join([*lines, ""])


def _table(schema: Mapping[str, Any]) -> Iterator[str]:
    yield "| field | type | meaning |\n|---|---|---|"
    required = schema.get("required", ())
    for field, value in schema.get("properties", {}).items():
        mark = "" if field in required else "?"
        yield f"| `{field}{mark}` | {_type(value)} | {value.get('description', '')}{_default(value)} |"


def _default(value: Mapping[str, Any]) -> str:
    default = value.get("default")
    if default is None or isinstance(default, dict | list):
        return ""
    return f" Default: `{str(default).lower() if isinstance(default, bool) else default}`."


def _type(value: Mapping[str, Any]) -> str:
    if "$ref" in value:
        return f"{value['$ref'].rsplit('/')[-1]}"
    for choice in ("anyOf", "oneOf"):
        if choice in value:
            return " or ".join(_type(one) for one in value[choice] if one.get("type") != "null")
    if "enum" in value:
        return " · ".join(f"`{one}`" for one in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    return _plain_type(value)


def _plain_type(value: Mapping[str, Any]) -> str:
    match value.get("type"):
        case "array":
            return f"array of {_type(value['items'])}"
        case "object":
            keys = _type({"type": "string", **value["propertyNames"]})
            return f"object: {keys} → {_type(value['additionalProperties'])}"
        case "string":
            named = NAMES.get(value.get("pattern", ""), "string")
            return str(value.get("format", named))
        case kind:
            return f"{kind}{_bounds(value)}"


def _bounds(value: Mapping[str, Any]) -> str:
    low, high = value.get("minimum"), value.get("maximum")
    return "" if low is None or high is None else f" {int(low):,} to {int(high):,}"
