"""HTTP of scheduling: statements in, agendas and plans out.

What `shared.commands` says of statements holds here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query
from pydantic import TypeAdapter, ValidationError

from services.scheduling import store
from shared.commands import Name, add_commands
from shared.events.envelope import EventData
from shared.events.outside import Attended, Available, Cancelled, Moved
from shared.events.types import Instant, Zone
from shared.runtime import Runtime

COMMANDS: tuple[type[EventData], ...] = (Available, Moved, Cancelled, Attended)
AHEAD = timedelta(days=90)
"""How far an agenda looks when nobody says."""

_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
_ZONE: TypeAdapter[str] = TypeAdapter(Zone)


def router(runtime: Runtime) -> APIRouter:
    """The routes, on a running service."""
    routes = APIRouter()
    _add_queries(routes, runtime)
    add_commands(routes, runtime, COMMANDS)
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
