"""A round: from open requests and free mentors to the pairs that are said.

Programs that match at once keep it cheap: after every input no allowed pair is left between an open request
and a free mentor, so the next input need only be held against what it changed. A round over the whole pool
says as many pairs as one input may; the rest follows on the round's own `due`. What is left of an optimal
choice is an optimal choice for what is left, so that a round in steps is as good as one at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from services.matching import limits, scoring
from services.matching.assignment.pairs import Candidate, choose
from services.matching.model import Cycle, Mentor, Program
from services.matching.pool import Guide, Match, Scored, Seeker, guides, seekers
from services.matching.rules import Rules, in_force
from services.matching.words import asked, paired, proposed
from shared.events.envelope import Event
from shared.events.outside import Opened
from shared.events.rules import OnThreshold
from shared.world import Answer, World


def rules_of(world: World, program: str) -> Opened | None:
    """The rules in force; None before the program is opened and after its end."""
    row = world.get(Program, program)
    return row.rules if row and not row.ended else None


def waiting(world: World, program: str) -> list[Cycle]:
    """The open requests of a program; parked ones are treated as absent."""
    return world.where(Cycle, parked="skip", program=program, status="open")


def free(world: World, program: str) -> list[Mentor]:
    """The mentors of a program who can take one more; parked ones are treated as absent."""
    return world.where(Mentor, parked="skip", program=program, free=True)


def whole(world: World, event: Event) -> list[Answer]:
    """A round over the whole pool of a program."""
    mentors = free(world, event.program)
    return pair(world, event, waiting(world, event.program), mentors) if mentors else []


def at_once(
    world: World, event: Event, cycles: Sequence[Cycle] = (), mentors: Iterable[Mentor | None] = ()
) -> list[Answer]:
    """What an input changes for its program: these requests and mentors are new in the pool.

    Nothing where rounds follow a calendar; with a threshold, a whole round once enough requests wait.
    """
    rules = rules_of(world, event.program)
    fresh = [mentor for mentor in mentors if mentor and mentor.free]
    if rules is None or not (cycles or fresh):
        return []
    if rules.rounds == "at_once":
        return _what_changed(world, event, cycles, fresh)
    if isinstance(rules.rounds, OnThreshold):
        everybody = _with(waiting(world, event.program), cycles)
        enough = len(everybody) >= rules.rounds.waiting
        return pair(world, event, everybody, free(world, event.program)) if enough else []
    return []


def _what_changed(
    world: World, event: Event, cycles: Sequence[Cycle], fresh: Sequence[Mentor]
) -> list[Answer]:
    program = event.program
    mentors = free(world, program) if cycles else fresh
    asking = _with(waiting(world, program), cycles) if fresh else cycles
    return pair(world, event, asking, mentors) if mentors else []


def _with(known: Iterable[Cycle], more: Iterable[Cycle]) -> list[Cycle]:
    return list({cycle.cycle: cycle for cycle in (*known, *more)}.values())


def pair(
    world: World, event: Event, cycles: Iterable[Cycle], mentors: Iterable[Mentor]
) -> list[Answer]:
    """Pair these requests with these mentors, as far as rules, floor and policy have it."""
    rules = rules_of(world, event.program)
    if rules is None:
        return []
    found = matches(world, rules, cycles, mentors)[: limits.PAIRS[rules.acceptance]]
    return [answer for match in found for answer in _say(world, event, rules, match)]


def matches(
    world: World, rules: Opened, cycles: Iterable[Cycle], mentors: Iterable[Mentor]
) -> list[Match]:
    """The chosen pairs, in the order of the queue."""
    room = {mentor.mentor: mentor.room(rules) for mentor in mentors}
    able = guides(world, (mentor for mentor in mentors if room[mentor.mentor]))
    asking = seekers(world, cycles) if able else []
    allowed = {
        (match.seeker.cycle.cycle, match.guide.mentor.mentor): (match, worth)
        for rank, seeker in enumerate(asking)
        for match, worth in _worths(seeker, able, rules, _ageing(rank, len(asking)))
    }
    candidates = [_candidate(match, worth) for match, worth in allowed.values()]
    chosen = choose(rules.policy, candidates, room)
    return [allowed[candidate.cycle, candidate.mentor][0] for candidate in chosen]


def _ageing(rank: int, asking: int) -> float:
    """The share of the others in the pool who came later: ageing by the queue, which no clock can move."""
    return (asking - 1 - rank) / (asking - 1) if asking > 1 else 0.0


def _worths(
    seeker: Seeker, able: Iterable[Guide], rules: Opened, ageing: float
) -> Iterator[tuple[Match, int]]:
    hard = in_force(rules)
    for guide in able:
        scored = allowed(seeker, guide, rules, hard)
        if scored is not None:
            worth = scoring.value(scored, ageing, guide.mentor.load, rules)
            yield Match(seeker, guide, scored), worth


def allowed(seeker: Seeker, guide: Guide, rules: Opened, hard: Rules) -> Scored | None:
    """The score of a pair that no rule forbids and that is not below the floor; None otherwise."""
    for _, allows in hard:
        if not allows(seeker, guide, rules):
            return None
    scored = scoring.score(seeker, guide, rules)
    return scored if scored.score >= rules.floor else None


def _candidate(match: Match, worth: int) -> Candidate:
    cycle = match.seeker.cycle
    return Candidate(cycle.place, cycle.cycle, cycle.mentee, match.guide.mentor.mentor, worth)


def _say(world: World, event: Event, rules: Opened, match: Match) -> Iterator[Answer]:
    if rules.acceptance == "none":
        yield paired(world, event, rules, match, rules.policy)
        return
    for to in asked(rules, match.seeker.cycle.mentee, match.guide.mentor.mentor):
        yield proposed(world, event, rules, match, to)
