"""A walk through what may come to feedback: plausible most of the time, and at any time something that does not fit.

The same seed gives the same walk. Ratings are kept beside the log as they were before they were sealed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any, Literal

from services.feedback.model import CLOSING, SIDES, Goal, Side
from services.feedback.sealing import Contents, Place
from shared.events import outside
from shared.events.envelope import Event, EventData, encode
from shared.events.matching import Unmatched
from shared.events.rules import DEFAULT_FORMS, FormItem
from shared.events.types import Duration
from tests.feedback.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    History,
    agreed,
    goal,
    left,
    met,
    missed,
    opened,
    paired,
    progressed,
    requested,
    scheduled,
    withdrawn,
)

FORMS = tuple(
    form.model_copy(update={"items": (*form.items, FormItem(id="recommends", audience="program"))})
    for form in DEFAULT_FORMS
)
RISK = {
    "missed": 2,
    "rating_below": 0.4,
    "rating_falls": 0.25,
    "silence": "P4D",
    "standing_still": "P6D",
    "one_sided": 2,
}
RULES: Mapping[str, Any] = {
    "review_within": "P5D",
    "ends_on": date(2026, 5, 1),
    "completes_at": 0.5,
    "forms": FORMS,
    "risk": RISK,
}
CYCLES = ("c1", "c2")
WORDS = {
    "held": 9,
    "miss": 3,
    "submitted": 5,
    "scheduled": 2,
    "agreed": 1,
    "terms": 2,
    "progressed": 4,
    "arrived": 3,
    "noted": 3,
    "volunteered": 1,
    "wait": 12,
    "again": 4,
    "corrected": 1,
    "requested": 1,
    "paired": 1,
    "left": 0.15,
    "withdrawn": 0.15,
    "unmatched": 1,
    "erased": 0.3,
}


class Walk:
    """One history of two cycles of the same two people."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.history = History()
        self.ratings: dict[str, Mapping[str, int]] = {}
        self.mood = {side: self.chance.randint(1, 5) for side in SIDES}
        self.history.say(PROGRAM, opened(**RULES))
        for cycle in CYCLES[: self.chance.randint(1, 2)]:
            self.history.say(cycle, requested())
            if self.chance.random() < 0.85:
                self._fact(cycle, paired(planned_meetings=self.chance.randint(1, 4)))
            if self.chance.random() < 0.5:
                self._terms(cycle)

    def step(self) -> None:
        """Something happens."""
        word = self.chance.choices(list(WORDS), list(WORDS.values()))[0]
        getattr(self, f"_{word}")(self.chance.choice(CYCLES))

    def end(self) -> None:
        """A coordinator ends what is still open."""
        for cycle in CYCLES:
            self.history.say(cycle, withdrawn("zoe", "coordinator"))

    # -- what services say --

    def _fact(self, cycle: str, data: EventData) -> None:
        self.history.say(cycle, data, source="/mentoring/scheduling")

    def _meeting(self) -> tuple[str, int]:
        number = self.chance.choice([0, 1, 1, 2, 2, 3, 4, 5])
        return f"m{number}{self.chance.choice(['', '', 'b'])}", number

    def _held(self, cycle: str) -> None:
        """A meeting is held; often both review it, sometimes one, sometimes nobody."""
        (meeting, number), at = self._meeting(), self.history.now
        self._fact(cycle, met(meeting, number, at - timedelta(hours=1)))
        for side in SIDES:
            if self.chance.random() < (0.9 if side == "mentee" else 0.65):
                self._review(cycle, side, meeting)

    def _miss(self, cycle: str) -> None:
        (meeting, number), at = self._meeting(), self.history.now
        final_at = at + timedelta(days=self.chance.choice([2, 9]))
        self._fact(cycle, missed(meeting, number, final_at, at))

    def _corrected(self, cycle: str) -> None:
        """Late evidence says that a missed meeting was held."""
        words = [(json.loads(entry.body), entry.word) for entry, _ in self.history.log]
        found = [event for event, word in words if word == "missed"]
        if found:
            event = self.chance.choice(found)
            data = event["data"]
            said = met(data["meeting"], data["number"], self.history.now, corrects=event["id"])
            self._fact(event["subject"].partition("/")[2], said)

    def _scheduled(self, cycle: str) -> None:
        (meeting, number), chance = self._meeting(), self.chance
        at = self.history.now + timedelta(days=chance.randint(1, 9))
        status = chance.choice(["CONFIRMED", "CANCELLED"])
        by = chance.choice([None, MENTEE, MENTOR, "zoe"])
        self._fact(cycle, scheduled(meeting, number, at, status).model_copy(update={"by": by}))

    def _paired(self, cycle: str) -> None:
        self._fact(cycle, paired(planned_meetings=self.chance.randint(1, 4)))

    def _unmatched(self, cycle: str) -> None:
        self._fact(cycle, Unmatched(mentee=MENTEE, waited=Duration(1)))

    # -- what people say --

    def _requested(self, cycle: str) -> None:
        self.history.say(cycle, requested())

    def _submitted(self, cycle: str) -> None:
        meeting = CLOSING if self.chance.random() < 0.1 else self._meeting()[0]
        self._review(cycle, self.chance.choice(SIDES), meeting)

    def _review(self, cycle: str, side: Side, meeting: str) -> None:
        """Ratings of a mood that lasts; some are of no use: sealed elsewhere, off the scale, not asked for."""
        chance, history = self.chance, self.history
        if None in (history.ring.keys.get(MENTEE, b""), history.ring.keys.get(MENTOR, b"")):
            return
        if chance.random() < 0.3:
            self.mood[side] = chance.choice([1, 3, 5])
        items = chance.sample(["usefulness", "progress", "recommends", "unasked"], 3)
        ratings = {
            each: max(0, self.mood[side] + chance.choice((-1, 0, 0, 0, 1))) for each in items
        }
        author, subject = (MENTEE, MENTOR) if side == "mentee" else (MENTOR, MENTEE)
        form, elsewhere = f"standard-{side}", chance.random() < 0.05
        where = "elsewhere" if elsewhere else meeting
        place = Place(PROGRAM, cycle, "review", where, side, form)
        sealed = history.ring.seal(author, subject, place, Contents(ratings))
        if not elsewhere:
            self.ratings[sealed] = ratings
        data = outside.Submitted(meeting=meeting, side=side, form=form, sealed=sealed)
        history.say(cycle, data, source="/mentoring/api")

    def _terms(self, cycle: str) -> None:
        """Both state the same."""
        stated = self._stated()
        for person in (MENTEE, MENTOR):
            self.history.say(cycle, stated.model_copy(update={"by": person}))

    def _agreed(self, cycle: str) -> None:
        by = self.chance.choice([MENTEE, MENTOR, "zoe"])
        self.history.say(cycle, self._stated().model_copy(update={"by": by}))

    def _stated(self) -> outside.Agreed:
        chance, names = self.chance, ["g1", "g2", "g3"]
        goals = tuple(
            goal(
                name,
                chance.choice([2, 3, -1]),
                unit=chance.choice(["talks", "talks", "talks", "pages"]),
                **(
                    {"of": names[nth - 1], "kind": "milestone"}
                    if nth and chance.random() < 0.3
                    else {}
                ),
            )
            for nth, name in enumerate(names[: chance.choice([0, 1, 1, 2, 3])])
        )
        return agreed(MENTEE, f"t{chance.randint(1, 2)}", chance.randint(1, 4), goals)

    def _progressed(self, cycle: str) -> None:
        chance = self.chance
        value, unit = chance.choice([-1, 0, 1, 2, 3, 3]), chance.choice(["talks", "talks", "pages"])
        as_of = self.history.now + timedelta(days=chance.choice([-1, 0, 0, 0, 1]))
        data = progressed(value, chance.choice(["g1", "g1", "g2", "g3"]), unit)
        by = chance.choice([MENTEE, MENTOR, MENTEE, "zoe"])
        self.history.say(cycle, data.model_copy(update={"as_of": as_of, "by": by}))

    def _arrived(self, cycle: str) -> None:
        """Every goal of the cycle is reached."""
        rows = [row for row in self.history.world.rows() if isinstance(row, Goal)]
        for row in sorted(rows, key=Goal.key):
            if row.cycle == cycle:
                self.history.say(cycle, progressed(row.target, row.goal, row.unit))

    def _noted(self, cycle: str) -> None:
        chance, history = self.chance, self.history
        by = chance.choice([MENTEE, MENTOR, "zoe"])
        kind: Literal["win", "action_item"] = "win" if chance.random() < 0.4 else "action_item"
        place = Place(PROGRAM, cycle, "note", "n", by, kind)
        data = outside.Noted(
            note=f"n{chance.randint(1, 3)}",
            kind=kind,
            by=by,
            about=chance.choice([None, MENTEE, MENTOR]),
            goal=chance.choice([None, None, "g1", "g9"]),
            due_on=chance.choice([None, date(2026, 4, 1)]),
            done=chance.random() < 0.3,
            sealed=history.ring.seal("x", "y", place, Contents(text="a word")),
        )
        history.say(cycle, data, source="/mentoring/api")

    def _volunteered(self, cycle: str) -> None:
        person = self.chance.choice([MENTEE, MENTOR])
        willing = self.chance.random() < 0.7
        self.history.say(person, outside.Volunteered(willing=willing), source="/mentoring/api")

    def _left(self, cycle: str) -> None:
        side = self.chance.choice(SIDES)
        at = self.history.now + timedelta(days=self.chance.choice([0, 0, 3]))
        self.history.say(MENTEE if side == "mentee" else MENTOR, left(side, at=at))

    def _withdrawn(self, cycle: str) -> None:
        role = self.chance.choice(["mentee", "mentor", "coordinator"])
        by = self.chance.choice([MENTEE, MENTOR])
        self.history.say(cycle, withdrawn(by, role, rematch=self.chance.random() < 0.5))

    def _erased(self, cycle: str) -> None:
        person, at = self.chance.choice([MENTEE, MENTOR]), self.history.now
        self.history.say(person, outside.Erased(person=person, effective_at=at))

    # -- time --

    def _wait(self, cycle: str) -> None:
        self.history.wait(days=self.chance.randint(1, 4))

    def _again(self, cycle: str) -> None:
        """Something that stands in the log comes once more: a retry, or a late `due`."""
        entry, _ = self.chance.choice(self.history.log)
        event = self.history.fold.read(entry)
        if isinstance(event, Event):
            self.history.fold_event(event)


def wire(event: Event) -> dict[str, Any]:
    """An event as it stands in the log."""
    found: dict[str, Any] = json.loads(encode(event))
    return found
