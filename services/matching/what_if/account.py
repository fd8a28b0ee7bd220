"""What became of the requests of a program in one world: the recorded one, or another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.matching import scoring
from services.matching.model import Cycle, Mentor, Program
from services.matching.pool import Scored, guide, seeker
from shared.events import matching
from shared.events.envelope import Event
from shared.events.outside import Opened
from shared.world import Ref, Row, Waits, World

RuleSets = Callable[[Opened], tuple[Opened, Opened]]
"""From the rules of a world to the recorded and the revised ones."""


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
        for answer in answers:
            self._note_answer(world, answer)
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

    def _note_answer(self, world: World, answer: Event) -> None:
        match answer.data:
            case matching.Paired() as data:
                cycle = world.peek(Cycle, (answer.program, answer.key))
                if cycle is not None:
                    self.pairs.append(self._pair(world, cycle, data))
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

    def _pair(self, world: World, cycle: Cycle, data: matching.Paired) -> Pair:
        recorded, revised = self._scores(world, cycle, data.mentor)
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

    def _scores(self, world: World, cycle: Cycle, mentor: str) -> tuple[float | None, float | None]:
        """The pair's score under both sets of rules, as the two stand in this world."""
        program = world.peek(Program, (cycle.program,))
        offered = world.peek(Mentor, (cycle.program, mentor))
        if program is None or program.rules is None or offered is None:
            return None, None
        try:
            asking, able = seeker(world, cycle), guide(world, offered)
        except Waits:
            return None, None
        if asking is None:
            return None, None
        recorded, revised = (
            _score(scoring.score(asking, able, rules), rules)
            for rules in self.rule_sets(program.rules)
        )
        return recorded, revised


def _score(scored: Scored, rules: Opened) -> float:
    """The score of the parts that may be shown, by their weights."""
    shown = scoring.public(scored.parts)
    weight = sum(rules.weights[name] for name in shown)
    total = sum(rules.weights[name] * part for name, part in shown.items())
    return round(total / weight, scoring.DIGITS) if weight else 0.0


def _days(earlier: datetime, later: datetime) -> float:
    return max(0.0, (later - earlier).total_seconds() / 86_400)
