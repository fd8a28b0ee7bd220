"""Going through the cycles of a person whose time or standing has changed, a bounded part at a time.

Each cycle gets a timer at once and is planned, or ended, as an input of its own. A meeting that goes leaves room: then only
cycles are looked at that wait for room. That ends: what is looked at again fills gaps and takes time, or changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from services.scheduling.find import ahead, cycles_of, meetings_of
from services.scheduling.model import Confirmed, Cycle, Ended, Meeting, Person, Round, Running
from shared.frozen import replace
from shared.world import Change, World

PART = 200
"""Cycles that one input may set a timer for; an input may cause 900 messages in all."""
MOMENT = timedelta(milliseconds=1)
PAUSE = timedelta(minutes=1)
"""Between two parts; and how long several meetings that go together are waited for."""
ROOM = frozenset({"other_meetings", "buffer", "weekly_max"})
"""The constraints that a meeting which goes may lift for other meetings of the same person."""


def look_through(world: World, person: Person, under_way: Round | None = None) -> list[Change]:
    """Mark the cycles of `person` (as the row is to be) that must be ended or planned again.

    `under_way`: the round whose timer has come; without one a new round begins.
    """
    after, only_room = (under_way.after, under_way.freed) if under_way else ("", False)
    open_cycles = [row for row in cycles_of(world, person) if row.cycle > after]
    part, rest = open_cycles[:PART], open_cycles[PART:]
    following = Round(world.now + PAUSE, part[-1].cycle, only_room) if rest else None
    marked = (_mark(world, person, cycle, only_room=only_room) for cycle in part)
    return [replace(person, round=following), *(row for row in marked if row is not None)]


def freed(world: World, old: Meeting | None, new: Meeting) -> list[Change]:
    """Begin a round of each person for whom a meeting (`old`, as it stood) has made room that a cycle waits for."""
    if old is None or not isinstance(old.state, Confirmed) or _takes_all_of(new, old):
        return []
    program, pair = old.program, (old.mentee, old.mentor)
    # A person whom a parked event holds stays as it is: that event looks all cycles through when it is redriven.
    found = [
        row
        for person in dict.fromkeys(pair)
        for row in world.where(Person, parked="skip", program=program, person=person)
    ]
    return [_begun(world, row) for row in found if not _begins(row) and _is_waited_for(world, row)]


def _takes_all_of(new: Meeting, old: Meeting) -> bool:
    stands = isinstance(new.state, Confirmed)
    return stands and new.starts_at <= old.starts_at and old.ends_at <= new.ends_at


def _begins(person: Person) -> bool:
    """Whether a round is about to begin that will see every cycle."""
    return person.round is not None and not person.round.after


def _begun(world: World, person: Person) -> Person:
    """A round that looks at everything, and was under way, begins anew as such."""
    whole = person.round is not None and not person.round.freed
    return replace(person, round=Round(world.now + PAUSE, "", freed=not whole))


def _is_waited_for(world: World, person: Person) -> bool:
    rows = (
        row
        for side in ("mentor", "mentee")
        for row in world.where(
            Cycle,
            parked="use",
            program=person.program,
            status="running",
            **{side: person.person},
        )
    )
    return any(isinstance(row.state, Running) and _waits_for_room(row.state) for row in rows)


def _waits_for_room(state: Running) -> bool:
    return any(gap.constraint in ROOM for gap in state.gaps)


def _mark(world: World, person: Person, cycle: Cycle, *, only_room: bool) -> Cycle | None:
    roles = {"mentee": cycle.mentee, "mentor": cycle.mentor}
    if any(roles[side] == person.person for side in person.left):
        sweep_at = _fresh(cycle.state, world.now)
        return replace(cycle, status="ended", state=Ended(sweep_at=sweep_at))
    if isinstance(cycle.state, Running) and _matters(
        world, cycle, cycle.state, only_room=only_room
    ):
        replan_at = _fresh(cycle.state, world.now)
        return replace(cycle, state=replace(cycle.state, replan_at=replan_at))
    return None


def _fresh(state: Running | Ended, now: datetime) -> datetime:
    """Now, or a moment behind the timer of this cycle that came last.

    The clock stands while statements are stamped earlier than it. A second `due` of the same instant would have the
    id of the first, and its answers theirs.
    """
    last = state.looked_at if isinstance(state, Running) else None
    return now if last is None or now > last else last + MOMENT


def _matters(world: World, cycle: Cycle, state: Running, *, only_room: bool) -> bool:
    """Whether anything lies ahead that another availability, or room alone, could change.

    Whether it really does is for `decide` to find out: what is folded must not depend on the edition of the
    holiday tables.
    """
    if only_room:
        return _waits_for_room(state)
    return bool(state.gaps or ahead(world, meetings_of(world, cycle)))
