"""The rows that one fact changes, put together step by step: later steps see what earlier ones changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.matching import limits
from services.matching.model import (
    Cycle,
    Ended,
    Ending,
    Held,
    Mentor,
    Offer,
    Open,
    Outcome,
    Paired,
    Person,
    Program,
    Queue,
    State,
)
from services.matching.record import Round
from services.matching.timing import request_ends
from shared.events.event import due_id
from shared.events.outside import Opened, Requested
from shared.events.types import Side
from shared.frozen import replace
from shared.world import Change, Gone, R, Ref, Row, World

SOON = timedelta(seconds=1)


class Changes:
    """Changed rows of one program over a world that they do not touch."""

    def __init__(self, world: World, program: str) -> None:
        self.world = world
        self.program = program
        self._rows: dict[Ref, Change] = {}

    def rows(self) -> list[Change]:
        """All of them, each once."""
        return list(self._rows.values())

    def put(self, row: Row) -> None:
        """A row is now this."""
        self._rows[Ref(type(row), row.key())] = row

    def remove(self, kind: type[Row], *key: str | int) -> None:
        """A row of the program is no more."""
        ref = Ref(kind, (self.program, *key))
        self._rows[ref] = Gone(*ref)

    def find(self, kind: type[R], *key: str) -> R | None:
        """A row of the program as it is by now."""
        changed = self._rows.get(Ref(kind, (self.program, *key)))
        if isinstance(changed, Gone):
            return None
        return changed if isinstance(changed, kind) else self.world.get(kind, self.program, *key)

    def queue(self) -> Queue:
        """The program's queue."""
        return self.find(Queue) or Queue(self.program)

    def rules(self) -> Opened | None:
        """The rules that the program last came under, also after its end."""
        program = self.find(Program)
        return program.rules if program else None

    def mentor(self, mentor: str) -> Mentor | None:
        """A mentor, when there is an offer."""
        return self.find(Mentor, mentor)

    def person(self, person: str) -> Person:
        """What is known of a person; nothing, to begin with."""
        return self.find(Person, person) or Person(self.program, person)

    # -- the queue --

    def begin(self, cycle: str, wishes: Requested, rules: Opened) -> Cycle:
        """A cycle begins, at the end of the queue or in the place of the one that it continues."""
        place, since = self._place_for(wishes.continues)
        row = Cycle(
            program=self.program,
            cycle=cycle,
            mentee=wishes.mentee,
            request=wishes.request,
            seat=wishes.seat,
            place=place,
            since=since,
            expires_at=request_ends(rules, self.world.now),
            wishes=wishes,
            state=Open(),
        )
        self.put(row)
        return row

    def _place_for(self, continues: str | None) -> tuple[int, datetime]:
        """A place in the queue and since when it counts."""
        old = self.find(Cycle, continues) if continues else None
        if old is not None:
            if isinstance(old.state, Ended):
                self.put(old.become(replace(old.state, successor=None)))
            return old.place, old.since
        queue = self.queue()
        self.put(replace(queue, arrivals=queue.arrivals + 1))
        return queue.arrivals, self.world.now

    def bury(self, cycle: str, mentee: str) -> None:
        """A tombstone of a cycle that never was in the queue."""
        now = self.world.now
        row = Cycle(self.program, cycle, mentee, "", 1, 0, now, now, None, Open())
        self.put(row.become(Ended("concluded")))

    def soon(self) -> datetime:
        """When a round may be: now, or a second later when there was one at this very instant.

        A deadline's id follows from its instant, and those of the answers from it: two rounds at one instant
        would say the same ids. Time stands still when events are dated back.
        """
        now = self.world.now
        round_now = due_id("matching", self.program, self.program, "round", now)
        return now if self.find(Round, round_now) is None else now + SOON

    # -- a mentor's places --

    def welcome(self, mentor: Mentor) -> None:
        """A mentor is new in the pool; a giant's pairs, more than one input may say, get a round soon."""
        self.put(mentor)
        program = self.find(Program)
        rules = program.rules if program and not program.ended else None
        if (
            rules
            and rules.rounds == "at_once"
            and mentor.room(rules) > limits.PAIRS[rules.acceptance]
        ):
            self.put(replace(self.queue(), next_round=self.soon()))

    def take(self, cycle: Cycle, state: State, mentor: str) -> None:
        """A cycle takes a place of a mentor."""
        self.put(cycle.become(state))
        self.put(self.person(cycle.mentee).mentored_by(mentor))
        if row := self.mentor(mentor):
            self.put(row.loaded(by=1))

    def release(self, cycle: Cycle, mentor: str, *, for_good: bool) -> None:
        """A cycle gives a mentor's place back; `for_good`: the two are not paired again."""
        self.put(self.person(cycle.mentee).without(mentor, for_good=for_good))
        if row := self.mentor(mentor):
            self.put(row.loaded(by=-1))

    def reopen(self, cycle: Cycle, offer: Offer, told: Open, *, for_good: bool) -> None:
        """A proposal ends, the request waits again in its place."""
        self.release(cycle, offer.mentor, for_good=for_good)
        self.put(cycle.become(told))

    def end(self, cycle: Cycle, outcome: Outcome, successor: str | None = None) -> None:
        """A cycle is over."""
        lapsing = None
        match cycle.state:
            case Held(offer=offer):
                lapsing = offer
                self.release(cycle, offer.mentor, for_good=False)
            case Paired(mentor=mentor):
                self.release(cycle, mentor, for_good=True)
        self.put(cycle.become(Ended(outcome, lapsing=lapsing, successor=successor)))

    def finish(self, cycle: Cycle) -> None:
        """A request is not to be paired any more; a pair, and what is over, stays as it is."""
        match cycle.state:
            case Open():
                self.put(cycle.become(Ending()))
            case Held(offer=offer):
                self.release(cycle, offer.mentor, for_good=False)
                self.put(cycle.become(Ending(lapsing=offer)))

    def depart(self, person: str, roles: tuple[Side, ...]) -> None:
        """A person has given up roles: a mentor gets nobody new, a mentee's requests are not paired."""
        row = self.person(person).away(roles)
        self.put(row)
        if "mentor" in row.left and (mentor := self.mentor(person)):
            self.put(replace(mentor, left=True).offering())
        if "mentee" in row.left:
            for cycle in self.world.where(Cycle, program=self.program, mentee=person, live=True):
                self.finish(cycle)
