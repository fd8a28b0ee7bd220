"""Revealing: what `reviewed` says, from what both sides sealed.

`Unseal` is the one thing here that looks outside the world: it opens sealed ratings at the moment at which
they are revealed. It is asked only live; what it gave then stands in the log (docs/decisions/0005).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from services.feedback.find import form_of, other, scales_of
from services.feedback.model import SIDES, Cycle, Entry, Review, Side
from services.feedback.sealing import Contents, Place
from shared.events.feedback import Reviewed, Scale
from shared.events.rules import Form
from shared.world import Answer, World

Unseal = Callable[[str, str, Place, str], Contents | None]
"""(author, subject, place, sealed) -> contents, or None when a key is gone or it was not sealed there."""


def reviewed(
    unseal: Unseal, world: World, cycle: Cycle, review: Review, by: Literal["both", "deadline"]
) -> Answer:
    """The ratings of the sides that are in and can still be read; the others are missing."""
    ratings: dict[Side, dict[str, int]] = {}
    scales: dict[Side, dict[str, Scale]] = {}
    for side in SIDES:
        entry = review.entries.get(side)
        contents = open_entry(unseal, cycle, review.meeting, side, entry) if entry else None
        if entry and contents:
            form = form_of(world, cycle, review.meeting, side, entry.form)
            ratings[side] = for_other_side(form, contents)
            scales[side] = scales_of(form, ratings[side])
    data = Reviewed(
        mentee=cycle.mentee,
        mentor=cycle.mentor or "",
        rules=cycle.rules or "",
        meeting=review.meeting,
        by=by,
        ratings=ratings,
        missing=tuple(side for side in SIDES if side not in ratings),
        scales=scales,
    )
    return Answer(cycle.cycle, data)


def open_entry(
    unseal: Unseal, cycle: Cycle, meeting: str, side: Side, entry: Entry
) -> Contents | None:
    """What one side submitted, while both persons' keys exist."""
    author, subject = cycle.person(side), cycle.person(other(side))
    if author is None or subject is None:
        return None
    return unseal(author, subject, place_of(cycle, meeting, side, entry.form), entry.sealed)


def place_of(cycle: Cycle, meeting: str, side: Side, form: str) -> Place:
    """Where a review belongs: authenticated with what is sealed."""
    return Place(cycle.program, cycle.cycle, "review", meeting, side, form)


def for_other_side(form: Form | None, contents: Contents) -> dict[str, int]:
    """The ratings that the other side may read, in the form's order; what the form does not ask is dropped."""
    return {
        item.id: contents.ratings[item.id]
        for item in (form.items if form else ())
        if item.audience == "other" and item.min <= contents.ratings.get(item.id, -1) <= item.max
    }
