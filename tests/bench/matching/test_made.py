"""Made markets are the same each time, and of the shape that their names say."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from tests.bench.matching.made import made
from tests.bench.matching.settings import SIZES, Setting, Supply, places, settings


def setting(supply: Supply = "loose", seed: int = 1) -> Setting:
    return Setting("made", 60, 20, supply, seed)


def test_values_are_the_same_whichever_rows_are_asked_for() -> None:
    market = made(setting())
    values = market.values(slice(None))

    np.testing.assert_array_equal(market.values(slice(7, 31)), values[7:31])
    np.testing.assert_array_equal(market.values(np.array([59, 3])), values[[59, 3]])
    np.testing.assert_array_equal(made(setting()).values(slice(None)), values)


def test_another_seed_is_another_market() -> None:
    one, two = (made(setting(seed=seed)).values(slice(None)) for seed in (1, 2))

    assert (one != two).any()


def test_some_pairs_are_not_allowed_and_none_is_worth_less_than_nothing() -> None:
    values = made(setting()).values(slice(None))

    assert values.dtype == np.int32
    assert values.min() == 0
    assert 0.2 < (values == 0).mean() < 0.4


@pytest.mark.parametrize("supply, share", [("loose", 1.5), ("tight", 0.6)])
def test_the_mentors_have_exactly_the_places_of_the_supply(supply: Supply, share: float) -> None:
    for size, mentors in SIZES.items():
        found = places(Setting("made", size, mentors, supply), Random(3))

        assert sum(found) == size * share
        assert min(found) >= 0


def test_settings_come_small_ones_first_with_every_family_and_supply() -> None:
    found = [
        each.name for each in settings([10_000, 1_000], ["people", "made"], ["loose", "tight"])
    ]

    assert found[:2] == ["people 1,000 × 300 loose", "people 1,000 × 300 tight"]
    assert found[-1] == "made 10,000 × 3,000 tight"
    assert len(found) == 8
