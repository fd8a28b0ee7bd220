"""The people of the demo: they hear what stands in the log and mean to do things about it.

A simulation on events: nobody knows anything that is not in the log, and nobody is told anything but through
it. The same seed gives the same people, who do the same about the same events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.cli.population_chance import Chance, Intent
from services.cli.population_life import begin, unmatched
from services.cli.population_meetings import met, missed, reviewed, scheduled
from services.cli.population_pairs import concluded, lapsed, paired, proposed
from services.cli.population_people import People
from services.cli.population_program import STARTS_ON, Plan
from services.cli.population_scene import Scene, Seal
from shared.events import feedback, matching, scheduling
from shared.events.envelope import Event, EventData

Reaction = Callable[[Scene, Event, Any], Iterable[Intent]]

REACTIONS: Mapping[type[EventData], Reaction] = {
    matching.Proposed: proposed,
    matching.Lapsed: lapsed,
    matching.Paired: paired,
    matching.Unmatched: unmatched,
    scheduling.Scheduled: scheduled,
    scheduling.Met: met,
    scheduling.Missed: missed,
    feedback.Reviewed: reviewed,
    feedback.Concluded: concluded,
}


class Population:
    """Everybody in the program.

    Args:
        seed: what they are drawn from.
        plan: how many, and for how long.
        seal: seals what is confidential, as feedback's API would.
    """

    def __init__(self, seed: int, plan: Plan, seal: Seal) -> None:
        chance = Chance(seed)
        people = People(chance, plan.mentors, plan.mentees, STARTS_ON, plan.last)
        self.scene = Scene(chance, plan, people, seal)

    def begin(self) -> list[Intent]:
        """What they mean to do unasked."""
        return list(begin(self.scene))

    def hear(self, event: Event) -> list[Intent]:
        """What they mean to do about an event."""
        reaction = REACTIONS.get(type(event.data))
        return list(reaction(self.scene, event, event.data)) if reaction else []
