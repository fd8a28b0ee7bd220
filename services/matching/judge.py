"""What matching refuses: opened, offered, available, preferred, requested, accepted, declined, assigned.

A refusal is a code and the field at fault. A rule that would tell of somebody's choice is refused as
`not_available`.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.matching.model import Cycle, Held, Mentor, Offer, Open, Program
from services.matching.pool import person_of
from services.matching.rounds import rules_of
from services.matching.rules import CHOSEN, broken, shown
from services.matching.standing import freed, no_longer
from services.matching.timing import ends_at
from shared.cases import case
from shared.events import outside
from shared.events.envelope import MAX_BODY, Event, encode
from shared.events.rules import Form
from shared.vocabulary import InvalidVocabulary, load
from shared.world import Refusal, World

MORE_SAID = 1024
"""A successor's request has so many bytes more than what it continues, at most."""
MANY_SKILLS = 64
"""With fewer skills no request comes near the longest event."""


def opened(world: World, event: Event, data: outside.Opened) -> Refusal | None:
    """A version of the rules says one thing only, and comes into force before the program's end."""
    known = world.get(Program, event.program)
    stated = [rules for rules in (known.rules, known.coming) if rules] if known else []
    if any(rules.rules == data.rules and rules != data for rules in stated):
        return Refusal("version_stated_otherwise", "/data/rules")
    if data.effective_at >= ends_at(data):
        return Refusal("after_the_end", "/data/effective_at")
    if not _is_there(data.vocabulary):
        return Refusal("unknown_vocabulary", "/data/vocabulary", local=True)
    return _named_twice(data.forms)


def _named_twice(forms: Sequence[Form]) -> Refusal | None:
    """What is submitted names a form of a side, and what is rated an item of that form."""
    if len({(form.side, form.id) for form in forms}) < len(forms):
        return Refusal("same_form_twice", "/data/forms", later=True)
    if any(len({item.id for item in form.items}) < len(form.items) for form in forms):
        return Refusal("same_question_twice", "/data/forms", later=True)
    return None


def _is_there(vocabulary: str) -> bool:
    """Whether this installation has the vocabulary; `none` asks for none."""
    try:
        return vocabulary == "none" or bool(load(vocabulary))
    except InvalidVocabulary:
        return False


def offered(world: World, event: Event, data: outside.Offered) -> Refusal | None:
    """A mentor who is there offers, and is not his own manager."""
    if "mentor" in person_of(world, event.program, event.key).left:
        return Refusal("has_left", "/subject")
    return Refusal("own_manager", "/data/manager") if data.manager == event.key else None


def available(world: World, event: Event, data: outside.Available) -> Refusal | None:
    """Nothing is kept of who is erased."""
    del data
    return _not_erased(world, event)


def preferred(world: World, event: Event, data: outside.Preferred) -> Refusal | None:
    """Nobody prefers or avoids himself, or prefers whom he avoids; wishes are those that the program offers."""
    if event.key in data.prefer:
        return Refusal("oneself", "/data/prefer")
    if event.key in data.avoid:
        return Refusal("oneself", "/data/avoid")
    if set(data.prefer) & set(data.avoid):
        return Refusal("both_preferred_and_avoided", "/data/avoid")
    rules = rules_of(world, event.program)
    if rules and rules.wishes is not None and not set(data.wishes) <= set(rules.wishes):
        return Refusal("not_a_wish_of_the_program", "/data/wishes")
    return _not_erased(world, event)


def _not_erased(world: World, event: Event) -> Refusal | None:
    erased = person_of(world, event.program, event.key).erased
    return Refusal("erased", "/subject") if erased else None


def requested(world: World, event: Event, data: outside.Requested) -> Refusal | None:
    """A request of a running program, by a mentee who is there; one open cycle for each of its seats."""
    known = world.get(Cycle, event.program, event.key)
    if _too_long(event, data):
        return Refusal("no_room_for_a_successor", "/data")
    if known is not None:
        return _not_an_edit(known, data)
    if rules_of(world, event.program) is None:
        return Refusal("program_not_open", "/program")
    if data.continues is not None:
        return Refusal("continued_by_matching_only", "/data/continues")
    if "mentee" in person_of(world, event.program, data.mentee).left:
        return Refusal("has_left", "/data/mentee")
    return _not_sensible(data) or _request_taken(world, event, data)


