"""An import that is cut off goes on, and ends as one that was not."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import pytest

from shared import provision
from shared.archive.exact import Wanted
from shared.archive.exporting import export
from shared.archive.importing import Import, NotImportable
from shared.archive.reading import Archive
from shared.log import Log, LogTrouble, Message
from tests.backends.nats_server import NatsServer
from tests.shared.archive.books import SAYS, exported, fill, imported, stored
from tests.tally.log import open_log

ROOT = Path(__file__).parents[3]


async def begin(url: str, path: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.shared.archive.cut_off", url, str(path), cwd=ROOT
    )


async def reached(log: Log) -> int:
    try:
        return (await log.info()).last_seq
    except LogTrouble:
        return 0


async def test_an_import_killed_again_and_again_ends_equal(nats_url: str, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)
    rng, path = random.Random(seed), tmp_path / "log.zst"
    async with open_log(nats_url, 4) as log:
        await fill(log, rng, programs=14)
        before = await stored(log)
        end = (await exported(log, path)).last

    places, kills = [], 0
    with NatsServer(tmp_path / "other") as server:
        log = await Log.connect(server.url)
        aims = sorted(rng.randrange(end) for _ in range(5))
        for aim in aims:
            process = await begin(server.url, path)
            while process.returncode is None and await reached(log) <= aim:
                await asyncio.sleep(rng.random() * 0.01)
            if process.returncode is None:
                os.kill(process.pid, signal.SIGKILL)
                kills += await process.wait() == -signal.SIGKILL
            places.append(await reached(log))
        process = await begin(server.url, path)
        assert await process.wait() == 0
        after, settings = await stored(log), await provision.diff(log)
        marks = await stored(log, "mentoring-mark.")
        await log.close()

    print("killed at", places, "of", end)
    assert kills >= 3
    assert after == before
    assert settings == []
    assert [each.subject for each in marks if "filler" in each.subject] == []


async def test_an_import_goes_on_through_a_server_that_is_killed(
    nats_url: str, nats_server: NatsServer, tmp_path: Path
) -> None:
    path = tmp_path / "log.zst"
    async with open_log(nats_url, 2) as log:
        await fill(log, random.Random(3), programs=8)
        before = await stored(log)
        await exported(log, path)

    log = await Log.connect(nats_server.url)
    work = asyncio.create_task(imported(log, path))
    for part in (0.2, 0.5, 0.8):
        while await reached(log) < part * before[-1].seq and not work.done():
            await asyncio.sleep(0.005)
        nats_server.kill9()
        await asyncio.sleep(0.1)
        nats_server.start()
    await work

    assert await stored(log) == before
    await log.close()


async def test_an_import_says_where_it_went_on(nats_url: str, tmp_path: Path) -> None:
    path = tmp_path / "log.zst"
    async with open_log(nats_url) as log:
        await fill(log, random.Random(3), programs=5)
        await exported(log, path)
    with NatsServer(tmp_path / "other") as server:
        log = await Log.connect(server.url)
        await cut_off(log, path, after=1500)
        work = await imported(log, path)
        await log.close()

    assert work.resumed >= 1500


async def test_no_other_archive_goes_on_where_one_was_cut_off(
    nats_url: str, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    async with open_log(nats_url) as log:
        await fill(log, random.Random(3), programs=3)
        await exported(log, first)
        await log.send(Message("mentoring.demo0.progressed.c1", b"{}"))
        await exported(log, second)
    with NatsServer(tmp_path / "other") as server:
        log = await Log.connect(server.url)
        await cut_off(log, first, after=1000)
        with pytest.raises(ValueError, match="another archive"):
            await imported(log, second)
        with pytest.raises(ValueError, match="has not ended"):
            await provision.apply(log)
        assert (await log.info()).uuid == "", "services wait"
        await log.close()


async def test_somebody_who_writes_meanwhile_is_noticed(nats_url: str, tmp_path: Path) -> None:
    path = tmp_path / "log.zst"
    async with open_log(nats_url) as log:
        await fill(log, random.Random(3), programs=3)
        await exported(log, path)
    with NatsServer(tmp_path / "other") as server:
        log = await Log.connect(server.url)
        await cut_off(log, path, after=1000)
        await log.send(Message("mentoring.demo0.progressed.c1", b"{}"))
        with pytest.raises(NotImportable, match="somebody else"):
            await imported(log, path)
        assert (await log.info()).uuid == ""
        await log.close()


class Enough(Exception):
    """Stop here."""


async def cut_off(log: Log, path: Path, after: int) -> None:
    """Begin an import and drop it behind a sequence."""

    def tell(reached: int, _: int) -> None:
        if reached >= after:
            raise Enough

    with pytest.raises(Enough):
        await Import(log, Archive.open(path), SAYS, tell).run()


@pytest.mark.parametrize("stage", ["purge", "end_import"])
async def test_an_import_cut_off_behind_its_last_event_ends_equal(
    nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    path = tmp_path / "log.zst"
    async with open_log(nats_url) as log:
        await fill(log, random.Random(3), programs=2)
        before = await stored(log)
        await exported(log, path)

    async def stop(*_: object) -> None:
        raise Enough

    with NatsServer(tmp_path / "other") as server:
        log = await Log.connect(server.url)
        with monkeypatch.context() as patched:
            patched.setattr(provision, stage, stop)
            with pytest.raises(Enough):
                await imported(log, path)
        await imported(log, path)
        assert await stored(log) == before
        assert await stored(log, "mentoring-mark.filler") == []
        assert await provision.diff(log) == []
        await log.close()


async def test_an_export_goes_on_through_a_server_that_is_killed(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    kills: list[int] = []

    def tell(reached: int, _: int) -> None:
        if len(kills) < 2:
            kills.append(reached)
            nats_server.kill9()
            nats_server.start()

    async with open_log(nats_server.url, 2) as log:
        await fill(log, random.Random(3), programs=8)
        before = await stored(log)
        with (tmp_path / "log.zst").open("wb") as file:
            tail = await export(log, file, Wanted(), tell)

    print("killed behind", kills)
    found = list(Archive.open(tmp_path / "log.zst").records())
    assert tail.events == len(before)
    assert [(each.seq, each.head, each.body) for each in found] == [
        (each.seq, each.head, each.body) for each in before
    ]
