"""A market is the same one whichever way it is handed in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.bench.matching.markets import drawn_up, keep, kept, kept_setting
from tests.bench.matching.settings import Family, Setting


@pytest.mark.parametrize("family", ["people", "made"])
def test_values_that_were_kept_are_those_that_are_computed(family: Family, tmp_path: Path) -> None:
    setting = Setting(family, 30, 10, "tight", 5)
    seconds = keep(setting, tmp_path)
    market, computed = kept(tmp_path)(), kept(tmp_path, as_people=True)()

    assert seconds is not None
    assert kept_setting(tmp_path) == setting
    np.testing.assert_array_equal(market.values(slice(None)), computed.values(slice(None)))
    np.testing.assert_array_equal(market.capacity, computed.capacity)
    assert market.values(slice(None)).any()


def test_of_a_large_market_nothing_but_its_setting_is_kept(tmp_path: Path) -> None:
    setting = Setting("made", 100_000, 20_000, "loose", 5)

    assert keep(setting, tmp_path) is None
    assert [path.name for path in tmp_path.iterdir()] == ["setting.json"]


def test_in_markets_of_people_everybody_stands_alone() -> None:
    market = drawn_up(Setting("people", 30, 10, "loose", 5))()

    assert len(set(market.mentee.tolist())) == 30
    assert (market.as_mentor == -1).all()
    assert market.capacity.sum() == 45
