"""Commands over HTTP: a statement is appended to the log and judged there like anybody's.

The answer is 200 when the service has folded it, 409 with rule and field when it is refused, 202 when the
service has not come to it within 5 seconds, 422 when it breaks the contract, 503 when the log is away. The
header `Idempotency-Key` makes a retry the same event.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from shared.events.envelope import Event, EventData, InvalidEvent, decode
from shared.events.no_json import no_json
from shared.events.types import TOKEN_PATTERN
from shared.refusals import Refusal
from shared.runtime import Appended, Runtime

SOURCE = "/mentoring/api"
"""The source of what an API appends: judged as an outside input."""


class Told(BaseModel):
    """An event is in the log."""

    event: str = Field(description="Its id.")
    sequence: int = Field(description="Where it stands.")


class ToldRefused(Told):
    """An event is in the log, and refused."""

    rule: str = Field(description="The rule that it breaks.")
    field: str = Field(description="What is at fault: a JSON Pointer into the event.")


OUTCOMES: dict[int | str, dict[str, Any]] = {
    200: {"description": "Folded.", "model": Told},
    202: {"description": "In the log, and not folded yet.", "model": Told},
    409: {"description": "Refused: the rule and the field.", "model": ToldRefused},
    422: {"description": "Breaks the contract: the rule and the field.", "model": Refusal},
}
_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "urn:mentoring:api")

Name = Annotated[str, Path(pattern=TOKEN_PATTERN, max_length=64)]
"""A token in a path."""
Retry = Annotated[str | None, Header(min_length=1, max_length=256)]


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may state what.

    Attributes:
        who: who sends a request; idempotency keys of different senders are different keys.
        check: raises `Refused` when whoever sends the request may not state this event.
        answers: the refusals, for the OpenAPI description.
    """

    who: Callable[[Request], str]
    check: Callable[[Request, Event], Awaitable[None]]
    answers: dict[int | str, dict[str, Any]]


def add_commands(
    routes: APIRouter,
    runtime: Runtime,
    models: Iterable[type[EventData]],
    guard: Guard | None = None,
) -> None:
    """Add `POST /programs/{program}/{word}/{key}` for each of these events, for whom the guard lets pass."""
    for model in models:
        _add_command(routes, runtime, model, guard)


def _add_command(
    routes: APIRouter, runtime: Runtime, model: type[EventData], guard: Guard | None
) -> None:
    async def command(
        program: Name, key: Name, request: Request, idempotency_key: Retry = None
    ) -> Response:
        if guard and idempotency_key:
            idempotency_key = f"{guard.who(request)}/{idempotency_key}"
        try:
            event = statement(model.WORD, program, key, await request.body(), idempotency_key)
        except InvalidEvent as error:
            return JSONResponse({"field": error.field, "rule": error.rule}, 422)
        if guard:
            await guard.check(request, event)
        return told(event, await runtime.append(event))

    schema = model.model_json_schema()
    routes.add_api_route(
        f"/programs/{{program}}/{model.WORD}/{{key}}",
        command,
        methods=["POST"],
        name=model.WORD,
        summary=f"Append {model.WORD}; the key is a {model.KEY}",
        description=model.__doc__ or "",
        tags=["commands"],
        response_class=JSONResponse,
        responses={**OUTCOMES, **(guard.answers if guard else {})},
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}
        },
    )


def statement(word: str, program: str, key: str, data: bytes, retry: str | None = None) -> Event:
    """The event that a command appends, checked as if it had come from the log.

    Raises:
        InvalidEvent: its data breaks the contract; field and rule say where and how.
    """
    identity = uuid.uuid5(_NAMES, f"{program}/{word}/{key}/{retry}") if retry else uuid.uuid4()
    envelope = {
        "specversion": "1.0",
        "id": str(identity),
        "source": SOURCE,
        "type": f"mentoring.{word}.v1",
        "subject": f"{program}/{key}",
        "time": datetime.now(UTC).isoformat(),
        "program": program,
        "data": _parsed(data),
    }
    try:
        return decode(orjson.dumps(envelope))
    except orjson.JSONEncodeError:  # it writes 254 levels and reads 1,024
        raise InvalidEvent("/data", "is nested too deeply") from None


def _parsed(data: bytes) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise no_json(data, "/data") from None


def told(event: Event, appended: Appended) -> Response:
    """What became of a command, for whoever sent it."""
    body: dict[str, Any] = {"event": event.id, "sequence": appended.seq}
    if appended.rule:
        body |= {"rule": appended.rule, "field": appended.field}
    return JSONResponse(body, appended.status)
