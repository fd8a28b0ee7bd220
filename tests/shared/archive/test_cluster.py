"""The same on three servers that replicate."""

from __future__ import annotations

import random
from pathlib import Path

from shared import provision
from shared.archive.importing import Import
from shared.archive.reading import Archive
from shared.log import Log
from tests.backends.nats_cluster import NatsCluster
from tests.shared.archive.books import SAYS, exported, fill, stored
from tests.tally.log import open_log


async def test_a_log_comes_back_on_three_servers_that_replicate(
    nats_cluster: NatsCluster, nats_url: str, tmp_path: Path
) -> None:
    async with open_log(nats_url, 4) as log:
        await fill(log, random.Random(5), programs=3)
        before = await stored(log)
        await exported(log, tmp_path / "a")

    cluster = await Log.connect(",".join(nats_cluster.urls))
    cluster.ack_timeout = 30
    await Import(cluster, Archive.open(tmp_path / "a"), SAYS).run(replicas=3)
    after, info = await stored(cluster), await cluster.info()
    again = await exported(cluster, tmp_path / "b")
    settings = await provision.diff(cluster)
    await cluster.close()

    assert after == before
    assert (info.replicas, settings) == (3, [])
    assert again.events == len(before)
