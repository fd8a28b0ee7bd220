"""What matching answers, over a world that has folded the input. One short function per event."""

from __future__ import annotations

from services.matching import explain, words
from services.matching.changes import Changes
from services.matching.limits import LAPSES
from services.matching.model import Cycle, Ended, Ending, Held, Mentor, Offer, Open, Person, Program
from services.matching.pool import person_of, pool, two
from services.matching.rounds import at_once, rules_of, whole
from services.matching.standing import no_longer
from services.matching.steps import go_on
from shared.cases import case
from shared.events import feedback, outside, system
from shared.events.envelope import Event
from shared.events.outside import Opened
from shared.world import Answer, Ref, World


def offered(world: World, event: Event, data: outside.Offered) -> list[Answer]:
    """A mentor is new in the pool; one who pauses lets the proposals that stand lapse."""
    mentor = _mentor(world, event.program, event.key)
    if mentor and mentor.paused_until:
        told, again = _let_go(world, mentor, "paused")
        return [*told, *at_once(world, event, again, said=len(told))]
    return at_once(world, event, mentors=[mentor])


def available(world: World, event: Event, data: outside.Available) -> list[Answer]:
    """A person's time may allow what it did not."""
    return _person_changed(world, event)


def preferred(world: World, event: Event, data: outside.Preferred) -> list[Answer]:
    """A person's preferences may allow what they did not."""
    return _person_changed(world, event)


def _person_changed(world: World, event: Event) -> list[Answer]:
    cycles = world.where(
        Cycle, parked="skip", program=event.program, mentee=event.key, status="open"
    )
    return at_once(world, event, cycles, [_mentor(world, event.program, event.key)])


def left(world: World, event: Event, data: outside.Left) -> list[Answer]:
    """Who has left is asked no more, nor is anybody asked about him."""
    return _departed(world, event)


def _departed(world: World, event: Event) -> list[Answer]:
    """Who leaves both roles changes the pool twice, but it is looked at once: a second look would not know the first."""
    gone = person_of(world, event.program, event.key).left
    mentor = _mentor(world, event.program, event.key)
    told, again = _let_go(world, mentor, "left") if mentor and "mentor" in gone else ([], [])
    stopped, freed = _stopped(world, event) if "mentee" in gone else ([], [])
    told = [*told, *stopped]
    return [*told, *at_once(world, event, again, freed, said=len(told))]


def _stopped(world: World, event: Event) -> tuple[list[Answer], list[Mentor | None]]:
    """The proposals about the requests of a mentee who has left lapse; the mentors who have a place again."""
    ended = [
        (cycle, cycle.state.lapsing)
        for cycle in world.where(Cycle, program=event.program, mentee=event.key, live=True)
        if isinstance(cycle.state, Ending) and cycle.state.lapsing
    ][:LAPSES]
    told = [answer for cycle, offer in ended for answer in words.lapsed(cycle, offer, "left")]
    return told, [_mentor(world, event.program, offer.mentor) for _, offer in ended]


def requested(world: World, event: Event, data: outside.Requested) -> list[Answer]:
    """A request is new in the pool, or its wishes are; a proposal that they rule out is superseded."""
    match world.get(Cycle, event.program, event.key):
        case Cycle(state=Open()) as cycle:
            return at_once(world, event, [cycle])
        case Cycle(state=Held(offer=offer)) as cycle:
            return _edited(world, event, cycle, offer)
    return []


def _edited(world: World, event: Event, cycle: Cycle, offer: Offer) -> list[Answer]:
    rules = rules_of(world, event.program)
    if rules is None or not no_longer(world, rules, cycle, offer.mentor):
        return []
    told = words.lapsed(cycle, offer, "superseded")
    again = at_once(world, event, _in_time(world, [cycle.become(Open())]))
    return [*told, *again, *_freed(world, event, offer.mentor)]


def accepted(world: World, event: Event, data: outside.Accepted) -> list[Answer]:
    """Everybody who is asked has accepted: a pair."""
    rules = _stated(world, event)
    match world.get(Cycle, event.program, event.key):
        case Cycle(state=Held(offer=offer)) as cycle if offer.agreed and rules:
            mentor = _mentor(world, event.program, offer.mentor)
            return [words.paired_by_consent(world, rules, cycle, offer, mentor)] if mentor else []
    return []


def declined(world: World, event: Event, data: outside.Declined) -> list[Answer]:
    """The other side is told that the proposal is over, not why; the request goes to its next choice."""
    return _reopened(world, event, "superseded")


def _reopened(world: World, event: Event, cause: words.Cause) -> list[Answer]:
    match world.get(Cycle, event.program, event.key):
        case Cycle(state=Open(lapsing=Offer() as offer)) as cycle:
            told = words.lapsed(cycle, offer, cause)
            mentor = _mentor(world, event.program, offer.mentor)
            return [*told, *at_once(world, event, _in_time(world, [cycle]), [mentor])]
    return []


def _in_time(world: World, cycles: list[Cycle]) -> list[Cycle]:
    """Those whose time is not up; of the others the deadline comes next."""
    return [cycle for cycle in cycles if cycle.expires_at > world.now]


