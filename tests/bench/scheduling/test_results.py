"""Ratios, the target, tables and the document say what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.bench.report import BEGIN, END
from tests.bench.scheduling.measure import Lap
from tests.bench.scheduling.picture import bars
from tests.bench.scheduling.report import markdown
from tests.bench.scheduling.results import Measured, Results, targets
from tests.bench.scheduling.settings import setting_of


def lap(plans: int, seconds: float, peak: float = 100) -> Lap:
    return Lap(plans, seconds, seconds, 0.1, 40, 50, peak)


def measured() -> Measured:
    return Measured(
        setting_of(10_000),
        {"ours": [lap(10_000, each) for each in (5, 4, 10)], "minute": [lap(30, 15)]},
        {"intervals: merge": 0.6, "intervals: clip": 0.1, "scheduling/plan: plan": 0.3},
        {"minute": 30},
        gaps=0.125,
    )


def results() -> Results:
    return Results({"cores": "2"}, [measured()], {"cold": [50.0, 70.0, 60.0]})


def test_a_rate_is_the_median_of_the_rounds() -> None:
    assert measured().rate("ours") == 2_000
    assert measured().rate("minute") == 2
    assert measured().rate("frames") is None


def test_the_target_is_fifty_times_the_per_minute_search() -> None:
    (target,) = targets(results())

    assert (target.found, target.reached) == (1_000, True)
    slow = results()
    slow.measured[0].laps["minute"] = [lap(3_000, 60)]
    assert [each.reached for each in targets(slow)] == [False]


def test_who_was_not_run_is_no_target() -> None:
    found = results()
    del found.measured[0].laps["minute"]

    assert targets(found) == []


def test_a_thousand_cycles_have_three_hundred_mentors_and_odd_numbers_as_many_for_each() -> None:
    assert [setting_of(each).mentors for each in (10_000, 1_000, 100, 1)] == [3_000, 300, 30, 1]


def test_the_document_is_json_and_can_be_read_back() -> None:
    document = json.loads(json.dumps(results().document()))

    assert Results.from_document(document) == results()


def test_tables_show_rates_ratios_memory_and_how_many_plans_were_the_same() -> None:
    text = markdown(results())

    assert "| per-minute search | 30 | 2 | 2 to 2 | 500 | 1,000 | 100 | 40 | 30 of 30 |" in text
    assert "12.5 % found no slot" in text
    assert "| `intervals` | 70.0 |" in text
    assert "| `intervals: merge` | 60.0 |" in text
    assert "| rendered: every request another person's feed | 60 | 50 to 70 |" in text


def test_the_picture_is_well_formed_and_has_a_bar_for_each_who_took_part() -> None:
    picture = ET.fromstring(bars([measured()]))

    assert len(picture.findall("{http://www.w3.org/2000/svg}rect")) == 2


def test_the_committed_page_has_the_markers() -> None:
    text = (Path(__file__).parents[3] / "docs" / "benchmarks-scheduling.md").read_text()

    assert text.index(BEGIN) < text.index(END)
