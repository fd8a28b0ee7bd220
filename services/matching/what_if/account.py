"""What became of the requests of a program in one world: the recorded one, or another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.matching import telling
from services.matching.model import Cycle, Mentor, Program
from services.matching.pool import Pool, pool, under
from shared.events import matching
from shared.events.envelope import Event
from shared.events.outside import Opened
from shared.world import Ref, Row, World

RuleSets = Callable[[Opened], tuple[Opened, Opened]]
"""From the rules of a world to the recorded and the revised ones."""
Scores = tuple[float | None, float | None]
"""Under the recorded and under the revised rules."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair that was made; `waited` is the time from the first `requested`, in days of 86,400 seconds.

    `recorded` and `revised` are its scores under the two sets of rules, without the part that is never shown
    (wishes); None where a person was held by a parked event.
    """

    cycle: str
    request: str
    mentee: str
    mentor: str
    at: datetime
    waited: float
    recorded: float | None
    revised: float | None


@dataclass
class Account:
    """Noted as a world is folded; `close` when it has ended.

    Attributes:
        pairs: in the order in which they were made.
        waiting: days waited in vain, of each request's seat that was never paired.
        requests, seats: how many asked.
        open: seats that still wait at the end; `held`: those of them whose proposal waits for an answer.
        counts: `proposed`, `expired`, `unmatched`, `parked`.
        loads: for each mentor, pairs made.
    """

    rule_sets: RuleSets
    pairs: list[Pair] = field(default_factory=list)
    waiting: list[float] = field(default_factory=list)
    requests: int = 0
    matched: int = 0
    seats: int = 0
    open: int = 0
    held: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    loads: dict[str, int] = field(default_factory=dict)
    _over: dict[str, datetime] = field(default_factory=dict)

    def note(
        self, world: World, answers: Iterable[Event], changes: Mapping[Ref, Row | None]
    ) -> None:
        """What one input led to; `world` has folded it."""
        said = list(answers)
        self._note_pairs(world, said)
        for answer in said:
            self._note_answer(answer)
        for row in changes.values():
            if isinstance(row, Cycle) and row.status in {"ending", "ended"}:
                self._over.setdefault(row.cycle, world.now)

    def close(self, world: World, now: datetime) -> None:
        """The world has ended."""
        rows = list(world.rows())
        cycles = [row for row in rows if isinstance(row, Cycle) and row.request]
        paired = {pair.cycle for pair in self.pairs}
        vain = [row for row in cycles if row.cycle not in paired]
        self.requests = len({row.request for row in cycles})
        self.matched = len({pair.request for pair in self.pairs})
        self.seats = len(cycles)
        self.held = sum(row.status == "held" for row in vain)
        self.open = self.held + sum(row.status == "open" for row in vain)
        self.waiting = [_days(row.since, self._over.get(row.cycle, now)) for row in vain]
        self.loads = {row.mentor: 0 for row in rows if isinstance(row, Mentor)}
        self.loads.update(Counter(pair.mentor for pair in self.pairs))

    def _note_pairs(self, world: World, answers: Sequence[Event]) -> None:
        """The pairs of one input, scored together."""
        made = [
            (cycle, answer.data)
            for answer in answers
            if isinstance(answer.data, matching.Paired)
            and (cycle := world.peek(Cycle, (answer.program, answer.key))) is not None
        ]
        scores = self._scores(world, [(cycle, data.mentor) for cycle, data in made])
        for (cycle, data), (recorded, revised) in zip(made, scores, strict=True):
            self.pairs.append(_pair(world, cycle, data, recorded, revised))

    def _note_answer(self, answer: Event) -> None:
        match answer.data:
            case matching.Proposed(proposal=proposal):
                self.counts["proposed"] += self._first(f"proposed {proposal}")
            case matching.Lapsed(proposal=proposal, cause="expired"):
                self.counts["expired"] += self._first(f"expired {proposal}")
            case matching.Unmatched():
                self.counts["unmatched"] += 1

    def _first(self, name: str) -> bool:
        """Whether it is new: both sides of a pair are told of one proposal."""
        self.counts[name] += 1
        return self.counts[name] == 1

    def _scores(self, world: World, pairs: Sequence[tuple[Cycle, str]]) -> list[Scores]:
        """The pairs' scores under both sets of rules, as the two stand in this world."""
        if not pairs:
            return []
        name = pairs[0][0].program
        program = world.peek(Program, (name,))
        if program is None or program.rules is None:
            return [(None, None)] * len(pairs)
        known = (world.peek(Mentor, (name, mentor)) for mentor in {mentor for _, mentor in pairs})
        found = pool(
            world, program.rules, [cycle for cycle, _ in pairs], [one for one in known if one]
        )
        recorded, revised = (under(found, rules) for rules in self.rule_sets(program.rules))
        places = _Places(found)
        at = [places.of(cycle.cycle, mentor) for cycle, mentor in pairs]
        return [(_score(recorded, place), _score(revised, place)) for place in at]


def _pair(
    world: World,
    cycle: Cycle,
    data: matching.Paired,
    recorded: float | None,
    revised: float | None,
) -> Pair:
    return Pair(
        cycle=cycle.cycle,
        request=cycle.request,
        mentee=cycle.mentee,
        mentor=data.mentor,
        at=world.now,
        waited=_days(cycle.since, world.now),
        recorded=recorded,
        revised=revised,
    )


class _Places:
    """Where a cycle and a mentor stand in a pool; people whom a parked event holds stand nowhere."""

    def __init__(self, pool: Pool) -> None:
        self._rows = {cycle.cycle: row for row, cycle in enumerate(pool.seekers.cycles)}
        self._columns = {one.mentor: column for column, one in enumerate(pool.guides.mentors)}

    def of(self, cycle: str, mentor: str) -> tuple[int, int] | None:
        """Row and column."""
        row, column = self._rows.get(cycle), self._columns.get(mentor)
        return None if row is None or column is None else (row, column)


def _score(pool: Pool, place: tuple[int, int] | None) -> float | None:
    """The score as it would be said; None of somebody who stands nowhere."""
    if place is None:
        return None
    return telling.score(pool, *place)


def _days(earlier: datetime, later: datetime) -> float:
    return max(0.0, (later - earlier).total_seconds() / 86_400)
