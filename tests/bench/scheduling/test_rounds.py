"""A program is run by processes of its own, whose plans are compared."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.process import Failed
from tests.bench.scheduling.field import entrant_of
from tests.bench.scheduling.measure import run
from tests.bench.scheduling.rounds import measure
from tests.bench.scheduling.settings import Setting
from tests.bench.scheduling.stages import Stages, function_of

SMALL = Setting(cycles=5, mentors=2, seed=3)


def test_a_program_is_run_and_its_plans_are_compared(tmp_path: Path) -> None:
    field = [entrant_of("ours"), replace(entrant_of("grid"), mentors=1)]

    found = measure(SMALL, field, tmp_path, rounds=1, say=lambda _: None)

    assert {name: len(laps) for name, laps in found.laps.items()} == {"ours": 1, "grid": 1}
    assert found.laps["ours"][0].plans == found.agreed["grid"] == 5
    assert found.laps["ours"][0].peak >= found.laps["ours"][0].before > 0
    assert found.stages


def test_a_broken_contestant_fails_the_benchmark(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="ours ended with 1"):
        run(entrant_of("ours"), SMALL, tmp_path / "nowhere")


def test_time_outside_of_the_project_is_other() -> None:
    with Stages() as stages:
        time.sleep(0.1)

    assert set(stages.shares) == {"other"}
    assert function_of(sys._getframe()) == "other"


@pytest.mark.parametrize(
    "file, function",
    [
        ("/anywhere/services/scheduling/plan.py", "scheduling/plan: <module>"),
        ("/anywhere/shared/intervals.py", "intervals: <module>"),
        ("/anywhere/tests/shared/test_intervals.py", "other"),
    ],
)
def test_time_counts_for_the_innermost_function_of_the_project(file: str, function: str) -> None:
    found: list[str] = []

    exec(
        compile("look()", file, "exec"),
        {"look": lambda: found.append(function_of(sys._getframe()))},
    )

    assert found == [function]
