"""Who may state what in the open: persons for themselves, systems for anybody, coordinators as such."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import Request

from services.feedback.access import side_for
from services.feedback.model import Cycle
from services.feedback.store import Reading
from shared.commands import Guard
from shared.events.envelope import Event, EventData
from shared.events.outside import Agreed, Left, Progressed, Volunteered, Withdrawn
from shared.identity import Identity, Role, who_asks
from shared.refusals import Refused, answers
from shared.runtime import Runtime
from shared.world import World

Rule = Callable[[Identity, Event], Refused | None]
OPEN: tuple[type[EventData], ...] = (Agreed, Withdrawn, Left, Progressed, Volunteered)
"""What may be said in the open; the rest is sealed first."""


def guard(runtime: Runtime) -> Guard:
    """Lets pass what whoever asks may state; persons of a cycle only in their own."""

    async def check(request: Request, event: Event) -> None:
        caller = who_asks(request)
        if may_state_as(caller, event) == "person" and event.data.KEY == "cycle":
            await runtime.read(
                lambda connection: _in_pair(World(Reading(connection)), caller, event)
            )

    return Guard(lambda request: who_asks(request).person, check, answers(401, 403, 503))


def may_state_as(caller: Identity, event: Event) -> Role:
    """The role in which the caller may state this.

    Raises:
        Refused: 403, in none.
    """
    refused = Refused(403, "", "not_for_this_role")
    for role, rules in RULES.items():
        rule = rules.get(type(event.data))
        if rule is None or not caller.acts_as(role):
            continue
        refusal = rule(caller, event)
        if refusal is None:
            return role
        refused = refusal
    raise refused


def _in_pair(world: World, caller: Identity, event: Event) -> None:
    side_for(caller, world.get(Cycle, event.program, event.key), caller.person)


def _anything(caller: Identity, event: Event) -> Refused | None:
    del caller, event
    return None


def _own_key(caller: Identity, event: Event) -> Refused | None:
    return None if event.key == caller.person else Refused(403, "/subject", "not_yourself")


def _own_name(caller: Identity, event: Event) -> Refused | None:
    by = getattr(event.data, "by", None)
    return None if by == caller.person else Refused(403, "/data/by", "not_yourself")


def _as_a_side(caller: Identity, event: Event) -> Refused | None:
    if isinstance(event.data, Withdrawn) and event.data.role == "coordinator":
        return Refused(403, "/data/role", "not_for_this_role")
    return _own_name(caller, event)


def _as_coordinator(caller: Identity, event: Event) -> Refused | None:
    if isinstance(event.data, Withdrawn) and event.data.role != "coordinator":
        return Refused(403, "/data/role", "not_for_this_role")
    return _own_name(caller, event)


RULES: Mapping[Role, Mapping[type[EventData], Rule]] = {
    "system": dict.fromkeys(OPEN, _anything),
    "coordinator": {Withdrawn: _as_coordinator, Left: _anything},
    "person": {
        Agreed: _own_name,
        Progressed: _own_name,
        Withdrawn: _as_a_side,
        Left: _own_key,
        Volunteered: _own_key,
    },
}
"""What may be stated in each role, and how; what is not named may not."""
