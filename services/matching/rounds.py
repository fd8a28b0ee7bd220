"""A round: from open requests and free mentors to the pairs that are said.

Programs that match at once keep it cheap: after every input no allowed pair is left between an open request
and a free mentor, so the next input need only be held against what it changed. A round over the whole pool
chooses once and says what it came to, as `tallied`. Pairs beyond what one input may say it tells as `planned`:
its later steps say them (steps.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from services.matching import limits, scoring
from services.matching.assignment.choice import choose
from services.matching.assignment.market import NOBODY, Choice, Dense, Market, Rows
from services.matching.explain import Match, Pairs, matches
from services.matching.model import Cycle, Mentor, Person, Program
from services.matching.pool import Pool
from services.matching.pool import pool as gather
from services.matching.record import Plan
from services.matching.tally import blocks, tallied
from services.matching.words import asked, paired, proposed
from shared.events.envelope import Event
from shared.events.matching import Chosen, Planned
from shared.events.outside import Opened
from shared.events.rules import OnThreshold
from shared.world import Answer, Ref, World

KEPT = 30_000_000
"""The values of so many pairs are kept while a round chooses, 120 MB; of more they are worked out block by block."""


def rules_of(world: World, program: str) -> Opened | None:
    """The rules in force; None before the program is opened and after its end."""
    row = world.get(Program, program)
    return row.rules if row and not row.ended else None


def waiting(world: World, program: str) -> list[Cycle]:
    """The open requests of a program; parked ones are treated as absent."""
    return world.where(Cycle, parked="skip", program=program, status="open")


def free(world: World, program: str) -> list[Mentor]:
    """The mentors of a program who can take one more; parked ones are treated as absent."""
    return world.where(Mentor, parked="skip", program=program, free=True)


def whole(world: World, event: Event) -> list[Answer]:
    """A round over the whole pool of a program."""
    rules = rules_of(world, event.program)
    return _round(world, event, rules, waiting(world, event.program)) if rules else []


def at_once(
    world: World,
    event: Event,
    cycles: Sequence[Cycle] = (),
    mentors: Iterable[Mentor | None] = (),
    *,
    said: int = 0,
) -> list[Answer]:
    """What an input changes for its program: these requests and mentors are new in the pool; it has so many answers already.

    Nothing where rounds follow a calendar; with a threshold, a whole round once enough requests wait and what the
    one before has chosen is said.
    """
    rules = rules_of(world, event.program)
    fresh = [mentor for mentor in mentors if mentor and mentor.free]
    if rules is None or not (cycles or fresh):
        return []
    if rules.rounds == "at_once":
        return _what_changed(world, event, rules, cycles, fresh)
    if isinstance(rules.rounds, OnThreshold) and world.get(Plan, event.program) is None:
        everybody = _with(waiting(world, event.program), cycles)
        enough = len(everybody) >= rules.rounds.waiting
        return _round(world, event, rules, everybody, said) if enough else []
    return []


def _what_changed(
    world: World, event: Event, rules: Opened, cycles: Sequence[Cycle], fresh: Sequence[Mentor]
) -> list[Answer]:
    program = event.program
    mentors = with_room(rules, free(world, program) if cycles else fresh)
    asking = _with(waiting(world, program), cycles) if fresh else cycles
    if not mentors or not asking:
        return []
    pool = gather(world, rules, asking, mentors)
    pairs = _pairs(chosen(pool, market_of(pool)))
    return say(world, event.id, pool, pairs[: limits.PAIRS[rules.acceptance]])


def _with(known: Iterable[Cycle], more: Iterable[Cycle]) -> list[Cycle]:
    return list({cycle.cycle: cycle for cycle in (*known, *more)}.values())


def _round(
    world: World, event: Event, rules: Opened, cycles: Iterable[Cycle], said: int = 0
) -> list[Answer]:
    """The pairs of a whole pool, those that are left for later steps, and what the round came to."""
    pool = with_everybody(world, event.program, rules, list(cycles))
    market = market_of(pool)
    choice = chosen(pool, market)
    pairs = _pairs(choice)
    first = limits.at_first(rules.acceptance, len(pairs), said)
    told = tallied(event, pool, market, choice, said=first)
    return [
        *say(world, event.id, pool, pairs[:first]),
        *_planned(event, pool, pairs[first:]),
        Answer(event.program, told),
    ]


def _planned(event: Event, pool: Pool, pairs: Pairs) -> Iterator[Answer]:
    """What later steps say, a part each."""
    size = limits.PAIRS[pool.rules.acceptance]
    for part in range(min(ceil(len(pairs) / size), limits.PARTS)):
        chosen = tuple(
            Chosen(cycle=pool.seekers.cycles[row].cycle, mentor=pool.guides.mentors[column].mentor)
            for row, column in pairs[part * size : (part + 1) * size]
        )
        yield Answer(event.program, Planned(round=event.id, part=part + 1, pairs=chosen))


def with_everybody(world: World, program: str, rules: Opened, cycles: Sequence[Cycle]) -> Pool:
    """These requests and all mentors who have room; the persons behind them are loaded in bulk."""
    mentors = with_room(rules, free(world, program))
    people = {*(one.mentor for one in mentors), *(one.mentee for one in cycles)}
    world.prefetch(Ref(Person, (program, person)) for person in people)
    return gather(world, rules, cycles, mentors)


def with_room(rules: Opened, mentors: Iterable[Mentor]) -> list[Mentor]:
    """Those who can take one more under these rules."""
    return [mentor for mentor in mentors if mentor.room(rules)]


@dataclass(frozen=True, slots=True)
class _Blocks:
    """The market of a pool too large for its values to be kept: they are worked out for whoever asks."""

    pool: Pool

    @property
    def capacity(self) -> NDArray[np.int64]:
        return self.pool.room

    @property
    def mentee(self) -> NDArray[np.int32]:
        return self.pool.mentee

    @property
    def as_mentor(self) -> NDArray[np.int32]:
        return self.pool.as_mentor

    def values(self, rows: Rows) -> NDArray[np.int32]:
        return scoring.values(self.pool, rows)


def market_of(pool: Pool) -> Market:
    """What a pool's pairs are worth, as a choice sees them."""
    if pool.requests * pool.mentors > KEPT:
        return _Blocks(pool)
    matrix = np.zeros((pool.requests, pool.mentors), np.int32)
    for rows in blocks(pool.requests, pool.mentors) if pool.mentors else ():
        matrix[rows] = scoring.values(pool, rows)
    return Dense(matrix, pool.room, pool.mentee, pool.as_mentor)


