"""Who has a part in what is published: no number changes without a row, and no row is changed by what comes later."""

from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from services.feedback.report import layers
from services.feedback.report.columns import Ints
from services.feedback.report.layers import Changes, Family
from services.feedback.report.spans import Spans
from services.feedback.report.state import State
from tests.feedback.report.random_program import DAYS, random_program
from tests.feedback.report.telling import at, begun

SEEDS = range(12)
FAMILIES = (layers.lifecycle, layers.meetings, layers.conclusions, layers.reviews)
HALF_DAYS = [each / 2 for each in range(2 * DAYS + 14)]
Numbers = npt.NDArray[np.generic]
Quantity = Callable[[State], Numbers]


def _outside(state: State) -> Numbers:
    shares = state.meetings.outside["mentee"]
    return np.bincount(shares.cycle, shares.part + shares.whole, minlength=state.columns.cycles)


def _both(state: State) -> Numbers:
    means = state.means
    return np.nan_to_num(np.minimum(means["mentee"], means["mentor"]), nan=-1)


def _of_cycle(quantity: Quantity) -> Quantity:
    """A number of each request as one of its cycle: each has one here."""
    return lambda state: quantity(state)[state.columns.request_of]


def _of_pair(field: str) -> Quantity:
    """What the `concluded` of a pair says; -1 before, and of others."""

    def found(state: State) -> Numbers:
        return np.where(state.conclusion("paired") > 0, state.conclusion(field), -1)

    return found


PUBLISHED: tuple[tuple[str, Family, tuple[int, ...], Quantity], ...] = (
    ("requests", layers.lifecycle, (0,), _of_cycle(lambda state: state.made)),
    ("paired", layers.lifecycle, (1,), _of_cycle(lambda state: state.matched)),
    ("decided", layers.lifecycle, (2,), _of_cycle(lambda state: state.decided)),
    ("first meetings", layers.lifecycle, (3,), lambda state: state.meetings.first_met),
    ("held", layers.meetings, (0,), lambda state: state.meetings.met),
    ("due", layers.meetings, (0, 2), lambda state: state.meetings.due),
    ("unplanned", layers.meetings, (0,), lambda state: state.meetings.unplanned),
    ("judged", layers.meetings, (0,), lambda state: state.meetings.judged),
    ("absent", layers.meetings, (1,), lambda state: state.meetings.absent),
    ("expected", layers.meetings, (1,), lambda state: state.meetings.expected),
    ("cancelled", layers.meetings, (3,), lambda state: state.meetings.cancelled),
    ("outside fair hours", layers.meetings, (4,), _outside),
    ("mentees' ratings", layers.reviews, (1,), lambda state: state.rated("mentee")[0]),
    ("mentors' ratings", layers.reviews, (2,), lambda state: state.rated("mentor")[0]),
    ("both sides' ratings", layers.reviews, (3,), _both),
    ("reviews", layers.reviews, (0,), lambda state: state.revealed),
    ("concluded", layers.conclusions, (0,), _of_pair("outcome")),
    ("goals", layers.conclusions, (1,), lambda state: np.maximum(_of_pair("agreed")(state), 0)),
)


@cache
def spans_of(seed: int) -> Spans:
    return Spans(random_program(seed).columns())


@cache
def state(seed: int, day: float) -> State:
    return State(spans_of(seed), micros(day))


def micros(day: float) -> int:
    return int(at(day).timestamp() * 1_000_000)


def seen(rows: Iterable[tuple[int, int]], after: float, until: float) -> set[int]:
    """Whom the rows of some time are about."""
    return {who for who, instant in rows if micros(after) < instant <= micros(until)}


def pairs_of(who: Ints, instants: Ints) -> set[tuple[int, int]]:
    return set(zip(who.tolist(), instants.tolist(), strict=True))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name, family, which, quantity", PUBLISHED)
def test_no_number_of_a_cycle_changes_without_a_row(
    name: str, family: Family, which: tuple[int, ...], quantity: Quantity, seed: int
) -> None:
    layer = list(family(spans_of(seed)))
    rows = [pair for index in which for pair in pairs_of(layer[index].cycle, layer[index].seen)]

    for before, after in pairwise(HALF_DAYS):
        differ = quantity(state(seed, before)) != quantity(state(seed, after))
        changed = set(np.flatnonzero(differ).tolist())
        assert changed <= seen(rows, before, after), f"{name}, day {after}, seed {seed}"


@pytest.mark.parametrize("seed", SEEDS)
def test_no_number_of_a_mentor_changes_without_a_row(seed: int) -> None:
    rows = pairs_of(*layers.load_changes(spans_of(seed)))

    for before, after in pairwise(HALF_DAYS):
        changed = mentors(state(seed, before)) ^ mentors(state(seed, after))
        assert {who for who, *_ in changed} <= seen(rows, before, after), f"day {after}, {seed}"


def mentors(state: State) -> set[tuple[int, ...]]:
    found = state.mentors
    columns = (found.person, found.capacity, found.open, found.offers)
    return set(zip(*(each.tolist() for each in columns), strict=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_comes_later_changes_no_row_of_before(seed: int) -> None:
    """Else a report of the past would be another one when it is asked for again."""
    whole = random_program(seed)
    for day in (8.5, 16.5, 24.5):
        until = random_program(seed)
        until.entries = [entry for entry in whole.entries if entry.stored <= micros(day) * 1000]
        then = Spans(until.columns())
        for family in FAMILIES:
            for now, before in zip(family(spans_of(seed)), family(then), strict=True):
                assert known(now, day) == known(before, day), f"{family.__name__}, day {day}"


def known(changes: Changes, day: float) -> set[tuple[int, int]]:
    return {row for row in pairs_of(changes.cycle, changes.seen) if row[1] <= micros(day)}


def test_a_conclusion_that_is_said_late_changes_what_was_owed_since() -> None:
    told = begun()
    told.requested("c1", "ada")
    told.paired("c1", "grace")
    told.scheduled("c1", 1, day=8)
    told.day = 9
    data = {"outcome": "left", "paired": True, "goals": {}}
    told.fact("feedback", "concluded", "c1", data, stated=7)

    _, _, owed, *_ = layers.meetings(Spans(told.columns()))

    assert [told.state(day).meetings.due.sum() for day in (7, 8, 9)] == [0, 1, 0]
    assert known(owed, 10) == {(0, micros(8)), (0, micros(9))}
