"""What people do about proposals, and as a pair: answer, agree on terms, give up, look back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from random import Random

from services.cli.population_chance import Intent, days, hours, likely
from services.cli.population_goals import agreed_goals, volunteers
from services.cli.population_people import Mentee
from services.cli.population_reviews import Asked, review
from services.cli.population_scene import Aim, Pair, Scene
from services.feedback.model import CLOSING
from shared.events import feedback, matching, outside
from shared.events.envelope import Event, EventData
from shared.events.types import Side

IGNORES, GIVES_UP, FORGETS_TERMS, WANTS_WEEKLY = 0.05, 0.05, 0.08, 0.15
TRIES_AGAIN = 0.6
SIDES: tuple[Side, ...] = ("mentee", "mentor")
CONFIDENTIALITY = ("standard", "standard", "standard", "shared", "private")


def proposed(scene: Scene, event: Event, data: matching.Proposed) -> Iterator[Intent]:
    """Who is asked accepts, declines, or lets the proposal lapse."""
    chance = scene.chance.of("proposed", data.proposal, data.to)
    habits = scene.people[data.to].habits
    if likely(chance, IGNORES):
        return
    accepts = likely(chance, habits.accepts)

    def answer() -> EventData | None:
        if (data.proposal, data.to) in scene.lapsed or data.to in scene.left:
            return None
        if accepts:
            return outside.Accepted(proposal=data.proposal, by=data.to)
        return outside.Declined(proposal=data.proposal, by=data.to, reason="not_now")

    at = event.time + hours(chance, 0.5, 2 * habits.slow)
    word = "accepted" if accepts else "declined"
    yield scene.intent(at, event.key, word, answer, data.proposal, data.to)


def lapsed(scene: Scene, event: Event, data: matching.Lapsed) -> Iterator[Intent]:
    """Nobody answers a proposal that stands no longer."""
    del event
    scene.lapsed.add((data.proposal, data.to))
    yield from ()


def paired(scene: Scene, event: Event, data: matching.Paired) -> Iterator[Intent]:
    """Both state their terms; in some pairs somebody gives up later."""
    chance = scene.chance.of("paired", event.id)
    mentee, mentor = scene.people[data.mentee], scene.people[data.mentor]
    pair = scene.pairs[event.key] = Pair(event.key, mentee, mentor, chance.gauss(0, 0.5))
    scene.waiting.discard(event.key)
    yield from _agree(scene, event, pair, _terms(scene, event, data, pair), chance)
    if likely(chance, GIVES_UP):
        at = event.time + days(chance, 20, 70)
        yield give_up(scene, pair, chance.choice(SIDES), at, rematch=likely(chance, TRIES_AGAIN))


def _agree(
    scene: Scene, event: Event, pair: Pair, terms: outside.Agreed, chance: Random
) -> Iterator[Intent]:
    """The mentee states them, then the mentor; somebody may forget."""
    at = event.time
    for side in SIDES:
        if likely(chance, FORGETS_TERMS):
            return
        at += hours(chance, 1, pair.person(side).habits.slow)
        yield _statement(scene, pair, side, terms, at)


def _statement(scene: Scene, pair: Pair, side: Side, terms: outside.Agreed, at: datetime) -> Intent:
    def state() -> EventData | None:
        if pair.ended:
            return None
        if side == "mentor":  # the second one: they are in force
            goals = terms.goals
            pair.goals = {each.id: Aim(each.baseline, each.target, each.unit) for each in goals}
        return terms.model_copy(update={"by": pair.person(side).id})

    return scene.intent(at, pair.cycle, "agreed", state, side)


def _terms(scene: Scene, event: Event, data: matching.Paired, pair: Pair) -> outside.Agreed:
    chance = scene.chance.of("terms", event.id)
    wishes = pair.mentee.wishes if isinstance(pair.mentee, Mentee) else None
    goals = tuple(agreed_goals(scene, event, data, pair, chance))
    return outside.Agreed(
        terms="terms-1",
        by=data.mentee,
        planned_meetings=data.planned_meetings,
        cadence="FREQ=WEEKLY" if likely(chance, WANTS_WEEKLY) else data.cadence,
        length=data.length,
        format=data.format,
        language=data.language,
        topics=wishes.readiness if wishes else (),
        goals=goals,
        confidentiality=scene.chance.of("confidentiality", event.id).choice(CONFIDENTIALITY),
    )


def give_up(scene: Scene, pair: Pair, side: Side, at: datetime, *, rematch: bool) -> Intent:
    """A side ends the pair, with or without asking for another mentor."""
    person = pair.person(side)

    def withdraw() -> EventData | None:
        if pair.ended or person.id in scene.left:
            return None
        return outside.Withdrawn(by=person.id, role=side, rematch=rematch, reason="no_fit")

    return scene.intent(at, pair.cycle, "withdrawn", withdraw, side, at)


def concluded(scene: Scene, event: Event, data: feedback.Concluded) -> Iterator[Intent]:
    """Who has completed a cycle looks back on it, and may want to mentor others."""
    scene.waiting.discard(event.key)
    pair = scene.pairs.get(event.key)
    if pair is None:
        return
    pair.ended = True
    if data.outcome not in {"completed", "goals_reached"}:
        return
    for side in SIDES:
        chance = scene.chance.of("closing", event.key, side)
        if likely(chance, pair.person(side).habits.reviews):
            at = event.time + days(chance, 0.2, 6)
            yield review(scene, pair, Asked(CLOSING, CLOSING), side, at)
    yield from volunteers(scene, event, data, pair)
