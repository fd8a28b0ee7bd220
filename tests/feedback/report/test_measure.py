"""Numbers about few persons are hidden."""

import numpy as np
import pytest

from services.feedback.report.measure import DAYS, SHARES, Scope

EVERY = np.ones(6, np.bool_)
MENTEES = np.array([0, 1, 2, 3, 3, 3])
MENTORS = np.array([7, 7, 7, 8, 8, 9])
ONES = np.ones(6, np.int64)


def scope(k: int, *people: np.ndarray, chosen: np.ndarray = EVERY) -> Scope:
    return Scope(chosen, people or (MENTEES,), k)


@pytest.mark.parametrize("k,hidden", [(4, False), (5, True)])
def test_a_number_about_fewer_than_k_persons_is_hidden_however_many_cycles_they_have(
    k: int, hidden: bool
) -> None:
    value = scope(k).rate("rate", "", ONES, ONES)

    assert value.hidden is hidden
    assert (value.value, value.count, value.of) == ((None,) * 3 if hidden else (1.0, 6, 6))


def test_either_side_of_a_pair_must_be_k_persons() -> None:
    assert not scope(3, MENTEES, MENTORS).hidden
    assert scope(4, MENTEES, MENTORS).hidden


def test_nobody_is_not_hidden_and_has_no_rate() -> None:
    value = scope(5).rate("rate", "", ONES, 0 * ONES)

    assert (value.hidden, value.value, value.of) == (False, None, 0)


def test_only_who_is_in_the_denominator_counts_as_a_person() -> None:
    assert scope(4).rate("rate", "", ONES, np.array([1, 1, 1, 0, 0, 0])).hidden


def test_persons_who_stand_far_behind_are_found() -> None:
    people = np.concatenate([np.zeros(10_000, np.int64), np.arange(1, 5)])

    assert not Scope(people >= 0, (people,), 5).hidden
    assert Scope(people >= 0, (people,), 6).hidden


def test_bars_of_few_persons_stand_together_with_their_neighbours() -> None:
    values = np.array([0.0, 0.5, 0.5, 2.0, 5.0, 5.0])

    bars = scope(2, np.arange(6)).bars(values, DAYS, "days")

    assert [(bar.label, bar.count) for bar in bars] == [("0 to 1 days", 3), ("1 to 7 days", 3)]


def test_a_bar_of_many_cycles_of_one_person_stands_with_others() -> None:
    values = np.array([0.1, 0.1, 0.1, 0.3, 0.3, 0.3])

    bars = scope(2).bars(values, SHARES, "share")

    assert [(bar.low, bar.high, bar.count) for bar in bars] == [(0.0, 0.4, 6)]


def test_bars_behind_the_last_value_are_left_out_and_empty_ones_between_are_not() -> None:
    bars = scope(1).bars(np.array([0.5, 0.5, 0.5, 10, 10, 10]), DAYS, "days")

    assert [bar.count for bar in bars] == [3, 0, 0, 3]


def test_a_curve_of_few_to_whom_it_happened_is_not_drawn() -> None:
    waits, happened = np.arange(6.0), np.array([True, True, False, False, False, False])

    assert scope(3).curve(waits, happened) == ()
    assert scope(2).curve(waits, happened)


def test_days_have_one_digit_and_shares_four() -> None:
    waits = np.array([1.26, 1.26, 1.26, 1.26, 1.26, 1.26])

    (median,) = scope(1).spread(waits, "days", ("p50",))

    assert median.value == 1.3
    assert scope(1).mean(waits / 9).value == 0.14


def test_a_curve_steps_down_by_k_persons_at_least_as_the_bars_do() -> None:
    waits, happened = np.array([0.0, 1.5, 2.5, 3.0, 3.5, 9.0]), np.array([True] * 5 + [False])

    points = scope(2, np.arange(6)).curve(waits, happened)

    assert [(point.at, point.waiting) for point in points] == [(0, 1.0), (2, 0.667), (4, 0.167)]
    assert len(scope(1, np.arange(6)).curve(waits, happened)) == 5


def test_a_curve_of_nobody_has_no_points() -> None:
    assert scope(2, np.arange(6)).curve(np.ones(6), np.zeros(6, np.bool_)) == ()
