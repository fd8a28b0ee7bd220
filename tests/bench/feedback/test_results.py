"""Ratios, targets, tables and the document say what was measured."""

from __future__ import annotations

import json

from tests.bench.feedback.measure import Lap
from tests.bench.feedback.report import markdown
from tests.bench.feedback.results import Measured, Results, targets
from tests.bench.feedback.settings import Setting

COMPARED = {"numbers": 900, "releases": 6, "wrong": []}


def lap(seconds: float, peak: float) -> Lap:
    return Lap(seconds, seconds, 90, peak, COMPARED)


def results() -> Results:
    measured = Measured(
        Setting(100_000),
        {"events": 8_000_000, "bytes": 5_000_000_000, "file": 1_100_000_000},
        {"ours": [lap(each, 600) for each in (50, 40, 90)], "frames": [lap(100, 2_000)]},
    )
    return Results({"cores": "2"}, [measured], {"submit, sealed": [900.0, 700.0, 800.0]})


def test_ratios_are_those_of_the_medians() -> None:
    speed, memory = targets(results())
    assert (speed.found, speed.reached) == (2, True)
    assert (memory.found, memory.reached) == (0.3, True)


def test_a_target_that_is_missed_is_said_to_be() -> None:
    given = results()
    given.measured[0].laps["frames"] = [lap(45, 900)]
    assert [target.reached for target in targets(given)] == [False, False]


def test_without_the_peer_there_is_no_target() -> None:
    given = results()
    del given.measured[0].laps["frames"]
    assert targets(given) == []


def test_small_programs_have_no_targets() -> None:
    given = results()
    given.measured[0].setting = Setting(1_000)
    assert targets(given) == []


def test_the_tables_show_medians_ranges_and_what_was_compared() -> None:
    text = markdown(results())
    assert "| **ours**: `mentoring report --from` | 50 | 40 to 90 | 50 | 600 | 90 |" in text
    assert "8,000,000 events, 5,000 MB of bodies, a file of 1,100 MB" in text
    assert "Numbers compared: 900, of 6 releases; none differs." in text
    assert "| submit, sealed | 800 | 700 to 900 |" in text


def test_the_document_is_read_back_as_it_was() -> None:
    told = json.loads(json.dumps(results().document()))
    assert Results.from_document(told) == results()
