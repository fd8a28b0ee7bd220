"""What feedback says to each input: reviews revealed, flags, conclusions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal, cast

from services.feedback import watching
from services.feedback.ending import end_cycles_of, end_if_left, end_pair, end_request, settle
from services.feedback.find import blind_reviews, cycle_of, pair_of
from services.feedback.model import (
    SIDES,
    Blind,
    Cycle,
    Open,
    Paired,
    Review,
    timer_name,
)
from services.feedback.reveal import Unseal, reviewed
from services.feedback.risk import changes
from shared.cases import case
from shared.events import feedback, matching, outside, scheduling, system
from shared.events.envelope import Event, EventData, answer_id
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
    return (settle(world, *found) or _flags(*found, event.id)) if found else []


def progressed(world: World, event: Event, data: outside.Progressed) -> list[Answer]:
    """The last goal that is reached may settle a pair whose meetings are over without having been enough."""
    found = pair_of(world, event)
    return (settle(world, *found) or _flags(*found, event.id)) if found else []


def heard(world: World, event: Event, data: EventData) -> list[Answer]:
    """A meeting held or missed, a sign of life: it may raise a flag, or end one."""
    found = pair_of(world, event)
    return _flags(*found, event.id) if found else []


def submitted(unseal: Unseal, world: World, event: Event, data: outside.Submitted) -> list[Answer]:
    """When both sides are in, the review is revealed; the last one open may settle the pair."""
    found = pair_of(world, event)
    if found is None:
        return []
    review = world.get(Review, event.program, event.key, data.meeting)
    if review and isinstance(review.state, Blind) and len(review.entries) == len(SIDES):
        return _revealed(unseal, world, event, found, [review], "both")
    return _flags(*found, event.id)


def due(unseal: Unseal, world: World, event: Event, data: system.Due) -> list[Answer]:
    """A deadline has passed: somebody is gone, a review is ripe, nothing was heard, a pair may be settled."""
    what = data.name.partition("-")[0]
    if what == "left":
        return end_cycles_of(unseal, world, event)
    found = pair_of(world, event)
    if found is None:
        return []
    ripe = _ripe(world, found[0], data.name) if what == "review" else []
    return _revealed(unseal, world, event, found, ripe, "deadline")


def _revealed(
    unseal: Unseal,
    world: World,
    event: Event,
    found: tuple[Cycle, Paired],
    reviews: Sequence[Review],
    by: Literal["both", "deadline"],
) -> list[Answer]:
    """These reviews are revealed; then the pair ends by itself, or what they say changes its flags."""
    cycle, pair = found
    answers = [reviewed(unseal, world, cycle, review, by) for review in reviews]
    if ended := settle(world, cycle, pair, reviews):
        return [*answers, *ended]
    shown = event.id
    for n, answer in enumerate(answers):
        shown = answer_id(feedback.Reviewed.OWNER, world.cause, answer.data.WORD, n)
        pair = watching.reviewed(pair, shown, cast("feedback.Reviewed", answer.data))
    return [*answers, *_flags(cycle, pair, shown)]


def _flags(cycle: Cycle, pair: Paired, shown: str) -> list[Answer]:
    """What is said of the pair's flags; `shown`: the event that ends those which end."""
    return changes(cycle, pair.watch, pair.risk, shown)


def _ripe(world: World, cycle: Cycle, timer: str) -> list[Review]:
    """The review whose timer has this name."""
    reviews = blind_reviews(world, cycle)
    return [review for review in reviews if timer_name("review", review.meeting) == timer]


def decides(unseal: Unseal) -> Mapping[type[EventData], Decide]:
    """The functions by event, with the means to open what is revealed."""
    return dict(
        (
            case(matching.Paired, partial(paired, unseal)),
            case(matching.Unmatched, unmatched),
            case(outside.Withdrawn, partial(withdrawn, unseal)),
            case(outside.Left, partial(left, unseal)),
            case(outside.Agreed, agreed),
            case(scheduling.Scheduled, heard),
            case(scheduling.Met, heard),
            case(scheduling.Missed, heard),
            case(outside.Progressed, progressed),
            case(outside.Noted, heard),
            case(outside.Submitted, partial(submitted, unseal)),
            case(system.Due, partial(due, unseal)),
        )
    )
