"""Reviews as a reader may see them, and those that await somebody. What may be read is unsealed for it."""

from __future__ import annotations

from collections.abc import Iterator

from services.feedback.access import Level, Reader, Seen, seen
from services.feedback.answers import ReviewOpen, ReviewSeen, SubmittedSeen
from services.feedback.find import blind_reviews, form_of, forms_of, meetings_of, person_of
from services.feedback.model import (
    CLOSING,
    SIDES,
    Blind,
    Closing,
    Cycle,
    Meeting,
    Revealed,
    Review,
    Side,
)
from services.feedback.reveal import Unseal, open_entry
from shared.world import World


def reviews(unseal: Unseal, world: World, cycle: Cycle, reader: Reader) -> list[ReviewSeen]:
    """All reviews of a cycle in the order of their meetings."""
    rows = world.where(Review, program=cycle.program, cycle=cycle.cycle)
    starts = {each.meeting: each.starts_at.timestamp() for each in meetings_of(world, cycle)}
    rows.sort(key=lambda row: (starts.get(row.meeting, float("inf")), row.meeting))
    return [_review(unseal, world, cycle, reader, row) for row in rows]


def _review(
    unseal: Unseal, world: World, cycle: Cycle, reader: Reader, review: Review
) -> ReviewSeen:
    state, sides = review.state, {}
    for side in SIDES:
        found = _submitted(unseal, world, cycle, review, side, seen(reader, review, side))
        if found is not None:
            sides[side] = found
    return ReviewSeen(
        meeting=review.meeting,
        status=state.kind,
        deadline=state.deadline if isinstance(state, Blind) else None,
        by=state.by if isinstance(state, Revealed) else None,
        submitted=list(_who_is_in(reader, review)),
        missing=[side for side in SIDES if isinstance(state, Revealed) and side in state.missing],
        sides=sides,
    )


def _who_is_in(reader: Reader, review: Review) -> Iterator[Side]:
    """Before the reveal a side is told of itself alone; who counted as missing is not in."""
    missing = review.state.missing if isinstance(review.state, Revealed) else ()
    for side in SIDES:
        told = isinstance(reader, Level) or reader == side or isinstance(review.state, Revealed)
        if told and side in review.entries and side not in missing:
            yield side


def _submitted(
    unseal: Unseal, world: World, cycle: Cycle, review: Review, side: Side, allowed: Seen
) -> SubmittedSeen | None:
    if allowed.own:
        return _own(unseal, cycle, review, side)
    entry = review.entries.get(side)
    if entry is None or not (allowed.ratings or allowed.words):
        return None
    found = SubmittedSeen(form=entry.form, ratings=_revealed(review, side))
    form = form_of(world, cycle, review.meeting, side, entry.form)
    asked = [text.id for text in (form.texts if form else ()) if text.audience in allowed.words]
    if not asked:
        return found
    contents = open_entry(unseal, cycle, review.meeting, side, entry)
    if contents is None:
        return found.model_copy(update={"unreadable": True})
    texts = {name: contents.texts[name] for name in asked if name in contents.texts}
    return found.model_copy(update={"texts": texts})


def _own(unseal: Unseal, cycle: Cycle, review: Review, side: Side) -> SubmittedSeen | None:
    """The reader's own, whole; of one that came late after another was unreadable, the late one."""
    entry, late = review.late.get(side), side in review.late
    entry = entry or review.entries.get(side)
    if entry is None:
        return None
    contents = open_entry(unseal, cycle, review.meeting, side, entry)
    if contents is None:
        ratings = {} if late else _revealed(review, side)
        return SubmittedSeen(form=entry.form, ratings=ratings, late=late, unreadable=True)
    return SubmittedSeen(
        form=entry.form,
        ratings=dict(contents.ratings),
        texts=dict(contents.texts),
        text=contents.text,
        late=late,
    )


def _revealed(review: Review, side: Side) -> dict[str, int]:
    state = review.state
    return dict(state.ratings.get(side, {})) if isinstance(state, Revealed) else {}


# -- what awaits a person ---------------------------------------------------------------------------


def open_reviews(world: World, program: str, person: str) -> list[ReviewOpen]:
    """The reviews that a person may still submit and has not, the nearest deadline first."""
    found = [
        review
        for cycle, side in _pairs(world, program, person)
        for review in _open(world, cycle, side)
    ]
    return sorted(found, key=lambda review: (review.deadline, review.cycle, review.meeting))


def _pairs(world: World, program: str, person: str) -> Iterator[tuple[Cycle, Side]]:
    """The person's cycles whose reviews are taken; with somebody erased nothing can be sealed."""
    for status in ("paired", "closing"):
        mentee = world.where(Cycle, program=program, mentee=person, status=status)
        mentor = world.where(Cycle, program=program, mentor=person, status=status)
        for side, cycles in zip(SIDES, (mentee, mentor), strict=True):
            for cycle in cycles:
                two = (cycle.mentee, cycle.mentor or cycle.mentee)
                if not any(person_of(world, program, each).erased for each in two):
                    yield cycle, side


def _open(world: World, cycle: Cycle, side: Side) -> Iterator[ReviewOpen]:
    if isinstance(cycle.state, Closing):
        closing = world.get(Review, cycle.program, cycle.cycle, CLOSING)
        if closing is None or side not in closing.entries:
            yield from _awaited(world, cycle, side, CLOSING, cycle.state)
        return
    for review in blind_reviews(world, cycle):
        if side not in review.entries and isinstance(review.state, Blind):
            yield from _awaited(world, cycle, side, review.meeting, review.state)


def _awaited(
    world: World, cycle: Cycle, side: Side, meeting: str, state: Blind | Closing
) -> Iterator[ReviewOpen]:
    """One that the rules have no form for is not asked for."""
    forms = forms_of(world, cycle, meeting, side)
    known = world.get(Meeting, cycle.program, cycle.cycle, meeting)
    if forms:
        yield ReviewOpen(
            cycle=cycle.cycle,
            meeting=meeting,
            starts_at=known.starts_at if known else None,
            deadline=state.deadline if isinstance(state, Blind) else state.until,
            forms=forms,
        )
