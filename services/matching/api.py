"""HTTP of matching: statements in, the pool, loads and cycles out.

A statement is appended to the log and judged there like anybody's: 200 when it is folded, 409 with rule and
field when it is refused, 202 when the service has not come to it within 5 seconds, 422 when it breaks the
contract. The header `Idempotency-Key` makes a retry the same event.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from services.matching import store
from services.matching.judge import JUDGES
from shared.events.envelope import Event, EventData, InvalidEvent, decode
from shared.events.types import TOKEN_PATTERN
from shared.runtime import Appended, Runtime

SOURCE = "/mentoring/api"
LONGEST_PAGE = 1000
_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "urn:mentoring:matching:api")

Name = Annotated[str, Path(pattern=TOKEN_PATTERN, max_length=64)]
Retry = Annotated[str | None, Header(max_length=256)]


def router(runtime: Runtime) -> APIRouter:
    """The routes, on a running service."""
    routes = APIRouter()
    _add_queries(routes, runtime)
    for model in JUDGES:
        _add_command(routes, runtime, model)
    return routes


def _add_queries(routes: APIRouter, runtime: Runtime) -> None:
    @routes.get("/programs/{program}", tags=["queries"])
    async def program(program: Name) -> dict[str, Any]:
        """The rules in force and those to come."""
        return _found(await runtime.read(lambda connection: store.rules(connection, program)))

    @routes.get("/programs/{program}/pool", tags=["queries"])
    async def pool(
        program: Name, limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 100
    ) -> dict[str, Any]:
        """The open requests in the order of the queue, and how many cycles are in each status."""
        return {
            "counts": await runtime.read(lambda connection: store.counts(connection, program)),
            "waiting": await runtime.read(
                lambda connection: store.queue(connection, program, limit)
            ),
        }

    @routes.get("/programs/{program}/loads", tags=["queries"])
    async def loads(program: Name) -> list[dict[str, Any]]:
        """What each mentor carries: open pairs and proposals that stand."""
        return await runtime.read(lambda connection: store.loads(connection, program))

    @routes.get("/programs/{program}/cycles/{cycle}", tags=["queries"])
    async def cycle(program: Name, cycle: Name) -> dict[str, Any]:
        """One cycle as matching knows it."""
        return _found(
            await runtime.read(lambda connection: store.cycle(connection, program, cycle))
        )


def _found(answer: dict[str, Any] | None) -> dict[str, Any]:
    if answer is None:
        raise HTTPException(404, "matching knows nothing of that name")
    return answer


def _add_command(routes: APIRouter, runtime: Runtime, model: type[EventData]) -> None:
    word = model.WORD

    async def command(
        program: Name, key: Name, request: Request, idempotency_key: Retry = None
    ) -> Response:
        try:
            event = statement(word, program, key, await request.body(), idempotency_key)
        except InvalidEvent as error:
            return JSONResponse({"field": error.field, "rule": error.rule}, 422)
        return told(event, await runtime.append(event))

    routes.add_api_route(
        f"/programs/{{program}}/{word}/{{key}}",
        command,
        methods=["POST"],
        name=word,
        summary=f"Append `{word}`; the key is a {model.KEY}",
        description=model.__doc__ or "",
        tags=["commands"],
        response_class=JSONResponse,
        responses={status: {"description": words} for status, words in _OUTCOMES.items()},
        openapi_extra={"requestBody": _body(model)},
    )


_OUTCOMES: dict[int | str, str] = {
    200: "Folded.",
    202: "In the log, and not folded yet.",
    409: "Refused: the rule and the field.",
    422: "Breaks the contract: the rule and the field.",
}


def _body(model: type[EventData]) -> dict[str, Any]:
    schema = model.model_json_schema()
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def statement(word: str, program: str, key: str, data: bytes, retry: str | None = None) -> Event:
    """The event that a command appends, checked as if it had come from the log.

    Raises:
        InvalidEvent: its data breaks the contract; field and rule say where and how.
    """
    named = f"{program}/{word}/{key}/{retry}"
    identity = uuid.uuid5(_NAMES, named) if retry else uuid.uuid4()
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
    return decode(json.dumps(envelope).encode())


def _parsed(data: bytes) -> object:
    try:
        return json.loads(data)
    except ValueError:
        raise InvalidEvent("/data", "must be JSON in UTF-8") from None


def told(event: Event, appended: Appended) -> Response:
    """What became of a command, for whoever sent it."""
    body: dict[str, Any] = {"event": event.id, "sequence": appended.seq}
    if appended.rule:
        body |= {"rule": appended.rule, "field": appended.field}
    return JSONResponse(body, appended.status)
