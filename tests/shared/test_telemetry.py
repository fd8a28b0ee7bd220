"""Readiness: a service that does not move while there is something to do is not ready, and says why."""

from __future__ import annotations

import pytest

from shared import telemetry
from shared.ledger import Progress
from shared.telemetry import (
    STUCK_AFTER,
    STUCK_DECIDING_AFTER,
    LedgerCollector,
    Movement,
    PartitionStatus,
    readiness,
)


class Clock:
    """A clock that moves when told to."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(telemetry, "time", clock)
    return clock


def status(
    position: int = 5,
    pending: int = 0,
    state: str = "live",
    *,
    owned: bool = True,
    trouble: str = "",
    partition: int = 0,
) -> PartitionStatus:
    progress = Progress(state=state, position=position, trouble=trouble)
    return PartitionStatus(partition, owned, pending, progress)


def test_a_partition_with_nothing_to_do_is_never_stuck(clock: Clock) -> None:
    movement = Movement()
    assert readiness([status()], movement, "") == []
    clock.now += 10 * STUCK_AFTER
    assert readiness([status()], movement, "") == []


def test_a_partition_that_does_not_move_with_work_before_it_is_not_ready(clock: Clock) -> None:
    movement = Movement()
    assert readiness([status(pending=7)], movement, "") == []
    clock.now += STUCK_AFTER + 1
    assert readiness([status(pending=7)], movement, "") == ["partition 0: not moving, 7 behind"]


def test_moving_makes_it_ready_again(clock: Clock) -> None:
    movement = Movement()
    readiness([status(pending=7)], movement, "")
    clock.now += STUCK_AFTER + 1
    readiness([status(pending=7)], movement, "")
    assert readiness([status(position=6, pending=6)], movement, "") == []
    clock.now += STUCK_AFTER - 1
    assert readiness([status(position=6, pending=6)], movement, "") == []


def test_a_partition_that_is_not_live_says_why(clock: Clock) -> None:
    trouble = status(state="waiting", trouble="LogTrouble: away")
    assert readiness([trouble], Movement(), "") == ["partition 0: LogTrouble: away"]
    assert readiness([status(state="catching up")], Movement(), "") == ["partition 0: catching up"]


def test_what_another_pod_owns_does_not_count(clock: Clock) -> None:
    assert readiness([status(state="stopped", owned=False)], Movement(), "") == []


def test_trouble_of_the_whole_process_comes_first(clock: Clock) -> None:
    reasons = readiness([status(state="claiming")], Movement(), "not connected to NATS")
    assert reasons == ["not connected to NATS", "partition 0: claiming"]


def test_each_partition_is_looked_at_by_itself(clock: Clock) -> None:
    movement = Movement()
    both = [status(pending=1), status(pending=1, partition=1)]
    readiness(both, movement, "")
    clock.now += STUCK_AFTER + 1
    moved = [status(pending=1), status(position=6, pending=1, partition=1)]
    assert readiness(moved, movement, "") == ["partition 0: not moving, 1 behind"]


def test_metrics_say_where_every_partition_stands() -> None:
    progress = Progress("live", 10, 9, 8, 7, 6, {"parked": 2, "invalid": 1})
    told = LedgerCollector("tally", lambda: [PartitionStatus(3, True, 4, progress)])
    samples = {
        (sample.name, sample.labels.get("kind", "")): sample.value
        for family in told.collect()
        for sample in family.samples
    }
    assert samples == {
        ("mentoring_position", ""): 10,
        ("mentoring_mark", ""): 9,
        ("mentoring_pending", ""): 4,
        ("mentoring_owned", ""): 1,
        ("mentoring_inputs_total", ""): 8,
        ("mentoring_answers_total", ""): 7,
        ("mentoring_batches_total", ""): 6,
        ("mentoring_dead_letters_total", "invalid"): 1,
        ("mentoring_dead_letters_total", "parked"): 2,
    }


def test_what_takes_long_to_decide_may_take_long_and_not_for_ever(clock: Clock) -> None:
    movement = Movement()
    deciding = PartitionStatus(0, True, 1, Progress(state="live", position=5, deciding=6))
    assert readiness([deciding], movement, "") == []
    clock.now += STUCK_AFTER + 1
    assert readiness([deciding], movement, "") == []
    clock.now += STUCK_DECIDING_AFTER
    assert readiness([deciding], movement, "") == ["partition 0: not moving, 1 behind"]
