"""A rebuild folds from the log what the service folded, wherever it is cut off, and stops where they differ."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from shared.entry import Entry
from shared.events.envelope import HEADERS, Event
from shared.fitness import NotReady
from shared.folding import Folding
from shared.log import Message
from shared.outcome import Diverged
from shared.partition import partition_of
from shared.replay import rebuild as engine
from shared.replay.rebuild import ALL, advice
from shared.store import Store
from shared.world import Refusal, Row, World
from tests.shared.replay.desk import FUTURE, Desk, change, lifecycle, positions
from tests.tally.events import event_id, progressed, withdrawn
from tests.tally.log import entries, publish
from tests.tally.service import TALLY, Tally

KIND = type(progressed().data)


@pytest.fixture
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many transactions for few events."""
    monkeypatch.setattr(engine, "SIZE", 100)


class Killed(Exception):
    """Stands for the end of the process."""


# -- the same rows --


@pytest.mark.usefixtures("in_small_pieces")
async def test_a_rebuild_gives_the_rows_that_the_service_has(desk: Desk) -> None:
    await publish(desk.log, *lifecycle(600))
    await desk.fold()
    await publish(desk.log, *lifecycle(300, first=600))
    await desk.fold()
    assert await desk.rebuilt() == desk.live.digest()


async def test_nothing_is_published_by_a_rebuild(small: Desk) -> None:
    await publish(small.log, *lifecycle(100))
    await small.fold()
    before = await small.log.info()
    await small.rebuilt()
    assert await small.log.info() == before


async def test_events_that_come_meanwhile_are_folded_neither_twice_nor_never(small: Desk) -> None:
    await publish(small.log, *lifecycle(200))
    await small.fold()
    store = small.new_store()
    async with small.rebuild(store) as rebuild:
        for first in (200, 400, 600):
            await rebuild.catch_up()
            await publish(small.log, *lifecycle(200, first=first))
            await small.fold()
        await rebuild.to_positions(positions(small.live))
        assert rebuild.positions == positions(small.live)
    assert store.digest() == small.live.digest()


async def test_it_ends_at_the_live_position_though_more_is_answered(small: Desk) -> None:
    """A service that was killed between its word and its commit stands behind its mark."""
    last = await publish(small.log, *lifecycle(50))
    await small.fold()
    before = small.live.digest()
    copy = small.new_store()
    async with small.rebuild(copy) as rebuild:
        await rebuild.to_positions({0: last})
    await publish(small.log, *lifecycle(50, first=50))
    await small.fold()
    store = small.new_store()
    async with small.rebuild(store) as rebuild:
        await rebuild.to_positions({0: last})
    assert store.digest() == copy.digest() == before


async def test_inputs_behind_the_mark_that_brought_no_answers_are_folded(small: Desk) -> None:
    await publish(small.log, *lifecycle(50))
    await small.fold()
    events = [withdrawn(f"c{n}", n=f"gone{n}", at=FUTURE) for n in range(5)]
    await publish(small.log, *events)
    await fold_without_settling(small)
    assert await small.rebuilt() == small.live.digest()


async def fold_without_settling(desk: Desk) -> None:
    from shared.ledger import Ledger

    ledger = Ledger(TALLY, desk.live, desk.log, owner="restless")
    await ledger.fold(await entries(desk.log, start=await ledger.start()))
    await ledger.close()


async def test_a_lost_database_is_rebuilt_as_far_as_the_service_has_answered(small: Desk) -> None:
    await publish(small.log, *lifecycle(200))
    await small.fold()
    lost = small.stores.pop(0)
    small.new_store()
    assert await small.rebuilt() == lost.digest()
    lost.dispose()


async def test_every_partition_is_rebuilt(many: Desk) -> None:
    for program in ("one", "two", "three", "four"):
        await publish(many.log, *lifecycle(60, program=program))
    await many.fold()
    assert len({partition_of(each, 3) for each in ("one", "two", "three", "four")}) > 1
    assert await many.rebuilt() == many.live.digest()


async def test_of_one_program_only_its_rows_are_rebuilt(many: Desk) -> None:
    for program in ("one", "two", "three", "four"):
        await publish(many.log, *lifecycle(60, program=program))
    await many.fold()
    store = many.new_store()
    async with many.rebuild(store, program="two") as rebuild:
        await rebuild.catch_up()
        await rebuild.to_positions(positions(many.live))
    assert rows(store) == [row for row in rows(many.live) if row.program == "two"]  # type: ignore[attr-defined]


