"""How an HTTP interface says no: field and rule, never what was sent."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field


class Refusal(BaseModel):
    """Why a request is refused."""

    field: str = Field(description="What is at fault: a JSON Pointer, or a name of the path.")
    rule: str = Field(description="The rule that it breaks.")


class Refused(Exception):
    """A request that cannot be answered.

    Attributes:
        status: the HTTP status.
        refusal: the body.
        headers: such as WWW-Authenticate.
    """

    def __init__(
        self, status: int, field: str, rule: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{field}: {rule}")
        self.status = status
        self.refusal = Refusal(field=field, rule=rule)
        self.headers = dict(headers or {})


class Refusing(APIRoute):
    """A route whose refusals are of one form."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with its refusals turned into answers."""
        handle = super().get_route_handler()

        async def refusing(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                first = error.errors()[0]
                field = "".join(f"/{step}" for step in first["loc"][1:])
                return _answer(Refused(422, field, first["msg"]))
            except Refused as refused:
                return _answer(refused)

        return refusing


def _answer(refused: Refused) -> Response:
    return JSONResponse(refused.refusal.model_dump(), refused.status, refused.headers)


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, for its OpenAPI description."""
    words = {
        401: "No token, or none that counts.",
        403: "Not for this token: another program's, another person's, or for another role.",
        404: "Nothing is known under that name.",
        409: "It is known, and not so that this can be answered.",
        422: "It breaks the contract.",
        503: "The log or the store is away: ask again after `Retry-After`.",
    }
    return {status: {"model": Refusal, "description": words[status]} for status in statuses}
