"""A replay from an archive leads where a replay from the log does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from shared.archive.exact import Wanted
from shared.archive.reading import Archive
from shared.archive.source import ArchiveSource
from shared.catchup import own_words
from shared.replay.shadow import scratch
from shared.replay.source import LogSource, Source
from shared.replay.verify import Verdict, Wishes, verify
from tests.shared.archive.books import exported
from tests.shared.archive.test_hostile import raw
from tests.shared.replay.desk import Desk, lifecycle, positions
from tests.tally.events import progressed
from tests.tally.log import entries, open_log, publish
from tests.tally.service import TALLY

SAYS = {TALLY.name: own_words(TALLY)}


@pytest.fixture(params=[1, 4])
async def desk(
    request: pytest.FixtureRequest, nats_url: str, tmp_path: Path
) -> AsyncIterator[Desk]:
    """A log of one and of several partitions that tally has answered."""
    numbers = count()
    async with open_log(nats_url, request.param) as log:
        desk = Desk(
            log, lambda: f"sqlite:///{tmp_path / f'store-{next(numbers)}.db'}", request.param
        )
        await publish(log, *lifecycle(400), *(progressed(n=n, program="beta") for n in range(50)))
        await desk.fold()
        yield desk
        desk.dispose()


async def verdict(desk: Desk, source: Source, wishes: Wishes | None = None) -> Verdict:
    with scratch(TALLY) as store:
        return await verify(TALLY, desk.live, source, store, wishes or Wishes())


async def test_a_store_is_what_its_archive_says(desk: Desk, tmp_path: Path) -> None:
    await exported(desk.log, tmp_path / "a")

    from_log = await verdict(desk, await LogSource.of(desk.log))
    from_archive = await verdict(desk, await ArchiveSource.of(tmp_path / "a", SAYS))

    assert from_archive.same
    assert from_archive == from_log
    assert from_archive.positions == positions(desk.live)


async def test_a_partition_holds_what_the_server_put_there_whatever_the_program_is_called(
    desk: Desk, tmp_path: Path
) -> None:
    for program in (b"sp\xffring", b'a"b', b"a\\b", "ä".encode()):
        await raw(desk.log, b"mentoring.%b.progressed.c1" % program, b"", b"no event")
    await desk.fold()
    await exported(desk.log, tmp_path / "a")

    archive, source = Archive.open(tmp_path / "a"), await ArchiveSource.of(tmp_path / "a", SAYS)

    for partition in range(source.partitions):
        there = await entries(desk.log, f"mentoring.*.*.*.{partition}")
        assert list(archive.entries(partition=partition)) == there
        mark = await source.mark(TALLY.name, partition)
        assert mark.seq == (await (await LogSource.of(desk.log)).mark(TALLY.name, partition)).seq
    assert (await verdict(desk, source)).same


async def test_one_program_can_be_folded_from_an_archive(desk: Desk, tmp_path: Path) -> None:
    await exported(desk.log, tmp_path / "a")

    found = await verdict(
        desk, await ArchiveSource.of(tmp_path / "a", SAYS), Wishes(program="beta")
    )

    assert found.same
    assert found.rows > 0


async def test_an_archive_gives_single_entries_and_says_where_it_ends(
    desk: Desk, tmp_path: Path
) -> None:
    log, before = desk.log, await desk.log.info()
    await exported(log, tmp_path / "a")
    source, info = await ArchiveSource.of(tmp_path / "a", SAYS), await log.info()

    fifth = next(each for each in await entries(log) if each.seq >= 5)
    assert await source.entry(fifth.seq) == fifth
    assert await source.entry(10**9) is None
    assert (source.uuid, source.partitions) == (info.uuid, info.partitions)
    assert before.last_seq <= (source.ends or 0) <= info.last_seq
    assert (await source.mark("nobody", 0)).at == 0


async def test_in_a_cut_archive_a_service_has_answered_up_to_its_last_answer(
    desk: Desk, tmp_path: Path
) -> None:
    await exported(desk.log, tmp_path / "a", Wanted(until=300))
    source = await ArchiveSource.of(tmp_path / "a", SAYS)

    marks = [await source.mark(TALLY.name, each) for each in range(desk.partitions)]

    assert all(mark.seq < 300 for mark in marks)
    assert source.uuid != (await desk.log.info()).uuid
