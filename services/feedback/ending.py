"""Ending cycles: which answers end one, in which order. What is open is revealed before it is concluded."""

from __future__ import annotations

from collections.abc import Iterable

from services.feedback.conclusion import (
    Account,
    conclude_pair,
    conclude_request,
    has_ended,
    natural_end,
    rematches,
    tally,
)
from services.feedback.find import blind_reviews, goals_of, meetings_of, open_cycles, person_of
from services.feedback.model import SIDES, Away, Cycle, Open, Outcome, Paired, Review, Side
from services.feedback.reveal import Unseal, reviewed
from shared.events.envelope import Event
from shared.events.types import Role
from shared.world import Answer, World


def end_request(cycle: Cycle, outcome: Outcome, by: Role | None) -> list[Answer]:
    """End a cycle that was never paired."""
    return [Answer(cycle.cycle, conclude_request(cycle, outcome, by))]


def end_pair(
    unseal: Unseal,
    world: World,
    cycle: Cycle,
    pair: Paired,
    outcome: Outcome,
    by: Role,
    *,
    again: bool,
) -> list[Answer]:
    """End a pair at once: reveal its open reviews as they are, then conclude."""
    reviews = blind_reviews(world, cycle)
    counted = tally(pair, meetings_of(world, cycle))
    account = Account(cycle, pair, counted, goals_of(world, cycle), world.now)
    data = conclude_pair(account, outcome, by, again=again)
    return [
        *(reviewed(unseal, world, cycle, review, "deadline") for review in reviews),
        Answer(cycle.cycle, data),
    ]


def settle(
    world: World, cycle: Cycle, pair: Paired, revealing: Iterable[Review] = ()
) -> list[Answer]:
    """Conclude a pair that ends by itself, unless a review stays open beside those being revealed."""
    counted = tally(pair, meetings_of(world, cycle))
    revealed = {review.key() for review in revealing}
    if not has_ended(pair, counted):
        return []
    if any(review.key() not in revealed for review in blind_reviews(world, cycle)):
        return []
    account = Account(cycle, pair, counted, goals_of(world, cycle), world.now)
    outcome = natural_end(account)
    if outcome is None:
        return []
    return [Answer(cycle.cycle, conclude_pair(account, outcome, None, again=False))]


def end_cycles_of(unseal: Unseal, world: World, event: Event) -> list[Answer]:
    """End the cycles that the person of this event has left, in the roles given up by now."""
    person = person_of(world, event.program, event.key)
    cycles = {
        cycle.key(): cycle
        for side in SIDES
        if isinstance(person.standing(side), Away)
        for cycle in open_cycles(world, event.program, event.key, side)
    }
    ends = (end_if_left(unseal, world, cycle) for _, cycle in sorted(cycles.items()))
    return [answer for answers in ends for answer in answers]


def end_if_left(unseal: Unseal, world: World, cycle: Cycle) -> list[Answer]:
    """End a cycle when one of its sides has left; the mentee's leaving goes first."""
    gone = next((side for side in SIDES if _is_away(world, cycle, side)), None)
    match cycle.state:
        case Open() if gone:
            return end_request(cycle, "left", gone)
        case Paired() as pair if gone:
            again = rematches(pair, gone)
            return end_pair(unseal, world, cycle, pair, "left", gone, again=again)
    return []


def _is_away(world: World, cycle: Cycle, side: Side) -> bool:
    person = cycle.person(side)
    if person is None:
        return False
    return isinstance(person_of(world, cycle.program, person).standing(side), Away)
