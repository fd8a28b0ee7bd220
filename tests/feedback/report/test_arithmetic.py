"""Quantiles, waits and histograms, against what is computed by hand or naively."""

import random

import numpy as np
import pytest

from services.feedback.report.arithmetic import bins, curve, quantile, survival, survival_median


@pytest.mark.parametrize(
    "percent,expected", [(10, 1.0), (25, 2.0), (50, 3.0), (75, 4.0), (90, 5.0), (100, 5.0)]
)
def test_a_quantile_is_the_least_value_that_enough_do_not_exceed(
    percent: int, expected: float
) -> None:
    assert quantile(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), percent) == expected


def test_the_rank_is_not_moved_by_rounding() -> None:
    """0.07 x 100 is more than 7 in floating point."""
    assert quantile(np.arange(1.0, 101.0), 7) == 7.0


def test_nothing_has_no_quantile() -> None:
    assert quantile(np.array([]), 50) is None


def test_who_was_cut_off_counts_as_waiting_until_then() -> None:
    """Four wait: one happens at 1, one is cut off at 2, one happens at 3, one is cut off at 4."""
    instants, waiting = survival(
        np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, True, False])
    )

    assert instants.tolist() == [1.0, 3.0]
    assert waiting.tolist() == pytest.approx([3 / 4, 3 / 4 * 1 / 2])


def test_at_equal_durations_what_happened_goes_before_what_was_cut_off() -> None:
    _, waiting = survival(np.array([2.0, 2.0]), np.array([False, True]))

    assert waiting.tolist() == [0.5]


def test_the_median_is_reached_when_at_most_half_still_wait() -> None:
    happened = np.array([True, True, False, False])

    assert survival_median(np.array([1.0, 2.0, 5.0, 5.0]), happened) == 2.0
    assert survival_median(np.array([1.0, 2.0, 5.0, 5.0]), ~happened) == 5.0
    assert survival_median(np.array([1.0, 9.0, 9.0]), np.array([True, False, False])) is None


def test_the_curve_is_the_product_over_everybody_at_risk() -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    rng = random.Random(seed)
    waits = [(float(rng.randrange(12)), rng.random() < 0.7) for _ in range(40)]

    found = curve(np.array([w for w, _ in waits]), np.array([done for _, done in waits]))

    for day, share in found:
        expected = 1.0
        for instant in sorted({w for w, done in waits if done and w <= day}):
            at_risk = sum(w >= instant for w, _ in waits)
            expected *= 1 - sum(done and w == instant for w, done in waits) / at_risk
        assert share == pytest.approx(expected)
    assert [day for day, _ in found] == list(range(len(found)))


def test_a_long_curve_has_few_points_and_ends_behind_the_last_event() -> None:
    days = [day for day, _ in curve(np.array([0.5, 730.0]), np.array([True, True]))]

    assert len(days) < 70
    assert days[-1] >= 730


def test_nobody_to_whom_it_happened_makes_no_curve() -> None:
    assert curve(np.array([3.0]), np.array([False])) == []


def test_a_value_on_an_edge_is_in_the_bar_that_begins_there() -> None:
    assert bins(np.array([0.0, 0.9, 1.0, 2.9, 3.0, 99.0]), (0, 1, 3)).tolist() == [0, 0, 1, 1, 2, 2]
