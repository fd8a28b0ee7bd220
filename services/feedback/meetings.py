"""What feedback makes of what happens to a pair's meetings and their reviews."""

from __future__ import annotations

from services.feedback.find import cycle_of, pair_of
from services.feedback.model import (
    CLOSING,
    Blind,
    Cancelled,
    Closing,
    Entry,
    ForReport,
    Held,
    Meeting,
    Missed,
    Planned,
    Revealed,
    Review,
)
from shared.events import feedback, outside, scheduling
from shared.events.envelope import Event
from shared.frozen import replace
from shared.world import Change, World


def scheduled(world: World, event: Event, data: scheduling.Scheduled) -> list[Change]:
    """A meeting stands as given, unless it has its verdict."""
    known = world.get(Meeting, event.program, event.key, data.meeting)
    if pair_of(world, event) is None or (
        known and not isinstance(known.state, Planned | Cancelled)
    ):
        return []
    state = Planned() if data.status == "CONFIRMED" else Cancelled()
    meeting = Meeting(
        program=event.program,
        cycle=event.key,
        meeting=data.meeting,
        number=data.number if data.planned else 0,
        type=data.type,
        rules=known.rules if known else data.rules,
        starts_at=data.starts_at,
        state=state,
    )
    return [meeting]


def met(world: World, event: Event, data: scheduling.Met) -> list[Change]:
    """A meeting was held: its reviews begin, and what was missed before it counts no longer as a run."""
    found, known = pair_of(world, event), world.get(Meeting, event.program, event.key, data.meeting)
    if found is None or (known and isinstance(known.state, Held)):
        return []
    cycle, pair = found
    meeting = Meeting(
        program=event.program,
        cycle=event.key,
        meeting=data.meeting,
        number=data.number if data.planned else 0,
        type=data.type,
        rules=known.rules if known else data.rules,
        starts_at=data.starts_at,
        state=Held(data.overlap.minutes),
    )
    blind = Blind(pair.review_within.after(world.now, pair.zone))
    review = Review(event.program, event.key, data.meeting, blind.kind, {}, blind)
    first = min(filter(None, (pair.first_met_at, data.starts_at)))
    changes: list[Change] = [meeting, cycle.become(replace(pair, run=(), first_met_at=first))]
    return changes if data.meeting == CLOSING else [*changes, review]


def missed(world: World, event: Event, data: scheduling.Missed) -> list[Change]:
    """A meeting was missed, as far as is known."""
    found, known = pair_of(world, event), world.get(Meeting, event.program, event.key, data.meeting)
    if found is None or (known and not isinstance(known.state, Planned | Cancelled)):
        return []
    cycle, pair = found
    meeting = Meeting(
        program=event.program,
        cycle=event.key,
        meeting=data.meeting,
        number=known.number if known else data.number,
        type=known.type if known else "regular",
        rules=known.rules if known else data.rules,
        starts_at=data.starts_at,
        state=Missed(data.final_at),
    )
    run = (*pair.run, event.id)[-pair.missed_limit :] if pair.missed_limit else ()
    return [meeting, cycle.become(replace(pair, run=run))]


def submitted(world: World, event: Event, data: outside.Submitted) -> list[Change]:
    """A side's sealed review is kept; a newer one of the same side replaces it until it is revealed."""
    review = world.get(Review, event.program, event.key, data.meeting)
    cycle, entry = cycle_of(world, event), Entry(data.form, data.sealed)
    if data.meeting == CLOSING:
        if cycle is None or not isinstance(cycle.state, Closing):
            return []
        report = ForReport()
        review = review or Review(event.program, event.key, CLOSING, report.kind, {}, report)
    elif review is None or not isinstance(review.state, Blind):
        return []
    entries = dict(sorted({**review.entries, data.side: entry}.items()))
    return [replace(review, entries=entries)]


def reviewed(world: World, event: Event, data: feedback.Reviewed) -> list[Change]:
    """A review is revealed as the log says."""
    review = world.get(Review, event.program, event.key, data.meeting)
    if review is None or not isinstance(review.state, Blind):
        return []
    ratings: dict[str, dict[str, int]] = {side: dict(items) for side, items in data.ratings.items()}
    return [review.become(Revealed(data.by, ratings, data.missing))]
