"""Why a pair is not allowed, without telling of anybody's choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from services.matching import scoring
from services.matching.model import Cycle, Mentor
from services.matching.pool import Guide, Seeker, guides, seeker
from services.matching.rules import broken, shown
from shared.events.outside import Opened
from shared.world import World

FLOOR = "floor"


def excluded(world: World, cycle: Cycle, rules: Opened) -> Mapping[str, int]:
    """How many of the program's mentors each rule keeps from a request, each mentor counted once."""
    asking = seeker(world, cycle)
    mentors = world.where(Mentor, parked="skip", program=cycle.program)
    found = [why_not(asking, one, rules) for one in guides(world, mentors)] if asking else []
    return dict(sorted(Counter(rule for rule in found if rule).items()))


def why_not(asking: Seeker, guide: Guide, rules: Opened) -> str | None:
    """The rule that keeps two from being paired; None when none does."""
    if rule := shown(list(broken(asking, guide, rules))):
        return rule
    return FLOOR if scoring.score(asking, guide, rules).score < rules.floor else None
