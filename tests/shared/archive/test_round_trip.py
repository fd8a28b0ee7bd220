"""A log that was exported and imported again is the same log, to the byte."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared import provision
from shared.archive.exact import Wanted
from shared.archive.reading import Archive, Cursor
from shared.entry import Entry
from shared.log import Log
from shared.partition import partition_of
from tests.backends.nats_server import NatsServer
from tests.shared.archive.books import exported, fill, imported, stored
from tests.tally.events import progressed
from tests.tally.log import entries, open_log, publish


@pytest.mark.parametrize("partitions", [1, 16])
async def test_a_log_comes_back_with_every_sequence_subject_body_and_header(
    nats_url: str, tmp_path: Path, partitions: int
) -> None:
    path = tmp_path / "log.zst"
    async with open_log(nats_url, partitions) as log:
        await fill(log, random.Random(partitions))
        before, info = await stored(log), await log.info()
        tail = await exported(log, path)

    with NatsServer(tmp_path / "other") as server:
        log = await Log.connect(server.url)
        await imported(log, path)
        after, other = await stored(log), await log.info()
        settings = await provision.diff(log)
        await log.close()

    assert len(before) == tail.events > 1900
    assert after == before
    assert (other.uuid, other.partitions, settings) == (info.uuid, partitions, [])


async def test_a_program_or_a_word_that_is_not_there_makes_an_empty_archive(
    nats_url: str, tmp_path: Path
) -> None:
    async with open_log(nats_url) as log:
        empty = await exported(log, tmp_path / "none")
        await fill(log, random.Random(1), programs=1, limit=20)
        wanted = [
            Wanted(program="other"),
            Wanted(since=10**6),
            Wanted(since=datetime.now(UTC) + timedelta(days=1)),
            Wanted(until=1),
            Wanted(until=datetime(1980, 1, 1, tzinfo=UTC)),
        ]
        tails = [await exported(log, tmp_path / "none", each) for each in wanted]

    assert [tail.events for tail in [empty, *tails]] == [0] * 6
    assert [tail.cut for tail in tails] == [False, False, False, True, True]


async def test_an_empty_archive_makes_an_empty_log(nats_url: str, tmp_path: Path) -> None:
    async with open_log(nats_url, 4) as log:
        await exported(log, tmp_path / "none")
        uuid = (await log.info()).uuid
    with NatsServer(tmp_path / "other") as server:
        log = await Log.connect(server.url)
        await imported(log, tmp_path / "none")
        info = await log.info()
        await log.close()

    assert (info.uuid, info.partitions, info.messages) == (uuid, 4, 0)


@pytest.mark.parametrize("seed", range(5))
async def test_a_cut_never_parts_the_answers_to_one_input(
    nats_url: str, tmp_path: Path, seed: int
) -> None:
    rng, path = random.Random(seed), tmp_path / "cut"
    async with open_log(nats_url) as log:
        await fill(log, rng, programs=1)
        for _ in range(10):
            await exported(log, path, Wanted(until=rng.randrange(1, 700)))
            kept = list(Archive.open(path).entries())
            behind = await entries(log, start=kept[-1].seq + 1) if kept else []
            last, following = kept[-1:], behind[:1]
            assert not last or last[0].cause is None or last[0].cause != following[0].cause


async def test_from_and_until_are_sequences_or_the_instants_of_the_server(
    nats_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "part"
    async with open_log(nats_url) as log:
        await publish(log, *(progressed(n=n) for n in range(3)))
        await asyncio.sleep(0.05)
        middle = datetime.now(UTC)
        await asyncio.sleep(0.05)
        await publish(log, *(progressed(n=n) for n in range(3, 5)))
        found = {}
        for name, wanted in {
            "since seq": Wanted(since=3),
            "until seq": Wanted(until=3),
            "since instant": Wanted(since=middle),
            "until instant": Wanted(until=middle),
        }.items():
            await exported(log, path, wanted)
            archive = Archive.open(path)
            seqs = [entry.seq for entry in archive.entries()]
            found[name] = (seqs, archive.head.cut, archive.tail.cut)

    assert found == {
        "since seq": ([3, 4, 5], True, False),
        "until seq": ([1, 2], False, True),
        "since instant": ([4, 5], True, False),
        "until instant": ([1, 2, 3], False, True),
    }


async def test_the_instants_of_the_original_log_are_kept(nats_url: str, tmp_path: Path) -> None:
    async with open_log(nats_url) as log:
        await publish(log, *(progressed(n=n) for n in range(3)))
        expected = await entries(log)
        await exported(log, tmp_path / "a")

    assert list(Archive.open(tmp_path / "a").entries()) == expected
    assert all(entry.stored > 0 for entry in expected)


async def test_cursors_over_one_archive_do_not_disturb_each_other(
    nats_url: str, tmp_path: Path
) -> None:
    async with open_log(nats_url, 4) as log:
        await fill(log, random.Random(1))
        await exported(log, tmp_path / "a")
    archive = Archive.open(tmp_path / "a")
    everything = list(archive.entries())
    programs = {entry.subject.split(".")[1] for entry in everything}
    cursors: dict[str, tuple[Iterator[Entry], Callable[[Entry], bool]]] = {
        "all": (archive.entries(after=700), lambda e: e.seq > 700),
        "answers": (archive.entries(said_by="matching"), lambda e: e.said_by == "matching"),
        **{name: (archive.entries(program=name), is_of(name)) for name in programs},
        **{
            str(n): (
                archive.entries(partition=n),
                lies_in(n),
            )
            for n in range(4)
        },
    }
    given: dict[str, list[Entry]] = {name: [] for name in cursors}
    reading = {name: Cursor(iterator, 7) for name, (iterator, _) in cursors.items()}
    while reading:
        for name, cursor in list(reading.items()):
            batch = await cursor.batch()
            given[name] += batch
            if not batch:
                del reading[name]

    for name, (_, is_wanted) in cursors.items():
        assert given[name] == [entry for entry in everything if is_wanted(entry)], name


def is_of(program: str) -> Callable[[Entry], bool]:
    return lambda entry: entry.subject.split(".")[1] == program


def lies_in(partition: int) -> Callable[[Entry], bool]:
    return lambda entry: partition_of(entry.subject.split(".")[1], 4) == partition
