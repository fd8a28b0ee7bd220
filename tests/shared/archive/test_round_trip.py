"""A log that was exported and imported again is the same log, to the byte."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from shared import provision
from shared.log import Log
from tests.backends.nats_server import NatsServer
from tests.shared.archive.books import exported, fill, imported, stored
from tests.tally.log import open_log


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
