"""What feedback makes of each fact: the rows that change. Total: what does not fit changes nothing."""

from __future__ import annotations

from datetime import datetime

from services.feedback import aims, meetings, watching
from services.feedback.conclusion import summary
from services.feedback.find import (
    cycle_of,
    end_of,
    pair_of,
    person_of,
    rules_of,
)
from services.feedback.model import (
    Away,
    Claim,
    Closing,
    Cycle,
    Ended,
    Leaving,
    Lost,
    Meeting,
    Note,
    Open,
    Paired,
    Person,
    Rules,
)
from services.feedback.signs import sign_of_life
from services.feedback.timers import waiting
from shared.cases import case
from shared.events import feedback, matching, outside, scheduling, system
from shared.events.envelope import Event
from shared.frozen import replace
from shared.world import Change, Gone, World

MAX_CLAIMS = 64
"""Statements of one request that are remembered until it is paired: matching's verdict follows at once."""


def opened(world: World, event: Event, data: outside.Opened) -> list[Change]:
    """A version of the rules is stated."""
    known = world.where(Rules, program=event.program, version=data.rules)
    rules = Rules(
        program=event.program,
        version=data.rules,
        place=known[-1].place + 1 if known else 0,
        event=event.id,
        effective_at=data.effective_at,
        zone=data.zone,
        ends_on=data.ends_on,
        completes_at=data.completes_at,
        review_within=data.review_within,
        rematch=data.on_mentor_left == "rematch",
        risk=data.risk,
        pay_it_forward=data.pay_it_forward,
        forms=data.forms,
    )
    return [rules]


def requested(world: World, event: Event, data: outside.Requested) -> list[Change]:
    """A cycle is opened, or its wishes are edited."""
    cycle, claim = cycle_of(world, event), Claim(event.id, data.mentee)
    if cycle is None:
        opening = Open((claim,))
        return [
            Cycle(event.program, event.key, opening.kind, data.mentee, None, None, opening),
        ]
    if not isinstance(cycle.state, Open):
        return []
    first, *later = (*cycle.state.claims, claim)
    return [cycle.become(Open((first, *later[1 - MAX_CLAIMS :])))]


def rejected(world: World, event: Event, data: system.Rejected) -> list[Change]:
    """Matching refuses what was folded here too: rules, or a request."""
    if event.key == event.program:
        wrong = world.where(Rules, program=event.program, event=data.event)
        if wrong:
            return [Gone(Rules, rules.key()) for rules in wrong]
    cycle = cycle_of(world, event)
    if cycle is None or not isinstance(cycle.state, Open):
        return []
    claims = tuple(claim for claim in cycle.state.claims if claim.event != data.event)
    if not claims:
        return [Gone(Cycle, cycle.key())]
    return [replace(cycle, mentee=claims[0].mentee, state=Open(claims))]


def paired(world: World, event: Event, data: matching.Paired) -> list[Change]:
    """An open cycle becomes a pair, bound by the rules that it names."""
    cycle, rules = cycle_of(world, event), rules_of(world, event.program, data.rules)
    if cycle is None or rules is None or not isinstance(cycle.state, Open):
        return []
    pair = Paired(
        zone=rules.zone,
        planned=data.planned_meetings,
        completes_at=rules.completes_at,
        review_within=rules.review_within,
        rematch=rules.rematch,
        risk=rules.risk,
        ends_at=end_of(rules),
        paired_at=world.now,
    )
    pair = watching.heard(pair, event.id, world.now)
    sides = replace(cycle, mentee=data.mentee, mentor=data.mentor, rules=data.rules)
    return [sides.become(pair)]


def noted(world: World, event: Event, data: outside.Noted) -> list[Change]:
    """A note is kept as it was sealed."""
    if cycle_of(world, event) is None:
        return []
    return [
        Note(
            program=event.program,
            cycle=event.key,
            note=data.note,
            kind=data.kind,
            by=data.by,
            about=data.about or data.by,
            at=event.time,
            sealed=data.sealed,
            goal=data.goal,
            due_on=data.due_on,
            done=data.done,
            audience=data.audience,
        )
    ]


def flagged(world: World, event: Event, data: feedback.Flagged) -> list[Change]:
    """A flag is raised or cleared."""
    found = pair_of(world, event)
    if found is None:
        return []
    cycle, pair = found
    return [cycle.become(watching.flagged(pair, data))]


def concluded(world: World, event: Event, data: feedback.Concluded) -> list[Change]:
    """The cycle is over; a pair's closing reviews are taken for a while."""
    cycle = cycle_of(world, event)
    match cycle:
        case Cycle(state=Open()):
            return [replace(cycle, outcome=data.outcome).become(Ended(data.outcome))]
        case Cycle(state=Paired() as pair):
            until = pair.review_within.after(world.now, pair.zone)
            closing = Closing(data.outcome, until, summary(pair, data, world.now))
            return [replace(cycle, outcome=data.outcome).become(closing)]
    return []


def left(world: World, event: Event, data: outside.Left) -> list[Change]:
    """A person gives roles up, now or at an instant that lies ahead."""
    person = person_of(world, event.program, event.key)
    standing = Away() if data.effective_at <= world.now else Leaving(data.effective_at)
    for role in data.roles:
        if not isinstance(person.standing(role), Away):
            person = person.with_standing(role, standing)
    return [person]


def erased(world: World, event: Event, data: outside.Erased) -> list[Change]:
    """A person is erased: from now on no key is made for them."""
    return [replace(person_of(world, event.program, data.person), erased=True)]


def volunteered(world: World, event: Event, data: outside.Volunteered) -> list[Change]:
    """A person is willing, or no longer, to mentor others."""
    return [replace(person_of(world, event.program, event.key), willing=data.willing)]


def due(world: World, event: Event, data: system.Due) -> list[Change]:
    """A deadline that a row waited for has passed."""
    row = waiting(world, event, data)
    match row:
        case Person():
            return [_gone_away(row, data.at)]
        case Cycle(state=Paired() as pair) if data.name == "ends":
            return [row.become(replace(pair, over=True))]
        case Cycle(state=Paired() as pair):
            return [row.become(watching.rang(pair, data.name, data.at))]
        case Cycle(state=Closing(outcome=outcome, summary=summed)):
            return [row.become(Ended(outcome, summed))]
        case Meeting():
            return [replace(row, state=Lost())]
    return []


def _gone_away(person: Person, at: datetime) -> Person:
    """The person without the roles whose end has come."""
    mentee = Away() if person.mentee == Leaving(at) else person.mentee
    mentor = Away() if person.mentor == Leaving(at) else person.mentor
    return replace(person, mentee=mentee, mentor=mentor)


EVOLVES = dict(
    (
        case(outside.Opened, opened),
        case(outside.Requested, requested),
        case(system.Rejected, rejected),
        case(matching.Paired, paired),
        case(outside.Agreed, sign_of_life(aims.agreed)),
        case(outside.Progressed, sign_of_life(aims.progressed)),
        case(scheduling.Scheduled, sign_of_life(meetings.scheduled)),
        case(scheduling.Met, sign_of_life(meetings.met)),
        case(scheduling.Missed, meetings.missed),
        case(outside.Submitted, sign_of_life(meetings.submitted)),
        case(feedback.Reviewed, meetings.reviewed),
        case(outside.Noted, sign_of_life(noted)),
        case(feedback.Flagged, flagged),
        case(feedback.Concluded, concluded),
        case(outside.Left, left),
        case(outside.Erased, erased),
        case(outside.Volunteered, volunteered),
        case(system.Due, due),
    )
)