def chosen(pool: Pool, market: Market) -> Choice:
    """Who gets whom by the program's policy."""
    if not pool.requests or not pool.mentors:
        return Choice(np.full(pool.requests, NOBODY, np.int32), 0, 0)
    if pool.requests == 1:
        return _best(market)
    return choose(pool.rules.policy, market)


def _best(market: Market) -> Choice:
    """One request gets its best mentor, whatever the policy."""
    values = market.values(slice(0, 1))[0]
    column = int(values.argmax())
    value = int(values[column])
    return Choice(np.array([column if value else NOBODY], np.int32), value, value)


def _pairs(choice: Choice) -> list[tuple[int, int]]:
    """Rows and columns of the chosen pairs, in the order of the queue."""
    rows = np.flatnonzero(choice.column != NOBODY)
    return list(zip(rows.tolist(), choice.column[rows].tolist(), strict=True))


def say(world: World, chosen_by: str, pool: Pool, pairs: Pairs) -> list[Answer]:
    """Pairs of a pool, explained; `chosen_by`: the round's id."""
    found = matches(pool, pairs)
    return [answer for match in found for answer in _said(world, chosen_by, pool.rules, match)]


def _said(world: World, chosen_by: str, rules: Opened, match: Match) -> Iterator[Answer]:
    if rules.acceptance == "none":
        yield paired(world, rules, match, chosen_by, rules.policy)
        return
    for to in asked(rules, match.cycle.mentee, match.mentor.mentor):
        yield proposed(world, rules, match, chosen_by, to)
