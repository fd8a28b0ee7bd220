"""What people do about meetings: move, cancel, attend, come late, forget; and what they do after one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from services.cli.population_chance import Intent, days, hours, likely
from services.cli.population_goals import measures
from services.cli.population_pairs import SIDES, give_up
from services.cli.population_people import Person
from services.cli.population_program import REVIEW_WITHIN
from services.cli.population_reviews import Asked, notes, review
from services.cli.population_scene import Pair, Scene, Seen
from shared.events import feedback, outside, scheduling
from shared.events.envelope import Event, EventData
from shared.events.types import Side

CANCELS, LEAVES_EARLY, SAYS_SO, RECORDED_LATE = 0.02, 0.02, 0.03, 0.02
NAMES_A_TIME, WRITES, MEETS_AGAIN, IS_LATE = 0.3, 0.2, 0.04, 0.05
CLAIMS_ALL = 0.5
"""Who has left early says of a meeting as often as this to have been there to its end."""
PATIENCE = 2
"""Missed meetings in a row after which some mentees ask for another mentor."""
ASKS_FOR_ANOTHER = 0.4
MOVES = 3
"""How often a meeting is moved at most."""
Source = Literal["conference", "self", "other_side", "coordinator"]


def scheduled(scene: Scene, event: Event, data: scheduling.Scheduled) -> Iterator[Intent]:
    """A meeting stands: both mean to come, unless one asks for another time or cancels."""
    pair = scene.pairs.get(event.key)
    if pair is None:
        return
    stands = data.status == "CONFIRMED"
    pair.meetings[data.meeting] = Seen(data.sequence, data.starts_at, data.ends_at, stands)
    if not stands:
        return
    chance = scene.chance.of("scheduled", data.meeting, data.sequence)
    yield from _changes(scene, event, data, pair, chance)
    for side in SIDES:
        yield from _attends(scene, data, pair, side)


def reviewed(scene: Scene, event: Event, data: feedback.Reviewed) -> Iterator[Intent]:
    """Nobody reviews what is revealed."""
    if pair := scene.pairs.get(event.key):
        pair.revealed.add(data.meeting)
    yield from ()


def _standing(pair: Pair, data: scheduling.Scheduled) -> bool:
    """Whether the meeting still stands as it was said here."""
    seen = pair.meetings[data.meeting]
    return seen.stands and seen.sequence == data.sequence and not pair.ended


def _changes(
    scene: Scene, event: Event, data: scheduling.Scheduled, pair: Pair, chance: Random
) -> Iterator[Intent]:
    side = chance.choice(SIDES)
    person = pair.person(side)
    wish = data.starts_at + timedelta(days=chance.choice((-1, 1, 2)))
    moved = outside.Moved(
        meeting=data.meeting,
        sequence=data.sequence,
        by=person.id,
        starts_at=wish if likely(chance, NAMES_A_TIME) else None,
        reason="conflict",
    )
    cancelled = outside.Cancelled(
        meeting=data.meeting, sequence=data.sequence, by=person.id, reason="conflict"
    )
    asks: EventData | None = None
    if data.sequence < MOVES and likely(chance, person.habits.moves):
        asks = moved
    elif likely(chance, CANCELS):
        asks = cancelled
    at = data.starts_at - days(chance, 1.5, 5)
    if asks is not None and at > event.time:
        yield scene.intent(
            at,
            pair.cycle,
            asks.WORD,
            lambda: asks if _standing(pair, data) else None,
            data.meeting,
            data.sequence,
        )


def _attends(scene: Scene, data: scheduling.Scheduled, pair: Pair, side: Side) -> Iterator[Intent]:
    person = pair.person(side)
    chance = scene.chance.of("attends", data.meeting, data.sequence, side)
    if not likely(chance, person.habits.comes):
        return
    joined = data.starts_at + timedelta(minutes=chance.randint(-3, 6))
    left = data.ends_at + timedelta(minutes=chance.randint(-8, 10))
    over = data.ends_at + timedelta(minutes=15)
    if likely(chance, LEAVES_EARLY):
        if likely(scene.chance.of("claims", data.meeting, data.sequence, side), CLAIMS_ALL):
            claim = _presence(data, person, joined, left, "self")
            yield _told(scene, pair, side, data, over + timedelta(hours=1), claim, "claim")
        left = joined + timedelta(minutes=chance.randint(4, 12))
    at, source = _evidence(chance, over)
    yield _told(scene, pair, side, data, at, _presence(data, person, joined, left, source))


def _presence(
    data: scheduling.Scheduled, person: Person, joined: datetime, left: datetime, source: Source
) -> outside.Attended:
    return outside.Attended(
        meeting=data.meeting, person=person.id, joined_at=joined, left_at=left, source=source
    )


def _told(
    scene: Scene,
    pair: Pair,
    side: Side,
    data: scheduling.Scheduled,
    at: datetime,
    presence: outside.Attended,
    *apart: str,
) -> Intent:
    """It becomes known that somebody was there, when the meeting has been as it was said.

    `apart` tells it from what the same source says of the same person another time: equal ids count as one event.
    """

    def attend() -> EventData | None:
        return presence if _standing(pair, data) else None

    names = data.meeting, data.sequence, side, presence.source, *apart
    return scene.intent(at, pair.cycle, "attended", attend, *names)


def _evidence(chance: Random, over: datetime) -> tuple[datetime, Source]:
    """When it becomes known that somebody was there, and who says so: mostly the conference, at once."""
    draw = chance.random()
    if draw < RECORDED_LATE:
        return over + days(chance, 2.1, 3.8), "coordinator"
    if draw < RECORDED_LATE + SAYS_SO:
        return over + hours(chance, 10, 40), "self"
    return over, "conference"


def met(scene: Scene, event: Event, data: scheduling.Met) -> Iterator[Intent]:
    """After a meeting both review it, when they do not forget; the mentee measures where the goals stand."""
    pair = scene.pairs.get(event.key)
    if pair is None:
        return
    pair.missed = 0
    for side in SIDES:
        chance = scene.chance.of("met", data.meeting, side)
        person = pair.person(side)
        if likely(chance, person.habits.reviews):
            yield _reviews(scene, event, data, pair, side, chance)
        if likely(chance, WRITES):
            at = event.time + hours(chance, 1, 50)
            yield from notes(scene, pair, person, data.meeting, at)
    chance = scene.chance.of("after", data.meeting)
    yield from measures(scene, event, data, pair, chance)
    if data.planned and likely(chance, MEETS_AGAIN):
        yield from _meet_again(scene, event, pair, chance)


def _reviews(
    scene: Scene, event: Event, data: scheduling.Met, pair: Pair, side: Side, chance: Random
) -> Intent:
    """Mostly within the days that there are for it; some come too late for the other side to see it."""
    at = event.time + hours(chance, 1, 3.5 * pair.person(side).habits.slow)
    late = likely(scene.chance.of("late", data.meeting, side), IS_LATE)
    if late:
        at = event.time + REVIEW_WITHIN + days(chance, 0.5, 5)
    return review(scene, pair, Asked(data.meeting, data.type, late=late), side, at)


def _meet_again(scene: Scene, event: Event, pair: Pair, chance: Random) -> Iterator[Intent]:
    """The two meet once more, which nobody planned."""
    name = scene.chance.token("unplanned", event.id)
    start = event.time + days(chance, 1, 5)
    end = start + timedelta(minutes=chance.randint(20, 50))
    for side in SIDES:
        presence = outside.Attended(
            meeting=name,
            person=pair.person(side).id,
            joined_at=start,
            left_at=end,
            source="conference",
        )

        def attend(presence: outside.Attended = presence) -> EventData | None:
            return None if pair.ended else presence

        at = end + timedelta(minutes=15)
        yield scene.intent(at, pair.cycle, "attended", attend, name, side)


def missed(scene: Scene, event: Event, data: scheduling.Missed) -> Iterator[Intent]:
    """After misses in a row some mentees ask for another mentor."""
    del data
    pair = scene.pair(event.key)
    if pair is None:
        return
    pair.missed += 1
    chance = scene.chance.of("missed", event.id)
    if pair.missed >= PATIENCE and likely(chance, ASKS_FOR_ANOTHER):
        yield give_up(scene, pair, "mentee", event.time + days(chance, 0.5, 3), rematch=True)
