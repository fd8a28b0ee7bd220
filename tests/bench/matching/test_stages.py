"""Where time goes is told by module."""

from __future__ import annotations

import sys
import time
from threading import Event, Thread

import pytest

from tests.bench.matching.stages import Stages, is_waiting, stage_of


def test_time_outside_of_the_service_is_other() -> None:
    with Stages() as stages:
        time.sleep(0.1)

    assert set(stages.seconds) == {"other"}
    assert stage_of(sys._getframe()) == "other"


@pytest.mark.parametrize(
    "file, stage",
    [
        ("/anywhere/services/matching/assignment/optimal.py", "assignment/optimal"),
        ("/anywhere/services/matching/overlap.py", "overlap"),
        ("/anywhere/tests/bench/matching/made.py", "made"),
        ("/anywhere/tests/bench/matching/judge.py", "other"),
    ],
)
def test_time_counts_for_the_innermost_module_of_the_service(file: str, stage: str) -> None:
    found: list[str] = []

    exec(compile("look()", file, "exec"), {"look": lambda: found.append(stage_of(sys._getframe()))})

    assert found == [stage]


def test_a_thread_that_waits_for_another_is_not_at_work() -> None:
    over = Event()
    thread = Thread(target=over.wait)
    thread.start()
    time.sleep(0.05)
    assert thread.ident
    frame = sys._current_frames()[thread.ident]
    over.set()
    thread.join()

    assert is_waiting(frame)
    assert not is_waiting(sys._getframe())
