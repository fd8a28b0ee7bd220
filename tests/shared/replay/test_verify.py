"""Verifying says whether a store is what the log says, and finds whatever somebody planted in it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.events.envelope import Event
from shared.replay.shadow import scratch
from shared.replay.source import LogSource
from shared.replay.verify import Verdict, Wishes, verify
from shared.service import Service
from shared.world import Ref, Row, World
from tests.shared.replay.desk import Desk, change, lifecycle, positions
from tests.tally.events import progressed
from tests.tally.log import publish
from tests.tally.service import TALLY, Tally


async def verdict(desk: Desk, service: Service = TALLY, wishes: Wishes = Wishes()) -> Verdict:  # noqa: B008 - frozen
    with scratch(service) as store:
        return await verify(service, desk.live, await LogSource.of(desk.log), store, wishes)


async def test_a_store_that_the_service_alone_wrote_is_what_the_log_says(desk: Desk) -> None:
    await publish(desk.log, *lifecycle(400))
    await desk.fold()
    found = await verdict(desk)
    assert found.same
    assert found.digest_live == found.digest_log == desk.live.digest()
    assert found.positions == positions(desk.live)
    assert found.rows > 50
    assert not found.differences


PLANTED = {
    "changed": "UPDATE tally SET value = value + 1 WHERE cycle = 'c7'",
    "missing": "DELETE FROM tally WHERE cycle = 'c7'",
    "extra": "INSERT INTO tally (program, cycle, value, count, active) VALUES ('acme', 'c999', 1, 1, FALSE)",
}


@pytest.mark.parametrize("kind", PLANTED)
async def test_a_row_that_somebody_planted_is_found(desk: Desk, kind: str) -> None:
    await publish(desk.log, *lifecycle(200))
    await desk.fold()
    change(desk.live, PLANTED[kind])
    found = await verdict(desk)
    assert not found.same
    assert found.digest_live != found.digest_log
    assert found.found == {"tally": {kind: 1}}
    (difference,) = found.differences
    cycle = "c999" if kind == "extra" else "c7"
    assert (difference.kind, difference.ref) == (kind, Ref(Tally, ("acme", cycle)))
    if kind == "changed":
        assert list(difference.columns) == ["value"]


async def test_a_bug_of_yesterday_shows_in_exactly_the_rows_that_it_wrote(small: Desk) -> None:
    """The service ran with a planted bug; the log is folded with its fix."""

    def evolve(world: World, event: Event) -> Sequence[Row]:
        rows: Sequence[Row] = TALLY.evolves[kind](world, event)  # type: ignore[assignment]
        wrong = event.key in {"c4", "c9"}
        return [replace(r, count=0) if wrong and isinstance(r, Tally) else r for r in rows]

    kind = type(progressed().data)
    buggy = replace(TALLY, evolves={**TALLY.evolves, kind: evolve})
    await publish(small.log, *lifecycle(120))
    await small.fold(buggy)
    found = await verdict(small)
    assert [each.ref.key for each in found.differences] == [("acme", "c4"), ("acme", "c9")]
    assert all(list(each.columns) == ["count"] for each in found.differences)


async def test_of_one_program_only_its_rows_are_compared(many: Desk) -> None:
    for program in ("one", "two", "three"):
        await publish(many.log, *lifecycle(60, program=program))
    await many.fold()
    change(many.live, "UPDATE tally SET value = 99 WHERE program = 'one'")
    assert (await verdict(many, wishes=Wishes(program="two"))).same
    found = await verdict(many, wishes=Wishes(program="one", limit=3))
    assert not found.same
    assert len(found.differences) == 3
    assert sum(found.found["tally"].values()) > 3


async def test_verifying_says_nothing_and_touches_nothing(small: Desk) -> None:
    told: list[Event] = []
    await publish(small.log, *lifecycle(50))
    await small.fold()
    before, digest = await small.log.info(), small.live.digest()
    assert (await verdict(small, replace(TALLY, effect=told.append))).same
    assert told == []
    assert await small.log.info() == before
    assert small.live.digest() == digest


async def test_the_service_may_go_on_while_its_store_is_verified(desk: Desk) -> None:
    await publish(desk.log, *lifecycle(600))
    await desk.fold()
    verifying = asyncio.ensure_future(verdict(desk))
    for first in range(600, 1400, 200):
        await publish(desk.log, *lifecycle(200, first=first))
        await desk.fold()
    assert (await verifying).same


async def test_a_store_that_was_lost_is_not_what_the_log_says(small: Desk) -> None:
    await publish(small.log, *lifecycle(50))
    await small.fold()
    small.stores.pop(0).dispose()
    small.new_store()
    found = await verdict(small)
    assert not found.same
    assert set(found.found["tally"]) == {"missing"}
