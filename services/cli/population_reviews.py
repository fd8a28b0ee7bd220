"""What people write about meetings and about each other: reviews and notes, sealed before they are published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Literal

from services.cli.population_chance import Intent, days, likely
from services.cli.population_people import Person
from services.cli.population_program import FORMS, PROGRAM
from services.cli.population_scene import Pair, Scene
from services.feedback.model import CLOSING
from services.feedback.sealing import Contents, Place
from shared.events import outside
from shared.events.envelope import EventData
from shared.events.rules import Form, FormItem
from shared.events.types import Side

WORDS = (
    "We talked about what comes next and agreed on one step.",
    "Good questions, and time to think about them.",
    "I would have liked to prepare this better.",
    "The example from practice helped most.",
    "Short, but to the point.",
)
IN_CONFIDENCE = (
    "The meetings begin late more often than not.",
    "An hour is long; three quarters would do.",
    "It is good that nobody else reads this.",
)
CONFIDES, IS_DONE, SHARES, HAS_A_GOAL = 0.15, 0.7, 0.6, 0.8
TIME_FOR_IT = timedelta(days=14)
"""How long people give themselves for an action item."""
Kind = Literal["introduction", "resource", "win", "setback", "action_item", "gratitude"]
KINDS: tuple[Kind, ...] = (
    "introduction",
    "resource",
    "win",
    "setback",
    "gratitude",
    *("action_item",) * 4,
)
"""What people note, as likely as it stands here: mostly what is to be done."""
FOR_BOTH = {"introduction", "resource", "action_item", "gratitude"}
"""Kinds of notes that their author may want the other side to read."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is reviewed: a meeting with its type, or `closing`; `late`: whoever does it has let the deadline pass."""

    meeting: str
    type: str
    late: bool = False

    def form(self, side: Side) -> Form:
        """The program's form for it."""
        own = [form for form in FORMS if form.side == side]
        return next((each for each in own if each.type == self.type), own[0])


def review(scene: Scene, pair: Pair, asked: Asked, side: Side, at: datetime) -> Intent:
    """A side reviews a meeting, or the whole cycle; what is revealed already only who is late does."""
    author, subject, meeting = pair.person(side), pair.other(side), asked.meeting

    def submit() -> EventData | None:
        over = pair.ended and meeting != CLOSING
        seen = meeting in pair.revealed and not asked.late
        if over or seen or {author.id, subject.id} & scene.left:
            return None
        chance = scene.chance.of("review", pair.cycle, meeting, side)
        form = asked.form(side)
        place = Place(PROGRAM, pair.cycle, "review", meeting, side, form.id)
        contents = _filled_in(chance, form, pair, side)
        sealed = scene.seal(author.id, subject.id, place, contents)
        return outside.Submitted(meeting=meeting, side=side, form=form.id, sealed=sealed)

    return scene.intent(at, pair.cycle, "submitted", submit, meeting, side)


def _filled_in(chance: Random, form: Form, pair: Pair, side: Side) -> Contents:
    """Ratings around what this person mostly gives and how the two get on, and some words."""
    mean = (pair.person(side).habits.kind + pair.chemistry - 1) / 4
    ratings = {item.id: _rating(chance, item, mean) for item in form.items}
    texts = {"message": chance.choice(WORDS)}
    if likely(chance, CONFIDES):
        texts["confidential"] = chance.choice(IN_CONFIDENCE)
    if any(each.id == "learned" for each in form.texts):
        texts["learned"] = chance.choice(WORDS)
    return Contents(ratings, texts=texts)


def _rating(chance: Random, item: FormItem, mean: float) -> int:
    """An answer around a share of the scale."""
    wide = item.max - item.min
    return max(item.min, min(item.max, round(item.min + wide * chance.gauss(mean, 0.175))))


# -- notes ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """A note of some kind, and the day by which what it asks for is to be done."""

    kind: Kind
    name: str
    due_on: date


def notes(scene: Scene, pair: Pair, author: Person, meeting: str, at: datetime) -> Iterator[Intent]:
    """Somebody keeps what was worth keeping of a meeting; what is to be done is mostly done, and said to be."""
    chance = scene.chance.of("note", meeting, author.id)
    kind = chance.choice(KINDS)
    name, due_on = scene.chance.token("note", meeting, author.id), (at + TIME_FOR_IT).date()
    written = Written(kind, name, due_on)
    yield _note(scene, pair, author, written, at, done=False)
    if kind == "action_item" and likely(chance, IS_DONE):
        yield _note(scene, pair, author, written, at + days(chance, 2, 16), done=True)


def _note(
    scene: Scene, pair: Pair, author: Person, written: Written, at: datetime, *, done: bool
) -> Intent:
    subject = pair.mentor if author is pair.mentee else pair.mentee
    kind, name = written.kind, written.name

    def write() -> EventData | None:
        if pair.ended or {author.id, subject.id} & scene.left:
            return None
        chance = scene.chance.of("words", name)
        place = Place(PROGRAM, pair.cycle, "note", name, author.id, kind)
        sealed = scene.seal(author.id, subject.id, place, Contents(text=chance.choice(WORDS)))
        more: Mapping[str, Any] = {
            "goal": _goal(chance, pair),
            "audience": "pair" if kind in FOR_BOTH and likely(chance, SHARES) else "author",
            **({"due_on": written.due_on, "done": done} if kind == "action_item" else {}),
        }
        return outside.Noted(
            note=name, kind=kind, by=author.id, about=subject.id, sealed=sealed, **more
        )

    return scene.intent(at, pair.cycle, "noted", write, name, done)


def _goal(chance: Random, pair: Pair) -> str | None:
    """What it serves, when the two have goals."""
    serves = likely(chance, HAS_A_GOAL)
    return chance.choice(sorted(pair.goals)) if pair.goals and serves else None
