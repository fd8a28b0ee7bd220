"""What past mentees said of a mentor, as far as it may count.

A mentee's opinion of a mentor is the mean over the reviewed meetings of their cycle, each the mean of the rated
items as shares of their scales; so twelve meetings with one mentee are one opinion. A mentor's rating is the mean
of the opinions, shrunk to the program's mean as if `PRIOR` mentees had given just that: two kind reviews make no
star, two harsh ones no outcast, and who is new stands at the mean. Meetings that were missed, or that nobody
reviewed, say nothing.

What is said of a score has six digits, and a sum before and after one opinion tells that opinion by difference. So
opinions, and changes of them, count only when `k` new ones have come together, for a mentor as for the program.

Shares are kept as whole millionths and only sums are kept of them, so that the order of reviews does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from services.matching.changes import Changes
from services.matching.model import Cycle, Mentor
from services.matching.record import Ratings
from shared.events.feedback import Reviewed
from shared.events.outside import Opened
from shared.frozen import replace

Rated = TypeVar("Rated", Mentor, Ratings)
UNIT = 1_000_000
PRIOR = 5
"""How many opinions of the program's mean are added to a mentor's own."""


def mentor_rating(mentor: Mentor, program: Ratings | None) -> float | None:
    """A mentor's rating in [0, 1], rounded to 6 digits; None where nobody has rated anybody yet."""
    if program is None or not program.ratings_count:
        return None
    ours = mentor.ratings_sum * program.ratings_count + PRIOR * program.ratings_sum
    of = (mentor.ratings_count + PRIOR) * program.ratings_count
    return round(ours / (of * UNIT), 6)


def count(changes: Changes, cycle: Cycle, mentor: Mentor, data: Reviewed) -> None:
    """Count a review: a second one of the same meeting takes the place of the first."""
    rules = changes.rules()
    value = of_review(data, asked_of_mentees(rules) if rules else {})
    if value is None:
        return
    reviews = {**cycle.reviews, data.meeting: value}
    before, after = opinion(cycle.reviews), opinion(reviews)
    more, others = (after or 0) - (before or 0), int(before is None)
    k = rules.k if rules else 1
    changes.put(replace(cycle, reviews=dict(sorted(reviews.items()))))
    changes.put(rated(mentor, more, others, k))
    changes.put(rated(changes.find(Ratings) or Ratings(changes.program), more, others, k))


def rated(row: Rated, more: int, others: int, k: int) -> Rated:
    """With so many millionths more by so many new opinions; they count once `k` of them have come together."""
    total, count = row.fresh_sum + more, row.fresh_count + others
    if k > 1 and count < k:
        return replace(row, fresh_sum=total, fresh_count=count)
    return replace(
        row,
        ratings_sum=row.ratings_sum + total,
        ratings_count=row.ratings_count + count,
        fresh_sum=0,
        fresh_count=0,
    )


def asked_of_mentees(rules: Opened) -> dict[str, tuple[int, int]]:
    """The scale of each item that these rules ask mentees, where all forms agree on it."""
    scales: dict[str, set[tuple[int, int]]] = {}
    for form in rules.forms:
        for item in form.items if form.side == "mentee" else ():
            scales.setdefault(item.id, set()).add((item.min, item.max))
    return {item: next(iter(known)) for item, known in scales.items() if len(known) == 1}


def of_review(data: Reviewed, scales: Mapping[str, tuple[int, int]]) -> int | None:
    """How the mentee rated the mentor in one meeting, in millionths; None when nothing can be said.

    The scale of an item is the one that the review names. A review from before it named them is read by `scales`;
    an item without a scale, or off it, is left out rather than guessed at.
    """
    stated = data.scales.get("mentee", {})
    known = {**scales, **{item: (scale.min, scale.max) for item, scale in stated.items()}}
    shares = [
        _mean((rating - known[item][0]) * UNIT, known[item][1] - known[item][0])
        for item, rating in data.ratings.get("mentee", {}).items()
        if item in known and known[item][0] <= rating <= known[item][1]
    ]
    return _mean(sum(shares), len(shares)) if shares else None


def opinion(reviews: Mapping[str, int]) -> int | None:
    """What the mentee of a cycle thinks of the mentor, in millionths; None before the first review."""
    return _mean(sum(reviews.values()), len(reviews)) if reviews else None


def _mean(total: int, count: int) -> int:
    """To the nearest whole number, halves up."""
    return (2 * total + count) // (2 * count)
