"""What rounds came to, kept as rows: a round over the whole pool, or a day of a program that pairs at once.

Sums are whole millionths of a score, so that they are exact in any order.
"""

from __future__ import annotations

from datetime import UTC, datetime

from services.matching.changes import Changes
from services.matching.record import Plan, Round
from shared.events.envelope import Event
from shared.events.matching import Paired, Proposed, Tallied
from shared.frozen import replace

UNIT = 1_000_000


def of_pool(event: Event, data: Tallied) -> Round:
    """A round over the whole pool, as matching has said it."""
    loads = data.loads
    return Round(
        program=event.program,
        round=data.round,
        kind="pool",
        at=event.time,
        rules=data.rules,
        policy=data.policy,
        matched=data.matched,
        said=data.said,
        total=round(data.total * UNIT),
        worst=data.worst,
        waiting=data.waiting,
        mentors=data.mentors,
        places=data.places,
        unmatched=data.unmatched,
        blocking=data.blocking,
        reached=data.reached,
        least=loads.least if loads else None,
        median=loads.median if loads else None,
        most=loads.most if loads else None,
        milliseconds=data.milliseconds,
    )


def day_of(instant: datetime) -> str:
    """The day of an instant in UTC, as rows of days are named."""
    return instant.astimezone(UTC).date().isoformat()


def add(changes: Changes, data: Paired | Proposed) -> None:
    """A pair is said: by a later step of a round, or in a program that pairs at once; both count it."""
    plan = changes.find(Plan)
    if plan and plan.round == data.round and (known := changes.find(Round, plan.round)):
        changes.put(replace(known, said=known.said + 1))
    _add_to_day(changes, data)


def _add_to_day(changes: Changes, data: Paired | Proposed) -> None:
    """In a program that pairs at once it counts for the day, in UTC."""
    rules = changes.rules()
    if rules is None or rules.rounds != "at_once":
        return
    now = changes.world.now
    day = day_of(now)
    known = changes.find(Round, day)
    row = known or Round(changes.program, day, "day", now, data.rules, rules.policy)
    changes.put(
        replace(
            row,
            rules=data.rules,
            policy=rules.policy,
            matched=row.matched + 1,
            said=row.said + 1,
            total=row.total + round(data.score * UNIT),
            worst=data.score if row.worst is None else min(row.worst, data.score),
        )
    )
