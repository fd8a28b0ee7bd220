"""What matching makes of each fact: the rows that change. Total: what does not fit changes nothing.

A cycle is over by matching's own `unmatched` or by feedback's `concluded`: feedback judges who may end it
and how, so matching only stops pairing a request when its mentee withdraws or leaves. A mentor's place is
free again when the pair is over.
"""

from __future__ import annotations

from services.matching import figures, plan, ratings
from services.matching.changes import Changes
from services.matching.deadlines import come_into_force, due
from services.matching.model import (
    SIDES,
    Cycle,
    Ended,
    Ending,
    Held,
    Mentor,
    Offer,
    Open,
    Paired,
    Program,
)
from services.matching.record import Round
from services.matching.rounds import rules_of
from shared.cases import case
from shared.events import feedback, matching, outside, system
from shared.events.envelope import Event
from shared.frozen import replace
from shared.world import Change, World

# -- programs --


def opened(world: World, event: Event, data: outside.Opened) -> list[Change]:
    """Rules come into force, at once or at the instant that they name."""
    changes = Changes(world, event.program)
    program = world.get(Program, event.program) or Program(event.program)
    if data.effective_at > world.now:
        changes.put(replace(program, coming=data))
    else:
        come_into_force(changes, program, data)
    return changes.rows()


# -- persons --


def offered(world: World, event: Event, data: outside.Offered) -> list[Change]:
    """A mentor offers, or replaces the offer; what the mentor carries stays."""
    known = world.get(Mentor, event.program, event.key)
    mentor = known or Mentor(event.program, event.key, data)
    paused = data.paused_until if data.paused_until and data.paused_until > world.now else None
    changes = Changes(world, event.program)
    changes.welcome(replace(mentor, offer=data, paused_until=paused).offering())
    return changes.rows()


def available(world: World, event: Event, data: outside.Available) -> list[Change]:
    """A person's time."""
    return [replace(Changes(world, event.program).person(event.key), time=data)]


def preferred(world: World, event: Event, data: outside.Preferred) -> list[Change]:
    """A person's preferences."""
    return [replace(Changes(world, event.program).person(event.key), likes=data)]


def left(world: World, event: Event, data: outside.Left) -> list[Change]:
    """A person leaves, now or at the instant named."""
    changes = Changes(world, event.program)
    if data.effective_at > world.now:
        return [changes.person(event.key).leaves(data.roles, data.effective_at)]
    changes.depart(event.key, data.roles)
    return changes.rows()


def erased(world: World, event: Event, data: outside.Erased) -> list[Change]:
    """What is known of a person goes; whom the person was paired with stays, as ids.

    Who has not left is not erased: feedback refuses it, and what is forgotten cannot be had again.
    """
    changes = Changes(world, event.program)
    known = changes.person(event.key)
    if not known.left and not any(role.at <= world.now for role in known.leaving):
        return []
    changes.depart(event.key, SIDES)
    changes.put(replace(changes.person(event.key), time=None, likes=None, erased=True))
    if mentor := changes.mentor(event.key):
        changes.put(_unrated(mentor))
    return changes.rows()


def _unrated(mentor: Mentor) -> Mentor:
    return replace(mentor, ratings_sum=0, ratings_count=0, fresh_sum=0, fresh_count=0)


# -- cycles --


def requested(world: World, event: Event, data: outside.Requested) -> list[Change]:
    """A cycle begins, at the end of the queue or in its predecessor's place; or its wishes are edited."""
    known = world.get(Cycle, event.program, event.key)
    if known is not None:
        return [replace(known, wishes=data)] if isinstance(known.state, Open | Held) else []
    rules = rules_of(world, event.program)
    if rules is None:
        return []
    changes = Changes(world, event.program)
    changes.begin(event.key, data, rules)
    return changes.rows()


def proposed(world: World, event: Event, data: matching.Proposed) -> list[Change]:
    """A side is asked; the first one asked holds a place of the mentor."""
    changes = Changes(world, event.program)
    match world.get(Cycle, event.program, event.key):
        case Cycle(state=Open()) as cycle:
            offer = Offer(
                proposal=data.proposal,
                mentor=data.mentor,
                score=data.score,
                parts=dict(data.parts),
                reasons=data.reasons,
                round=data.round,
                asked=(data.to,),
                accepted=(),
                expires_at=data.expires_at,
                runners_up=data.runners_up,
                excluded=dict(data.excluded),
            )
            changes.take(replace(cycle, attempts=data.attempt), Held(offer), data.mentor)
            figures.add(changes, data)
        case Cycle(state=Held(offer=offer)) as cycle if offer.proposal == data.proposal:
            changes.put(cycle.become(Held(replace(offer, asked=_with(offer.asked, data.to)))))
    return changes.rows()


def accepted(world: World, event: Event, data: outside.Accepted) -> list[Change]:
    """A side accepts."""
    match world.get(Cycle, event.program, event.key):
        case Cycle(state=Held(offer=offer)) as cycle if offer.proposal == data.proposal:
            return [cycle.become(Held(replace(offer, accepted=_with(offer.accepted, data.by))))]
    return []


def _with(people: tuple[str, ...], person: str) -> tuple[str, ...]:
    """Each once: what is told again adds nobody."""
    return people if person in people else (*people, person)


