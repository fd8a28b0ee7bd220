"""Is what is answered what the OpenAPI document declares? Strictly: nothing beside it, and nothing of it missing."""

from __future__ import annotations

from typing import Any

from httpx import Response
from jsonschema import Draft202012Validator, FormatChecker

Document = dict[str, Any]


def strict(schema: Any) -> Any:
    """The schema, with objects closed against what it does not declare."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(each) for name, each in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        closed["additionalProperties"] = False
    return closed


def declared(document: Document, path: str, answer: Response) -> Any:
    """The schema of an answer under this path."""
    method = answer.request.method.lower()
    responses = document["paths"][path][method]["responses"]
    return responses[str(answer.status_code)]["content"]["application/json"]["schema"]


def untruths(document: Document, path: str, answer: Response) -> list[str]:
    """In what an answer differs from what is declared."""
    return problems(document, declared(document, path, answer), answer.json())


def problems(document: Document, schema: Any, body: Any) -> list[str]:
    """In what a body differs from a schema of the document."""
    whole = {"components": strict(document["components"]), **strict(schema)}
    checker = Draft202012Validator(whole, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(body)]