def _too_long(event: Event, data: outside.Requested) -> bool:
    """Whether matching could not say the same for a successor, which names more: causes, and what it continues."""
    long = len(data.wanted_skills) + len(data.held_skills) > MANY_SKILLS
    return long and len(encode(event)) > MAX_BODY - MORE_SAID


def _not_an_edit(known: Cycle, data: outside.Requested) -> Refusal | None:
    """Wishes are edited before `paired`; whose they are, and for which seat, stays."""
    if not isinstance(known.state, Open | Held):
        return Refusal(known.status, "/subject")
    for name in ("mentee", "request", "seat"):
        if getattr(known, name) != getattr(data, name):
            return Refusal("not_the_same", f"/data/{name}")
    before = known.wishes.continues if known.wishes else None
    return None if data.continues == before else Refusal("not_the_same", "/data/continues")


def _not_sensible(data: outside.Requested) -> Refusal | None:
    if data.manager == data.mentee:
        return Refusal("own_manager", "/data/manager")
    ids = [goal.id for goal in data.goals]
    return None if len(set(ids)) == len(ids) else Refusal("goal_twice", "/data/goals")


def _request_taken(world: World, event: Event, data: outside.Requested) -> Refusal | None:
    for cycle in world.where(Cycle, program=event.program, request=data.request):
        if cycle.mentee != data.mentee:
            return Refusal("request_of_another", "/data/request")
        if cycle.live and cycle.seat == data.seat:
            return Refusal("seat_taken", "/data/seat")
    return None


def accepted(world: World, event: Event, data: outside.Accepted) -> Refusal | None:
    """Who was asked accepts, once, a proposal that stands, of two who may still be paired."""
    rules = rules_of(world, event.program)
    if rules is None:
        return Refusal("program_not_open", "/program")
    refusal, offer = _standing(world, event, data.proposal, data.by)
    if refusal or offer is None:
        return refusal
    if data.by in offer.accepted:
        return Refusal("accepted_already", "/data/by")
    rule = shown(no_longer(world, rules, world.get(Cycle, event.program, event.key), offer.mentor))
    return Refusal(rule, "/data/proposal") if rule else None


def declined(world: World, event: Event, data: outside.Declined) -> Refusal | None:
    """Who was asked declines a proposal that stands."""
    return _standing(world, event, data.proposal, data.by)[0]


def _standing(
    world: World, event: Event, proposal: str, by: str
) -> tuple[Refusal | None, Offer | None]:
    cycle = world.get(Cycle, event.program, event.key)
    if cycle is None:
        return Refusal("unknown_cycle", "/subject"), None
    if not isinstance(cycle.state, Held) or cycle.state.offer.proposal != proposal:
        return Refusal("no_such_proposal", "/data/proposal"), None
    offer = cycle.state.offer
    return (None if by in offer.asked else Refusal("not_asked", "/data/by")), offer


def assigned(world: World, event: Event, data: outside.Assigned) -> Refusal | None:
    """A coordinator may set aside the rules that the program chose, and only those that are named."""
    cycle, rules = world.get(Cycle, event.program, event.key), rules_of(world, event.program)
    if cycle is None:
        return Refusal("unknown_cycle", "/subject")
    if cycle.wishes is None or not isinstance(cycle.state, Open | Held):
        return Refusal(cycle.status, "/subject")
    if rules is None:
        return Refusal("program_not_open", "/program")
    mentor = world.get(Mentor, event.program, data.mentor)
    if mentor is None:
        return Refusal("no_offer", "/data/mentor")
    kept = broken(freed(world, rules, cycle, mentor), 0, 0)
    return _not_overridden([rule for rule in kept if rule not in data.overrides])


def _not_overridden(kept: list[str]) -> Refusal | None:
    rule = shown(kept)
    if rule is None:
        return None
    return Refusal(rule, "/data/overrides" if rule in CHOSEN else "/data/mentor")


JUDGES = dict(
    [
        case(outside.Opened, opened),
        case(outside.Offered, offered),
        case(outside.Available, available),
        case(outside.Preferred, preferred),
        case(outside.Requested, requested),
        case(outside.Accepted, accepted),
        case(outside.Declined, declined),
        case(outside.Assigned, assigned),
    ]
)
