"""HTTP: what persons see of their own pairs, and coordinators as the pairs have agreed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import APIRouter

from services.feedback import conclusion_view, note_view, review_view, roadmap_view
from services.feedback.access import Reader, reader_of, require_level
from services.feedback.answers import (
    CandidateSeen,
    ConclusionSeen,
    FlagSeen,
    NoteSeen,
    ReviewOpen,
    ReviewSeen,
)
from services.feedback.candidates import candidates
from services.feedback.find import goals_of, rules_of
from services.feedback.keyring import KeyRing
from services.feedback.model import Cycle
from services.feedback.reveal import Unseal
from services.feedback.store import Reading, flagged_cycles
from services.feedback.unsealing import for_readers
from shared.commands import Name
from shared.identity import Caller, Identity
from shared.refusals import Refused, answers
from shared.runtime import Runtime
from shared.world import World

T = TypeVar("T")
_OF_CYCLE: dict[str, Any] = {"responses": answers(401, 403, 404, 422, 503)}
_OF_PROGRAM: dict[str, Any] = {"responses": answers(401, 403, 422, 503)}


def add_queries(routes: APIRouter, runtime: Runtime, ring: Callable[[], KeyRing]) -> None:
    """Add what may be asked."""
    _add_of_cycle(routes, runtime, ring)
    _add_of_program(routes, runtime)


def _add_of_cycle(routes: APIRouter, runtime: Runtime, ring: Callable[[], KeyRing]) -> None:
    async def look(
        caller: Identity,
        program: str,
        cycle: str,
        view: Callable[[Unseal, World, Cycle, Reader], T],
    ) -> T:
        """What a view makes of a cycle, as the caller may see it."""
        return await runtime.read(
            lambda connection: _seen(World(Reading(connection)), ring, caller, program, cycle, view)
        )

    @routes.get("/programs/{program}/cycles/{cycle}/reviews", **_OF_CYCLE)
    async def reviews(program: Name, cycle: Name, caller: Caller) -> list[ReviewSeen]:
        """The reviews of a cycle: one's own always, others' once revealed, never to who was silent."""
        return await look(caller, program, cycle, review_view.reviews)

    @routes.get("/programs/{program}/cycles/{cycle}/notes", **_OF_CYCLE)
    async def notes(program: Name, cycle: Name, caller: Caller) -> list[NoteSeen]:
        """The notes of a cycle that one wrote, or that are for both sides."""
        return await look(caller, program, cycle, _notes)

    @routes.get("/programs/{program}/cycles/{cycle}/roadmap", **_OF_CYCLE)
    async def roadmap(program: Name, cycle: Name, caller: Caller) -> roadmap_view.Roadmap:
        """The goals of a cycle with their milestones and how far they are, and what is to be done."""
        return await look(caller, program, cycle, _roadmap)

    @routes.get(
        "/programs/{program}/cycles/{cycle}/conclusion",
        responses=answers(401, 403, 404, 409, 422, 503),
    )
    async def conclusion(program: Name, cycle: Name, caller: Caller) -> ConclusionSeen:
        """How a cycle ended."""
        return await look(caller, program, cycle, _conclusion)


def _seen(
    world: World,
    ring: Callable[[], KeyRing],
    caller: Identity,
    program: str,
    name: str,
    view: Callable[[Unseal, World, Cycle, Reader], T],
) -> T:
    cycle = world.get(Cycle, program, name)
    reader = reader_of(caller, cycle)
    assert cycle is not None, "nobody reads an unknown cycle"  # noqa: S101 - as `reader_of` says
    return view(for_readers(ring), world, cycle, reader)


def _notes(unseal: Unseal, world: World, cycle: Cycle, reader: Reader) -> list[NoteSeen]:
    require_level(reader, notes=True)
    return note_view.notes(unseal, world, cycle, reader)


def _roadmap(_: Unseal, world: World, cycle: Cycle, reader: Reader) -> roadmap_view.Roadmap:
    require_level(reader)
    notes = note_view.visible_notes(world, cycle, reader)
    return roadmap_view.roadmap(cycle.cycle, goals_of(world, cycle), notes, _today(world, cycle))


def _today(world: World, cycle: Cycle) -> date:
    """The day on the program's clock."""
    rules = rules_of(world, cycle.program, cycle.rules)
    return datetime.now(ZoneInfo(rules.zone) if rules else UTC).date()


def _conclusion(_: Unseal, __: World, cycle: Cycle, reader: Reader) -> ConclusionSeen:
    found = conclusion_view.conclusion(cycle, reader)
    if found is None:
        raise Refused(409, "/cycle", "not_concluded")
    return found


def _add_of_program(routes: APIRouter, runtime: Runtime) -> None:
    @routes.get("/programs/{program}/persons/{person}/reviews/open", **_OF_PROGRAM)
    async def open_reviews(program: Name, person: Name, caller: Caller) -> list[ReviewOpen]:
        """The reviews that await a person: which meeting, until when, and the forms."""
        caller.require("person", "system")
        if person != caller.person and not caller.acts_as("system"):
            raise Refused(403, "/person", "not_yourself")
        return await runtime.read(
            lambda connection: review_view.open_reviews(World(Reading(connection)), program, person)
        )

    @routes.get("/programs/{program}/flags", **_OF_PROGRAM)
    async def flags(program: Name, caller: Caller) -> list[FlagSeen]:
        """The flags that stand in a program, with their evidence; those of one's own pairs are left out."""
        caller.require("coordinator")
        found = await runtime.read(lambda connection: flagged_cycles(connection, program))
        return list(conclusion_view.flags(found, caller.person))

    @routes.get("/programs/{program}/candidates", **_OF_PROGRAM)
    async def candidate_mentors(program: Name, caller: Caller) -> list[CandidateSeen]:
        """Who concluded well as a mentee and is willing to mentor others, if the program has it so."""
        caller.require("coordinator")
        found = await runtime.read(
            lambda connection: candidates(World(Reading(connection)), program, datetime.now(UTC))
        )
        return [conclusion_view.candidate(each) for each in found]
