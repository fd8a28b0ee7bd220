"""Several workers fold what one process folds, wherever one of them or their parent is killed."""

from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from shared.fitness import NotReady
from shared.outcome import Diverged
from shared.replay.beside import place_of
from shared.replay.rebuild import ALL
from shared.replay.workers import Workers, left_by
from shared.store import Store
from shared.transaction import Transaction, positions_of
from tests.shared.replay.desk import Desk, lifecycle, positions
from tests.shared.replay.working import broken, dying, fold, means, strict, tally
from tests.tally.log import publish, until

ROOT = Path(__file__).parents[3]
PROGRAMS = ("one", "two", "three", "four", "five")


async def fill(desk: Desk) -> None:
    """Programs side by side, answered by the service."""
    logs = [lifecycle(300, program=program) for program in PROGRAMS]
    await publish(desk.log, *(event for together in zip(*logs, strict=True) for event in together))
    await desk.fold()


def crew(desk: Desk, into: Store, nats_url: str, service: Any = tally, **options: Any) -> Workers:
    return Workers(means(nats_url, service), into, desk.partitions, 2, **options)


def gone_on(live: Store, into: Store) -> bool:
    """Whether a store holds what the live one does, and nothing is left beside it."""
    same = into.digest() == live.digest() and seen(into) == seen(live)
    mine, theirs = into.read(positions_of), live.read(positions_of)
    bare = {at: each._replace(timers_set=False) for at, each in theirs.items()}
    return same and mine == bare and not left_by(into)


def seen(store: Store) -> set[bytes]:
    found = store.read(lambda c: c.exec_driver_sql("SELECT fingerprint FROM seen").all())
    return {bytes(row[0]) for row in found}


# -- the same store --


async def test_two_workers_lead_to_the_store_of_one_process(desk: Desk, nats_url: str) -> None:
    await fill(desk)
    into = desk.new_store()
    workers = await fold(crew(desk, into, nats_url), desk.live)
    assert gone_on(desk.live, into)
    assert workers.progress.inputs == len(PROGRAMS) * len(lifecycle(300))
    assert workers.progress.left == 0


async def test_a_log_of_several_partitions_is_shared_by_partitions(
    many: Desk, nats_url: str
) -> None:
    await fill(many)
    into = many.new_store()
    await fold(crew(many, into, nats_url), many.live)
    assert gone_on(many.live, into)


async def test_a_rebuild_goes_on_from_what_workers_have_folded(small: Desk, nats_url: str) -> None:
    await fill(small)
    into = small.new_store()
    workers = await fold(crew(small, into, nats_url), small.live)
    await publish(small.log, *lifecycle(50, first=300, program="two"))
    await small.fold()
    async with small.rebuild(into) as rebuild:
        rebuild.take_up(workers.progress, workers.accepted)
        await rebuild.catch_up()
        await rebuild.to_positions(positions(small.live))
        assert rebuild.progress.inputs == 5 * len(lifecycle(300)) + len(lifecycle(50))
    assert into.digest() == small.live.digest()


# -- killed --


async def test_a_killed_worker_ends_the_others_and_the_next_call_goes_on(
    desk: Desk, nats_url: str
) -> None:
    await fill(desk)
    into = desk.new_store()
    with pytest.raises(NotReady, match="worker 1of2 ended with exit code -9: call again"):
        await fold(crew(desk, into, nats_url, partial(dying, 1, 3)), desk.live)
    assert not multiprocessing.active_children()
    assert left_by(into) == 2
    assert not into.read(positions_of)
    workers = await fold(crew(desk, into, nats_url), desk.live)
    assert gone_on(desk.live, into)
    assert workers.progress.inputs < len(PROGRAMS) * len(lifecycle(300))


async def test_workers_end_with_their_parent_and_the_next_call_goes_on(
    desk: Desk, nats_url: str
) -> None:
    await fill(desk)
    into = desk.new_store()
    script = [sys.executable, "-m", "tests.shared.replay.kill_workers", nats_url]
    ended = await asyncio.to_thread(
        subprocess.run,
        [*script, desk.live.url, into.url, "4"],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == -9, ended.stderr.decode()
    await until(lambda: not any(map(runs, ended.stdout.split())), "the workers are gone")
    assert left_by(into) == 2
    await fold(crew(desk, into, nats_url), desk.live)
    assert gone_on(desk.live, into)


def runs(pid: bytes) -> bool:
    try:
        return psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_whoever_is_interrupted_leaves_no_worker(small: Desk, nats_url: str) -> None:
    await fill(small)
    into = small.new_store()
    begun = asyncio.Event()
    workers = crew(small, into, nats_url, on_progress=lambda progress: begun.set())
    folding = asyncio.ensure_future(fold(workers, small.live))
    await begun.wait()
    folding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await folding
    assert not multiprocessing.active_children()
    await fold(crew(small, into, nats_url), small.live)
    assert gone_on(small.live, into)


async def test_parts_are_taken_over_all_or_not_at_all(
    desk: Desk, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(desk)
    into = desk.new_store()

    def fail(transaction: Transaction, version: int) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "set_fold_version", fail)
        with pytest.raises(ZeroDivisionError):
            await fold(crew(desk, into, nats_url), desk.live)
    assert not seen(into)
    workers = await fold(crew(desk, into, nats_url), desk.live)
    assert gone_on(desk.live, into)
    assert workers.progress.inputs == 0


async def test_another_number_of_workers_begins_anew(small: Desk, nats_url: str) -> None:
    await fill(small)
    into = small.new_store()
    with pytest.raises(NotReady):
        await fold(crew(small, into, nats_url, partial(dying, 2, 2)), small.live)
    await fold(Workers(means(nats_url), into, 1, 3), small.live)
    assert gone_on(small.live, into)


async def test_parts_go_with_the_store_that_they_belong_to(desk: Desk, nats_url: str) -> None:
    await fill(desk)
    into = desk.new_store()
    with pytest.raises(NotReady):
        await fold(crew(desk, into, nats_url, partial(dying, 1, 2)), desk.live)
    place = place_of(into)
    assert place.parts() == ["1of2", "2of2"]
    assert place.size() > place.part("1of2").size() > 0
    into.dispose()
    place.drop()
    assert place.parts() == []


# -- where a worker stops --


async def test_where_a_worker_s_code_judges_otherwise_all_stop(small: Desk, nats_url: str) -> None:
    await fill(small)
    into = small.new_store()
    with pytest.raises(Diverged, match="strict") as stopped:
        await fold(crew(small, into, nats_url, strict), small.live)
    assert stopped.value.event is not None
    assert not multiprocessing.active_children()
    workers = await fold(crew(small, into, nats_url, strict, accept=ALL), small.live)
    assert gone_on(small.live, into)
    accepted = [each.diverged.seq for each in workers.accepted]
    assert stopped.value.seq in accepted
    assert accepted == sorted(accepted)


async def test_an_error_that_cannot_travel_is_named(small: Desk, nats_url: str) -> None:
    await fill(small)
    into = small.new_store()
    with pytest.raises(
        NotReady, match=r"a worker stopped: Odd tests/shared/replay/working.py:\d+ in"
    ):
        await fold(crew(small, into, nats_url, broken), small.live)
    assert not multiprocessing.active_children()
