"""HTTP of scheduling: statements in; agendas, plans, meetings, hours, slots and calendars out.

What `shared.commands` says of statements holds here. Every refusal names field and rule. Times are told on the
clock of `zone`; unless it is given, of the person who is asked about, or of the mentor of a pair.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query

from services.scheduling import queries
from services.scheduling.asked import Agenda, Clock, Slots, Times
from services.scheduling.detail_view import MeetingDetail, meeting_detail
from services.scheduling.feed_api import feed_router
from services.scheduling.look import (
    mutual,
    own_time,
    pair_of,
    person_of,
    rules_in_force,
    rules_of_cycle,
)
from services.scheduling.model import Cycle, Meeting, Rules
from services.scheduling.plan_view import PlanView, plan_view
from services.scheduling.time_view import HoursView, SlotsView, hours_view, slots_view
from services.scheduling.views import AgendaView, agenda_view
from shared.commands import Name, add_commands
from shared.events.envelope import EventData
from shared.events.outside import Attended, Available, Cancelled, Moved, Revoked
from shared.refusals import Refused, Refusing, answers
from shared.runtime import Runtime
from shared.transaction import Transaction
from shared.world import World

COMMANDS: tuple[type[EventData], ...] = (Available, Moved, Cancelled, Attended, Revoked)
TOLD: dict[str, Any] = {
    "tags": ["queries"],
    "responses": answers(404, 422),
    "response_model_exclude_none": True,
}
NO_ZONE = "UTC"
"""Shown to a pair whose mentor has stated none."""
T = TypeVar("T")


def router(runtime: Runtime) -> APIRouter:
    """The routes, on a running service."""
    routes = APIRouter(route_class=Refusing)
    _add_meetings(routes, runtime)
    _add_time(routes, runtime)
    routes.include_router(feed_router(runtime))
    add_commands(routes, runtime, COMMANDS)
    return routes


def _add_meetings(routes: APIRouter, runtime: Runtime) -> None:
    @routes.get("/programs/{program}/persons/{person}/agenda", **TOLD)
    async def agenda(program: Name, person: Name, asked: Annotated[Agenda, Query()]) -> AgendaView:
        """A person's meetings in all cycles within a time; cancelled ones too."""
        time = asked.interval()

        def look(rows: Transaction) -> AgendaView:
            _rules(World(rows), program)
            zone = asked.zone or person_of(World(rows), program, person).zone
            found = queries.agenda(rows, program, person, time, asked.limit + 1)
            return agenda_view(person, zone, found, time, asked.limit)

        return await _ask(runtime, look)

    @routes.get("/programs/{program}/cycles/{cycle}/plan", **TOLD)
    async def plan(program: Name, cycle: Name, asked: Annotated[Clock, Query()]) -> PlanView:
        """The meetings of a cycle, the numbers that found no slot, and how the inconvenience is shared."""

        def look(rows: Transaction) -> PlanView:
            row = _cycle(rows, program, cycle)
            zones = queries.zones(rows, row)
            zone = asked.zone or zones["mentor"] or NO_ZONE
            meetings = queries.plan(rows, program, cycle)
            return plan_view(row, meetings, zones, zone, datetime.now(UTC))

        return await _ask(runtime, look)

    @routes.get("/programs/{program}/cycles/{cycle}/meetings/{meeting}", **TOLD)
    async def meeting(
        program: Name, cycle: Name, meeting: Name, asked: Annotated[Clock, Query()]
    ) -> MeetingDetail:
        """One meeting: who says that who was there, where they disagree, what it comes to, and how it was changed."""

        def look(rows: Transaction) -> MeetingDetail:
            _cycle(rows, program, cycle)
            row = queries.meeting(rows, program, cycle, meeting)
            if row is None:
                raise Refused(404, "/meeting", "unknown_meeting")
            return meeting_detail(row, asked.zone or row.zone)

        return await _ask(runtime, look)


def _add_time(routes: APIRouter, runtime: Runtime) -> None:
    @routes.get("/programs/{program}/persons/{person}/hours", **TOLD)
    async def hours(program: Name, person: Name, asked: Annotated[Times, Query()]) -> HoursView:
        """A person's stated hours within a time, without holidays and absences; meetings, and what they leave free."""
        time = asked.bounded()

        def look(rows: Transaction) -> HoursView:
            world = World(rows)
            rules, row = _rules(world, program), person_of(world, program, person)
            taken = queries.bookings(rows, program, person, time)
            return hours_view(row, own_time(row, rules, taken, time), time, asked.zone or row.zone)

        return await _ask(runtime, look)

    @routes.get("/programs/{program}/slots", **TOLD)
    async def slots(program: Name, asked: Annotated[Slots, Query()]) -> SlotsView:
        """What two persons have free together, as the planner sees it; on the clock of `a` unless `zone` is given.

        A request to move a meeting there may still be refused: nothing is kept for anybody.
        """
        pair, time = asked.pair(), asked.bounded()
        length = asked.length.span if asked.length else None

        def look(rows: Transaction) -> SlotsView:
            world = World(rows)
            cycle = pair_of(world, program, *pair)
            rules = (cycle and rules_of_cycle(world, cycle)) or _rules(world, program)
            moving = _moving(rows, cycle, asked.moving)
            found = mutual(world, cycle, rules, pair, time, length, moving)
            return slots_view(found, time, asked.limit, asked.zone or found.one.zone)

        return await _ask(runtime, look)


async def _ask(runtime: Runtime, look: Callable[[Transaction], T]) -> T:
    return await runtime.read(lambda one: look(Transaction(one, runtime.store.maps)))


def _rules(world: World, program: str) -> Rules:
    found = rules_in_force(world, program, datetime.now(UTC))
    if found is None:
        raise Refused(404, "/program", "unknown_program")
    return found


def _cycle(rows: Transaction, program: str, cycle: str) -> Cycle:
    found = queries.cycle(rows, program, cycle)
    if found is None:
        raise Refused(404, "/cycle", "unknown_cycle")
    return found


def _moving(rows: Transaction, cycle: Cycle | None, meeting: str | None) -> Meeting | None:
    if meeting is None:
        return None
    found = queries.meeting(rows, cycle.program, cycle.cycle, meeting) if cycle else None
    if found is None:
        raise Refused(404, "/moving", "unknown_meeting")
    return found