def declined(world: World, event: Event, data: outside.Declined) -> list[Change]:
    """A side declines: the request keeps its place, the two are not proposed again."""
    changes = Changes(world, event.program)
    match world.get(Cycle, event.program, event.key):
        case Cycle(state=Held(offer=offer)) as cycle if offer.proposal == data.proposal:
            others = tuple(person for person in offer.asked if person != data.by)
            told = Open(lapsing=replace(offer, asked=others))
            changes.reopen(cycle, offer, told, for_good=True)
    return changes.rows()


def lapsed(world: World, event: Event, data: matching.Lapsed) -> list[Change]:
    """A proposal stands no longer, and those asked have been told."""
    changes = Changes(world, event.program)
    match world.get(Cycle, event.program, event.key):
        case Cycle(state=Held(offer=offer)) as cycle if offer.proposal == data.proposal:
            changes.reopen(cycle, offer, Open(), for_good=data.cause == "expired")
        case Cycle(state=Open(lapsing=Offer(proposal=data.proposal))) as cycle:
            changes.put(cycle.become(Open()))
        case Cycle(state=Ending(lapsing=Offer(proposal=data.proposal))) as cycle:
            changes.put(cycle.become(Ending()))
        case Cycle(state=Ended(lapsing=Offer(proposal=data.proposal)) as ended) as cycle:
            changes.put(cycle.become(replace(ended, lapsing=None)))
    return changes.rows()


def paired(world: World, event: Event, data: matching.Paired) -> list[Change]:
    """A pair: a mentor's place is taken, unless the accepted proposal held it already."""
    changes = Changes(world, event.program)
    match world.get(Cycle, event.program, event.key):
        case Cycle(state=Open()) as cycle:
            changes.take(cycle, Paired(data.mentor), data.mentor)
            if data.policy != "assigned":
                figures.add(changes, data)
        case Cycle(state=Held(offer=offer)) as cycle if offer.mentor == data.mentor:
            changes.put(cycle.become(Paired(data.mentor)))
    return changes.rows()


def planned(world: World, event: Event, data: matching.Planned) -> list[Change]:
    """Pairs that a later step of a round says."""
    changes = Changes(world, event.program)
    plan.keep(changes, data)
    return changes.rows()


def tallied(world: World, event: Event, data: matching.Tallied) -> list[Change]:
    """What a round over the whole pool came to; told again it takes back nothing that later steps have said."""
    known = world.get(Round, event.program, data.round)
    return [] if known else [figures.of_pool(event, data)]


def reviewed(world: World, event: Event, data: feedback.Reviewed) -> list[Change]:
    """The mentee's opinion of the mentor, unless the pair is over or nothing is kept of the mentor."""
    changes = Changes(world, event.program)
    mentor = changes.mentor(data.mentor)
    match world.get(Cycle, event.program, event.key):
        case Cycle(state=Paired(mentor=data.mentor)) as cycle if mentor:
            if not changes.person(data.mentor).erased:
                ratings.count(changes, cycle, mentor, data)
    return changes.rows()


def unmatched(world: World, event: Event, data: matching.Unmatched) -> list[Change]:
    """A request is over that found no mentor in time."""
    changes = Changes(world, event.program)
    cycle = world.get(Cycle, event.program, event.key)
    if cycle and isinstance(cycle.state, Open | Ending):
        changes.end(cycle, "unmatched")
    return changes.rows()


def withdrawn(world: World, event: Event, data: outside.Withdrawn) -> list[Change]:
    """A request is not to be paired; whether it is over is feedback's word, as it is for a pair."""
    changes = Changes(world, event.program)
    cycle = world.get(Cycle, event.program, event.key)
    if cycle and _may_withdraw(cycle, data):
        changes.finish(cycle)
    return changes.rows()


def _may_withdraw(cycle: Cycle, data: outside.Withdrawn) -> bool:
    return data.role == "coordinator" or (data.role == "mentee" and data.by == cycle.mentee)


def concluded(world: World, event: Event, data: feedback.Concluded) -> list[Change]:
    """A cycle is over, and its mentor's place is free; its wishes stay while a successor is to come.

    Feedback may conclude a request whose refusal it has not read yet: a tombstone keeps the id from being
    used again, as feedback's own does.
    """
    changes = Changes(world, event.program)
    cycle = world.get(Cycle, event.program, event.key)
    if cycle is None:
        changes.bury(event.key, data.mentee)
    elif cycle.live:
        changes.end(cycle, "concluded", data.continues_in)
    return changes.rows()


EVOLVES = dict(
    [
        case(outside.Opened, opened),
        case(outside.Offered, offered),
        case(outside.Available, available),
        case(outside.Preferred, preferred),
        case(outside.Left, left),
        case(outside.Erased, erased),
        case(outside.Requested, requested),
        case(matching.Proposed, proposed),
        case(outside.Accepted, accepted),
        case(outside.Declined, declined),
        case(matching.Lapsed, lapsed),
        case(matching.Paired, paired),
        case(matching.Planned, planned),
        case(matching.Tallied, tallied),
        case(matching.Unmatched, unmatched),
        case(feedback.Reviewed, reviewed),
        case(outside.Withdrawn, withdrawn),
        case(feedback.Concluded, concluded),
        case(system.Due, due),
    ]
)
