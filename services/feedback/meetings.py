"""What feedback makes of what happens to a pair's meetings and their reviews."""

from __future__ import annotations

from services.feedback import watching
from services.feedback.find import cycle_of, form_of, pair_of, scales_of
from services.feedback.model import (
    CLOSING,
    SIDES,
    Blind,
    Cancelled,
    Closing,
    Cycle,
    Entry,
    ForReport,
    Held,
    Meeting,
    Missed,
    Planned,
    Revealed,
    Review,
)
from services.feedback.shares import added
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
    pair = watching.met(replace(pair, first_met_at=first), data.corrects)
    changes: list[Change] = [meeting, cycle.become(pair)]
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
    return [meeting, cycle.become(watching.missed(pair, event.id))]


def submitted(world: World, event: Event, data: outside.Submitted) -> list[Change]:
    """A side's sealed review is kept; a newer one of the same side replaces it until it is revealed."""
    review, entry = _review_of(world, event, data), Entry(data.form, data.sealed)
    match review:
        case Review(state=Blind() | ForReport()):
            entries = dict(sorted({**review.entries, data.side: entry}.items()))
            return [replace(review, entries=entries, sides=len(entries))]
        case Review(state=Revealed(missing=missing), late=late) if data.side in missing:
            return [replace(review, late=dict(sorted({data.side: entry, **late}.items())))]
    return []


def _review_of(world: World, event: Event, data: outside.Submitted) -> Review | None:
    """The review that this belongs to: of a pair's meeting, or of a cycle whose closing reviews are taken."""
    review = world.get(Review, event.program, event.key, data.meeting)
    if data.meeting != CLOSING:
        return review if pair_of(world, event) else None
    cycle, report = cycle_of(world, event), ForReport()
    if cycle is None or not isinstance(cycle.state, Closing):
        return None
    return review or Review(event.program, event.key, CLOSING, report.kind, {}, report)


def reviewed(world: World, event: Event, data: feedback.Reviewed) -> list[Change]:
    """A review is revealed as the log says; its ratings count for the pair."""
    review = world.get(Review, event.program, event.key, data.meeting)
    if review is None or not isinstance(review.state, Blind):
        return []
    ratings: dict[str, dict[str, int]] = {side: dict(items) for side, items in data.ratings.items()}
    revealed = review.become(Revealed(data.by, ratings, data.missing))
    revealed = replace(revealed, sides=len(SIDES) - len(data.missing))
    found = pair_of(world, event)
    if found is None:
        return [revealed]
    cycle, pair = found
    scaled = _scaled(world, cycle, review, data)
    pair = replace(watching.reviewed(pair, event.id, scaled), totals=added(pair.totals, scaled))
    return [revealed, cycle.become(pair)]


def _scaled(
    world: World, cycle: Cycle, review: Review, data: feedback.Reviewed
) -> feedback.Reviewed:
    """A review from before it named its scales is read by the forms that asked."""
    if data.scales or not data.ratings:
        return data
    scales = {
        side: scales_of(
            form_of(world, cycle, review.meeting, side, review.entries[side].form), rated
        )
        for side, rated in data.ratings.items()
        if side in review.entries
    }
    return data.model_copy(update={"scales": scales})
