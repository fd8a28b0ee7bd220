"""Goals of a pair: what both agree to reach, in which steps, and how far they come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from services.cli.population_chance import Intent, days, hours, likely
from services.cli.population_people import Mentee
from services.cli.population_scene import Pair, Scene
from shared.events import feedback, matching, outside, scheduling
from shared.events.envelope import Event, EventData
from shared.events.pair import AgreedGoal

LEVEL, STEP = "level", "step"
MEASURES, REACHES, VOLUNTEERS = 0.65, 0.7, 0.45
HAS_MILESTONES = 0.6


def agreed_goals(
    scene: Scene, event: Event, data: matching.Paired, pair: Pair, chance: Random
) -> Iterator[AgreedGoal]:
    """What the mentee asked to reach, with a measure and a day; many reach the first one in steps."""
    wishes = pair.mentee.wishes if isinstance(pair.mentee, Mentee) else None
    length = timedelta(weeks=2 * data.planned_meetings)
    last = min(scene.plan.last, (event.time + length).date())
    for nth, goal in enumerate(wishes.goals if wishes else ()):
        target = float(chance.randint(3, 4))
        yield AgreedGoal(
            id=goal.id,
            kind=goal.kind,
            skill=goal.skill,
            baseline=1.0,
            target=target,
            unit=LEVEL,
            target_on=last,
        )
        if nth == 0 and likely(scene.chance.of("milestones", event.id), HAS_MILESTONES):
            yield from _milestones(goal.id, event.time.date(), last)


def _milestones(goal: str, first: date, last: date) -> Iterator[AgreedGoal]:
    """Two things to do on the way, at a third and at two thirds of the time."""
    for nth in (1, 2):
        yield AgreedGoal(
            id=f"{goal}-step-{nth}",
            kind="milestone",
            of=goal,
            baseline=0.0,
            target=1.0,
            unit=STEP,
            target_on=first + (last - first) * nth / 3,
        )


def measures(
    scene: Scene, event: Event, data: scheduling.Met, pair: Pair, chance: Random
) -> Iterator[Intent]:
    """After a meeting the mentee measures some goals that are not reached yet."""
    for goal in sorted(pair.goals):
        at = event.time + hours(chance, 2, 60)
        if not likely(chance, MEASURES):
            continue
        step = float(likely(chance, REACHES))

        def progress(goal: str = goal, step: float = step) -> outside.Progressed | None:
            known = pair.goals.get(goal)
            if pair.ended or known is None or known.value >= known.target:
                return None
            known.value += step
            return outside.Progressed(
                goal=goal, value=known.value, unit=known.unit, as_of=event.time, by=pair.mentee.id
            )

        yield scene.intent(at, pair.cycle, "progressed", progress, data.meeting, goal)


def volunteers(
    scene: Scene, event: Event, data: feedback.Concluded, pair: Pair
) -> Iterator[Intent]:
    """Some who have come far want to help others as they were helped."""
    chance = scene.chance.of("volunteers", event.key)

    def volunteer() -> EventData | None:
        return None if pair.mentee.id in scene.left else outside.Volunteered(willing=True)

    if data.goals.reached and likely(chance, VOLUNTEERS):
        at = event.time + days(chance, 0.5, 9)
        yield scene.intent(at, pair.mentee.id, "volunteered", volunteer, event.key)