def rows(store: Store) -> Sequence[Row]:
    transaction = store.connect()
    try:
        return list(transaction.everything())
    finally:
        transaction.close()


async def test_rows_that_no_longer_fit_into_memory_are_read_again(
    small: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SIZE", 50)
    await publish(small.log, *lifecycle(900))
    await small.fold()
    store = small.new_store()
    async with small.rebuild(store) as rebuild:
        for folding in rebuild._foldings.values():
            folding.max_rows = 20
        await rebuild.catch_up()
    assert store.digest() == small.live.digest()


# -- cut off --


@pytest.mark.usefixtures("in_small_pieces")
@pytest.mark.parametrize("step", ["save", "commit"])
async def test_a_rebuild_that_was_cut_off_goes_on_where_it_was(
    desk: Desk, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(desk.log, *lifecycle(700))
    await desk.fold()
    store, calls = desk.new_store(), 0
    whole = getattr(Folding, step)

    def cut(folding: Folding, *given: Any) -> None:
        nonlocal calls
        calls += 1
        if calls % 3 == 0:
            raise Killed
        whole(folding, *given)

    monkeypatch.setattr(Folding, step, cut)
    cuts = 0
    while True:
        async with desk.rebuild(store) as rebuild:
            try:
                await rebuild.catch_up()
            except Killed:
                cuts += 1
            else:
                break
    assert cuts > 1
    assert store.digest() == desk.live.digest()


async def test_a_store_that_was_put_back_is_not_rebuilt_beyond_where_it_stands(small: Desk) -> None:
    await publish(small.log, *lifecycle(50))
    await small.fold()
    async with small.rebuild() as rebuild:
        await rebuild.catch_up()
        with pytest.raises(NotReady, match="begin the rebuild anew"):
            await rebuild.to_positions({0: 10})


async def test_a_live_store_of_another_log_is_refused(small: Desk) -> None:
    await publish(small.log, *lifecycle(10))
    await small.fold()
    change(small.live, "UPDATE position SET log = 'another'")
    async with small.rebuild() as rebuild:
        with pytest.raises(NotReady, match="belongs to the log another"):
            await rebuild.catch_up()


async def test_a_log_that_does_not_hold_what_the_store_has_folded_is_refused(small: Desk) -> None:
    await publish(small.log, *lifecycle(10))
    await small.fold()
    async with small.rebuild() as rebuild:
        with pytest.raises(NotReady, match="truncated"):
            await rebuild.to_positions({0: 10**6})


# -- where today's code would judge otherwise --


@pytest.fixture
async def third(small: Desk) -> int:
    """A log whose third input today's code refuses or cannot fold."""
    events = [progressed(f"c{n}", float(n), n=n, at=FUTURE) for n in range(6)]
    await publish(small.log, *events)
    await small.fold()
    return 3


def refuse_second(world: World, event: Event) -> Refusal | None:
    return Refusal("strict") if event.id == event_id(2) else None


def raise_at_second(world: World, event: Event) -> Sequence[Row]:
    if event.id == event_id(2):
        raise KeyError("new code")
    return TALLY.evolves[KIND](world, event)  # type: ignore[return-value]


STRICT = replace(TALLY, judges={KIND: refuse_second})
BROKEN = replace(TALLY, evolves={**TALLY.evolves, KIND: raise_at_second})


async def test_it_stops_where_today_s_code_refuses_and_says_where_and_what_to_do(
    small: Desk, third: int
) -> None:
    async with small.rebuild(service=STRICT) as rebuild:
        with pytest.raises(Diverged) as stopped:
            await rebuild.catch_up()
    assert stopped.value.seq == third
    words = advice(stopped.value)
    assert f"sequence 3 (progressed acme/c2, event {event_id(2)})" in words
    assert "strict" in words
    assert "--accept 3" in words


@pytest.mark.parametrize("accept", [ALL, frozenset({3})], ids=["all", "one"])
async def test_the_log_wins_where_that_is_accepted(small: Desk, third: int, accept: Any) -> None:
    store = small.new_store()
    async with small.rebuild(store, STRICT, accept=accept) as rebuild:
        await rebuild.catch_up()
        (accepted,) = rebuild.accepted
        assert (accepted.diverged.seq, accepted.passed_over) == (third, False)
        assert (rebuild.progress.accepted, rebuild.progress.passed_over) == (1, 0)
    assert store.digest() == small.live.digest()


async def test_what_cannot_be_folded_is_passed_over_and_counted(small: Desk, third: int) -> None:
    store = small.new_store()
    async with small.rebuild(store, BROKEN, accept=ALL) as rebuild:
        await rebuild.catch_up()
        assert [each.passed_over for each in rebuild.accepted] == [True]
        assert rebuild.progress.passed_over == 1
    cycles = [row.cycle for row in rows(store) if isinstance(row, Tally)]
    assert cycles == ["c0", "c1", "c3", "c4", "c5"]


async def test_what_was_accepted_keeps_no_batch_in_memory(small: Desk, third: int) -> None:
    async with small.rebuild(service=BROKEN, accept=ALL) as rebuild:
        await rebuild.catch_up()
        (accepted,) = rebuild.accepted
    error = accepted.diverged
    assert (error.__traceback__, error.__cause__, error.__context__) == (None, None, None)
    assert "KeyError at" in error.why


async def test_another_sequence_than_the_accepted_one_stops_it_all_the_same(
    small: Desk, third: int
) -> None:
    async with small.rebuild(service=STRICT, accept=frozenset({4})) as rebuild:
        with pytest.raises(Diverged):
            await rebuild.catch_up()


async def test_a_fix_goes_on_from_where_it_stopped(small: Desk, third: int) -> None:
    store = small.new_store()
    async with small.rebuild(store, STRICT) as rebuild:
        with pytest.raises(Diverged):
            await rebuild.catch_up()
    async with small.rebuild(store) as rebuild:
        await rebuild.catch_up()
    assert store.digest() == small.live.digest()


async def test_an_answer_that_no_service_wrote_stops_it_or_is_passed_over(
    small: Desk, third: int
) -> None:
    answer = progressed("c1", n="forged", at=FUTURE)
    headers = {**HEADERS, "Mentoring-Cause": "1", "Mentoring-Service": "tally"}
    forged = await small.log.send(
        Message(answer.subject.replace("progressed", "flagged"), b"no event", headers)
    )
    await publish(small.log, progressed("c9", n=9, at=FUTURE))
    await small.fold()
    with pytest.raises(Diverged) as stopped:
        await small.rebuilt()
    assert stopped.value.seq == forged
    store = small.new_store()
    async with small.rebuild(store, accept=frozenset({forged})) as rebuild:
        await rebuild.catch_up()
        assert [(each.diverged.seq, each.passed_over) for each in rebuild.accepted] == [
            (forged, True)
        ]
        assert rebuild.progress.passed_over == 1
    assert store.digest() == small.live.digest()


# -- progress --


@pytest.mark.usefixtures("in_small_pieces")
async def test_progress_tells_how_far_it_is_and_how_long_it_takes(small: Desk) -> None:
    await publish(small.log, *lifecycle(500))
    await small.fold()
    told: list[tuple[int, int, float | None]] = []
    async with small.rebuild(
        on_progress=lambda p: told.append((p.positions[0], p.left, p.remaining))
    ) as rebuild:
        await rebuild.catch_up()
        progress = rebuild.progress
    assert [left for _, left, _ in told] == sorted((left for _, left, _ in told), reverse=True)
    assert told[-1][:2] == (positions(small.live)[0], 0)
    assert all(remaining is not None for _, _, remaining in told)
    assert progress.inputs == len(lifecycle(500))
    assert progress.rate > 0


async def test_the_service_folds_on_while_it_is_being_rebuilt(small: Desk) -> None:
    await publish(small.log, *lifecycle(1500))
    await small.fold()
    store = small.new_store()
    async with small.rebuild(store) as rebuild:
        rebuilding = asyncio.ensure_future(rebuild.catch_up())
        for first in range(1500, 2500, 250):
            await publish(small.log, *lifecycle(250, first=first))
            await small.fold()
        await rebuilding
        await rebuild.to_positions(positions(small.live))
    assert store.digest() == small.live.digest()


def test_everything_contains_any_sequence() -> None:
    assert 1 in ALL
    assert isinstance(Entry(1, "a", b""), Entry)
