"""Hard rules: whom a mentor may mentor at all. Each is one predicate over the pairs of some rows of a pool.

Seven hold in every program; six a program may choose (`Opened.hard`). A coordinator may set aside only the
chosen ones. A pair must pass every one asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from services.matching.marks import marked
from services.matching.pool import Pool, Rows
from shared.events.outside import Opened

Bools = NDArray[np.bool_]
Predicate = Callable[[Pool, Rows], Bools]
"""Of a pool and some rows: which pairs it allows, shape (rows, mentors) or broadcastable to it."""
Rules = tuple[tuple[str, Predicate], ...]

LEAST_STEPS = 1
"""How many levels of seniority a mentor must stand above the mentee."""


def other_person(pool: Pool, rows: Rows) -> Bools:
    """Nobody mentors himself."""
    return np.not_equal(pool.as_mentor[rows][:, None], np.arange(pool.mentors))


def present(pool: Pool, rows: Rows) -> Bools:
    """The mentor has not left, is not paused and takes new pairs."""
    del rows
    return pool.guides.present[None, :]


def not_ruled_out(pool: Pool, rows: Rows) -> Bools:
    """The two were not paired before, and neither declined the other or let a proposal expire."""
    return ~marked(pool.ties.ruled_out, pool.indices(rows), pool.mentors)


def not_avoided(pool: Pool, rows: Rows) -> Bools:
    """Neither avoids the other."""
    by_mentee, by_mentor = pool.ties.avoided
    some = pool.indices(rows)
    return ~(marked(by_mentee, some, pool.mentors) | marked(by_mentor, some, pool.mentors))


def only_once(pool: Pool, rows: Rows) -> Bools:
    """The mentor is not the mentee's already, by another seat or request."""
    return ~marked(pool.ties.mentored_by, pool.indices(rows), pool.mentors)


def not_reciprocal(pool: Pool, rows: Rows) -> Bools:
    """The mentee is not the mentor's own mentor."""
    return ~marked(pool.ties.mentors_of, pool.indices(rows), pool.mentors)


def has_room(pool: Pool, rows: Rows) -> Bools:
    """The mentor carries fewer pairs than offered and than the program allows."""
    del rows
    limit = np.minimum(pool.guides.capacity, pool.rules.capacity)
    return np.less(pool.guides.load, limit)[None, :]


def common_language(pool: Pool, rows: Rows) -> Bools:
    """They share a language; regional variants of one language count as one (RFC 4647, lookup)."""
    guides, asked = pool.guides, pool.seekers.languages
    return guides.table.languages.summed(asked, pool.indices(rows), guides.columns) > 0


def common_time(pool: Pool, rows: Rows) -> Bools:
    """A whole meeting fits into their common week, in January and in July."""
    guides, some = pool.guides, pool.indices(rows)
    fits = np.ones((len(some), pool.mentors), bool)
    for season, starting in zip(pool.seasons, pool.starting, strict=True):
        cut = guides.table.beginnings(season, pool.rules.length.minutes, pool.step)
        fits &= cut.meet(starting.of(some), len(some), guides.columns)
    return fits


def common_format(pool: Pool, rows: Rows) -> Bools:
    """They share a way to meet."""
    return (pool.seekers.formats[rows][:, None] & pool.guides.formats) > 0


def other_team(pool: Pool, rows: Rows) -> Bools:
    """They are not of one team."""
    return np.not_equal(pool.seekers.team[rows][:, None], pool.guides.team)


def other_line(pool: Pool, rows: Rows) -> Bools:
    """Neither reports to the other."""
    mentees, mentors = pool.ties.managed
    some = pool.indices(rows)
    return ~(marked(mentees, some, pool.mentors) | marked(mentors, some, pool.mentors))


def senior_enough(pool: Pool, rows: Rows) -> Bools:
    """The mentor stands above the mentee."""
    return pool.guides.seniority >= pool.seekers.seniority[rows][:, None] + LEAST_STEPS


