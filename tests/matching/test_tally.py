"""What a round came to: blocking pairs as brute force finds them, and the spread of the load."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching import tally
from services.matching.assignment.choice import choose
from services.matching.assignment.market import NOBODY, Dense, dense
from services.matching.tally import blocking, loads
from shared.events.types import Policy

ROWS, COLUMNS = 6, 4


@st.composite
def markets(draw: st.DrawFn) -> Dense:
    """Small markets in which people have several rows, and mentors ask too."""
    worth = draw(st.lists(st.integers(0, 9), min_size=ROWS * COLUMNS, max_size=ROWS * COLUMNS))
    mentee = draw(st.lists(st.integers(0, 3), min_size=ROWS, max_size=ROWS))
    own = {person: draw(st.sampled_from([NOBODY, person])) for person in sorted(set(mentee))}
    matrix = np.array(worth, np.int32).reshape(ROWS, COLUMNS)
    as_mentor = [own[person] for person in mentee]
    for row, column in enumerate(as_mentor):
        matrix[row, column] *= column == NOBODY
    capacity = draw(st.lists(st.integers(0, 2), min_size=COLUMNS, max_size=COLUMNS))
    matrix[:, np.array(capacity) == 0] = 0
    return Dense(
        matrix, np.array(capacity), np.array(mentee, np.int32), np.array(as_mentor, np.int32)
    )


def by_hand(market: Dense, column: list[int]) -> int:
    """Each pair held against what its two sides have."""
    has = [(row, own) for row, own in enumerate(column) if own != NOBODY]
    people = {(int(market.mentee[row]), own) for row, own in has}
    mentors = {(own, int(market.as_mentor[row])) for row, own in has}
    found = 0
    for row, wanted in product(range(ROWS), range(COLUMNS)):
        worth = market.matrix[row, wanted]
        own = column[row]
        theirs = [market.matrix[other, wanted] for other, mentor in has if mentor == wanted]
        mentee_would = worth > (market.matrix[row, own] if own != NOBODY else 0)
        mentor_would = len(theirs) < market.capacity[wanted] or worth > min(theirs, default=worth)
        once = (int(market.mentee[row]), wanted) not in people
        one_way = (int(market.as_mentor[row]), wanted) not in mentors
        found += bool(mentee_would and mentor_would and once and one_way)
    return found


@settings(max_examples=150, deadline=None, print_blob=True)
@given(markets(), st.sampled_from(["optimal", "stable", "fair", "first_come"]))
def test_blocking_pairs_are_those_that_brute_force_finds(market: Dense, policy: Policy) -> None:
    column = choose(policy, market).column
    assert blocking(market, column) == by_hand(market, column.tolist())


def test_blocks_of_rows_count_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    market = dense(np.arange(1, 13, dtype=np.int32).reshape(4, 3), np.array([1, 1, 1]))
    nobody = np.full(4, NOBODY, np.int32)
    monkeypatch.setattr(tally, "BLOCK", 3)
    assert blocking(market, nobody) == 12


def test_blocking_pairs_of_a_giant_pool_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "COUNTED", 11)
    market = dense(np.ones((4, 3), np.int32), np.array([1, 1, 1]))
    assert blocking(market, np.zeros(4, np.int32)) is None


def test_the_spread_of_the_load_is_told_as_shares_of_capacity() -> None:
    spread = loads(np.array([0, 3, 1, 2]), np.array([2, 4, 2, 2]))
    assert spread is not None
    assert (spread.least, spread.median, spread.most) == (0, 0.5, 1)


def test_without_mentors_there_is_no_load() -> None:
    assert loads(np.array([], np.int64), np.array([], np.int64)) is None
