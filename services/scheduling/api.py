"""HTTP of scheduling: statements in, agendas and plans out.

A statement is appended to the log and judged there like anybody's: 200 when it is folded, 409 with rule and
field when it is refused, 202 when the service has not come to it within 5 seconds, 422 when it breaks the
contract. The header `Idempotency-Key` makes a retry the same event.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Header, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError

from services.scheduling import store
from shared.events.envelope import Event, EventData, InvalidEvent, decode
from shared.events.outside import Attended, Available, Cancelled, Moved
from shared.events.types import TOKEN_PATTERN, Instant, Zone
from shared.runtime import Appended, Runtime

SOURCE = "/mentoring/api"
COMMANDS: tuple[type[EventData], ...] = (Available, Moved, Cancelled, Attended)
AHEAD = timedelta(days=90)
"""How far an agenda looks when nobody says."""

_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "urn:mentoring:scheduling:api")
_OUTCOMES: dict[int | str, str] = {
    200: "Folded.",
    202: "In the log, and not folded yet.",
    409: "Refused: the rule and the field.",
    422: "Breaks the contract: the rule and the field.",
}
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
_ZONE: TypeAdapter[str] = TypeAdapter(Zone)

Name = Annotated[str, Path(pattern=TOKEN_PATTERN, max_length=64)]
Retry = Annotated[str | None, Header(max_length=256)]


def router(runtime: Runtime) -> APIRouter:
    """The routes, on a running service."""
    routes = APIRouter()
    _add_queries(routes, runtime)
    for model in COMMANDS:
        _add_command(routes, runtime, model)
    return routes


# -- queries ------------------------------------------------------------------------------------


def _add_queries(routes: APIRouter, runtime: Runtime) -> None:
    @routes.get("/programs/{program}/persons/{person}/agenda", tags=["queries"])
    async def agenda(
        program: Name,
        person: Name,
        start: Annotated[str | None, Query(alias="from", description="RFC 3339; now.")] = None,
        end: Annotated[str | None, Query(alias="to", description="RFC 3339; 90 days on.")] = None,
        zone: Annotated[str | None, Query(description="IANA; the person's own.")] = None,
    ) -> dict[str, Any]:
        """A person's meetings in all cycles within a time, in the person's zone or another."""
        since = _read(_INSTANT, start, "from") or datetime.now(UTC)
        until = _read(_INSTANT, end, "to") or since + AHEAD
        asked = _read(_ZONE, zone, "zone")
        stated = await runtime.read(lambda one: store.zone_of(one, program, person))
        rows = await runtime.read(lambda one: store.agenda(one, program, person, since, until))
        shown = asked or stated or "UTC"
        meetings = [_entry(row, shown) | {"cycle": row["cycle"]} for row in rows]
        return {"person": person, "zone": shown, "meetings": meetings}

    @routes.get("/programs/{program}/cycles/{cycle}/plan", tags=["queries"])
    async def plan(program: Name, cycle: Name) -> dict[str, Any]:
        """The meetings of a cycle, and the numbers that found no slot."""
        found = await runtime.read(lambda one: store.cycle_row(one, program, cycle))
        if found is None:
            raise HTTPException(404, "scheduling knows no such cycle")
        rows = await runtime.read(lambda one: store.plan_rows(one, program, cycle))
        return {
            "cycle": cycle,
            **{name: found[name] for name in ("mentee", "mentor", "rules", "status")},
            "meetings": [_entry(row, row["zone"]) for row in rows],
            "unplaced": found["state"].get("gaps", []),
        }


def _read(adapter: TypeAdapter[Any], text: str | None, name: str) -> Any:  # noqa: ANN401  its type is the adapter's
    if text is None:
        return None
    try:
        return adapter.validate_python(text)
    except ValidationError as error:
        rule = error.errors(include_input=False, include_url=False)[0]["msg"]
        raise HTTPException(422, {"field": f"/{name}", "rule": rule}) from None


def _entry(row: Mapping[str, Any], zone: str) -> dict[str, Any]:
    """A meeting as people read it: its times on the clock of `zone`."""
    clock = ZoneInfo(zone)
    names = [
        "meeting",
        "uid",
        "sequence",
        "status",
        "number",
        "type",
        "format",
        "mentee",
        "mentor",
        "replaces",
    ]
    state: Mapping[str, Any] = row["state"]
    shown = ("reason", "final_at", "final", "overlap", "cause")
    return {
        **{name: row[name] for name in names},
        "starts_at": row["starts_at"].astimezone(clock).isoformat(),
        "ends_at": row["ends_at"].astimezone(clock).isoformat(),
        "planned": row["number"] > 0,
        **{name: state[name] for name in shown if name in state},
    }


# -- commands -----------------------------------------------------------------------------------


def _add_command(routes: APIRouter, runtime: Runtime, model: type[EventData]) -> None:
    async def command(
        program: Name, key: Name, request: Request, idempotency_key: Retry = None
    ) -> Response:
        try:
            event = statement(model.WORD, program, key, await request.body(), idempotency_key)
        except InvalidEvent as error:
            return JSONResponse({"field": error.field, "rule": error.rule}, 422)
        return told(event, await runtime.append(event))

    schema = model.model_json_schema()
    routes.add_api_route(
        f"/programs/{{program}}/{model.WORD}/{{key}}",
        command,
        methods=["POST"],
        name=model.WORD,
        summary=f"Append `{model.WORD}`; the key is a {model.KEY}",
        description=model.__doc__ or "",
        tags=["commands"],
        response_class=JSONResponse,
        responses={status: {"description": words} for status, words in _OUTCOMES.items()},
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
