"""Why a pair, who else was near, and what kept the others, without telling of anybody's choice.

What is shown follows from the parts that may be shown: preferences, avoid lists and declines move no score and no
order. Beside a pair only rules are counted that compare the request with offers, whoever chose what. Where all the
mentors of a program are looked at, choices count with mentors who are full, paused or gone, as `not_available`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.matching import telling
from services.matching.model import Cycle, Mentor
from services.matching.pool import Pool
from services.matching.rules import NOT_AVAILABLE, SHOWN, Judged, judged
from services.matching.scoring import Scored, minutes, scored
from services.matching.sentences import part_sentence, rule_sentence
from services.matching.skills import vocabulary_of
from services.matching.tally import blocks
from shared.events.matching import Reason, RunnerUp
from shared.events.types import Part
from shared.frozen import replace

FLOOR = "floor"
CAPACITY = "capacity"
RUNNERS_UP = 5
"""So many mentors are named beside the chosen one."""
BLOCK = 250_000
"""So many pairs are looked at together: some 10 figures for each, 20 MB."""

Pairs = Sequence[tuple[int, int]]
"""Rows and columns of a pool, in the order of the rows."""


@dataclass(frozen=True, slots=True)
class Match:
    """A pair of a request and a mentor, explained.

    `runners_up` and `excluded` tell of the mentors that were looked at for it: of the pool it was chosen from.
    """

    cycle: Cycle
    mentor: Mentor
    score: float
    parts: Mapping[Part, float]
    reasons: tuple[Reason, ...]
    runners_up: tuple[RunnerUp, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mentor whom a request may have, in the `place`-th place by score; `room`: how many more he takes."""

    place: int
    mentor: str
    score: float
    parts: Mapping[Part, float]
    reasons: tuple[Reason, ...]
    sentences: tuple[str, ...]
    load: int
    room: int


def match(pool: Pool, row: int, column: int) -> Match:
    """A pair by itself, with nobody else looked at."""
    return _match(pool, row, column, _look(pool, np.array([row], np.intp)), 0)


def _match(pool: Pool, row: int, column: int, seen: _Looked, place: int) -> Match:
    parts = seen.parts(place, column)
    return Match(
        cycle=pool.seekers.cycles[row],
        mentor=pool.guides.mentors[column],
        score=float(seen.scored.scores[place, column]),
        parts=parts,
        reasons=telling.reasons(pool, row, column, parts, int(seen.minutes[place, column])),
    )


def matches(pool: Pool, pairs: Pairs) -> Iterator[Match]:
    """Chosen pairs with who else was near and what kept the others."""
    for block in blocks(len(pairs), pool.mentors, BLOCK):
        yield from _explained(pool, pairs[block])


def _explained(pool: Pool, pairs: Pairs) -> Iterator[Match]:
    rows = np.array([row for row, _ in pairs], np.intp)
    seen = _look(pool, rows)
    for place, (row, column) in enumerate(pairs):
        scores = seen.able(place)
        scores[column] = np.nan
        best = _best(scores, RUNNERS_UP)
        yield replace(
            _match(pool, row, column, seen, place),
            runners_up=tuple(_runner_up(pool, other, scores[other]) for other in best),
            excluded=seen.compared(place),
        )


def _runner_up(pool: Pool, column: int, score: float) -> RunnerUp:
    return RunnerUp(mentor=pool.guides.mentors[column].mentor, score=float(score))


def excluded(pool: Pool, row: int) -> dict[str, int]:
    """How many of the pool's mentors each rule keeps from a request, each mentor counted once.

    For pools of all the mentors of a program: among those with room alone, `not_available` would count choices.
    """
    return together(_look(pool, np.array([row], np.intp)).excluded(0))


def together(found: Mapping[str, int]) -> dict[str, int]:
    """Counts by rule with one for all who could not be had: by a choice, or since they are full, paused or gone.

    A count of those whom somebody's choice keeps away would tell that there are such.
    """
    away = found.get(NOT_AVAILABLE, 0) + found.get(CAPACITY, 0)
    others = {rule: count for rule, count in found.items() if rule not in {NOT_AVAILABLE, CAPACITY}}
    named = {**others, NOT_AVAILABLE: away} if away else others
    return {rule: named[rule] for rule in sorted(named)}


