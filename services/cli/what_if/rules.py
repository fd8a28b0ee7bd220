"""The rules that a what-if tries: a file of fields of `opened`, merged over each statement of the record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import yaml
from pydantic import ValidationError

from services.cli.output import Failure
from services.matching.what_if.alternative import Revise
from shared.events.errors import refusal
from shared.events.outside import Opened

TRIED = (
    "rounds",
    "policy",
    "weights",
    "hard",
    "floor",
    "acceptance",
    "accept_within",
    "request_expires",
    "capacity",
    "length",
)
"""The rules that matching decides by; the other fields of `opened` bind other services, or are the program itself."""
_SMALLEST = Opened(
    rules="any",
    effective_at=datetime(2026, 1, 1, tzinfo=UTC),
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
    zone="UTC",
)


def read_rules(path: Path) -> Mapping[str, Any]:
    """The fields that a YAML or JSON file changes.

    Raises:
        Failure: the file cannot be read, or holds a field that is none of TRIED or breaks its rule.
    """
    given = _parsed(path)
    if not isinstance(given, dict) or not all(isinstance(name, str) for name in given):
        raise Failure(f"{path}: must be an object of rules, such as: weights: {{skills: 6}}")
    for name in given:
        if name not in TRIED:
            kind = "does not change whom matching pairs" if name in _FIELDS else "is no rule"
            raise Failure(f"{path}: /{name}: {kind}; a what-if may change {', '.join(TRIED)}")
    reviser(given, path)(_SMALLEST)
    return given


_FIELDS = frozenset(Opened.model_fields)


def reviser(given: Mapping[str, Any], path: Path) -> Revise:
    """What puts these fields in the place of those of a statement; weights are merged one by one.

    The function it gives raises Failure, naming field and rule, where the rules together are none.
    """

    def revise(rules: Opened) -> Opened:
        fields = {**rules.model_dump(mode="json", exclude_none=True), **given}
        if isinstance(given.get("weights"), Mapping):
            fields["weights"] = {**rules.weights, **given["weights"]}
        try:
            return Opened.model_validate(fields)
        except ValidationError as error:
            refused = refusal(error, fields, prefix="")
            raise Failure(f"{path}: {refused}") from None

    return revise


def _parsed(path: Path) -> object:
    try:
        text = path.read_bytes()
        return orjson.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:  # YAML reads 2026-13-45 as a date
        words = " ".join(str(error).split())
        raise Failure(f"{path}: is neither YAML nor JSON: {words}") from error
