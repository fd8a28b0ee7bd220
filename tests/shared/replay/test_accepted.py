"""What a rebuild has let the log win at stays with the store that it folds into, until somebody accepts it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest

from shared.events.envelope import Event
from shared.fitness import NotReady
from shared.folding import Accepted
from shared.outcome import Diverged
from shared.replay.accepted import kept_in, named, words
from shared.replay.rebuild import ALL, advice
from shared.replay.workers import Workers
from shared.store import Store
from shared.world import Refusal, Row, World
from tests.shared.replay.desk import FUTURE, Desk, lifecycle, positions
from tests.shared.replay.working import dying_strict, fold, means, strict
from tests.tally.events import event_id, progressed
from tests.tally.log import publish
from tests.tally.service import TALLY

KIND = next(iter(TALLY.judges))
EVENTS = [progressed(f"c{n}", float(n), n=n, at=FUTURE) for n in range(6)]


def refuse_second(world: World, event: Event) -> Refusal | None:
    return Refusal("strict") if event.id == event_id(1) else None


def raise_at_fourth(world: World, event: Event) -> Sequence[Row]:
    if event.id == event_id(3):
        raise KeyError("new code")
    return TALLY.evolves[KIND](world, event)  # type: ignore[return-value]


WRONG = replace(
    TALLY, judges={KIND: refuse_second}, evolves={**TALLY.evolves, KIND: raise_at_fourth}
)


@pytest.fixture
async def folded(desk: Desk) -> Store:
    """A store into which all was folded by an earlier call, which let the log win."""
    await publish(desk.log, *EVENTS)
    await desk.fold()
    store = desk.new_store()
    async with desk.rebuild(store, WRONG, accept=ALL) as rebuild:
        await rebuild.catch_up()
        assert found(rebuild.accepted) == [(2, False), (4, True)]
    return store


def found(accepted: Sequence[Accepted]) -> list[tuple[int, bool]]:
    return [(each.diverged.seq, each.passed_over) for each in accepted]


async def test_whoever_goes_on_with_the_store_sees_them_again(desk: Desk, folded: Store) -> None:
    async with desk.rebuild(folded, WRONG, accept=frozenset({2, 4})) as rebuild:
        await rebuild.catch_up()
        await rebuild.to_positions(positions(desk.live))
        assert found(rebuild.accepted) == [(2, False), (4, True)]
        assert (rebuild.progress.accepted, rebuild.progress.passed_over) == (2, 1)
    assert found(kept_in(folded)) == [(2, False), (4, True)]


@pytest.mark.parametrize("accept", [frozenset(), frozenset({2})], ids=["none", "one"])
async def test_whoever_does_not_accept_them_again_is_told_all_and_folds_nothing(
    desk: Desk, folded: Store, accept: frozenset[int]
) -> None:
    await publish(desk.log, progressed("c9", n=9, at=FUTURE))
    await desk.fold()
    with pytest.raises(NotReady) as refused:
        async with desk.rebuild(folded, WRONG, accept=accept):
            raise AssertionError
    told = str(refused.value)
    assert "at 2, 4, of which 4 cannot be folded and is in no row" in told
    assert "--accept 2,4, or begin anew with --fresh" in told


async def test_they_are_no_part_of_what_is_compared(small: Desk) -> None:
    await publish(small.log, *EVENTS)
    await small.fold()
    store = small.new_store()
    lenient = replace(TALLY, judges={KIND: refuse_second})
    async with small.rebuild(store, lenient, accept=ALL) as rebuild:
        await rebuild.catch_up()
    assert found(kept_in(store)) == [(2, False)]
    assert store.digest() == small.live.digest()


# -- by workers --


async def test_what_workers_accept_comes_into_the_store_with_their_rows(
    desk: Desk, nats_url: str
) -> None:
    workers, into = await _filled(desk, nats_url), desk.new_store()
    workers.into = into
    await fold(workers, desk.live)
    seqs = [each.diverged.seq for each in workers.accepted]
    assert seqs
    assert [each.diverged.seq for each in kept_in(into)] == seqs
    async with desk.rebuild(into, strict(), accept=ALL) as rebuild:
        rebuild.take_up(workers.progress, workers.accepted)
        await rebuild.catch_up()
        assert sorted(each.diverged.seq for each in rebuild.accepted) == seqs
    with pytest.raises(NotReady, match="accept it again"):
        async with desk.rebuild(into, strict()):
            raise AssertionError


async def test_what_killed_workers_have_accepted_must_be_accepted_again(
    desk: Desk, nats_url: str
) -> None:
    workers, into = await _filled(desk, nats_url), desk.new_store()
    workers.into, whole = into, workers.means
    workers.means = means(nats_url, partial(dying_strict, 1, 2))
    with pytest.raises(NotReady, match="ended with exit code -9"):
        await fold(workers, desk.live)
    workers.means, workers.accept = whole, frozenset()
    with pytest.raises(NotReady, match="accept it again"):
        await fold(workers, desk.live)
    again = Workers(whole, into, 1, 2, ALL)
    await fold(again, desk.live)
    seqs = [each.diverged.seq for each in again.accepted]
    assert seqs == [each.diverged.seq for each in kept_in(into)]
    assert into.digest() == desk.live.digest()


async def _filled(desk: Desk, nats_url: str) -> Workers:
    """A log of three programs, and workers who let it win."""
    logs = [lifecycle(300, program=program) for program in ("one", "two", "three")]
    await publish(desk.log, *(event for some in zip(*logs, strict=True) for event in some))
    await desk.fold()
    return Workers(means(nats_url, strict), desk.live, 1, 2, ALL)


# -- words --


def test_what_to_accept_is_all_that_was_accepted_and_the_next_one() -> None:
    assert "--accept 31,123 and" in advice(Diverged(123, "strict"), {31})


def test_very_many_are_not_named_one_by_one() -> None:
    many = [Accepted(Diverged(seq, "strict"), passed_over=False) for seq in range(1, 61)]
    assert words(many).endswith("49, 50 and 10 more")
    assert named(range(60)) == "all"
