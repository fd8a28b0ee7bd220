"""What people write about meetings and about each other: reviews and notes, sealed before they are published."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Literal

from services.cli.population_chance import Intent
from services.cli.population_people import Person
from services.cli.population_program import PROGRAM
from services.cli.population_scene import Pair, Scene
from services.feedback.model import CLOSING
from services.feedback.sealing import Contents, Place
from shared.events import outside
from shared.events.envelope import EventData
from shared.events.rules import DEFAULT_FORMS
from shared.events.types import Side

FORMS = {form.side: form for form in DEFAULT_FORMS}
WORDS = (
    "We talked about what comes next and agreed on one step.",
    "Good questions, and time to think about them.",
    "I would have liked to prepare this better.",
    "The example from practice helped most.",
    "Short, but to the point.",
)
Kind = Literal["introduction", "resource", "win", "setback", "action_item", "gratitude"]
KINDS: tuple[Kind, ...] = (
    "introduction",
    "resource",
    "win",
    "setback",
    "action_item",
    "gratitude",
)


def review(scene: Scene, pair: Pair, meeting: str, side: Side, at: datetime) -> Intent:
    """A side reviews a meeting, or (`closing`) the whole cycle; too late, it does not."""
    author, subject = pair.person(side), pair.other(side)

    def submit() -> EventData | None:
        over = pair.ended and meeting != CLOSING
        if over or meeting in pair.revealed or {author.id, subject.id} & scene.left:
            return None
        chance = scene.chance.of("review", pair.cycle, meeting, side)
        form = FORMS[side].id
        place = Place(PROGRAM, pair.cycle, "review", meeting, side, form)
        contents = Contents(_ratings(chance, pair, side), chance.choice(WORDS))
        sealed = scene.seal(author.id, subject.id, place, contents)
        return outside.Submitted(meeting=meeting, side=side, form=form, sealed=sealed)

    return scene.intent(at, pair.cycle, "submitted", submit, meeting, side)


def _ratings(chance: Random, pair: Pair, side: Side) -> dict[str, int]:
    """Ratings around what this person mostly gives and how the two get on."""
    mean = pair.person(side).habits.kind + pair.chemistry
    return {
        item.id: max(item.min, min(item.max, round(chance.gauss(mean, 0.7))))
        for item in FORMS[side].items
    }


def note(scene: Scene, pair: Pair, author: Person, meeting: str, at: datetime) -> Intent:
    """Somebody keeps what was worth keeping of a meeting."""
    subject = pair.mentor if author is pair.mentee else pair.mentee

    def write() -> EventData | None:
        if pair.ended or {author.id, subject.id} & scene.left:
            return None
        chance = scene.chance.of("note", meeting, author.id)
        kind = chance.choice(KINDS)
        name = scene.chance.token("note", meeting, author.id)
        place = Place(PROGRAM, pair.cycle, "note", name, author.id, kind)
        sealed = scene.seal(author.id, subject.id, place, Contents(text=chance.choice(WORDS)))
        return outside.Noted(note=name, kind=kind, by=author.id, about=subject.id, sealed=sealed)

    return scene.intent(at, pair.cycle, "noted", write, meeting, author.id)
