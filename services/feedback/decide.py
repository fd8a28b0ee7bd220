"""What feedback says to each input: reviews revealed, flags, conclusions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

from services.feedback.ending import end_cycles_of, end_if_left, end_pair, end_request, settle
from services.feedback.find import blind_reviews, cycle_of, pair_of
from services.feedback.model import (
    SIDES,
    Blind,
    Cycle,
    Open,
    Paired,
    Review,
    Watch,
    derived,
    timer_name,
)
from services.feedback.reveal import Unseal, reviewed
from shared.cases import case
from shared.events import feedback, matching, outside, scheduling, system
from shared.events.envelope import Event, EventData
from shared.events.rules import Risk
from shared.world import Answer, World

Decide = Callable[[World, Event], list[Answer]]


def paired(unseal: Unseal, world: World, event: Event, data: matching.Paired) -> list[Answer]:
    """A pair one of whose sides has left meanwhile ends at once."""
    found = pair_of(world, event)
    return end_if_left(unseal, world, found[0]) if found else []


def unmatched(world: World, event: Event, data: matching.Unmatched) -> list[Answer]:
    """A request that found no mentor in time is over."""
    cycle = cycle_of(world, event)
    is_open = cycle and isinstance(cycle.state, Open)
    return end_request(cycle, "unmatched", None) if cycle and is_open else []


def withdrawn(unseal: Unseal, world: World, event: Event, data: outside.Withdrawn) -> list[Answer]:
    """A request is withdrawn, or a pair ends early."""
    match cycle_of(world, event):
        case Cycle(state=Open()) as cycle:
            return end_request(cycle, "withdrawn", data.role)
        case Cycle(state=Paired() as pair) as cycle:
            again = data.rematch and not pair.over
            return end_pair(unseal, world, cycle, pair, "ended_early", data.role, again=again)
    return []


def left(unseal: Unseal, world: World, event: Event, data: outside.Left) -> list[Answer]:
    """The cycles of somebody who has left are over."""
    return end_cycles_of(unseal, world, event)


def agreed(world: World, event: Event, data: outside.Agreed) -> list[Answer]:
    """Terms with fewer meetings may settle a pair."""
    found = pair_of(world, event)
    return settle(world, *found) if found else []


def met(world: World, event: Event, data: scheduling.Met) -> list[Answer]:
    """A meeting that was held clears the flag that missed ones raised."""
    match pair_of(world, event):
        case (cycle, Paired(watch=Watch(missed=(), flags={"missed": flag}))):
            return [_flagged(cycle, flag.id, "cleared", (event.id,))]
    return []


def missed(world: World, event: Event, data: scheduling.Missed) -> list[Answer]:
    """So many meetings missed one after the other raise a flag, once."""
    match pair_of(world, event):
        case (cycle, Paired(risk=Risk(missed=int() as limit), watch=Watch(missed=run) as watch)):
            if len(run) >= limit and "missed" not in watch.flags:
                flag = derived("missed", cycle.program, cycle.cycle, run[0])
                return [_flagged(cycle, flag, "raised", run)]
    return []


def submitted(unseal: Unseal, world: World, event: Event, data: outside.Submitted) -> list[Answer]:
    """When both sides are in, the review is revealed; the last one open may settle the pair."""
    found = pair_of(world, event)
    review = world.get(Review, event.program, event.key, data.meeting)
    if found is None or review is None or not isinstance(review.state, Blind):
        return []
    if len(review.entries) < len(SIDES):
        return []
    answer = reviewed(unseal, world, found[0], review, "both")
    return [answer, *settle(world, *found, [review])]


def due(unseal: Unseal, world: World, event: Event, data: system.Due) -> list[Answer]:
    """A deadline has passed: somebody is gone, a review is ripe, a pair may be settled."""
    what = data.name.partition("-")[0]
    if what == "left":
        return end_cycles_of(unseal, world, event)
    found = pair_of(world, event)
    if found is None:
        return []
    ripe = _ripe(world, found[0], data.name) if what == "review" else []
    answers = [reviewed(unseal, world, found[0], review, "deadline") for review in ripe]
    return [*answers, *settle(world, *found, ripe)]


def _ripe(world: World, cycle: Cycle, timer: str) -> list[Review]:
    """The review whose timer has this name."""
    reviews = blind_reviews(world, cycle)
    return [review for review in reviews if timer_name("review", review.meeting) == timer]


def _flagged(
    cycle: Cycle, flag: str, status: Literal["raised", "cleared"], evidence: tuple[str, ...]
) -> Answer:
    data = feedback.Flagged(
        mentee=cycle.mentee,
        mentor=cycle.mentor or "",
        rules=cycle.rules or "",
        flag=flag,
        rule="missed",
        status=status,
        evidence=evidence,
    )
    return Answer(cycle.cycle, data)


def decides(unseal: Unseal) -> Mapping[type[EventData], Decide]:
    """The functions by event, with the means to open what is revealed."""
    return dict(
        (
            case(matching.Paired, partial(paired, unseal)),
            case(matching.Unmatched, unmatched),
            case(outside.Withdrawn, partial(withdrawn, unseal)),
            case(outside.Left, partial(left, unseal)),
            case(outside.Agreed, agreed),
            case(scheduling.Met, met),
            case(scheduling.Missed, missed),
            case(outside.Submitted, partial(submitted, unseal)),
            case(system.Due, partial(due, unseal)),
        )
    )
