"""Matching under other rules over the same record: the same world when nothing is changed, else what follows."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.matching.app import SERVICE
from services.matching.what_if.account import Account
from services.matching.what_if.alternative import Alternative
from services.matching.what_if.recording import Recording
from shared.entry import Entry
from shared.events.envelope import Event, decode
from shared.events.outside import Opened
from shared.fold import Fold
from shared.replay.history import History, Step
from tests.lifecycle.test_interleavings import play
from tests.shared.replay.recorded import golden

FAST = settings(
    max_examples=40, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)
GOLDEN = golden()


def test_with_unchanged_rules_the_golden_log_gives_the_very_same_world() -> None:
    recorded, other = fold(GOLDEN)
    assert list(other.world.rows()) == list(recorded.world.rows())
    assert pairs(other.account) == [
        (event.key, event.data.mentor)  # type: ignore[attr-defined]
        for event in (decode(entry.body) for entry in GOLDEN if entry.word == "paired")
    ]
    assert not other.assumed


@FAST
@given(seed=st.integers(min_value=0, max_value=2**32), steps=st.integers(1, 120))
def test_with_unchanged_rules_every_record_gives_the_very_same_world(seed: int, steps: int) -> None:
    """Whatever people and servers did: clocks that run wrong, copies, poison, late and early deadlines."""
    recorded, other = fold(play(seed, steps, begun=True).log)
    assert list(other.world.rows()) == list(recorded.world.rows())
    assert not other.assumed


@FAST
@given(
    seed=st.integers(min_value=0, max_value=2**32),
    steps=st.integers(1, 120),
    acceptance=st.sampled_from(["none", "mentor", "both"]),
    policy=st.sampled_from(["optimal", "stable", "fair", "first_come"]),
    capacity=st.integers(1, 3),
)
def test_whatever_the_rules_nobody_carries_more_than_they_allow(
    seed: int, steps: int, **given_rules: Any
) -> None:
    _, other = fold(play(seed, steps, begun=True).log, changed(**given_rules))
    assert other.account.counts["parked"] == 0
    assert other.account.seats >= len(pairs(other.account))
    assert len(set(pairs(other.account))) == len(other.account.pairs)


def fold(
    entries: Sequence[Entry], revise: Callable[[Opened], Opened] = lambda rules: rules
) -> tuple[History, Alternative]:
    """The recorded world and the other one, both at the record's end."""
    recording = Recording()
    listened = History(SERVICE)
    for step in steps_of(listened, entries):
        recording.note(step, listened.world)
    recording.close()
    recorded, other = History(SERVICE), Alternative(recording, revise)
    for step in steps_of(recorded, entries):
        other.fold(step, recorded.world)
    other.close()
    return recorded, other


def steps_of(history: History, entries: Sequence[Entry]) -> Iterator[Step]:
    """Every input with what the log says of it; folded as they are asked for."""
    told: dict[int, list[Event]] = {}
    for entry in entries:
        if entry.said_by == "matching" and entry.cause is not None:
            told.setdefault(entry.cause, []).append(decode(entry.body))
    fold = Fold(SERVICE)
    for entry in entries:
        if entry.said_by != "matching":
            yield history.follow(entry, fold.read(entry), told.get(entry.seq, ()))


def changed(**fields: Any) -> Callable[[Opened], Opened]:
    """Rules with these fields in their place."""
    return lambda rules: Opened.model_validate({**dict(rules), **fields})


def pairs(account: Account) -> list[tuple[str, str]]:
    return [(pair.cycle, pair.mentor) for pair in account.pairs]
