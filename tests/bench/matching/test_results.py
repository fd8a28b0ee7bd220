"""Ratios, targets, tables and the merged document say what was measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.bench.check import Wrong
from tests.bench.matching.judge import Figures
from tests.bench.matching.measure import Lap
from tests.bench.matching.picture import bars
from tests.bench.matching.report import markdown
from tests.bench.matching.results import Entry, Measured, Results, targets
from tests.bench.matching.rounds import agree
from tests.bench.matching.settings import Setting
from tests.bench.report import BEGIN, END

RUN = "2026-11-22T20:15:00+00:00"
SETTING = Setting("made", 10_000, 3_000, "tight")
LARGE = Setting("people", 100_000, 20_000, "tight")


def entry(
    *seconds: float, total: int = 1000, peak: float = 100, bound: int | None = None, run: str = RUN
) -> Entry:
    laps = [
        Lap(each, each, 0, 70, 80, peak, bound, {"scoring": 3 * each, "assignment/sweep": each})
        for each in seconds
    ]
    return Entry(run, laps, Figures(total, 10, 2, 7, 3, 0.25, 0.5))


def made(setting: Setting = SETTING, **entries: Entry) -> Results:
    named = {name.replace("_", "-"): each for name, each in entries.items()}
    return Results({RUN: {"cores": "2"}}, {setting.name: Measured(setting, named)})


def of(results: Results) -> Measured:
    (measured,) = results.measured.values()
    return measured


def test_seconds_are_the_median_of_the_rounds() -> None:
    assert entry(1.0, 9.0, 2.0).seconds == 2.0
    assert Entry(RUN, missing="did not end in 900 s").seconds is None


def test_a_share_is_of_the_least_bound_that_is_proven() -> None:
    measured = of(made(optimal=entry(1, total=998, bound=1000), naive=entry(1, total=500)))

    assert measured.share("optimal") == 0.998
    assert measured.share("naive") == 0.5
    measured.entries["scipy"] = entry(1, total=998)
    assert measured.share("optimal") == 1


def test_figures_of_two_runs_are_not_divided() -> None:
    measured = of(made(optimal=entry(1), scipy=entry(20, run="another")))

    assert measured.ratio("scipy", "optimal", lambda each: each.seconds) is None


def test_targets_at_10_000_are_the_optimum_ten_times_as_fast_in_a_quarter_of_the_memory() -> None:
    results = made(optimal=entry(2, bound=1000), scipy=entry(18, peak=500))

    assert [(each.found, each.reached) for each in targets(results)] == [
        (1, True),
        (9, False),
        (0.2, True),
    ]


def test_targets_at_100_000_are_the_bound_and_four_gigabytes() -> None:
    results = made(LARGE, optimal=entry(2, total=998, bound=1000, peak=3999))

    assert [(each.found, each.reached) for each in targets(results)] == [
        (0.998, False),
        (3999, True),
    ]


def test_what_was_not_measured_is_no_target() -> None:
    assert targets(made(optimal=Entry(RUN, missing="MemoryError"))) == []


def test_a_newer_run_takes_the_place_of_the_same_contestants_and_leaves_the_others() -> None:
    known = made(optimal=entry(5), naive=entry(6))
    newer = made(optimal=entry(1, run="new"))
    newer.machines = {"new": {"cores": "4"}}

    known.take_over(newer)

    assert of(known).entries["optimal"].seconds == 1
    assert of(known).entries["naive"].seconds == 6
    assert set(known.machines) == {RUN, "new"}


def test_a_market_of_another_seed_is_another_market() -> None:
    known, newer = made(naive=entry(6)), made(replace(SETTING, seed=1), optimal=entry(1, run="new"))

    known.take_over(newer)

    assert set(of(known).entries) == {"optimal"}
    assert RUN not in known.machines


def test_the_document_is_json_and_can_be_read_back() -> None:
    results = made(optimal=entry(1, 2, bound=1000), scipy=Entry(RUN, missing="MemoryError"))
    document = json.loads(json.dumps(results.document()))

    assert Results.from_document(document) == results


def test_ours_and_scipy_must_agree_to_the_last_unit() -> None:
    with pytest.raises(Wrong, match="the optimum is not one"):
        agree(of(made(optimal=entry(1, total=999), scipy=entry(1, total=1000))))


def test_nobody_may_be_worth_more_than_the_bound() -> None:
    with pytest.raises(Wrong, match="naive is worth 1001, over 1000"):
        agree(of(made(optimal=entry(1, bound=1000), naive=entry(1, total=1001))))


def test_tables_show_ratios_shares_and_why_somebody_is_missing() -> None:
    text = markdown(
        made(
            optimal=entry(2, bound=1000),
            scipy=Entry(RUN, missing="needs 48 GB at least"),
            naive=entry(1, total=400),
        )
    )

    assert "| scipy, dense (needs 48 GB at least) |  |" in text
    assert "| naive, mentee by mentee | 1 | 0.5 | 100 | 70 |" in text
    assert "| 0.400000 |" in text
    assert "| 75 | 0 | 25 | 0 | 0 | 0 | 0 | scoring 6.0, assignment/sweep 2.0 |" in text


def test_a_share_short_of_one_is_never_shown_as_one() -> None:
    text = markdown(made(optimal=entry(1, total=9_999_999, bound=10_000_000)))

    assert "0.999999" in text


def test_the_picture_is_well_formed_and_has_a_bar_for_each_who_ended() -> None:
    results = made(optimal=entry(2), naive=entry(1), scipy=Entry(RUN, missing="MemoryError"))
    picture = ET.fromstring(bars(results.ordered()))

    assert len(picture.findall("{http://www.w3.org/2000/svg}rect")) == 2


def test_the_committed_page_has_the_markers() -> None:
    text = (Path(__file__).parents[3] / "docs" / "benchmarks-matching.md").read_text()

    assert text.index(BEGIN) < text.index(END)
