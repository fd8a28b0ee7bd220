"""HTTP of matching: statements in, the pool, loads and cycles out.

What `shared.commands` says of statements holds here.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query

from services.matching import store
from services.matching.judge import JUDGES
from shared.commands import Name, add_commands
from shared.runtime import Runtime

LONGEST_PAGE = 1000


def router(runtime: Runtime) -> APIRouter:
    """The routes, on a running service."""
    routes = APIRouter()
    _add_queries(routes, runtime)
    add_commands(routes, runtime, JUDGES)
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
