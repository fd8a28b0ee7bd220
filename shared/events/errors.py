"""Why an event is refused: the field and the rule, never the value.

What stands in a refused event may be confidential, so no message here ever repeats input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError


class InvalidEvent(ValueError):
    """An event that breaks the contract.

    `field` is a JSON Pointer (RFC 6901) such as `/data/capacity`, empty for the event as a whole;
    `rule` is a short sentence. Neither contains the offending value.
    """

    def __init__(self, field: str, rule: str) -> None:
        """Name the field (JSON Pointer) and the rule that it breaks."""
        super().__init__(f"{field}: {rule}" if field else rule)
        self.field = field
        self.rule = rule


RULES = {
    "missing": "is required",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "date_type": "must be a date such as 2026-03-01",
    "dict_type": "must be an object",
    "mapping_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large",
    "string_type": "must be a string",
    "string_unicode": "must be valid Unicode",
    "string_pattern_mismatch": "must match {pattern}",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
    "tuple_type": "must be an array",
    "literal_error": "must be one of {expected}",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "union_tag_not_found": "has none of the known forms",
    "union_tag_invalid": "has none of the known forms",
}
"""Pydantic's error types and our words for them; placeholders are bounds of the contract."""

CUSTOM = "rule"
"""Error type of the rules that our own validators raise; their text is the rule."""


def broken(rule: str) -> PydanticCustomError:
    """Return the error by which a validator refuses its value."""
    return PydanticCustomError(CUSTOM, "{rule}", {"rule": rule})


def refusal(error: ValidationError, given: object, prefix: str = "/data") -> InvalidEvent:
    """Turn pydantic's first error about `given` into a refusal below the pointer `prefix`."""
    first = error.errors(include_url=False, include_input=False)[0]
    return InvalidEvent(
        prefix + _pointer(first["loc"], given), _rule(first["type"], first.get("ctx", {}))
    )


def _rule(kind: str, bounds: Mapping[str, Any]) -> str:
    if kind == CUSTOM:
        return str(bounds["rule"])
    return RULES.get(kind, "is not valid").format_map(bounds)


def _pointer(loc: Sequence[int | str], given: object) -> str:
    """Return the JSON Pointer of `loc`, without the steps that name a union's branch."""
    if loc and loc[-1] == "[key]":
        loc = loc[:-2]  # the key itself is what is wrong: point at its mapping, do not repeat it
    steps = []
    for index, step in enumerate(loc):
        inside, given = _step_into(given, step)
        if inside or index == len(loc) - 1:
            steps.append(str(step).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{step}" for step in steps)


def _step_into(given: object, step: int | str) -> tuple[bool, object]:
    if isinstance(given, Mapping) and step in given:
        return True, given[step]
    if isinstance(given, list | tuple) and isinstance(step, int) and step < len(given):
        return True, given[step]
    return False, given
