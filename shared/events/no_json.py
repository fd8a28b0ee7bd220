"""Why bytes are no JSON: a number that JSON does not have is named by its place, all else is refused as a whole."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from shared.events.errors import InvalidEvent

AS_A_WHOLE = "must be JSON in UTF-8"
NO_NUMBER = "must be a finite number: JSON has no NaN and no Infinity"
"""RFC 8259, section 6."""

_STEP = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def no_json(body: bytes, prefix: str = "") -> InvalidEvent:
    """The refusal of bytes that are no JSON, with pointers below `prefix`."""
    try:
        # Python's own reader takes NaN and Infinity, which JSON does not have.
        place = next(_no_numbers(json.loads(body.decode()), prefix), None)
    except (ValueError, RecursionError):
        place = None
    return InvalidEvent(prefix, AS_A_WHOLE) if place is None else InvalidEvent(place, NO_NUMBER)


def _no_numbers(value: Any, place: str) -> Iterator[str]:  # noqa: ANN401  any JSON value
    """Where NaN and infinities are, in the order of the text."""
    match value:
        case float() if not math.isfinite(value):
            yield place
        case dict():
            for name, inside in value.items():
                yield from _no_numbers(inside, _below(place, name))
        case list():
            for index, inside in enumerate(value):
                yield from _no_numbers(inside, _below(place, str(index)))


def _below(place: str, step: str) -> str:
    """The pointer one step down; a name that no field has may be confidential, and is not repeated."""
    return f"{place}/{step}" if _STEP.fullmatch(step) else place