def excluded_sentences(found: Mapping[str, int]) -> tuple[str, ...]:
    """Counts by rule in words, the greatest first."""
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    return tuple(rule_sentence(rule, count) for rule, count in ordered)


def candidates(pool: Pool, row: int, limit: int) -> list[Candidate]:
    """The mentors whom a request may have: allowed, with room, not below the floor; best first, ties by id."""
    seen = _look(pool, np.array([row], np.intp))
    best = enumerate(_best(seen.able(0), limit), 1)
    return [
        _candidate(pool, _match(pool, row, column, seen, 0), row, column, place)
        for place, column in best
    ]


def _candidate(pool: Pool, found: Match, row: int, column: int, place: int) -> Candidate:
    return Candidate(
        place=place,
        mentor=found.mentor.mentor,
        score=found.score,
        parts=found.parts,
        reasons=found.reasons,
        sentences=sentences(pool, row, column, found),
        load=found.mentor.load,
        room=int(pool.room[column]),
    )


def sentences(pool: Pool, row: int, column: int, found: Match) -> tuple[str, ...]:
    """The reasons of a pair in words, with the skills by their labels."""
    told, vocabulary = telling.told(pool, row, column), vocabulary_of(pool.rules)
    named = {"skills": (*told.exact, *told.near), "gap": told.covered}
    return tuple(
        part_sentence(
            reason.code,
            dict(found.parts).get(reason.code),  # type: ignore[call-overload]
            reason.figures,
            [vocabulary.label(skill) for skill in named.get(reason.code, ())],
        )
        for reason in found.reasons
    )


@dataclass(frozen=True, slots=True)
class _Looked:
    """Some requests held against every mentor of the pool."""

    rules: Judged
    scored: Scored
    minutes: NDArray[np.float64]
    floor: float
    room: NDArray[np.int64]
    own: NDArray[np.int32]

    def able(self, place: int) -> NDArray[np.float64]:
        """[m] The scores of those whom the request may have; NaN for the others."""
        scores = self.scored.scores[place]
        fine = (self.rules.shown[place] < 0) & (scores >= self.floor) & (self.room > 0)
        return np.where(fine, scores, np.nan)

    def parts(self, place: int, column: int) -> dict[Part, float]:
        """The parts of which the request says something."""
        found = {name: float(part[place, column]) for name, part in self.scored.parts.items()}
        return {name: part for name, part in found.items() if not math.isnan(part)}

    def excluded(self, place: int) -> dict[str, int]:
        """Counts by the rule that is shown."""
        return self._counts(self.rules.shown[place], self.scored.scores[place])

    def compared(self, place: int) -> dict[str, int]:
        """Counts of the others by the rules that compare the request with offers: the same whoever chose what."""
        others = np.arange(len(self.room)) != self.own[place]
        return self._counts(self.rules.compared[place][others], self.scored.scores[place][others])

    def _counts(self, rules: NDArray[np.int8], scores: NDArray[np.float64]) -> dict[str, int]:
        counts = np.bincount(rules[rules >= 0], minlength=len(SHOWN)).tolist()
        below = int(np.count_nonzero(scores[rules < 0] < self.floor))
        named = {**dict(zip(SHOWN, counts, strict=True)), FLOOR: below}
        return {rule: named[rule] for rule in sorted(named) if named[rule]}


def _look(pool: Pool, rows: NDArray[np.intp]) -> _Looked:
    nobody = np.zeros((len(rows), 0))
    none = nobody.astype(np.int8)
    return _Looked(
        rules=judged(pool, rows) if pool.mentors else Judged(none, none),
        scored=scored(pool, rows) if pool.mentors else Scored(nobody, np.zeros(len(rows)), {}),
        minutes=minutes(pool, rows) if pool.mentors else nobody,
        floor=pool.rules.floor,
        room=pool.room,
        own=pool.as_mentor[rows],
    )


def _best(scores: NDArray[np.float64], limit: int) -> list[int]:
    """The columns of the greatest scores, best first, ties by column; NaN is nobody."""
    able = np.flatnonzero(~np.isnan(scores))
    if able.size > limit:
        least = np.partition(scores[able], able.size - limit)[able.size - limit]
        able = able[scores[able] >= least]
    order = np.argsort(-scores[able], kind="stable")[:limit]
    found: list[int] = able[order].tolist()
    return found
