"""JSON Schemas (2020-12) of whole events: the CloudEvents envelope and the data of one type."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from shared.events.base import EventData
from shared.events.duration import Duration
from shared.events.event import SOURCE_PATTERN, TRACEPARENT_PATTERN
from shared.events.types import INSTANT_PATTERN, TOKEN_PATTERN, UUID_PATTERN

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TOKEN = TOKEN_PATTERN.removeprefix("^").removesuffix("$")
REQUIRED = ["specversion", "id", "source", "type", "subject", "time", "program", "data"]


class _Plain(GenerateJsonSchema):
    """Leaves out titles, which only repeat the names, and says of a mapping's keys what they must be."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002  pydantic's hook
        return False

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401  pydantic's hook
        return _default(dft)

    def dict_schema(self, schema: core_schema.DictSchema) -> dict[str, Any]:
        made = super().dict_schema(schema)
        for pattern, value in made.pop("patternProperties", {}).items():
            made |= {"propertyNames": {"pattern": pattern}, "additionalProperties": value}
        return made


def _default(value: object) -> object:
    """Return a default as the JSON that would stand in an event."""
    match value:
        case Duration():
            return str(value)
        case tuple():
            return [_default(one) for one in value]
        case BaseModel():
            return json.loads(value.model_dump_json(exclude_none=True))
        case _:
            return value


def name(model: type[EventData]) -> str:
    """Return `<word>.v<major>`, the stem of the files of a contract."""
    return f"{model.WORD}.v{model.VERSION}"


def event_schema(model: type[EventData]) -> dict[str, Any]:
    """Return the schema of an event of `model`; unknown properties are allowed, readers ignore them."""
    data = model.model_json_schema(schema_generator=_Plain, ref_template="#/$defs/{model}")
    definitions = data.pop("$defs", {})
    schema = {
        "$schema": DIALECT,
        "$id": f"urn:mentoring:{model.WORD}:v{model.VERSION}",
        "title": f"mentoring.{name(model)}",
        "description": data.pop("description"),
        "x-key": model.KEY,
        "x-owner": model.OWNER,
        "type": "object",
        "required": REQUIRED,
        "properties": {**_attributes(model), "data": data},
    }
    return {**schema, "$defs": definitions} if definitions else schema


def _attributes(model: type[EventData]) -> dict[str, Any]:
    return {
        "specversion": {"const": "1.0"},
        "id": _text("Unique id of the event; a retry repeats it.", UUID_PATTERN, format="uuid"),
        "source": _text(
            "Who says it.", f"^{SOURCE_PATTERN}$", maxLength=256, format="uri-reference"
        ),
        "type": {"const": f"mentoring.{name(model)}"},
        "subject": _text(f"<program>/<key>; the key is: {model.KEY}.", f"^{TOKEN}/{TOKEN}$"),
        "time": _text("When it was stated (RFC 3339).", INSTANT_PATTERN, format="date-time"),
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"const": f"urn:mentoring:{model.WORD}:v{model.VERSION}"},
        "program": _text("The program; the same as in subject.", TOKEN_PATTERN),
        "correlationid": _text("The cycle.", TOKEN_PATTERN),
        "causationid": _text("Id of the event that this answers.", UUID_PATTERN),
        "traceparent": _text("W3C trace context.", f"^{TRACEPARENT_PATTERN}$"),
    }


def _text(description: str, pattern: str, **more: object) -> dict[str, Any]:
    return {"type": "string", "description": description, "pattern": pattern, **more}
