"""Matching under other rules over the same record: the same world when nothing is changed, whatever the record holds."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.events.envelope import decode
from tests.lifecycle.test_interleavings import play
from tests.matching.what_if.worlds import fold, pairs, told_of
from tests.shared.replay.recorded import golden

FAST = settings(
    max_examples=40, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)
SEEDS = st.integers(min_value=0, max_value=2**32)


def test_with_unchanged_rules_the_golden_log_gives_the_very_same_world() -> None:
    entries = golden()
    recorded, other = fold(told_of(entries))
    assert list(other.world.rows()) == list(recorded.world.rows())
    assert pairs(other.account) == [
        (event.key, event.data.mentor)  # type: ignore[attr-defined]
        for event in (decode(entry.body) for entry in entries if entry.word == "paired")
    ]
    assert not other.assumed


@FAST
@given(seed=SEEDS, steps=st.integers(1, 120))
def test_with_unchanged_rules_every_record_gives_the_very_same_world(seed: int, steps: int) -> None:
    """Whatever people and servers did: clocks that run wrong, copies, poison, late and early deadlines."""
    recorded, other = fold(told_of(play(seed, steps, begun=True).log))
    assert list(other.world.rows()) == list(recorded.world.rows())
    assert not other.assumed


@FAST
@given(
    seed=SEEDS,
    steps=st.integers(1, 120),
    acceptance=st.sampled_from(["none", "mentor", "both"]),
    policy=st.sampled_from(["optimal", "stable", "fair", "first_come"]),
    capacity=st.integers(1, 3),
)
def test_under_any_rules_every_seat_is_paired_once_at_most_and_nothing_raises(
    seed: int, steps: int, **fields: Any
) -> None:
    _, other = fold(told_of(play(seed, steps, begun=True).log), **fields)
    account = other.account
    assert account.counts["parked"] == 0
    cycles = [pair.cycle for pair in account.pairs]
    assert len(set(cycles)) == len(cycles) <= account.seats
    assert len(account.waiting) + len(cycles) >= account.seats
