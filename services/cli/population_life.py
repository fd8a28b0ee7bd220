"""What happens in half a year beside the pairs: people enrol, change their time, pause, give up, leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from services.cli.population_chance import Intent, days, hours, likely
from services.cli.population_people import Mentee, Mentor, Person
from services.cli.population_program import ENROLS_BEFORE, PROGRAM, opened
from services.cli.population_scene import Scene
from shared.events import matching, outside
from shared.events.envelope import Event, EventData
from shared.events.types import Side

T = TypeVar("T")
EARLY, COMES_WITHIN = 0.55, 0.4
"""Share of mentees who ask before the program begins; the others within this share of its length."""
LEAVING_MENTORS, LEAVING_MENTEES, PAUSING, GROWING = 0.06, 0.04, 0.1, 0.06
NEW_TIME, WITHDRAWING, EDITING, PREFERRING = 0.15, 0.03, 0.06, 0.06
ASKS_AGAIN, IS_ERASED, IS_AWAY = 0.4, 0.4, 0.5
LOSING_A_PHONE = 0.02


def begin(scene: Scene) -> Iterator[Intent]:
    """Everything that somebody means to do without having been asked."""
    yield scene.intent(scene.plan.opens, PROGRAM, "opened", lambda: opened(scene.plan))
    for mentor in scene.people.mentors.values():
        yield from _enrols(scene, mentor)
    for mentee in scene.people.mentees.values():
        yield from _asks(scene, mentee)
    yield from _mentors_change(scene)
    yield from _mentees_change(scene)


def _enrols(scene: Scene, mentor: Mentor) -> Iterator[Intent]:
    chance = scene.chance.of("enrols", mentor.id)
    at = scene.plan.opens + hours(chance, 1, 24 * 12)
    yield scene.intent(at, mentor.id, "available", lambda: mentor.available)
    later = at + timedelta(minutes=1)
    yield scene.intent(later, mentor.id, "offered", lambda: mentor.offer)
    if likely(chance, PREFERRING):
        avoided = chance.choice(list(scene.people.mentees))
        likes = outside.Preferred(avoid=(avoided,))
        yield scene.intent(later, mentor.id, "preferred", lambda: likes)


def _asks(scene: Scene, mentee: Mentee) -> Iterator[Intent]:
    chance = scene.chance.of("asks", mentee.id)
    at = scene.plan.opens + hours(chance, 24, ENROLS_BEFORE.days * 24 - 12)
    if not likely(chance, EARLY):
        at = scene.plan.starts + chance.random() * COMES_WITHIN * scene.plan.length
    at = at.replace(second=0, microsecond=0)
    yield scene.intent(at, mentee.id, "available", lambda: mentee.available)
    if likely(chance, PREFERRING):
        likes = outside.Preferred(prefer=(chance.choice(list(scene.people.mentors)),))
        yield scene.intent(at, mentee.id, "preferred", lambda: likes)
    yield _request(scene, mentee, 1, at + timedelta(minutes=1))


def _request(scene: Scene, mentee: Mentee, nth: int, at: datetime) -> Intent:
    cycle = scene.chance.token("cycle", mentee.id, nth)
    request = mentee.wishes.request if nth == 1 else scene.chance.token("request", mentee.id, nth)

    def ask() -> EventData | None:
        if mentee.id in scene.left:
            return None
        scene.waiting.add(cycle)
        return mentee.wishes.model_copy(update={"request": request})

    return scene.intent(at, cycle, "requested", ask)


def unmatched(scene: Scene, event: Event, data: matching.Unmatched) -> Iterator[Intent]:
    """Who found no mentor asks once more, when the program is not half over."""
    scene.waiting.discard(event.key)
    mentee = scene.people.mentees[data.mentee]
    chance = scene.chance.of("unmatched", event.id)
    first = event.key == scene.chance.token("cycle", mentee.id, 1)
    at = event.time + days(chance, 3, 14)
    if first and likely(chance, ASKS_AGAIN) and at < scene.plan.starts + scene.plan.length / 2:
        yield _request(scene, mentee, 2, at)


# -- what changes -------------------------------------------------------------------------------


def _mentors_change(scene: Scene) -> Iterator[Intent]:
    mentors = list(scene.people.mentors.values())
    for mentor in _some(scene, "leaving mentors", mentors, LEAVING_MENTORS):
        yield from _leaves(scene, mentor, "mentor")
    for mentor in _some(scene, "pausing", mentors, PAUSING):
        at = _some_time(scene, "pauses", mentor, 0.1, 0.6)
        until = at + timedelta(days=21)
        yield _offers(scene, mentor, at, {"paused_until": until})
    for mentor in _some(scene, "growing", mentors, GROWING):
        at = _some_time(scene, "grows", mentor, 0.1, 0.5)
        yield _offers(scene, mentor, at, {"capacity": mentor.offer.capacity + 1})
    for person in _some(scene, "new time", scene.people.everybody(), NEW_TIME):
        yield _new_time(scene, person)
    for person in _some(scene, "losing a phone", scene.people.everybody(), LOSING_A_PHONE):
        yield _revokes(scene, person)


def _mentees_change(scene: Scene) -> Iterator[Intent]:
    mentees = list(scene.people.mentees.values())
    for mentee in _some(scene, "leaving mentees", mentees, LEAVING_MENTEES):
        yield from _leaves(scene, mentee, "mentee")
    for mentee in _some(scene, "withdrawing", mentees, WITHDRAWING):
        yield _withdraws(scene, mentee)
    for mentee in _some(scene, "editing", mentees, EDITING):
        yield _edits(scene, mentee)


def _some(scene: Scene, what: str, people: Sequence[T], share: float) -> list[T]:
    """So many of them; one at least."""
    return scene.chance.of(what).sample(people, max(1, round(len(people) * share)))


def _some_time(scene: Scene, what: str, person: Person, least: float, most: float) -> datetime:
    """An instant within a part of the program."""
    share = scene.chance.of(what, person.id).uniform(least, most)
    return (scene.plan.starts + share * scene.plan.length).replace(second=0, microsecond=0)


def _leaves(scene: Scene, person: Person, side: Side) -> Iterator[Intent]:
    """Leaves, some days after having said so; who asks for it is erased later."""
    at = _some_time(scene, "leaves", person, 0.3, 0.8)
    gone = at + timedelta(days=scene.chance.of("notice", person.id).choice((0, 0, 7)))

    def leave() -> EventData | None:
        scene.left.add(person.id)
        return outside.Left(roles=(side,), effective_at=gone)

    yield scene.intent(at, person.id, "left", leave)
    if likely(scene.chance.of("erased", person.id), IS_ERASED):
        erased = gone + timedelta(days=10)
        data = outside.Erased(person=person.id, effective_at=erased)
        yield scene.intent(erased, person.id, "erased", lambda: data)


def _offers(scene: Scene, mentor: Mentor, at: datetime, change: dict[str, object]) -> Intent:
    offer = mentor.offer.model_copy(update=change)
    return scene.intent(
        at, mentor.id, "offered", lambda: None if mentor.id in scene.left else offer, *change
    )


def _new_time(scene: Scene, person: Person) -> Intent:
    """Other windows, or a week away."""
    at = _some_time(scene, "changes", person, 0.05, 0.8)
    chance = scene.chance.of("new time", person.id)
    if likely(chance, IS_AWAY):
        away = scene.people.away(chance, at.date())
        time = person.available.model_copy(update={"exceptions": (away,)})
    else:
        time = scene.people.available(chance, person.place)
    return scene.intent(
        at, person.id, "available", lambda: None if person.id in scene.left else time, "again"
    )


def _revokes(scene: Scene, person: Person) -> Intent:
    """Withdraws the address of the calendar feed: somebody else may have it now."""
    at = _some_time(scene, "loses a phone", person, 0.1, 0.9)
    return scene.intent(
        at, person.id, "revoked", lambda: None if person.id in scene.left else outside.Revoked()
    )


def _withdraws(scene: Scene, mentee: Mentee) -> Intent:
    """Does not want a mentor any more, when there is none yet."""
    cycle = scene.chance.token("cycle", mentee.id, 1)
    at = _some_time(scene, "withdraws", mentee, 0.0, 0.15)

    def withdraw() -> EventData | None:
        if cycle not in scene.waiting:
            return None
        return outside.Withdrawn(by=mentee.id, role="mentee", reason="other_plans")

    return scene.intent(at, cycle, "withdrawn", withdraw)


def _edits(scene: Scene, mentee: Mentee) -> Intent:
    """Wishes for other skills, as long as there is no pair."""
    cycle = scene.chance.token("cycle", mentee.id, 1)
    at = _some_time(scene, "edits", mentee, 0.0, 0.1)
    fewer = mentee.wishes.model_copy(update={"wanted_skills": mentee.wishes.wanted_skills[:2]})

    def edit() -> EventData | None:
        return fewer if cycle in scene.waiting else None

    return scene.intent(at, cycle, "requested", edit, "edited")
