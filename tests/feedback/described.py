"""Every answer of an interface is one that its OpenAPI description tells of: path, method, status and body."""

import json
import re
from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI
from jsonschema import Draft202012Validator


class Description:
    """Holds answers against the description of an application."""

    def __init__(self, app: FastAPI) -> None:
        self._whole: dict[str, Any] = app.openapi()
        self._paths = {
            re.compile(re.sub(r"\{\w+\}", "[^/]+", path)): operations
            for path, operations in self._whole["paths"].items()
        }
        self._validator = cache(self._make_validator)

    def check(self, answer: httpx.Response) -> None:
        """Fails when the answer is not described."""
        answer.read()
        path, method = answer.request.url.path, answer.request.method.lower()
        found = [ops for pattern, ops in self._paths.items() if pattern.fullmatch(path)]
        assert len(found) == 1, path
        described = found[0][method]["responses"]
        assert str(answer.status_code) in described, (method, path, answer.status_code)
        schema = described[str(answer.status_code)]["content"]["application/json"]["schema"]
        self._validator(json.dumps(schema)).validate(answer.json())

    def _make_validator(self, schema: str) -> Draft202012Validator:
        whole = json.loads(schema) | {"components": self._whole["components"]}
        return Draft202012Validator(whole)
