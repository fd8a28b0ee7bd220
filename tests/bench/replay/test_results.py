"""Targets, tables and the picture of a replay benchmark say what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.bench.replay.measure import Lap, Sample
from tests.bench.replay.picture import curves
from tests.bench.replay.report import markdown
from tests.bench.replay.results import KEPT, Results, growth, targets
from tests.bench.report import BEGIN, END
from tests.bench.results import Target

CURVE = [Sample(n / 2, n * 100, 80 + min(n, 4)) for n in range(11)]


def made(**rates: float) -> Results:
    """Results at 1,000 events in which contestants ran at these rates; names as `rebuild__matching`."""
    results = Results({"cores": "2"}, {"rounds": 1}, main=1000)
    for name, rate in rates.items():
        lap = Lap(1000, 1000 / rate, 0.01, 7, CURVE)
        results.add(1000, name.replace("__", " ").replace("_", "-"), lap)
    return results


def found(results: Results) -> dict[str, Target]:
    return {target.what: target for target in targets(results)}


def test_a_rate_is_the_median_of_its_rounds() -> None:
    results = made(fetch=10.0)
    for rate in (1000.0, 20.0):
        results.add(1000, "fetch", Lap(1000, 1000 / rate, 0.01))

    assert results.rate("fetch") == pytest.approx(20)
    assert results.rate("live", "matching") is None


def test_a_rebuild_is_as_good_as_that_of_its_slowest_service() -> None:
    results = made(fetch=100.0, rebuild__matching=130.0, rebuild__feedback=90.0)
    target = found(results)["rebuild, SQLite ÷ nats-py `fetch(1000)` alone"]

    assert target.found == pytest.approx(0.9)
    assert not target.reached


def test_each_service_is_compared_with_the_peer_of_its_own() -> None:
    results = made(
        rebuild__matching=300.0, rebuild__feedback=200.0, peer__matching=10.0, peer__feedback=5.0
    )

    assert found(results)["rebuild, SQLite ÷ peer"].found == pytest.approx(30)


def test_a_target_of_which_one_side_was_not_measured_is_not_spoken_of() -> None:
    assert targets(made(fetch=100.0)) == []


def test_growth_is_linear_when_an_event_of_a_long_log_costs_what_one_of_a_short_log_does() -> None:
    results = made(rebuild__matching=100.0)
    results.add(3000, "rebuild matching", Lap(3000, 60, 1.0))
    (target,) = (each for what, each in found(results).items() if "of 3,000 ÷ one of 1,000" in what)

    assert target.found == pytest.approx(2)
    assert not target.reached


def test_memory_grows_by_what_the_second_half_of_the_events_adds() -> None:
    assert growth(CURVE) == 0
    assert growth([Sample(0, 0, 50), Sample(1, 50, 100), Sample(2, 100, 110)]) == pytest.approx(0.1)


def test_tables_show_the_rates_and_what_cannot_be_read_alone() -> None:
    text = markdown(made(fetch=100.0, rebuild__matching=250.0, peer__matching=10.0))

    assert "| **rebuild, SQLite** | 250 |  |  | 2.50 |" in text
    assert "peer" in text
    assert "rebuild, PostgreSQL" not in text


def test_the_memory_table_and_the_picture_come_with_all_three_services() -> None:
    three = made(rebuild__matching=1.0, rebuild__scheduling=1.0, rebuild__feedback=1.0)

    assert "![Resident memory" in markdown(three)
    assert "![Resident memory" not in markdown(made(rebuild__matching=1.0))


def test_the_picture_is_well_formed_and_has_a_line_for_each_service() -> None:
    picture = ET.fromstring(curves({"matching": CURVE, "feedback": CURVE}))

    assert len(picture.findall("{http://www.w3.org/2000/svg}polyline")) == 2


def test_the_document_is_json_and_keeps_every_round_with_a_thinned_curve() -> None:
    results = made(rebuild__matching=10.0)
    long = [Sample(n, n, 1.0) for n in range(1000)]
    results.add(1000, "rebuild matching", Lap(1000, 1.0, 0.5, 7, long))
    (run,) = json.loads(json.dumps(results.document()))["runs"]

    assert [len(each["memory"]) for each in run["rounds"]] == [11, KEPT]


def test_the_committed_page_has_the_markers() -> None:
    text = (Path(__file__).parents[3] / "docs" / "benchmarks-replay.md").read_text()

    assert text.index(BEGIN) < text.index(END)
