"""Why a cycle is paired as it is, or with nobody yet: put together from its story and from matching's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.cli.match.prospect import Prospect, prospect
from services.cli.match.reading import Found
from services.cli.match.story import Attempt, Near
from services.cli.match.telling import Kept, Part, kept, parts
from services.matching.model import Cycle, Ended, Ending, Held, Open, Paired

Status = Literal["waiting", "asked", "paired", "stopped", "unmatched", "over"]
"""Where a cycle stands: no mentor yet; a proposal stands; a mentor; withdrawn or left before it was paired; over
without a mentor; over."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why this mentor: what the event that said it says.

    Attributes:
        by_hand: a coordinator assigned it, and nobody else was looked at.
        score: in [0, 1].
        parts: of the score, the greatest first.
        near: who else was near; None where it was not recorded.
        excluded: how many mentors each rule excluded; None where it was not recorded.
    """

    by_hand: bool
    score: float
    parts: Sequence[Part]
    near: Sequence[Near] | None
    excluded: Sequence[Kept] | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be said about a cycle as of a sequence.

    Attributes:
        found: where it was read, with its story.
        row: the cycle.
        status: where it stands.
        waited: from the first request to the pair, to its end, or to now.
        attempt: the one that stands, or led to the pair; None where none does.
        why: of that attempt.
        excluded: why nobody, of an unmatched one.
        prospect: what would be tried, of one that waits.
    """

    found: Found
    row: Cycle
    status: Status
    waited: timedelta
    attempt: Attempt | None
    why: Why | None
    excluded: Sequence[Kept] | None
    prospect: Prospect | None


def explain(found: Found) -> Explanation | None:
    """What can be said; None where matching knows no such cycle."""
    row = found.row
    if row is None:
        return None
    attempt, told = _that_counts(found), found.story.excluded
    return Explanation(
        found=found,
        row=row,
        status=status_of(row),
        waited=max(timedelta(), _until(found, row, attempt) - row.since),
        attempt=attempt,
        why=_why(attempt) if attempt else None,
        excluded=None if told is None else kept(told),
        prospect=prospect(found.world, row) if row.status == "open" else None,
    )


def status_of(row: Cycle) -> Status:
    """Where a cycle stands."""
    match row.state:
        case Open():
            return "waiting"
        case Held():
            return "asked"
        case Paired():
            return "paired"
        case Ending():
            return "stopped"
        case Ended(outcome=outcome):
            return "unmatched" if outcome == "unmatched" else "over"


def _that_counts(found: Found) -> Attempt | None:
    """The attempt that stands or led to the pair; one that came to nothing explains nothing."""
    last = found.story.last
    if last is None or (last.ended is not None and last.ended.how != "paired"):
        return None
    return last


def _until(found: Found, row: Cycle, attempt: Attempt | None) -> datetime:
    """Until when it waited."""
    if attempt is not None and attempt.ended is not None:
        return attempt.ended.at
    over = found.story.moment("unmatched") or found.story.moment("concluded")
    return found.world.now if row.live or over is None else over.at


def _why(attempt: Attempt) -> Why:
    told = parts(attempt)
    if attempt.policy == "assigned":
        return Why(by_hand=True, score=attempt.score, parts=told, near=None, excluded=None)
    excluded = None if attempt.excluded is None else kept(attempt.excluded)
    return Why(
        by_hand=False,
        score=attempt.score,
        parts=told,
        near=attempt.runners_up,
        excluded=excluded,
    )