ALWAYS: Mapping[str, Predicate] = {
    "other_person": other_person,
    "present": present,
    "not_ruled_out": not_ruled_out,
    "not_avoided": not_avoided,
    "only_once": only_once,
    "not_reciprocal": not_reciprocal,
    "capacity": has_room,
}
CHOSEN: Mapping[str, Predicate] = {
    "language": common_language,
    "time": common_time,
    "format": common_format,
    "team": other_team,
    "reporting_line": other_line,
    "seniority": senior_enough,
}
CHOICE = frozenset(
    {"other_person", "present", "not_ruled_out", "not_avoided", "only_once", "not_reciprocal"}
)
"""Rules that would tell of somebody's choice; an explanation shows them as one."""
NOT_AVAILABLE = "not_available"
SHOWN: tuple[str, ...] = (
    NOT_AVAILABLE,
    *(name for name in (*ALWAYS, *CHOSEN) if name not in CHOICE),
)
"""What an explanation may name, what it names first first."""
ALLOWED = -1
ONE = slice(0, 1)


def in_force(rules: Opened) -> Rules:
    """The rules of a program, those that always hold first."""
    return (*ALWAYS.items(), *_chosen(rules))


def _chosen(rules: Opened) -> Rules:
    return tuple((name, CHOSEN[name]) for name in CHOSEN if name in rules.hard)


def allowed(pool: Pool, rows: Rows) -> Bools:
    """Which pairs no rule forbids, shape (rows, mentors)."""
    if pool.requests == 1:
        return np.less(shown_rule(pool, rows), 0)
    allows = np.ones((len(pool.indices(rows)), pool.mentors), bool)
    for _, predicate in in_force(pool.rules):
        allows &= predicate(pool, rows)
    return allows


def broken(pool: Pool, row: int, column: int) -> list[str]:
    """The names of the rules that forbid a pair, in their order."""
    one = pool.pair(row, column)
    return [name for name, allows in in_force(pool.rules) if not allows(one, ONE)[0, 0]]


def shown(names: Collection[str]) -> str | None:
    """The one rule that an explanation names for a forbidden pair; None when nothing forbids it."""
    found = {NOT_AVAILABLE if name in CHOICE else name for name in names}
    return min(found, key=SHOWN.index) if found else None


class Judged(NamedTuple):
    """For each pair the place in `SHOWN` of the rule that an explanation names; -1 when none forbids it.

    Attributes:
        shown: among all the rules, those of somebody's choice first.
        compared: among those that compare a request with an offer, whoever chose what: it tells of no choice.
    """

    shown: NDArray[np.int8]
    compared: NDArray[np.int8]


def shown_rule(pool: Pool, rows: Rows) -> NDArray[np.int8]:
    """For each pair the place in `SHOWN` of the rule that an explanation names; -1 when no rule forbids it."""
    return judged(pool, rows).shown


def judged(pool: Pool, rows: Rows) -> Judged:
    """Which rule forbids each pair.

    Of a pool of one request it is kept as long as the pool: what is allowed is asked first, what is told next.
    """
    whole = pool.requests == 1 == len(pool.indices(rows))
    if whole and (known := _KEPT.get(pool)) is not None:
        return known
    found = _judged(pool, rows)
    if whole:
        _KEPT[pool] = found
    return found


_KEPT: WeakKeyDictionary[Pool, Judged] = WeakKeyDictionary()


def _judged(pool: Pool, rows: Rows) -> Judged:
    found = np.full((len(pool.indices(rows)), pool.mentors), ALLOWED, np.int8)
    _note(found, pool, rows, _chosen(pool.rules))
    compared = found.copy()
    _note(found, pool, rows, tuple(ALWAYS.items()))
    return Judged(found, compared)


def _note(found: NDArray[np.int8], pool: Pool, rows: Rows, asked: Rules) -> None:
    # In reverse, so that what is named first has the last word.
    for name, predicate in reversed(asked):
        np.copyto(found, _PLACE[name], where=~predicate(pool, rows))


_PLACE = {
    name: np.int8(SHOWN.index(NOT_AVAILABLE if name in CHOICE else name))
    for name in (*ALWAYS, *CHOSEN)
}
