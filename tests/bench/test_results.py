"""Ratios, quantiles and tables: what the published figures are made of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.field import ENTRANTS
from tests.bench.latency import Latency, rank, summary
from tests.bench.memory import Point, growth
from tests.bench.report import BEGIN, END, insert, markdown, table
from tests.bench.results import Results, targets
from tests.bench.rounds import Lap


def made(**rates: list[float]) -> Results:
    """Results in which contestants ran at these rates, an event of 10 µs CPU each."""
    laps = {
        name.replace("_", "-"): [Lap(100, 100 / rate, 0.001) for rate in each]
        for name, each in rates.items()
    }
    return Results({"cores": "2"}, {"rounds": 3}, laps=laps)


def test_a_rate_is_the_median_of_its_rounds() -> None:
    assert made(live=[10.0, 1000.0, 20.0]).rate("live") == pytest.approx(20)
    assert made().rate("live") is None


def test_a_target_says_its_ratio_and_whether_it_is_reached() -> None:
    found = {t.what: t for t in targets(made(live=[900.0], naive=[20.0], by_hand=[1800.0]))}

    assert found["live, SQLite ÷ naive"].found == pytest.approx(45)
    assert found["live, SQLite ÷ naive"].reached
    assert found["live, SQLite ÷ by hand"].found == pytest.approx(0.5)
    assert not found["live, SQLite ÷ by hand"].reached


def test_a_target_of_which_one_side_was_not_measured_is_not_spoken_of() -> None:
    assert targets(made(live=[900.0])) == []


def test_smaller_is_better_for_latency_idle_and_memory() -> None:
    results = made()
    results.latency = {
        ("naive", 200): [Latency(10, 20, 30)],
        ("live", 200): [Latency(1, 11, 12)],
    }
    results.idle = {"matching": 0.1, "feedback": 0.6}
    results.memory = [Point(0, 50), Point(500, 100), Point(1000, 104)]

    assert [t.reached for t in targets(results)] == [False, False, True]


def test_quantiles_are_nearest_rank() -> None:
    ranked = [float(n) for n in range(1, 101)]

    assert rank(ranked, 0.5) == 50
    assert rank(ranked, 0.99) == 99
    assert rank([7.0], 0.99) == 7
    assert summary([0.003, 0.001, 0.002]) == Latency(2, 3, 3)


def test_memory_grows_by_what_the_second_half_adds() -> None:
    curve = [Point(0, 10), Point(400, 90), Point(500, 100), Point(1000, 110)]

    assert growth(curve) == pytest.approx(0.1)


def test_tables_go_between_the_markers_and_nothing_else_changes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")

    insert(page, "new")
    insert(page, "newer")

    assert page.read_text() == f"before\n{BEGIN}\n\nnewer\n\n{END}\nafter\n"


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing here\n")

    with pytest.raises(ValueError, match=r"page\.md: the lines .* are missing"):
        insert(page, "new")
    assert page.read_text() == "nothing here\n"


def test_the_committed_page_has_the_markers() -> None:
    text = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text()

    assert text.index(BEGIN) < text.index(END)


def test_a_table_has_a_rule_below_its_heads() -> None:
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"


def test_a_contestant_that_could_not_run_has_a_row_that_says_why() -> None:
    results = made(live=[900.0])
    results.not_run["node"] = "node missing"

    assert "(not run: node missing)" in markdown(results)


def test_a_naive_way_that_cannot_follow_is_said_to_queue() -> None:
    results = made(naive=[120.0], live=[9000.0])
    results.latency = {("naive", 200): [Latency(1, 2, 3)]}

    assert "its queue grows" in markdown(results)


def test_the_document_is_json_and_keeps_every_round() -> None:
    document = json.loads(json.dumps(made(live=[10.0, 20.0]).document()))

    assert len(document["throughput"]["live"]["rounds"]) == 2


def test_contestants_have_names_of_their_own() -> None:
    assert len({entrant.name for entrant in ENTRANTS}) == len(ENTRANTS)
