"""HTTP of matching: statements in; the pool, loads, rounds, cycles and candidates out.

What `shared.commands` says of statements holds here. Every refusal names field and rule.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection

from services.matching import queries
from services.matching.examples import WISHES
from services.matching.judge import JUDGES
from services.matching.model import Cycle, Person
from services.matching.preview import Preview, hypothetical, preview, rules_of
from services.matching.views import (
    CandidatesView,
    LoadView,
    PoolView,
    RoundView,
    View,
    candidates_view,
    load_view,
    round_view,
)
from shared.commands import Name, add_commands, statement
from shared.events.envelope import InvalidEvent
from shared.events.outside import Requested
from shared.refusals import Refused, Refusing, answers
from shared.runtime import Runtime
from shared.transaction import Transaction
from shared.world import Clock, World

LONGEST_PAGE = 1000
MOST_CANDIDATES = 100
Page = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="At most so many.")]
Few = Annotated[int, Query(ge=1, le=MOST_CANDIDATES, description="At most so many candidates.")]
For = Annotated[
    View,
    Query(
        description="Who looks: a mentee sees nothing of what others carry, nor counts that tell of choices."
    ),
]


def router(runtime: Runtime) -> APIRouter:
    """The routes, on a running service."""
    routes = APIRouter(route_class=Refusing)
    _add_queries(routes, runtime)
    _add_previews(routes, runtime)
    add_commands(routes, runtime, JUDGES)
    return routes


def _add_queries(routes: APIRouter, runtime: Runtime) -> None:
    told: dict[str, Any] = {"tags": ["queries"], "responses": answers(404, 422)}

    @routes.get("/programs/{program}", **told)
    async def program(program: Name) -> dict[str, Any]:
        """The rules in force and those to come."""
        return await runtime.read(lambda connection: _rules(connection, program))

    @routes.get("/programs/{program}/pool", **told)
    async def pool(program: Name, limit: Page = 100) -> PoolView:
        """The open requests and the proposals that stand, in the order of the queue; how many cycles there are."""
        return await runtime.read(lambda connection: _pool(connection, program, limit))

    @routes.get("/programs/{program}/loads", **told)
    async def loads(program: Name) -> list[LoadView]:
        """What each mentor carries, and how many more a round may give him."""
        return await runtime.read(lambda connection: _loads(connection, program))

    @routes.get("/programs/{program}/rounds", **told)
    async def rounds(program: Name, limit: Page = 20) -> list[RoundView]:
        """How the last rounds went, the latest first; of a program that pairs at once, its days."""
        return await runtime.read(lambda connection: _rounds(connection, program, limit))

    @routes.get("/programs/{program}/cycles/{cycle}", **told)
    async def cycle(program: Name, cycle: Name) -> dict[str, Any]:
        """One cycle as matching knows it."""
        return await runtime.read(lambda connection: _cycle(connection, program, cycle))


def _add_previews(routes: APIRouter, runtime: Runtime) -> None:
    told: dict[str, Any] = {
        "tags": ["queries"],
        "responses": answers(404, 409, 422),
        "response_model_exclude_none": True,
    }

    @routes.get("/programs/{program}/cycles/{cycle}/candidates", **told)
    async def candidates(
        program: Name, cycle: Name, limit: Few = 10, view: For = "mentee"
    ) -> CandidatesView:
        """Whom matching would try for this cycle now, were it alone in the pool, and why; changes nothing.

        A round weighs all requests against each other, and waiting counts there too: it may choose otherwise.
        """

        def look(connection: Connection) -> CandidatesView:
            world = _world(runtime, connection, program)
            row = world.peek(Cycle, (program, cycle))
            if row is None:
                raise Refused(404, "/cycle", "unknown_cycle")
            return candidates_view(_look(world, row, limit), view)

        return await runtime.read(look)

    body = {"schema": Requested.model_json_schema(), "example": WISHES}
    asked = {"requestBody": {"required": True, "content": {"application/json": body}}}

    @routes.post("/programs/{program}/preview", openapi_extra=asked, **told)
    async def preview_(
        program: Name, request: Request, limit: Few = 10, view: For = "mentee"
    ) -> CandidatesView:
        """Whom matching would try for a request that nobody has made: nothing is said, and nothing stored.

        The body is what `requested` would say. What is known of the mentee counts: hours, above all.
        """
        wishes = _wishes(program, await request.body())

        def look(connection: Connection) -> CandidatesView:
            world = _world(runtime, connection, program)
            person = world.peek(Person, (program, wishes.mentee))
            if person is not None and "mentee" in person.left:
                raise Refused(409, "/data/mentee", "has_left")
            row = hypothetical(world, program, wishes)
            return candidates_view(_look(world, row, limit), view, asked=False)

        return await runtime.read(look)


def _wishes(program: str, body: bytes) -> Requested:
    try:
        event = statement("requested", program, "hypothetical", body)
    except InvalidEvent as error:
        raise Refused(422, error.field, error.rule) from None
    if not isinstance(event.data, Requested):
        raise TypeError(event.word)
    return event.data


def _world(runtime: Runtime, connection: Connection, program: str) -> World:
    """The store's rows, as a round would see them: parked ones are treated as absent."""
    _rules(connection, program)
    rows = Transaction(connection, runtime.store.maps)
    world = World(rows, rows.parked())
    clock = world.peek(Clock, (program,))
    world.now = clock.at if clock else datetime.now(UTC)
    return world


def _look(world: World, row: Cycle, limit: int) -> Preview:
    found = preview(world, row, limit)
    if found is not None:
        return found
    if rules_of(world, row.program) is None:
        raise Refused(409, "/program", "program_not_open")
    if row.wishes is None:
        raise Refused(409, "/cycle", row.status)
    raise Refused(409, "/cycle", "waits_for_an_operator")


def _rules(connection: Connection, program: str) -> dict[str, Any]:
    found = queries.rules(connection, program)
    if found is None:
        raise Refused(404, "/program", "unknown_program")
    return found


def _pool(connection: Connection, program: str, limit: int) -> PoolView:
    _rules(connection, program)
    when: datetime | None = queries.next_round(connection, program)
    found: dict[str, Any] = {
        "counts": queries.counts(connection, program),
        "next_round": when,
        "waiting": queries.queue(connection, program, limit),
        "held": queries.held(connection, program, limit),
    }
    return PoolView.model_validate(found)


def _loads(connection: Connection, program: str) -> list[LoadView]:
    known = _rules(connection, program)
    stated = known["rules"] or known["coming"]
    return [load_view(row, stated["capacity"]) for row in queries.loads(connection, program)]


def _rounds(connection: Connection, program: str, limit: int) -> list[RoundView]:
    _rules(connection, program)
    return [round_view(row) for row in queries.rounds(connection, program, limit)]


def _cycle(connection: Connection, program: str, cycle: str) -> dict[str, Any]:
    found = queries.cycle(connection, program, cycle)
    if found is None:
        raise Refused(404, "/cycle", "unknown_cycle")
    return found
