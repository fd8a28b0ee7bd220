"""A market is run by processes, and who cannot take part is named with the reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.bench.check import Wrong
from tests.bench.matching import rounds
from tests.bench.matching.field import Entrant, entrant_of
from tests.bench.matching.markets import keep
from tests.bench.matching.measure import Lap, belongs, hindrance, run
from tests.bench.matching.settings import Setting
from tests.bench.process import Failed

SMALL = Setting("made", 40, 12, "tight", 3)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("market")
    keep(SMALL, folder)
    return folder


def test_a_market_is_run_judged_and_agreed_upon(tmp_path: Path) -> None:
    field = [entrant_of(name) for name in ("optimal", "round", "scipy", "naive")]

    found = rounds.measure(
        SMALL, field, tmp_path, run_id="now", rounds=1, limit=60, say=lambda _: None
    ).entries

    assert set(found) == {"optimal", "scipy", "naive"}
    assert all(len(entry.laps) == 1 and entry.figures for entry in found.values())
    assert all(entry.laps[0].peak >= entry.laps[0].before > 0 for entry in found.values())


def test_a_contestant_that_chooses_otherwise_in_the_next_round_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = iter([np.array([0]), np.array([1])])

    def chance(entrant: Entrant, place: Path, limit: float) -> Lap:
        np.save(place / f"{entrant.name}.npy", next(columns))
        return Lap(1, 1, 0, 1, 1, 1)

    monkeypatch.setattr(rounds, "run", chance)

    with pytest.raises(Wrong, match="naive chose otherwise in another round"):
        rounds.measure(
            SMALL, [entrant_of("naive")], tmp_path, run_id="", rounds=2, limit=1, say=lambda _: None
        )


def test_who_does_not_end_in_time_is_named(place: Path) -> None:
    assert run(entrant_of("naive"), place, 0.01) == "did not end in 0 s"


def test_a_broken_contestant_fails_the_benchmark(place: Path) -> None:
    with pytest.raises(Failed, match="optimal ended with 1"):
        run(entrant_of("optimal"), place / "nowhere", 60)


def test_who_needs_more_than_the_machine_has_is_not_started() -> None:
    huge = replace(SMALL, requests=1_000_000, mentors=300_000)

    assert hindrance(entrant_of("scipy"), huge) == "needs 8,400 GB at least"
    assert hindrance(entrant_of("optimal"), huge) is None


def test_who_is_too_slow_is_left_out() -> None:
    assert hindrance(entrant_of("naive"), replace(SMALL, requests=10**6, mentors=10**6))


def test_whole_rounds_are_for_people_whose_values_would_be_handed_in() -> None:
    people = replace(SMALL, family="people")

    assert belongs(entrant_of("round"), people)
    assert not belongs(entrant_of("round"), SMALL)
    assert not belongs(entrant_of("round"), replace(people, requests=100_000, mentors=20_000))
