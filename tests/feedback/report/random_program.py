"""Programs in which anything happens in any order, so that each number of a report changes in all ways it can."""

from __future__ import annotations

from random import Random
from typing import Any

import orjson

from shared.events import outside
from tests.feedback.report.telling import PROGRAM, Telling, at, begun, text

CYCLES, MENTORS, DAYS = 5, 3, 35


def random_program(seed: int) -> Telling:
    """Some weeks of a few pairs; the same for the same seed."""
    chance, told = Random(seed), begun(capacity=2)
    for number in range(CYCLES):
        told.requested(f"c{number}", f"mentee-{number}")
    words = (_schedules, _judges, _judges, _reviews, _offers, _asks, _pairs, _ends, _rules)
    for _ in range(70):
        told.day += chance.random() * DAYS / 70
        chance.choice(words)(told, chance)
    return told


def _said(told: Telling, word: str, cycle: str, **data: Any) -> bool:
    """Whether it was said before: what is said once of a cycle, or of its meeting."""
    subject = f"mentoring.{PROGRAM}.{word}.{cycle}"
    bodies = (orjson.loads(each.body)["data"] for each in told.entries if each.subject == subject)
    return any(data.items() <= body.items() for body in bodies)


def _cycle(chance: Random) -> str:
    return f"c{chance.randrange(CYCLES)}"


def _mentor(chance: Random) -> str:
    return f"mentor-{chance.randrange(MENTORS)}"


def _schedules(told: Telling, chance: Random) -> None:
    day = told.day + chance.uniform(-3, 6)
    more: dict[str, Any] = (
        {"outside": {"mentee": "PT30M", "mentor": "PT0M"}} if chance.random() < 0.7 else {}
    )
    if chance.random() < 0.3:
        more |= {"status": "CANCELLED", "cause": chance.choice(["cancelled", "replanned"])}
    told.scheduled(_cycle(chance), chance.randrange(1, 3), day, **more)


def _judges(told: Telling, chance: Random) -> None:
    cycle, number = _cycle(chance), chance.randrange(3)
    if _said(told, "met", cycle, number=number):
        return
    starts = text(at(told.day - chance.uniform(0, 4)))
    if chance.random() < 0.5 or _said(told, "missed", cycle, number=number):
        told.met(cycle, number, starts_at=starts)
    else:
        reason = chance.choice(["absent", "too_short", "no_evidence"])
        told.missed(cycle, number, starts_at=starts, reason=reason)


def _reviews(told: Telling, chance: Random) -> None:
    sides = [side for side in ("mentee", "mentor") if chance.random() < 0.5]
    told.reviewed(_cycle(chance), **{side: {"use": chance.randint(1, 5)} for side in sides})


def _asks(told: Telling, chance: Random) -> None:
    proposal = f"p{chance.randrange(3)}"
    if chance.random() < 0.5:
        data = {"proposal": proposal, "mentor": _mentor(chance)}
        told.fact("matching", "proposed", _cycle(chance), data)
    else:
        told.say(_cycle(chance), outside.Declined(proposal=proposal, by="somebody"))


def _offers(told: Telling, chance: Random) -> None:
    if chance.random() < 0.8:
        told.offered(_mentor(chance), chance.randrange(4))
    else:
        leaves = outside.Left(roles=("mentor",), effective_at=at(told.day + 3))
        told.say(_mentor(chance), leaves)


def _pairs(told: Telling, chance: Random) -> None:
    cycle = _cycle(chance)
    if not _said(told, "paired", cycle):
        told.paired(cycle, _mentor(chance))


def _ends(told: Telling, chance: Random) -> None:
    goals = {"agreed": 2, "reached": 1} if chance.random() < 0.5 else {}
    cycle = _cycle(chance)
    if chance.random() < 0.5 and not _said(told, "concluded", cycle):
        paired = _said(told, "paired", cycle)
        outcome = "completed" if paired else "unmatched"
        data = {"outcome": outcome, "paired": paired, "goals": goals}
        late = told.day - chance.uniform(0, 3)  # what is behind says so later
        told.fact("feedback", "concluded", cycle, data, stated=late)


def _rules(told: Telling, chance: Random) -> None:
    if chance.random() < 0.3:
        told.opened(
            capacity=chance.randint(1, 3), effective_at=at(told.day + chance.uniform(-2, 4))
        )
