"""HTTP of matching: statements in, the pool, loads, rounds and cycles out.

What `shared.commands` says of statements holds here. Every refusal names field and rule.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from services.matching import store
from services.matching.judge import JUDGES
from services.matching.views import LoadView, PoolView, RoundView, load_view, round_view
from shared.commands import Name, add_commands
from shared.refusals import Refused, Refusing, answers
from shared.runtime import Runtime

LONGEST_PAGE = 1000
Page = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="At most so many.")]


def router(runtime: Runtime) -> APIRouter:
    """The routes, on a running service."""
    routes = APIRouter(route_class=Refusing)
    _add_queries(routes, runtime)
    add_commands(routes, runtime, JUDGES)
    return routes


def _add_queries(routes: APIRouter, runtime: Runtime) -> None:
    queries: dict[str, Any] = {"tags": ["queries"], "responses": answers(404, 422)}

    @routes.get("/programs/{program}", **queries)
    async def program(program: Name) -> dict[str, Any]:
        """The rules in force and those to come."""
        return await runtime.read(lambda connection: _rules(connection, program))

    @routes.get("/programs/{program}/pool", **queries)
    async def pool(program: Name, limit: Page = 100) -> PoolView:
        """The open requests and the proposals that stand, in the order of the queue; how many cycles there are."""
        return await runtime.read(lambda connection: _pool(connection, program, limit))

    @routes.get("/programs/{program}/loads", **queries)
    async def loads(program: Name) -> list[LoadView]:
        """What each mentor carries, and how many more a round may give him."""
        return await runtime.read(lambda connection: _loads(connection, program))

    @routes.get("/programs/{program}/rounds", **queries)
    async def rounds(program: Name, limit: Page = 20) -> list[RoundView]:
        """How the last rounds went, the latest first; of a program that pairs at once, its days."""
        return await runtime.read(lambda connection: _rounds(connection, program, limit))

    @routes.get("/programs/{program}/cycles/{cycle}", **queries)
    async def cycle(program: Name, cycle: Name) -> dict[str, Any]:
        """One cycle as matching knows it."""
        return await runtime.read(lambda connection: _cycle(connection, program, cycle))


def _rules(connection: Connection, program: str) -> dict[str, Any]:
    found = store.rules(connection, program)
    if found is None:
        raise Refused(404, "/program", "unknown_program")
    return found


def _pool(connection: Connection, program: str, limit: int) -> PoolView:
    _rules(connection, program)
    when: datetime | None = store.next_round(connection, program)
    found: dict[str, Any] = {
        "counts": store.counts(connection, program),
        "next_round": when,
        "waiting": store.queue(connection, program, limit),
        "held": store.held(connection, program, limit),
    }
    return PoolView.model_validate(found)


def _loads(connection: Connection, program: str) -> list[LoadView]:
    known = _rules(connection, program)
    stated = known["rules"] or known["coming"]
    return [load_view(row, stated["capacity"]) for row in store.loads(connection, program)]


def _rounds(connection: Connection, program: str, limit: int) -> list[RoundView]:
    _rules(connection, program)
    return [round_view(row) for row in store.rounds(connection, program, limit)]


def _cycle(connection: Connection, program: str, cycle: str) -> dict[str, Any]:
    found = store.cycle(connection, program, cycle)
    if found is None:
        raise Refused(404, "/cycle", "unknown_cycle")
    return found