def assigned(world: World, event: Event, data: outside.Assigned) -> list[Answer]:
    """A coordinator's pair; a proposal that stands is superseded."""
    rules, mentor = _stated(world, event), _mentor(world, event.program, data.mentor)
    cycle = world.get(Cycle, event.program, event.key)
    if rules is None or mentor is None or cycle is None or cycle.wishes is None:
        return []
    match = explain.match(two(world, rules, cycle, mentor), 0, 0)
    pair = words.paired(world, rules, match, event.id, "assigned")
    offer = cycle.state.offer if isinstance(cycle.state, Held) else None
    told = words.lapsed(cycle, offer, "superseded")
    elsewhere = offer and offer.mentor != data.mentor
    return [*told, pair, *(_freed(world, event, offer.mentor) if offer and elsewhere else [])]


def _freed(world: World, event: Event, held: str) -> list[Answer]:
    """A mentor who is asked no more has a place again.

    For programs that pair at once alone: a whole round would look at rows that do not know what this step says.
    """
    rules, mentor = rules_of(world, event.program), _mentor(world, event.program, held)
    if mentor is None or rules is None or rules.rounds != "at_once":
        return []
    return at_once(world, event, mentors=[mentor.loaded(by=-1)])


def withdrawn(world: World, event: Event, data: outside.Withdrawn) -> list[Answer]:
    """Those who were asked about the request are told, and the mentor has a place again."""
    match world.get(Cycle, event.program, event.key):
        case Cycle(state=Ending(lapsing=Offer() as offer)) as cycle:
            told = words.lapsed(cycle, offer, "withdrawn")
            freed = _mentor(world, event.program, offer.mentor)
            return [*told, *at_once(world, event, mentors=[freed])]
    return []


def concluded(world: World, event: Event, data: feedback.Concluded) -> list[Answer]:
    """A cycle is over: its successor, where feedback names one, and the next pairs."""
    cycle = world.get(Cycle, event.program, event.key)
    if cycle is None or not isinstance(cycle.state, Ended):
        return []
    told = words.lapsed(cycle, cycle.state.lapsing, "withdrawn")
    again = _successor(world, event, cycle, cycle.state)
    asked = [Answer(row.cycle, words.wishes_of(row)) for row in again]
    return [*told, *asked, *at_once(world, event, again, _now_free(world, cycle))]


def _successor(world: World, event: Event, cycle: Cycle, ended: Ended) -> list[Cycle]:
    """The cycle that goes on with the request, as it will be once it has been said."""
    rules, key = rules_of(world, event.program), ended.successor
    if rules is None or key is None or world.get(Cycle, event.program, key):
        return []
    if "mentee" in person_of(world, event.program, cycle.mentee).left:
        return []
    wishes = words.continuing(cycle)
    return [Changes(world, event.program).begin(key, wishes, rules)]


def _now_free(world: World, cycle: Cycle) -> list[Mentor | None]:
    """The mentor of an ended cycle; and its mentee as a mentor, who may now mentor the former mentor."""
    people = [cycle.mentor, cycle.mentee] if cycle.mentor else []
    return [_mentor(world, cycle.program, person) for person in people if person]


def due(world: World, event: Event, data: system.Due) -> list[Answer]:
    """A deadline has passed."""
    match data.name:
        case "round" | "again":
            return whole(world, event) if data.name == "round" else go_on(world, event)
        case "resume":
            return at_once(world, event, mentors=[_mentor(world, event.program, event.key)])
        case "leave-mentee" | "leave-mentor":
            return _departed(world, event)
        case "offer":
            return _reopened(world, event, "expired")
        case "expires":
            return _expired(world, event)
    return []


def _expired(world: World, event: Event) -> list[Answer]:
    rules, cycle = _stated(world, event), world.get(Cycle, event.program, event.key)
    if rules is None or cycle is None or not isinstance(cycle.state, Open | Ending):
        return []
    return [words.unmatched(world, cycle, _excluded(world, rules, cycle))]


def _excluded(world: World, rules: Opened, cycle: Cycle) -> dict[str, int]:
    """How many of the program's mentors each rule kept from a request; waits behind a parked mentee."""
    person_of(world, cycle.program, cycle.mentee)
    mentors = world.where(Mentor, parked="skip", program=cycle.program)
    world.prefetch(Ref(Person, (one.program, one.mentor)) for one in mentors)
    found = pool(world, rules, [cycle], mentors)
    return explain.excluded(found, 0) if found.requests and found.mentors else {}


def _let_go(world: World, mentor: Mentor, cause: words.Cause) -> tuple[list[Answer], list[Cycle]]:
    """The proposals that ask about a mentor lapse; the requests that go to their next choices."""
    held = [
        (cycle, cycle.state.offer)
        for cycle in world.where(
            Cycle, program=mentor.program, mentor=mentor.mentor, live=True, status="held"
        )
        if isinstance(cycle.state, Held)
    ][:LAPSES]
    told = [answer for cycle, offer in held for answer in words.lapsed(cycle, offer, cause)]
    return told, _in_time(world, [cycle.become(Open()) for cycle, _ in held])


def _mentor(world: World, program: str, mentor: str) -> Mentor | None:
    return world.get(Mentor, program, mentor)


def _stated(world: World, event: Event) -> Opened | None:
    """The rules last stated, even after the program's end."""
    program = world.get(Program, event.program)
    return program.rules if program else None


DECIDES = dict(
    [
        case(outside.Offered, offered),
        case(outside.Available, available),
        case(outside.Preferred, preferred),
        case(outside.Left, left),
        case(outside.Requested, requested),
        case(outside.Accepted, accepted),
        case(outside.Declined, declined),
        case(outside.Assigned, assigned),
        case(outside.Withdrawn, withdrawn),
        case(feedback.Concluded, concluded),
        case(system.Due, due),
    ]
)
